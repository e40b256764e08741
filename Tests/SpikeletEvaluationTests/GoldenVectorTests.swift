import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReference
import SpikeletTestSupport
import Testing

/// The committed vectors hold, and deliberate mistakes are found and located.
@Suite struct GoldenVectorTests {
  static let names = [
    "lenet5-avg", "lenet5-max", "lenet5-avg-bn", "lenet5-max-bn", "lenet5-avg-exit",
  ]

  private static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  private func folder(_ name: String) -> URL {
    Self.root.appending(path: "golden-vectors").appending(path: name)
  }

  private func verification(_ name: String) throws -> Verification {
    try Verification(folder: folder(name))
  }

  /// A private copy of a folder that a test may damage.
  private func copy(_ name: String) throws -> URL {
    let target = FileManager.default.temporaryDirectory
      .appending(path: "spikelet-golden-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: folder(name), to: target)
    return target
  }

  @Test(arguments: names.prefix(TestScale.isFull ? names.count : 2))
  func engineMatchesEveryCommittedDigest(name: String) throws {
    let verification = try verification(name)
    var device = EngineDevice(verification.model)
    let outcome = try verification.compare(&device)
    #expect(outcome.divergence == nil)
    #expect(outcome.readOutProblem == nil)
    let vectors = verification.vectors
    #expect(outcome.digests == vectors.images.count * vectors.timesteps * vectors.layers.count)
    #expect(try verification.compareExits() == nil)
  }

  @Test(arguments: 2...4)
  func severalThreadsMatchEveryCommittedDigest(threads: Int) throws {
    let team = try ThreadTeam(threads: threads)
    for name in Self.names.prefix(TestScale.isFull ? Self.names.count : 2) {
      let verification = try verification(name)
      var device = EngineDevice(verification.model, threads: team)
      let outcome = try verification.compare(&device)
      #expect(outcome.isExact && outcome.digests > 0, "\(name)")
    }
  }

  @Test(arguments: names.prefix(TestScale.isFull ? names.count : 1))
  func interpreterMatchesEveryCommittedDigest(name: String) throws {
    let verification = try verification(name)
    var device = InterpreterDevice(verification.model)
    for image in [1, 8] {
      let short = Verification(
        vectors: verification.vectors.part(image: image, timesteps: 6), model: verification.model,
        pictures: [verification.pictures[image]])
      let outcome = try short.compare(&device)
      #expect(outcome.divergence == nil)
      #expect(outcome.digests == 6 * verification.vectors.layers.count)
    }
  }

  @Test(arguments: IntegerInterpreter.Fault.allCases)
  func aDeliberateMistakeIsFoundAndLocated(fault: IntegerInterpreter.Fault) throws {
    let verification = try verification("lenet5-avg")
    var device = InterpreterDevice(verification.model, fault: fault)
    let outcome = try verification.compare(&device)
    let divergence = try #require(outcome.divergence)
    let neuron = try #require(divergence.neuron, "located only by digest")
    #expect(neuron.expected != neuron.actual)
    let text = divergence.description
    for word in ["image", "timestep", "layer", "channel", "row", "column", "expected"] {
      #expect(text.contains(word))
    }
    switch fault {
    case .weightOffByOne:
      // The last weight of the second layer belongs to its last channel.
      #expect(divergence.layer == 1)
      #expect(neuron.channel == 15)
      #expect(abs(neuron.expected - neuron.actual) <= 4)
    case .currentRoundedDown:
      #expect(divergence.layer == 0)
      #expect(divergence.timestep == 1)
      #expect(neuron.expected - neuron.actual == 1)
    case .strictThreshold:
      // A potential must meet its threshold exactly before it shows: somewhere, some time.
      #expect(neuron.quantity == "potential")
    }
  }

  @Test(arguments: names.filter { $0 != "lenet5-avg-exit" }) func floatVectorsAreMetWithinTolerance(
    name: String
  ) throws {
    let golden = try GoldenFolder(folder(name))
    let comparison = try compare(golden)
    #expect(comparison.failures(golden.manifest.tolerances) == [])
    #expect(comparison.layers.count >= 4)
    #expect(comparison.agreement == 1)
  }

  @Test func toleranceFailuresNameLayerAndLimit() throws {
    let comparison = try compare(try GoldenFolder(folder("lenet5-avg")))
    var limits = GoldenManifest.Tolerances()
    limits.equalCountShare = 1
    limits.meanRateError = 0
    limits.maximumRateError = 0
    limits.potentialError = 0
    let failures = comparison.failures(limits)
    #expect(failures.count == 3 * comparison.layers.count + 1)
    #expect(failures[0].contains("features.0"))
    #expect(failures[0].contains("needed at least 1.0"))
  }

  private func compare(_ golden: GoldenFolder) throws -> FloatComparison {
    let build = try Deployment(contentsOf: golden.configurationURL).build()
    let model = try ModelFile(bytes: build.bytes, name: build.configuration.name)
    guard case .neurons(let output)? = build.integer.layers.last?.kind else {
      throw GoldenError.missing(file: "read-out")
    }
    var device = EngineDevice(model)
    let floats = try #require(try golden.floatVectors())
    return try FloatComparison(
      floats, device: &device, layerNames: build.integer.layers.map(\.name),
      oneHotThresholds: build.integer.layers.map(\.oneHotThresholds),
      pictures: try golden.pictures(),
      timesteps: golden.manifest.timesteps,
      outputScale: output.weightScales[0], outputLambda: output.lambda[0])
  }

  @Test func aManifestThatDoesNotMatchItsFilesNamesFileAndHashes() throws {
    let copy = try copy("lenet5-avg")
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appending(path: GoldenFolder.inputs)
    var bytes = [UInt8](try Data(contentsOf: file))
    bytes[100] ^= 1
    try Data(bytes).write(to: file)
    let golden = try GoldenFolder(copy)
    let error = #expect(throws: GoldenError.self) { try golden.pictures() }
    let text = try #require(error).description
    #expect(text.contains(GoldenFolder.inputs))
    #expect(text.contains(try #require(golden.manifest.files[GoldenFolder.inputs])))
    #expect(text.split(separator: "\n").count == 4)
  }

  @Test func aVectorFileCutShortIsNamed() throws {
    let copy = try copy("lenet5-avg")
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appending(path: GoldenFolder.integers)
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.utf8.prefix(5000)).write(to: file)
    let golden = try GoldenFolder(copy)
    let model = try ModelFile(
      contentsOf: Self.root.appending(path: "firmware-configs/lenet5-avg/deployment.json"))
    #expect(throws: GoldenError.self) { try golden.vectors(model: model) }
    // Cut anywhere, the text is refused with its line; never accepted, never a trap.
    for length in stride(from: 0, to: 4000, by: 37) {
      let short = String(decoding: text.utf8.prefix(length), as: UTF8.self)
      #expect(throws: GoldenError.self) { try IntegerVectors(text: short, file: "integer.txt") }
    }
  }

