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
    package var spikes: Int = 0
    /// The bytes of weights that its additions read, counted once for each addition.
    package var weightBytes: UInt64 = 0
  }

  package let name: String
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
  package let arenaBytes: Int
  package let modelBytes: Int

  /// The time that a share of the inferences stay within.
  package func quantile(_ share: Double) -> UInt64 {
    guard !inferences.isEmpty else { return first }
    let index = Int((share * Double(inferences.count)).rounded(.up)) - 1
    return inferences[min(max(0, index), inferences.count - 1)]
  }

  /// Runs a model over a data set on this thread.
  ///
  /// - Parameters:
  ///   - repetitions: how often each picture is timed.
  ///   - progress: called with the number of pictures done.
  package static func measure(
    _ model: ModelFile, dataset: Dataset, input: String, timesteps: Int? = nil,
    exit: ExitPolicy? = nil, margins: [Int]? = nil, repetitions: Int = 1,
    progress: (Int) -> Void = { _ in }
  ) throws -> Profile {
    try Evaluation(model: model, dataset: dataset, timesteps: timesteps).check()
    let arena = Arena(byteCount: model.withModel { $0.arenaBytes })
    var times: [UInt64] = []
    var steps = 0
    var layers = Self.layers(model)
    let limit = timesteps ?? model.withModel { $0.timesteps }
    do {
      try arena.withBytes { (bytes) throws(any Error) in
        let opened = Model(validated: model.bytes.span.bytes)
        var engine = try Engine(model: opened, arena: bytes)
        for index in 0..<dataset.count {
          let picture = try dataset.image(index)
          for _ in 0..<max(1, repetitions) {
            let clock = Stopwatch()
            let decision = try engine.run(
              input: picture.span, stream: index, timesteps: timesteps, exit: exit,
              margins: margins?.span)
            times.append(clock.nanoseconds)
            steps += decision.timesteps
          }
          try profile(&engine, picture, stream: index, timesteps: limit, into: &layers)
          progress(index + 1)
        }
      }
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
    return Profile(
      name: model.name, input: input, first: times.first ?? 0,
      inferences: times.dropFirst().sorted(),
      meanTimesteps: Double(steps) / Double(max(1, times.count)), layers: layers,
      timesteps: dataset.count * limit, arenaBytes: model.withModel { $0.arenaBytes },
      modelBytes: model.bytes.count)
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
    _ engine: inout Engine, _ picture: ArraySlice<UInt8>, stream: Int, timesteps: Int,
    into layers: inout [Layer]
  ) throws(SpikeletError) {
    let bits = layers.indices.map { engine.model.weightBits(layer: $0) }
    engine.begin()
    var operations: UInt64 = 0
    for _ in 0..<timesteps {
      try engine.beginTimestep(input: picture.span, stream: stream)
      for index in layers.indices {
        let clock = Stopwatch()
        engine.runLayer(index, input: picture.span)
        layers[index].nanoseconds += clock.nanoseconds
        let sum = engine.synapticOperations.value
        layers[index].synapticOperations += sum - operations
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

extension Model {
  /// The widest weights among a layer's connections; 0 for a max pool.
  fileprivate func weightBits(layer index: Int) -> Int {
    let layer = layer(index)
    if isMaxPool(index) { return 0 }
    return (0..<Int(layer.connectionCount)).map {
      Int(connection(Int(layer.firstConnection) + $0).weightBits)
    }.max() ?? 0
  }
}
