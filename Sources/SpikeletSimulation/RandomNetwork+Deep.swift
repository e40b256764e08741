import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

extension RandomNetwork {
  /// A network as deep as those with branches are: residual blocks with and without a projection,
  /// concatenations of up to four maps, depthwise and grouped convolutions, strides, paddings that
  /// differ from side to side, maps with several readers, and a global average pool at the end.
  ///
  /// - Parameter layers: the layers with neurons and the read-out, at least 4; a block may exceed
  ///   them by one.
  package static func deep(seed: UInt64, layers: Int) -> RandomNetwork {
    var builder = DeepNetworkBuilder(random: SeededRandom(seed: seed))
    var network = builder.build(layers: layers)
    network.kernels = .random(seed: seed ^ 0x6B65_726E_656C)
    return network
  }
}

/// Draws a deep network, block by block. Maps keep their size, apart from a stride now and then, so
/// that the fiftieth layer still has sites.
private struct DeepNetworkBuilder {
  var random: SeededRandom
  var layers: [SpikingNetwork.Layer] = []
  var shapes: [Shape] = []

  mutating func build(layers wanted: Int) -> RandomNetwork {
    let isSingle = random.chance(2)
    var configuration = Configuration()
    configuration.name = "deep"
    configuration.timesteps = isSingle ? 1 : 4
    configuration.maximumTimesteps = isSingle ? 1 : 16
    configuration.quantization.weightBits = random.chance(3) ? 4 : 8
    let input = Shape(
      channels: random.pick(1...3), height: random.pick(7...12), width: random.pick(7...12))
    shapes = [input]
    append([convolution(0, outputs: random.pick(3...12))])
    while layers.count < wanted - 1 {
      switch random.pick(0...3) {
      case 0: appendResidualBlock(projects: false)
      case 1: appendResidualBlock(projects: true)
      case 2: appendDenseBlock()
      default: appendSeparableBlock()
      }
    }
    appendReadOut()
    let pixels = (0..<input.count).map { _ in
      random.chance(4) ? 0 : UInt8(random.pick(0...255))
    }
    let tiling: TilingPolicy =
      switch random.pick(0...2) {
      case 0: .automatic(budget: random.chance(2) ? nil : random.pick(500...8000))
      case 1: .whole
      default: .tiles(.init(rows: random.pick(1...4), columns: 99), fusesPools: true)
      }
    return RandomNetwork(
      spiking: SpikingNetwork(
        name: "deep", input: .init(mode: .direct, zeroPoints: input.channels.zeros, seed: 0),
        inputShape: input, layers: layers, readOut: .potential),
      configuration: configuration, pixels: pixels, firingShare: nil,
      timesteps: configuration.timesteps, coding: .automatic, tiling: tiling)
  }

  // MARK: Blocks

  /// Two convolutions, and around them the map itself or, with another stride or width, a projection.
  private mutating func appendResidualBlock(projects: Bool) {
    let source = shapes.count - 1
    let (from, large) = (shapes[source], min(shapes[source].height, shapes[source].width) > 5)
    let stride = projects && large && random.chance(3) ? 2 : 1
    let outputs = projects ? random.pick(3...12) : from.channels
    append([convolution(source, outputs: random.pick(3...12), stride: stride)])
    let body = convolution(shapes.count - 1, outputs: outputs)
    let shortcut =
      projects
      ? convolution(source, outputs: outputs, kernel: 1, stride: stride)
      : SpikingNetwork.Connection(
        source: source, pool: nil, pooledShape: from,
        synapses: .channelwise(weights: weights(outputs, fanIn: 2)))
    append([body, shortcut])
  }

  /// A convolution of up to four maps of one size: a concatenation, each part a connection.
  private mutating func appendDenseBlock() {
    let last = shapes[shapes.count - 1]
    let parts = (1..<shapes.count).filter {
      (shapes[$0].height, shapes[$0].width) == (last.height, last.width)
    }
    let outputs = random.pick(2...8)
    append(
      parts.suffix(4).map { convolution($0, outputs: outputs, kernel: random.pick(1...4)) })
  }