  @Test func vectorsOfAnotherModelNameBothHashes() throws {
    let golden = try GoldenFolder(folder("lenet5-avg"))
    let other = try ModelFile(
      contentsOf: Self.root.appending(path: "firmware-configs/lenet5-max/deployment.json"))
    let error = #expect(throws: GoldenError.self) { try golden.vectors(model: other) }
    guard case .wrongModel(_, let needed, let given) = try #require(error) else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(needed == golden.manifest.modelDigest)
    #expect(given != needed)
  }

  @Test func theTextFormReadsBackEqual() throws {
    let vectors = try verification("lenet5-max").vectors
    #expect(try IntegerVectors(text: vectors.text, file: "copy") == vectors)
  }

  @Test func aMissingFolderIsNamed() {
    let error = #expect(throws: GoldenError.self) { try GoldenFolder(URL(filePath: "/nowhere")) }
    #expect(error?.description.contains("manifest.json") == true)
  }

  @Test func recordingTwiceChangesNothing() throws {
    let copy = try copy("lenet5-avg")
    defer { try? FileManager.default.removeItem(at: copy) }
    let before = try GoldenManifest(folder: copy)
    let build = try Deployment(
      contentsOf: Self.root.appending(path: "firmware-configs/lenet5-avg/deployment.json")
    ).build()
    let recorder = try GoldenRecorder(build: build, folder: copy)
    let changes = try recorder.record(
      configurationPath: before.configuration, pictures: .bundledDigits(count: 10),
      timesteps: before.timesteps)
    #expect(changes.isEmpty)
    #expect(try GoldenManifest(folder: copy) == before)
  }
}

extension IntegerVectors {
  /// One picture and its first timesteps, for slow devices. The scores belong to the last timestep,
  /// so only digests can be compared.
  fileprivate func part(image: Int, timesteps: Int) -> IntegerVectors {
    var result = self
    result.timesteps = timesteps
    result.images = [images[image]]
    result.images[0].digests = Array(images[image].digests.prefix(timesteps))
    return result
  }
}
