import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// Draws a random network, layer by layer.
struct RandomNetworkBuilder {
  var random: SeededRandom
  /// Draws apart, for layers that read pixels and spikes.
  var mixing: SeededRandom
  /// Draws apart, for pictures of one channel and layers of many.
  var widening: SeededRandom
  /// Draws apart, for networks of events.
  var events: SeededRandom
  /// Draws apart, for resets after the leak.
  var delaying: SeededRandom
  /// Draws apart, for looks at the picture's mirror image.
  var looking: SeededRandom
  var layers: [SpikingNetwork.Layer] = []
  var shapes: [Shape] = []
  var mode = InputCoding.Mode.direct
  var isSingle = false
  /// Whether the network was trained with thresholds: its layers have several, and exact integers.
  var isTrained = false
  /// The layers before the read-out.
  var hiddenCount = 0

  mutating func build() -> RandomNetwork {
    var configuration = Configuration()
    configuration.name = "random"
    mode = [.direct, .direct, .rate, .poisson][random.pick(0...3)]
    // Drawn apart, so that the other networks stay what they were.
    if mode == .rate, events.chance(2) { mode = .events }
    isSingle = random.chance(2)
    isTrained = random.chance(2)
    let timesteps = isSingle ? 1 : random.pick(2...6)
    configuration.timesteps = timesteps
    configuration.maximumTimesteps = isSingle ? 1 : random.chance(4) ? 300 : random.pick(6...255)
    configuration.quantization.weightBits = [4, 4, 8, 8, 8, 16][random.pick(0...5)]
    configuration.quantization.membraneBits = random.chance(4) ? 32 : nil
    configuration.readOut = random.chance(3) ? .count : .potential
    let channels = random.pick(1...5)
    let input = Shape(
      channels: widening.chance(3) ? channels : 1, height: random.pick(1...9),
      width: random.pick(1...9))
    shapes = [input]
    hiddenCount = random.pick(0...4)
    while layers.count < hiddenCount { appendHidden() }
    appendReadOut(configuration.readOut)
    let zeroPoints =
      mode == .direct
      ? (0..<input.channels).map { _ in random.chance(2) ? 0 : random.pick(0...255) } : []
    let density = random.pick(0...4)
    let siteBytes = SpikingNetwork.eventBytes(channels: input.channels)
    let bytes = mode == .events ? input.height * input.width * siteBytes : input.count
    var pixels = (0..<bytes).map { _ -> UInt8 in
      random.pick(0...3) < density ? UInt8(random.pick(0...255)) : 0
    }
    var share: Double?
    if mode == .rate, widening.chance(2) {
      let tenths = widening.pick(0...10)
      pixels = pixels.map { _ in widening.pick(1...10) <= tenths ? 255 : 0 }
      share = Double(pixels.count { $0 == 255 }) / Double(pixels.count)
    }
    let isReadLast = layers.last?.connections.contains { $0.source == 0 } ?? true
    configuration.input.looksAtMirror =
      mode == .direct && isSingle && !isReadLast && looking.chance(3)
    return RandomNetwork(
      spiking: SpikingNetwork(
        name: "random",
        input: .init(
          mode: mode, zeroPoints: zeroPoints, seed: random.next(),
          looksAtMirror: configuration.input.looksAtMirror),
        inputShape: input, layers: layers, readOut: configuration.readOut),
      configuration: configuration, pixels: pixels, firingShare: share,
      timesteps: configuration.runTimesteps.usual,
      coding: random.chance(3) ? .automatic : random.chance(2) ? .oneHot : .thermometer,
      tiling: tiling())
  }

  /// What the compiler chooses, everything at once, or tiles of any size.
  private mutating func tiling() -> TilingPolicy {
    switch random.pick(0...5) {
    case 0: .automatic(budget: random.chance(2) ? nil : random.pick(100...2000))
    case 1: .whole
    default:
      .tiles(
        .init(rows: random.pick(1...4), columns: random.chance(2) ? 99 : random.pick(1...4)),
        fusesPools: !random.chance(4))
    }
  }

  // MARK: Layers

  private mutating func appendHidden() {
    // Usually the layer before, sometimes an older one: graphs, not lists.
    let source = random.chance(4) ? random.pick(0...shapes.count - 1) : shapes.count - 1
    let choice = random.pick(0...9)
    if choice < 2, source > 0 || mode != .direct, let pool = poolWindow(shapes[source]) {
      appendMaxPool(source, pool)
    } else if choice == 2 {
      let outputs = random.pick(1...40)
      appendNeurons(Shape(channels: outputs), [dense(source, outputs: outputs)])
    } else if choice == 3, let pool = poolWindow(shapes[source]) {
      appendNeurons(pool.shape, [channelwise(source, pool)])
    } else {
      appendConvolution(source)
    }
  }

