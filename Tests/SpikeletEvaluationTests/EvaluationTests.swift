import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReference
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Evaluations count right, whatever the number of threads.
@Suite struct EvaluationTests {
  /// A random model with pictures of its shape.
  private func sample(_ seed: UInt64, count: Int = 23) throws -> (ModelFile, Dataset)? {
    guard let bytes = try? RandomNetwork(seed: seed).compile() else { return nil }
    let file = try ModelFile(bytes: bytes, name: "random \(seed)")
    // Data sets are of pictures.
    guard file.withModel({ $0.inputMode != .events }) else { return nil }
    let header = file.header
    let (c, h, w) = (
      Int(header.inputChannels), Int(header.inputHeight), Int(header.inputWidth)
    )
    let classes = file.withModel { $0.classCount }
    var random = SeededRandom(seed: seed)
    let dataset = try Dataset(
      name: "noise", split: .test, channels: c, height: h, width: w,
      images: (0..<count * c * h * w).map { _ in UInt8(random.pick(0...255)) },
      labels: (0..<count).map { _ in UInt16(random.pick(0...classes - 1)) },
      classNames: (0..<classes).map(String.init))
    return (file, dataset)
  }

  private func withoutTimes(_ result: EvaluationResult) -> [Evaluation.Outcome] {
    result.outcomes.map {
      var outcome = $0
      outcome.nanoseconds = 0
      return outcome
    }
  }

  @Test func outcomesDoNotDependOnThreadsOrArenas() throws {
    var tried = 0
    for seed: UInt64 in 7000..<7030 {
      guard let (model, dataset) = try sample(seed) else { continue }
      tried += 1
      let single = try Evaluation(model: model, dataset: dataset, jobs: 1).run()
      #expect(single.outcomes.count == 23)
      for jobs in [2, 3, 100] {
        var evaluation = Evaluation(model: model, dataset: dataset, jobs: jobs)
        evaluation.arenaFill = UInt8(jobs * 77 & 255)
        let result = try evaluation.run()
        #expect(withoutTimes(result) == withoutTimes(single), "network \(seed), \(jobs) threads")
        #expect(result.scoresDigest == single.scoresDigest)
      }
    }
    #expect(tried > 20)
  }

  @Test func figuresFollowFromTheOutcomes() throws {
    for seed: UInt64 in 7100..<7110 {
      guard let (model, dataset) = try sample(seed) else { continue }
      let result = try Evaluation(
        model: model, dataset: dataset, timesteps: 1, exit: ExitRule.none
      ).run()
      #expect(result.images == 23)
      let right = zip(result.outcomes, dataset.labels).count { $0.prediction == Int($1) }
      #expect(result.correct == right)
      #expect(result.accuracy == Double(right) / 23)
      #expect(result.meanTimesteps == 1)
      let operations = result.outcomes.reduce(0) { $0 + $1.synapticOperations }
      #expect(result.synapticOperationsPerImage == Double(operations) / 23)
      #expect(result.json()["correct"] == .integer(right))
      #expect(result.json()["timesteps"] == .integer(1))
    }
  }

