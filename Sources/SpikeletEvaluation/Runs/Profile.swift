import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime

/// Where the time of a model goes: whole inferences, and layer by layer.
///
/// Inferences are timed whole, as a program would run them. The layers are timed in runs of their
/// own, without an early exit, because reading a clock between layers costs time as well; their sum
/// is therefore a little more than an inference of as many timesteps.
package struct Profile: Sendable {
  /// One layer over all pictures and timesteps that were profiled.
  package struct Layer: Sendable, Equatable {
    package var name: String
    /// The kernels of its connections, each once; "max pool" for a max pool.
    package var kernels: [String]
    package var nanoseconds: UInt64 = 0
    /// Additions of a weight to a potential.
    package var synapticOperations: UInt64 = 0
    /// Additions of a row of weights: what one spike adds to one site.
    package var rows: UInt64 = 0
    package var spikes: Int = 0
    /// The bytes of weights that its additions read, counted once for each addition.
    package var weightBytes: UInt64 = 0
  }

  package let name: String
  /// The threads that ran an inference together.
  package let threads: Int
  /// What the model was run on, in words.
  package let input: String
  /// The first inference: nothing is in a cache.
  package let first: UInt64
  /// The other inferences in nanoseconds, in ascending order.
  package let inferences: [UInt64]
  /// Timesteps that these took on average.
  package let meanTimesteps: Double
  package let layers: [Layer]
  /// Pictures times timesteps of the layers' figures.
  package let timesteps: Int
  /// Additions a nanosecond that one core of this machine makes at best, times the threads.
  package let idealAdditions: Double
  package let arenaBytes: Int
  package let modelBytes: Int
  /// What the threads could gain; nil for one.
  package let cut: Cut?
  /// What came of the deadline, where there was one.
  package var deadline: DeadlineFigures?

  /// The time that a share of the inferences stay within.
  package func quantile(_ share: Double) -> UInt64 {
    guard !inferences.isEmpty else { return first }
    let index = Int((share * Double(inferences.count)).rounded(.up)) - 1
    return inferences[min(max(0, index), inferences.count - 1)]
  }

  /// Runs a model over a data set, one picture after the other.
  ///
  /// - Parameters:
  ///   - repetitions: how often each picture is timed.
  ///   - threads: that run one picture together.
  ///   - deadline: microseconds for an inference, 1…100,000,000; nil for as long as it takes.
  ///   - progress: called with the number of pictures done.
  package static func measure(
    _ model: ModelFile, dataset: Dataset, input: String, timesteps: Int? = nil,
    exit: ExitPolicy? = nil, margins: [Int]? = nil, repetitions: Int = 1, threads: Int = 1,
    deadline: Int? = nil, progress: (Int) -> Void = { _ in }
  ) throws -> Profile {
    try Evaluation(model: model, dataset: dataset, timesteps: timesteps).check()
    let team = threads > 1 ? try ThreadTeam(threads: threads) : nil
    // The engine has its address only.
    defer { withExtendedLifetime(team) {} }
    let arena = Arena(byteCount: model.withModel { $0.arenaBytes(threads: threads) })
    var times: [UInt64] = []
    var steps = 0
    var timed = deadline.map { TimedRuns(microseconds: $0) }
    var cut: Cut?
    var layers = Self.layers(model)
    let limit = timesteps ?? model.withModel { $0.timesteps }
    do {
      try arena.withBytes { (bytes) throws(any Error) in
        let opened = Model(validated: model.bytes.span.bytes)
        var engine = try Engine(model: opened, arena: bytes, team: team?.team)
        for index in 0..<dataset.count {
          let picture = try dataset.image(index)
          for _ in 0..<max(1, repetitions) {
            let input = dataset.frames(picture, timesteps: limit)
            let clock = Stopwatch()
            steps += try Self.run(
              &engine, input.span, index, timesteps, exit, margins, &timed)
            times.append(clock.nanoseconds)
          }
          try profile(&engine, picture, dataset, index, timesteps: limit, into: &layers)
          progress(index + 1)
        }
      }
      if threads > 1 {
        // Few pictures say it: parts are cut by their amount of work.
        let pictures = try (0..<min(10, dataset.count)).map { try dataset.image($0) }
        cut = try arena.withBytes { (bytes) throws(SpikeletError) in
          try Self.cut(
            Model(validated: model.bytes.span.bytes), bytes,
            pictures: pictures, threads: threads, timesteps: timesteps,
            repetitions: max(3, repetitions))
        }
      }
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
    return Profile(
      name: model.name, threads: threads, input: input, first: times.first ?? 0,
      inferences: times.dropFirst().sorted(),
      meanTimesteps: Double(steps) / Double(max(1, times.count)), layers: layers,
      timesteps: dataset.count * limit,
      idealAdditions: GatherPeak.measure() * Double(threads),
      arenaBytes: model.withModel { $0.arenaBytes(threads: threads) },
      modelBytes: model.bytes.count, cut: cut, deadline: timed?.figures)
  }

  /// Runs one picture, within a time where there is one, and returns its timesteps.
  private static func run(
    _ engine: inout Engine, _ input: Span<UInt8>, _ stream: Int, _ timesteps: Int?,
    _ exit: ExitPolicy?, _ margins: [Int]?, _ timed: inout TimedRuns?
  ) throws(SpikeletError) -> Int {
    guard var runs = timed else {
      return try engine.run(
        input: input, stream: stream, timesteps: timesteps, exit: exit, margins: margins?.span
      ).timesteps
    }
    // One owner at a time: a copy would copy all decisions.
    timed = nil
    defer { timed = runs }
    return try runs.run(
      &engine, input: input, stream: stream, timesteps: timesteps, exit: exit,
      margins: margins?.span
    ).timesteps
  }

  private static func layers(_ model: ModelFile) -> [Layer] {
    ModelPlan(model).steps.map { step in
      var kernels: [String] = []
      for kernel in step.connections.compactMap(\.kernel) where !kernels.contains(kernel) {
        kernels.append(kernel)
      }
      return Layer(name: step.name, kernels: kernels.isEmpty ? ["max pool"] : kernels)
    }
  }

  /// Runs one picture layer by layer.
  private static func profile(
    _ engine: inout Engine, _ picture: ArraySlice<UInt8>, _ dataset: Dataset, _ stream: Int,
    timesteps: Int, into layers: inout [Layer]
  ) throws(SpikeletError) {
    let bits = layers.indices.map { engine.model.weightBits(layer: $0) }
    let each = layers.indices.map { UInt64(engine.model.additionsOfRow(layer: $0)) }
    engine.begin()
    var operations: UInt64 = 0
    for timestep in 1...timesteps {
      let frame = dataset.frame(picture, timestep: timestep)
      try engine.beginTimestep(input: frame.span, stream: stream)
      for index in layers.indices {
        let clock = Stopwatch()
        engine.runLayer(index, input: frame.span)
        layers[index].nanoseconds += clock.nanoseconds
        let sum = engine.synapticOperations.value
        layers[index].synapticOperations += sum - operations
        layers[index].rows += (sum - operations) / each[index]
        layers[index].weightBytes += (sum - operations) * UInt64(bits[index]) / 8
        operations = sum
        layers[index].spikes += engine.spikeCount(source: index + 1)
      }
    }
  }
}

/// Reads a steady clock twice.
private struct Stopwatch {
  private let start = ContinuousClock.now

  var nanoseconds: UInt64 {
    let elapsed = (ContinuousClock.now - start).components
    return UInt64(elapsed.seconds) * 1_000_000_000
      + UInt64(elapsed.attoseconds / 1_000_000_000)
  }
}