  /// A convolution of one channel or a few at a time, and one of single sites behind it.
  private mutating func appendSeparableBlock() {
    let channels = shapes[shapes.count - 1].channels
    let groups = channels % 2 == 0 && random.chance(2) ? 2 : channels
    append([convolution(shapes.count - 1, outputs: channels, groups: groups)])
    append([convolution(shapes.count - 1, outputs: random.pick(3...12), kernel: 1)])
  }

  private mutating func appendReadOut() {
    let source = shapes.count - 1
    let shape = shapes[source]
    let outputs = random.pick(2...10)
    let window = Window(
      kernelHeight: shape.height, kernelWidth: shape.width, strideHeight: shape.height,
      strideWidth: shape.width)
    let pooled = Shape(channels: shape.channels)
    layers.append(
      .init(
        name: "output", shape: Shape(channels: outputs),
        connections: [
          .init(
            source: source, pool: window, pooledShape: pooled,
            synapses: .dense(weights: weights(outputs * shape.channels, fanIn: shape.channels)))
        ],
        kind: .neurons(
          .init(
            bias: (0..<outputs).map { _ in random.symmetric() }, thresholds: [], reset: .none,
            initialShare: 0, leak: .init(), lambda: [], predictedRate: 0))))
  }

  // MARK: Parts

  /// A convolution that keeps the size of maps but for its stride; the padding of an even kernel
  /// differs from side to side.
  private mutating func convolution(
    _ source: Int, outputs: Int, kernel: Int = 3, stride: Int = 1, groups: Int = 1
  ) -> SpikingNetwork.Connection {
    let input = shapes[source]
    let before = (kernel - 1) / 2
    let window = Window(
      kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
      padding: .init(
        top: before, left: before, bottom: kernel - 1 - before, right: kernel - 1 - before))
    let fanIn = input.channels / groups * kernel * kernel
    return .init(
      source: source, pool: nil, pooledShape: input,
      synapses: .convolution(
        window: window, groups: groups, weights: weights(outputs * fanIn, fanIn: fanIn)))
  }

  /// Neurons that read these connections; thresholds are of the size of their currents, so that the
  /// fiftieth layer still fires.
  private mutating func append(_ connections: [SpikingNetwork.Connection]) {
    let first = connections[0]
    guard case .convolution(let window, let groups, let all) = first.synapses,
      let extent = window.outputExtent(
        height: first.pooledShape.height, width: first.pooledShape.width)
    else { preconditionFailure("every block begins with a convolution") }
    let fanIn = first.pooledShape.channels / groups * window.area
    let shape = Shape(
      channels: all.count / fanIn, height: extent.height, width: extent.width)
    let scale = first.source == 0 ? 100 : 0.5
    let thresholds = (0..<shape.channels).map { _ in scale * (0.3 + abs(random.symmetric())) }
    layers.append(
      .init(
        name: "layer\(layers.count)", shape: shape, connections: connections,
        kind: .neurons(
          .init(
            bias: thresholds.map { $0 * (0.4 + 0.4 * random.symmetric()) },
            thresholds: [thresholds],
            reset: random.chance(4) ? .hard : .soft, initialShare: random.chance(2) ? 0.5 : 0,
            leak: .init(), lambda: thresholds, predictedRate: 0))))
    shapes.append(shape)
  }

  /// Weights whose sum over `fanIn` spikes has a size of about 1.
  private mutating func weights(_ count: Int, fanIn: Int) -> [Double] {
    let size = 2 / Double(fanIn).squareRoot()
    return (0..<count).map { _ in size * random.symmetric() }
  }
}

extension Int {
  /// So many zeros.
  fileprivate var zeros: [Int] { [Int](repeating: 0, count: self) }
}
