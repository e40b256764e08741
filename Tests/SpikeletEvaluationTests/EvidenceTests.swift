import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// What a report shows of a model is what the engine does.
@Suite struct EvidenceTests {
  private let project: TinyProject
  private let file: ModelFile

  init() throws {
    project = try TinyProject()
    try project.build()
    file = try ModelFile(bytes: project.read("tiny.spk"), name: "tiny")
  }

  @Test func theSpikesOfAllNeuronsAreThoseOfTheLayer() throws {
    let dataset = try project.dataset(.test)
    let neurons = try NeuronRates.measure(file, dataset: dataset, timesteps: 5)
    let rates = try SpikeRates.measure(file, dataset: dataset, timesteps: 5, jobs: 1)
    #expect(neurons.pictures == 7 && neurons.timesteps == 5)
    #expect(neurons.layers.map(\.name) == rates.layers.map(\.name))
    for (layer, rate) in zip(neurons.layers, rates.layers) {
      #expect(layer.spikes.count == rate.neurons)
      #expect(layer.spikes.reduce(0, +) == rate.spikes && rate.spikes > 0)
      let counts = neurons.histogram(layer, bins: 4)
      #expect(counts.silent + counts.bins.reduce(0, +) == layer.spikes.count)
      #expect(counts.silent == layer.spikes.count { $0 == 0 })
    }
  }

  @Test func aBinHoldsTheRatesUpToItsEnd() {
    let rates = NeuronRates(
      layers: [.init(name: "a", spikes: [0, 1, 5, 6, 10, 11, 20])], pictures: 4, timesteps: 5)
    let counts = rates.histogram(rates.layers[0], bins: 4)
    // Of 20 maps: 0 | up to 5 | up to 10 | up to 15 | up to 20.
    #expect(counts.silent == 1)
    #expect(counts.bins == [2, 2, 1, 1])
  }

  @Test func aTraceIsWhatTheInterpreterDoes() throws {
    let model = try ModelFile(bytes: SmallModels.zoo(), name: "zoo")
    let picture = SmallModels.picture(72, seed: 4)
    let trace = try PictureTrace.record(model, picture: picture, stream: 0, timesteps: 6)
    var judge = InterpreterDevice(model)
    judge.begin(picture, image: 0)
    for t in 0..<6 {
      let states = judge.step()
      #expect(trace.scores[t] == judge.scores())
      #expect(trace.predictions[t] == judge.prediction())
      for (layer, state) in zip(trace.layers, states) {
        if layer.fires {
          #expect(layer.spikesPerTimestep[t] == state.spikes.reduce(0) { $0 + Int($1) })
        }
        for neuron in layer.traced + layer.raster {
          let place = (neuron.channel * layer.height + neuron.row) * layer.width + neuron.column
          if !neuron.spikes.isEmpty { #expect(neuron.spikes[t] == (state.spikes[place] != 0)) }
          if !neuron.potentials.isEmpty {
            #expect(neuron.potentials[t] == Int(state.potentials[place]))
          }
        }
      }
    }
    #expect(trace.layers.contains { $0.counts.contains { $0 > 0 } })
    // A max pool has no potentials, the read-out no spikes.
    #expect(trace.layers[1].traced.isEmpty)
    #expect(!trace.layers[4].fires && trace.layers[4].traced.count == 3)
    #expect(trace.layers[0].traced.allSatisfy { $0.threshold != nil })
    #expect(throws: ModelFileError.self) {
      try PictureTrace.record(model, picture: [1], stream: 0, timesteps: 1)
    }
  }

  @Test func wrongPicturesAreCountedAndShown() throws {
    let dataset = try project.dataset(.test)
    let result = try Evaluation(model: file, dataset: dataset).run()
    let wrong = try WrongPictures(result, limit: 2)
    #expect(wrong.count == result.images - result.correct && wrong.count > 2)
    #expect(wrong.shown.count == 2)
    #expect(wrong.confusions.reduce(0) { $0 + $1.count } == wrong.count)
    #expect(wrong.classes.values.reduce(0) { $0 + $1.pictures } == 7)
    #expect(wrong.classes.values.reduce(0) { $0 + $1.right } == result.correct)
    for picture in wrong.shown {
      #expect(picture.label == Int(dataset.labels[picture.index]))
      #expect(picture.prediction == result.outcomes[picture.index].prediction)
      #expect(picture.label != picture.prediction)
      #expect(picture.thumbnail.planes == Array(try dataset.image(picture.index)))
    }
  }

