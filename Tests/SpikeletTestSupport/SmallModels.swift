import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport

/// Model files that the tests know in every detail.
package enum SmallModels {
  /// Writes a network as a model file.
  package static func compile(
    _ layers: [SpikingNetwork.Layer], input: Shape, mode: InputCoding.Mode = .direct,
    readOut: OutputScores = .potential, kernels: KernelPolicy = .scatter,
    _ configure: (inout Configuration) -> Void = { _ in }
  ) throws -> [UInt8] {
    var configuration = Configuration()
    configuration.name = "small"
    configuration.readOut = readOut
    configure(&configuration)
    let spiking = SpikingNetwork(
      name: "small",
      input: .init(
        mode: mode, zeroPoints: mode == .direct ? Array(repeating: 0, count: input.channels) : [],
        seed: 0x0123_4567_89AB_CDEF, looksAtMirror: configuration.input.looksAtMirror),
      inputShape: input, layers: layers, readOut: readOut)
    let integer = try Quantizer.quantize(spiking, configuration: configuration)
    return try ModelWriter.write(
      integer, plan: ExecutionPlan(integer, kernels: kernels), provenance: .object([:]),
      sharesTables: false)
  }

  /// Two convolutions of three by three, the first of pixels, and a read-out: in the kernels that the
  /// compiler chooses, picture blocks (or gray lines), a gather of four sites side by side, a scatter.
  package static func kernels(channels: Int = 2, bits: Int = 8) throws -> [UInt8] {
    let input = Shape(channels: channels, height: 6, width: 6)
    let map = Shape(channels: channels == 1 ? 8 : 12, height: 6, width: 6)
    let window = Window(
      kernelHeight: 3, kernelWidth: 3, padding: .init(top: 1, left: 1, bottom: 1, right: 1))
    func convolution(_ source: Int, _ shape: Shape) -> SpikingNetwork.Connection {
      let count = 12 * shape.channels * 9
      return .init(
        source: source, pool: nil, pooledShape: shape,
        synapses: .convolution(
          window: window, groups: 1, weights: (0..<count).map { pattern($0 + source) }))
    }
    let second = Shape(channels: 12, height: 6, width: 6)
    var first = convolution(0, input)
    if case .convolution(_, _, let weights) = first.synapses, channels == 1 {
      first.synapses = .convolution(
        window: window, groups: 1, weights: Array(weights.prefix(72)))
    }
    return try compile(
      [
        .init(
          name: "first", shape: map, connections: [first],
          kind: neurons(map.channels, threshold: 200)),
        .init(
          name: "second", shape: second, connections: [convolution(1, map)],
          kind: neurons(12, threshold: 1)),
        .init(
          name: "output", shape: Shape(channels: 3),
          connections: [dense(2, second, outputs: 3, weight: pattern)],
          kind: neurons(3, threshold: nil)),
      ], input: input, kernels: .automatic
    ) { $0.quantization.weightBits = bits }
  }

  /// Neurons with a threshold, or the integrators of a read-out.
  package static func neurons(
    _ channels: Int, threshold: Double?, bias: Double = 0, leak: Leak = .init(),
    reset: Reset = .soft
  ) -> SpikingNetwork.Kind {
    .neurons(
      .init(
        bias: Array(repeating: bias, count: channels),
        thresholds: threshold.map { [Array(repeating: $0, count: channels)] } ?? [],
        reset: threshold == nil ? .none : reset, initialShare: 0, leak: leak, lambda: [],
        predictedRate: 0))
  }

  package static func dense(
    _ source: Int, _ shape: Shape, outputs: Int, weight: (Int) -> Double
  ) -> SpikingNetwork.Connection {
    .init(
      source: source, pool: nil, pooledShape: shape,
      synapses: .dense(weights: (0..<outputs * shape.count).map(weight)))
  }

  package static func pattern(_ i: Int) -> Double { Double((i * 7 + 3) % 11 - 5) / 5 }

  /// Two classes from four pixels: the smallest model with a hidden layer.
  package static func perceptron() throws -> [UInt8] {
    let input = Shape(channels: 1, height: 2, width: 2)
    return try compile(
      [
        .init(
          name: "hidden", shape: Shape(channels: 3),
          connections: [dense(0, input, outputs: 3, weight: pattern)],
          kind: neurons(3, threshold: 300)),
        .init(
          name: "output", shape: Shape(channels: 2),
          connections: [dense(1, Shape(channels: 3), outputs: 2, weight: pattern)],
          kind: neurons(2, threshold: nil)),
      ], input: input)
  }

  /// One layer of every kind, 16-bit membranes: a convolution of the picture, a max pool, a grouped
  /// convolution, an average pool, a read-out.
  ///
  /// Connections and layers have equal indices. The buffers are, in order: 0 spikes, 1 membrane,
  /// 2 current of layer 0; 3 spikes, 4 counts of layer 1; 5 spikes, 6 membrane of layer 2; 7 spikes,
  /// 8 membrane of layer 3; 9 membrane of layer 4.
  package static func zoo(mode: InputCoding.Mode = .direct, readOut: OutputScores = .potential)
    throws
    -> [UInt8]
  {
    let input = Shape(channels: 2, height: 6, width: 6)
    let first = Shape(channels: 4, height: 6, width: 6)
    let pooled = Shape(channels: 4, height: 3, width: 3)
    let second = Shape(channels: 4, height: 3, width: 3)
    let mean = Shape(channels: 4, height: 2, width: 2)
    let window = Window(
      kernelHeight: 3, kernelWidth: 3, padding: .init(top: 1, left: 1, bottom: 1, right: 1))
    let pool = Window(kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2)
    let average = Window(kernelHeight: 2, kernelWidth: 2)
    return try compile(
      [
        .init(
          name: "conv", shape: first,
          connections: [
            .init(
              source: 0, pool: nil, pooledShape: input,
              synapses: .convolution(
                window: window, groups: 1, weights: (0..<72).map(pattern)))
          ], kind: neurons(4, threshold: mode == .direct ? 200 : 1)),
        .init(
          name: "pool", shape: pooled,
          connections: [.init(source: 1, pool: pool, pooledShape: pooled, synapses: .maxPool)],
          kind: .maxPool(.countMaximum)),
        .init(
          name: "grouped", shape: second,
          connections: [
            .init(
              source: 2, pool: nil, pooledShape: pooled,
              synapses: .convolution(
                window: window, groups: 2, weights: (0..<72).map { pattern($0 + 2) }))
          ], kind: neurons(4, threshold: 1)),
        .init(
          name: "mean", shape: mean,
          connections: [
            .init(
              source: 3, pool: average, pooledShape: mean,
              synapses: .channelwise(weights: [0.25, 0.25, 0.25, 0.25]))
          ], kind: neurons(4, threshold: 0.5)),
        .init(
          name: "output", shape: Shape(channels: 3),
          connections: [dense(4, mean, outputs: 3, weight: pattern)],
          kind: neurons(3, threshold: readOut == .count ? 1 : nil)),
      ], input: input, mode: mode, readOut: readOut
    ) { $0.quantization.membraneBits = 16 }
  }

  /// A picture with every kind of pixel.
  package static func picture(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8(random.pick(0...255)) }
  }
}
