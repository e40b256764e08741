import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// The networks of the single-timestep papers with random weights.
struct Sketch {
  var random = SeededRandom(seed: 1)
  var layers: [SpikingNetwork.Layer] = []
  var shape = Shape(channels: 1, height: 28, width: 28)
  var levels = 1

  private func sourceShape() -> Shape { layers.last?.spikeShape ?? shape }

  /// Weights on a grid whose end every channel reaches.
  private mutating func weights(_ outputs: Int, _ row: Int) -> [Double] {
    (0..<outputs * row).map { i in
      i % row == 0 ? 127 : Double(random.pick(-60...60) + random.pick(-60...60))
    }
  }

  private func neurons(_ channels: Int, fires: Bool = true) -> SpikingNetwork.Kind {
    let thresholds = (0..<(fires ? levels : 0)).map { level in
      [Double](repeating: Double(400 * (level + 1)) + 0.5, count: channels)
    }
    return .neurons(
      .init(
        bias: [Double](repeating: 0, count: channels), thresholds: thresholds, firesAbove: true,
        hasTrainedThresholds: true, reset: .soft, initialShare: 0, leak: .init(), lambda: [],
        predictedRate: 0))
  }

  private func pool(_ shape: Shape) -> (Window, Shape) {
    (
      Window(kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2),
      Shape(channels: shape.channels, height: shape.height / 2, width: shape.width / 2)
    )
  }

  mutating func convolution(_ outputs: Int, kernel: Int, padding: Int, averages: Bool = false) {
    var input = sourceShape()
    var view: Window?
    if averages { (view, input) = pool(input) }
    let window = Window(
      kernelHeight: kernel, kernelWidth: kernel,
      padding: .init(top: padding, left: padding, bottom: padding, right: padding))
    let extent = input.height + 2 * padding - kernel + 1
    layers.append(
      .init(
        name: "conv\(layers.count)",
        shape: Shape(channels: outputs, height: extent, width: extent),
        connections: [
          .init(
            source: layers.count, pool: view, pooledShape: input,
            synapses: .convolution(
              window: window, groups: 1,
              weights: weights(outputs, input.channels * kernel * kernel)))
        ], kind: neurons(outputs)))
  }

  mutating func maxPool() {
    let (window, shape) = pool(sourceShape())
    layers.append(
      .init(
        name: "pool\(layers.count)", shape: shape,
        connections: [
          .init(source: layers.count, pool: window, pooledShape: shape, synapses: .maxPool)
        ], kind: .maxPool(.countMaximum)))
  }

  mutating func dense(_ outputs: Int, averages: Bool = false, fires: Bool = true) {
    var input = sourceShape()
    var view: Window?
    if averages { (view, input) = pool(input) }
    if fires { levels = 1 }
    layers.append(
      .init(
        name: "dense\(layers.count)", shape: Shape(channels: outputs),
        connections: [
          .init(
            source: layers.count, pool: view, pooledShape: input,
            synapses: .dense(weights: weights(outputs, input.count)))
        ], kind: neurons(outputs, fires: fires)))
  }

  func network() -> SpikingNetwork {
    SpikingNetwork(
      name: "sketch", input: .init(mode: .direct, zeroPoints: [0]), inputShape: shape,
      layers: layers, readOut: .potential)
  }
}

extension Sketch {
  /// LeNet-5 for gray pictures of 28 × 28.
  static func lenet5(levels: Int, averages: Bool) -> SpikingNetwork {
    var sketch = Sketch()
    sketch.levels = levels
    sketch.convolution(6 / levels, kernel: 5, padding: 2)
    if !averages { sketch.maxPool() }
    sketch.convolution(16 / levels, kernel: 5, padding: 0, averages: averages)
    if !averages { sketch.maxPool() }
    sketch.dense(120, averages: averages)
    sketch.dense(84)
    sketch.dense(10, fires: false)
    return sketch.network()
  }

  /// A VGG of two convolutions and 1,024 hidden neurons.
  static func vgg4() -> SpikingNetwork {
    var sketch = Sketch()
    sketch.convolution(64, kernel: 3, padding: 1)
    sketch.convolution(128, kernel: 3, padding: 1, averages: true)
    sketch.dense(1024, averages: true)
    sketch.dense(10, fires: false)
    return sketch.network()
  }
}