  // MARK: Golden vectors

  private func record(_ name: String) throws -> URL {
    let build = try Deployment(contentsOf: project.folder.appending(path: "tiny.json")).build()
    let folder = project.folder.appending(path: "golden-vectors").appending(path: name)
    try FileManager.default.createDirectory(
      at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
    _ = try GoldenRecorder(build: build, folder: folder).record(
      configurationPath: "../../tiny.json", pictures: try project.dataset(.test).prefix(2),
      timesteps: 4)
    return folder
  }

  @Test func goldenVectorsAreFoundAndRun() throws {
    let folder = try record("whatever")
    let place = project.folder.appending(path: "tiny.spk")
    let found = try #require(GoldenState.find(file, named: "tiny", near: place))
    #expect(found.lastPathComponent == "whatever")
    let state = try GoldenState(folder, model: file)
    #expect(state.verdict == .exact && state.floats == .none)
    #expect((state.images, state.timesteps, state.layers, state.digests) == (2, 4, 2, 16))
  }

  @Test func vectorsThatTheModelHasOutgrownAreNamed() throws {
    let folder = try record("tiny")
    try project.writeConfiguration(", \"timesteps\": 3")
    try project.build()
    let other = try ModelFile(bytes: project.read("tiny.spk"), name: "tiny")
    let place = project.folder.appending(path: "tiny.spk")
    #expect(GoldenState.find(other, named: "tiny", near: place)?.lastPathComponent == "tiny")
    #expect(GoldenState.find(other, named: "another", near: place) == nil)
    let state = try GoldenState(folder, model: other)
    #expect(state.verdict == .otherModel(SHA256.hexDigest(of: file.bytes)))
  }

  @Test func aWrongDigestIsLocated() throws {
    let folder = try record("tiny")
    let golden = try GoldenFolder(folder)
    var vectors = try golden.vectors(model: file)
    vectors.images[1].digests[2][0] ^= 1
    let text = Array(vectors.text.utf8)
    try Data(text).write(to: folder.appending(path: GoldenFolder.integers))
    var manifest = golden.manifest
    manifest.files[GoldenFolder.integers] = SHA256.hexDigest(of: text)
    try Data(manifest.json.text.utf8).write(to: folder.appending(path: GoldenFolder.manifest))
    let state = try GoldenState(folder, model: file)
    guard case .differs(let problem) = state.verdict else {
      Issue.record("\(state.verdict)")
      return
    }
    #expect(problem.contains("image 1, timestep 3, layer 0"))
    // A file that is not the listed one is no state of a model, but a damaged folder.
    try Data("x".utf8).write(to: folder.appending(path: GoldenFolder.integers))
    #expect(throws: GoldenError.self) { try GoldenState(folder, model: file) }
    #expect(throws: GoldenError.self) {
      try GoldenState(project.folder.appending(path: "nowhere"), model: file)
    }
  }

  @Test func vectorsInFloatingPointAreComparedToo() throws {
    let folder = Repository.root.appending(path: "golden-vectors/lenet5-dt-mnist")
    let model = try ModelFile(
      bytes: BundledModel.build("lenet5-dt-mnist"), name: "lenet5-dt-mnist")
    let state = try GoldenState(folder, model: model)
    #expect(state.verdict == .exact && state.floats == .within)
  }

  // MARK: Boards

  @Test func theBoardsOfTheRepositoryAreKnown() throws {
    let (boards, problems) = Board.known(
      near: Repository.root.appending(path: "firmware-configs/any"))
    #expect(boards.count >= 6 && problems.isEmpty)
    #expect(boards.contains { $0.name == "Raspberry Pi Zero 2 W" })
    #expect(boards.allSatisfy { $0.availableBytes > 0 })
    let folder = project.folder.appending(path: "boards")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try project.write("boards/broken.json", Array("{}".utf8))
    let found = Board.known(near: project.folder)
    #expect(found.problems.count == 1)
    #expect(found.problems.first?.description.contains("broken.json") == true)
    #expect(!found.boards.isEmpty)
  }
}