  @Test func oneRunTellsWhatRunsThatEndEarlierTell() throws {
    var tried = 0
    for seed: UInt64 in 7400..<7430 {
      guard let (model, dataset) = try sample(seed, count: 7) else { continue }
      let most = Int(model.header.maximumTimesteps)
      let stops = [1, 2, 5].filter { $0 <= most }
      let results = try Evaluation(model: model, dataset: dataset, jobs: 2).run(after: stops)
      #expect(results.map(\.timesteps) == stops)
      for (stop, result) in zip(stops, results) {
        let ending = try Evaluation(
          model: model, dataset: dataset, timesteps: stop, exit: ExitRule.none
        ).run()
        #expect(withoutTimes(result) == withoutTimes(ending), "network \(seed) at \(stop)")
        #expect(result.scoresDigest == ending.scoresDigest)
        #expect(result.correct == ending.correct)
      }
      tried += stops.count
      #expect(throws: ModelFileError.self) {
        try Evaluation(model: model, dataset: dataset).run(after: [1, most + 1])
      }
    }
    #expect(tried > 40)
  }

  @Test func spikesAreCountedAsTheInterpreterDoes() throws {
    var tried = 0
    for seed: UInt64 in 7300..<7320 {
      guard let (model, dataset) = try sample(seed, count: 5) else { continue }
      let steps = min(3, Int(model.header.maximumTimesteps))
      let rates = try SpikeRates.measure(model, dataset: dataset, timesteps: steps, jobs: 2)
      var interpreter = IntegerInterpreter(ReferenceModel(model.bytes))
      var counts = [Int](repeating: 0, count: Int(model.header.layerCount))
      for index in 0..<dataset.count {
        interpreter.begin()
        for _ in 0..<steps {
          interpreter.step([UInt8](try dataset.image(index)), image: UInt32(index))
          for layer in counts.indices {
            counts[layer] += interpreter.spikes[layer + 1].reduce(0, +)
          }
        }
      }
      let hasMap = counts.indices.map { index in
        model.withModel { $0.layer(index).spikeBuffer != ModelFormat.none }
      }
      #expect(rates.layers.map(\.spikes) == counts.indices.filter { hasMap[$0] }.map { counts[$0] })
      #expect(rates.maps == 5 * steps)
      tried += rates.layers.count
    }
    #expect(tried > 20)
  }

  @Test func noPicturesGiveZeros() throws {
    for seed: UInt64 in 7200..<7205 {
      guard let (model, dataset) = try sample(seed) else { continue }
      let result = try Evaluation(model: model, dataset: dataset.prefix(0), jobs: 4).run()
      #expect(result.images == 0)
      #expect((result.accuracy, result.meanTimesteps) == (0, 0))
      #expect(result.medianLatencyMicroseconds == 0)
    }
  }

  @Test func anotherShapeIsRefused() throws {
    let (model, dataset) = try #require(try sample(7001))
    let wider = try Dataset(
      name: "wide", split: .test, channels: dataset.channels, height: dataset.height,
      width: dataset.width + 1,
      images: [UInt8](repeating: 0, count: dataset.imageSize / dataset.width * (dataset.width + 1)),
      labels: [0], classNames: ["a"])
    let error = #expect(throws: Diagnostics.self) {
      try Evaluation(model: model, dataset: wider).run()
    }
    #expect(
      error?.description == """
        \(model.name) does not fit the data set
          wide: has pictures of \(wider.channels)×\(wider.height)×\(wider.width), \
        needed \(dataset.channels)×\(dataset.height)×\(dataset.width)
        """)
  }

  @Test func timestepsOutOfRangeAreRefused() throws {
    let (model, dataset) = try #require(try sample(7001))
    let maximum = model.header.maximumTimesteps
    for timesteps in [0, -1, Int(maximum) + 1, Int.max] {
      let error = #expect(throws: ModelFileError.self) {
        try Evaluation(model: model, dataset: dataset, timesteps: timesteps).run()
      }
      #expect(
        error?.error
          == SpikeletError(
            .wrongTimesteps, .timesteps, needed: maximum, given: Int32(clamping: timesteps)))
    }
  }

  @Test func theArenaKeepsItsGuards() throws {
    let arena = Arena(byteCount: 48, fill: 3)
    #expect(arena.isGuardIntact)
    arena.withBytes { bytes in
      var bytes = bytes
      #expect(bytes.byteCount == 48)
      for i in 0..<48 { bytes.storeBytes(of: UInt8(0xEE), toByteOffset: i, as: UInt8.self) }
    }
    #expect(arena.isGuardIntact)
  }

  @Test func calibrationsAddUpInAnyNumberOfThreads() throws {
    let project = try TinyProject()
    let deployment = try Deployment(contentsOf: project.folder.appending(path: "tiny.json"))
    let network = try deployment.loadNetwork().network
    let run = CalibrationRun(network: network, input: deployment.configuration.input)
    let dataset = try project.dataset(.train)
    let single = try ParallelCalibration(run: run, dataset: dataset, jobs: 1).histograms()
    for jobs in [2, 3, 7, 50] {
      let parts = try ParallelCalibration(run: run, dataset: dataset, jobs: jobs).histograms()
      #expect(parts == single)
    }
    #expect(single[0][0].total == dataset.count)
  }
}