  private mutating func appendMaxPool(_ source: Int, _ pool: (window: Window, shape: Shape)) {
    let rule: SpikeMaximum = random.chance(3) ? .any : random.chance(2) ? .countMaximum : .gated
    layers.append(
      SpikingNetwork.Layer(
        name: "pool\(layers.count)", shape: pool.shape,
        connections: [
          .init(source: source, pool: pool.window, pooledShape: pool.shape, synapses: .maxPool)
        ], kind: .maxPool(rule)))
    shapes.append(pool.shape)
  }

  private mutating func appendConvolution(_ source: Int) {
    let view = random.chance(3) ? poolWindow(shapes[source]) : nil
    let input = view?.shape ?? shapes[source]
    var groups = 1
    var outputs = random.pick(1...20)
    if source == 0, input.channels == 1, !widening.chance(4) {
      outputs = widening.pick(1...8)
    } else if widening.chance(16) {
      outputs = widening.pick(41...80)
    }
    if random.chance(4) {
      groups =
        random.chance(2) ? input.channels : [1, 2, 3].filter { input.channels % $0 == 0 }.last!
      outputs = groups * random.pick(1...5)
    }
    let window = Window(
      kernelHeight: random.pick(1...4), kernelWidth: random.pick(1...4),
      strideHeight: random.chance(3) ? random.pick(1...3) : 1,
      strideWidth: random.chance(3) ? random.pick(1...3) : 1,
      padding: .init(
        top: random.pick(0...2), left: random.pick(0...2), bottom: random.pick(0...2),
        right: random.pick(0...2)))
    guard let extent = window.outputExtent(height: input.height, width: input.width),
      lastWindowBeginsInside(window, extent, input)
    else {
      appendNeurons(Shape(channels: outputs), [dense(source, outputs: outputs)])
      return
    }
    let shape = Shape(channels: outputs, height: extent.height, width: extent.width)
    let count = outputs * (input.channels / groups) * window.area
    var connections = [
      SpikingNetwork.Connection(
        source: source, pool: view?.window, pooledShape: input,
        synapses: .convolution(window: window, groups: groups, weights: weights(count)))
    ]
    // A second branch into the same potentials: the same shape with other weights, or an identity, where an older map has this shape.
    if random.chance(6), source > 0 || mode != .direct {
      connections.append(
        SpikingNetwork.Connection(
          source: source, pool: view?.window, pooledShape: input,
          synapses: .convolution(window: window, groups: groups, weights: weights(count))))
    } else if let other = shapes.indices.first(where: {
      shapes[$0] == shape && ($0 > 0 || mode != .direct)
    }) {
      connections.append(
        SpikingNetwork.Connection(
          source: other, pool: nil, pooledShape: shape,
          synapses: .channelwise(weights: weights(outputs))))
    }
    appendNeurons(shape, connections)
  }

  private mutating func appendReadOut(_ readOut: OutputScores) {
    let outputs = random.pick(1...12)
    let source = shapes.count - 1
    let connection = dense(source, outputs: outputs)
    if readOut == .count {
      appendNeurons(Shape(channels: outputs), [connection])
      return
    }
    layers.append(
      SpikingNetwork.Layer(
        name: "output", shape: Shape(channels: outputs), connections: [connection],
        kind: .neurons(
          .init(
            bias: (0..<outputs).map { _ in random.symmetric() }, thresholds: [], reset: .none,
            initialShare: 0, leak: leak(), lambda: [], predictedRate: 0))))
  }

  private mutating func appendNeurons(_ shape: Shape, _ connections: [SpikingNetwork.Connection]) {
    let connections = connections + mixed(shape, connections)
    let scale = connections.contains { $0.source == 0 && mode == .direct } ? 200.0 : 1.5
    let isReadOut = layers.count == hiddenCount
    let count =
      isTrained && !isReadOut ? [1, 2, 2, 3, 4, random.pick(1...8)][random.pick(0...5)] : 1
    var thresholds: [[Double]] = []
    for index in 0..<count {
      thresholds.append(
        (0..<shape.channels).map { channel in
          let step = scale * (0.05 + abs(random.symmetric())) * (random.chance(6) ? 4 : 1)
          return index == 0 ? step : thresholds[index - 1][channel] + step / Double(count)
        })
    }
    var neurons = SpikingNetwork.Neurons(
      bias: thresholds[0].map { $0 * random.symmetric() * (isTrained ? 2 : 0.4) },
      thresholds: thresholds, firesAbove: isTrained && random.chance(2),
      hasTrainedThresholds: isTrained,
      reset: [.soft, .soft, .hard, .none][random.pick(0...3)],
      initialShare: random.chance(2) ? 0.5 : 0, leak: leak(), lambda: thresholds[0],
      predictedRate: 0)
    // What a reset after the leak becomes: one of more than the threshold.
    if isTrained, neurons.leak.factor > 0, delaying.chance(2) {
      neurons.resetFactor = min(8, 1 / neurons.leak.factor)
    }
    layers.append(
      SpikingNetwork.Layer(
        name: "layer\(layers.count)", shape: shape, connections: connections,
        kind: .neurons(neurons)))
    shapes.append(layers[layers.count - 1].spikeShape)
    // A max pool right behind its only source runs inside it, in a model of one timestep.
    if isSingle, !isReadOut, random.chance(3), let pool = poolWindow(shapes[layers.count]) {
      hiddenCount += 1
      appendMaxPool(layers.count, pool)
    }
  }

