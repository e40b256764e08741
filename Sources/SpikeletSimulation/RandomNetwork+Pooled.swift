import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

extension RandomNetwork {
  /// A network of one wide layer that reads sums of spikes: windows that overlap or do not, kernels below
  /// whose rows there are up to two hundred entries with counts of one to seven and more, outputs for each
  /// width of a gather, weights of the largest size among others.
  package static func pooled(seed: UInt64) -> RandomNetwork {
    var builder = PooledNetworkBuilder(random: SeededRandom(seed: seed))
    var network = builder.build()
    network.kernels = .preferring("gather")
    return network
  }
}

private struct PooledNetworkBuilder {
  var random: SeededRandom

  mutating func build() -> RandomNetwork {
    var configuration = Configuration()
    configuration.name = "pooled"
    configuration.timesteps = random.pick(1...3)
    configuration.maximumTimesteps = 4
    configuration.quantization.weightBits = random.chance(6) ? 4 : 8
    configuration.quantization.membraneBits = random.chance(2) ? 32 : nil
    let input = Shape(
      channels: random.pick(1...(random.chance(2) ? 60 : 5)), height: random.pick(3...6),
      width: random.pick(3...6))
    let hidden = hiddenLayer(input)
    // Pixels of 255 fire at every timestep, those of 0 never.
    let tenths = random.pick(1...10)
    let pixels = (0..<input.count).map { _ in random.pick(1...10) <= tenths ? UInt8(255) : 0 }
    return RandomNetwork(
      spiking: SpikingNetwork(
        name: "pooled", input: .init(mode: .rate, zeroPoints: [], seed: 0), inputShape: input,
        layers: [hidden, readOut(hidden.shape)], readOut: .potential),
      configuration: configuration, pixels: pixels, firingShare: nil,
      timesteps: configuration.timesteps, coding: .automatic,
      tiling: random.chance(2)
        ? .whole : .tiles(.init(rows: random.pick(1...3), columns: 99), fusesPools: true))
  }

  private mutating func hiddenLayer(_ input: Shape) -> SpikingNetwork.Layer {
    let pool = Window(
      kernelHeight: random.pick(1...3), kernelWidth: random.pick(2...3),
      strideHeight: random.pick(1...2), strideWidth: random.pick(1...2))
    let sites = pool.outputExtent(height: input.height, width: input.width)!
    let pooled = Shape(channels: input.channels, height: sites.height, width: sites.width)
    let kernel = drawKernel(over: pooled)
    let widths = [random.pick(9...16), random.pick(25...32), random.pick(57...104)]
    let channels = widths[random.pick(0...2)]
    let isDense = random.chance(4)
    let window = isDense ? sites.height * sites.width : kernel.area
    let extent = kernel.outputExtent(height: pooled.height, width: pooled.width)!
    let shape =
      isDense
      ? Shape(channels: channels)
      : Shape(channels: channels, height: extent.height, width: extent.width)
    let weights = (0..<channels * pooled.channels * window).map { _ in
      random.chance(3) ? (random.chance(2) ? 1 : -1) : random.symmetric()
    }
    let thresholds = (0..<channels).map { _ in 0.5 + 4 * abs(random.symmetric()) }
    return .init(
      name: "hidden", shape: shape,
      connections: [
        .init(
          source: 0, pool: pool, pooledShape: pooled,
          synapses: isDense
            ? .dense(weights: weights)
            : .convolution(window: kernel, groups: 1, weights: weights))
      ],
      kind: .neurons(
        .init(
          bias: thresholds.map { $0 * random.symmetric() }, thresholds: [thresholds],
          reset: .soft, initialShare: 0.5, leak: .init(), lambda: thresholds, predictedRate: 0)))
  }

  private mutating func drawKernel(over map: Shape) -> Window {
    let height = random.pick(1...min(3, map.height))
    let width = random.pick(1...min(4, map.width))
    return Window(
      kernelHeight: height, kernelWidth: width, strideHeight: 1,
      strideWidth: random.chance(4) ? 2 : 1,
      padding: .init(
        top: random.pick(0...height - 1), left: random.pick(0...width - 1),
        bottom: random.pick(0...height - 1), right: random.pick(0...width - 1)))
  }

  private mutating func readOut(_ shape: Shape) -> SpikingNetwork.Layer {
    let outputs = random.pick(2...10)
    return .init(
      name: "output", shape: Shape(channels: outputs),
      connections: [
        .init(
          source: 1, pool: nil, pooledShape: shape,
          synapses: .dense(weights: (0..<outputs * shape.count).map { _ in random.symmetric() }))
      ],
      kind: .neurons(
        .init(
          bias: (0..<outputs).map { _ in random.symmetric() }, thresholds: [], reset: .none,
          initialShare: 0, leak: .init(), lambda: [], predictedRate: 0)))
  }
}