  /// A connection that brings the other kind of source into a layer: the picture beside spikes, or
  /// spikes beside the picture. In every second layer, where the kernel is no larger than 30 sites.
  private mutating func mixed(
    _ shape: Shape, _ connections: [SpikingNetwork.Connection]
  ) -> [SpikingNetwork.Connection] {
    guard mode == .direct, !layers.isEmpty, mixing.chance(2) else { return [] }
    let readsPicture = connections.contains { $0.source == 0 }
    let source = readsPicture ? mixing.pick(1...shapes.count - 1) : 0
    let input = shapes[source]
    let window = Window(from: input, to: shape)
    guard window.area <= 30 else { return [] }
    let count = shape.channels * input.channels * window.area
    return [
      SpikingNetwork.Connection(
        source: source, pool: nil, pooledShape: input,
        synapses: .convolution(
          window: window, groups: 1, weights: (0..<count).map { _ in mixing.symmetric() }))
    ]
  }

  // MARK: Parts

  private mutating func dense(_ source: Int, outputs: Int) -> SpikingNetwork.Connection {
    let view = random.chance(3) ? poolWindow(shapes[source]) : nil
    let input = view?.shape ?? shapes[source]
    return SpikingNetwork.Connection(
      source: source, pool: view?.window, pooledShape: input,
      synapses: .dense(weights: weights(outputs * input.count)))
  }

  private mutating func channelwise(
    _ source: Int, _ pool: (window: Window, shape: Shape)
  ) -> SpikingNetwork.Connection {
    SpikingNetwork.Connection(
      source: source, pool: pool.window, pooledShape: pool.shape,
      synapses: .channelwise(weights: weights(pool.shape.channels)))
  }

  private mutating func weights(_ count: Int) -> [Double] {
    let isSparse = random.chance(4)
    return (0..<count).map { _ in isSparse && random.chance(2) ? 0 : random.symmetric() }
  }

  private mutating func leak() -> Leak {
    switch random.pick(0...5) {
    case 0: return .init(rule: .shift, shift: random.pick(1...6))
    case 1, 2:
      let shift = random.pick(1...15)
      return .init(
        rule: random.chance(2) ? .multiplyFloor : .multiplyTowardZero,
        multiplier: random.pick(0...1 << shift), shift: shift)
    default: return .init()
    }
  }

  /// A pool, with overlapping or padded windows now and then.
  private mutating func poolWindow(_ shape: Shape) -> (window: Window, shape: Shape)? {
    let (kernelHeight, kernelWidth) = (random.pick(1...3), random.pick(1...3))
    let isPlain = random.chance(2)
    let window = Window(
      kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      strideHeight: isPlain ? kernelHeight : random.pick(1...3),
      strideWidth: isPlain ? kernelWidth : random.pick(1...3),
      padding: isPlain
        ? .init()
        : .init(
          top: random.pick(0...kernelHeight - 1), left: random.pick(0...kernelWidth - 1),
          bottom: random.pick(0...kernelHeight - 1), right: random.pick(0...kernelWidth - 1)))
    // A window of one site that strides is a pool too.
    guard kernelHeight * kernelWidth * window.strideHeight * window.strideWidth > 1,
      let extent = window.outputExtent(height: shape.height, width: shape.width),
      lastWindowBeginsInside(window, extent, shape)
    else { return nil }
    return (window, Shape(channels: shape.channels, height: extent.height, width: extent.width))
  }

  private func lastWindowBeginsInside(
    _ window: Window, _ extent: (height: Int, width: Int), _ shape: Shape
  ) -> Bool {
    (extent.height - 1) * window.strideHeight - window.padding.top < shape.height
      && (extent.width - 1) * window.strideWidth - window.padding.left < shape.width
  }
}
