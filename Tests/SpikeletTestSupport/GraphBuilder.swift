import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// Builds small float networks with random weights, node by node.
package struct GraphBuilder {
  package var nodes: [Network.Node]
  package var random: SeededRandom

  package init(_ shape: Shape, seed: UInt64 = 1) {
    nodes = [.init(name: "input", operation: .input, inputs: [], shape: shape)]
    random = SeededRandom(seed: seed)
  }

  /// The index of the node that was added last.
  package var last: Int { nodes.count - 1 }

  package func network(output: Int? = nil) -> Network {
    Network(name: "test", nodes: nodes, output: output ?? last)
  }

  @discardableResult
  package mutating func append(
    _ name: String, _ operation: Network.Operation, _ inputs: [Int], _ shape: Shape
  ) -> Int {
    nodes.append(
      .init(
        name: name.isEmpty ? "node\(nodes.count)" : name, operation: operation, inputs: inputs,
        shape: shape))
    return last
  }

  private mutating func values(_ count: Int, _ scale: Double) -> [Float] {
    (0..<count).map { _ in Float(random.symmetric() * scale) }
  }

  @discardableResult
  package mutating func convolution(
    _ name: String = "", of input: Int? = nil, outputs: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int = 0, groups: Int = 1
  ) -> Int {
    let source = nodes[input ?? last].shape
    let window = Window(
      kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
      padding: .init(top: padding, left: padding, bottom: padding, right: padding))
    let extent = window.outputExtent(height: source.height, width: source.width)!
    let taps = source.channels / groups * window.area
    let operation = Network.Convolution(
      window: window, groups: groups, inputChannels: source.channels, outputChannels: outputs,
      weights: values(outputs * taps, 2 / Double(taps).squareRoot()), bias: values(outputs, 0.2))
    return append(
      name, .convolution(operation), [input ?? last],
      Shape(channels: outputs, height: extent.height, width: extent.width))
  }

  @discardableResult
  package mutating func dense(_ name: String = "", of input: Int? = nil, outputs: Int) -> Int {
    let inputs = nodes[input ?? last].shape.count
    let operation = Network.Dense(
      inputs: inputs, outputs: outputs,
      weights: values(outputs * inputs, 2 / Double(inputs).squareRoot()),
      bias: values(outputs, 0.2))
    return append(name, .dense(operation), [input ?? last], Shape(channels: outputs))
  }

  @discardableResult
  package mutating func batchNormalization(
    _ name: String = "", of input: Int? = nil, epsilon: Float
  ) -> Int {
    let shape = nodes[input ?? last].shape
    let operation = Network.BatchNormalization(
      scale: values(shape.channels, 1.5), bias: values(shape.channels, 0.5),
      mean: values(shape.channels, 0.5),
      variance: values(shape.channels, 0.3).map { abs($0) + 0.01 }, epsilon: epsilon)
    return append(name, .batchNormalization(operation), [input ?? last], shape)
  }

  @discardableResult
  package mutating func relu(_ name: String = "", of input: Int? = nil, ceiling: Float? = nil)
    -> Int
  {
    append(name, .relu(ceiling: ceiling), [input ?? last], nodes[input ?? last].shape)
  }

  @discardableResult
  package mutating func averagePool(
    _ name: String = "", of input: Int? = nil, kernel: Int = 2, stride: Int? = nil,
    padding: Int = 0, countsPadding: Bool = true
  ) -> Int {
    let window = window(kernel, stride ?? kernel, padding)
    return append(
      name, .averagePool(window, countsPadding: countsPadding), [input ?? last],
      pooled(window, input ?? last))
  }

  @discardableResult
  package mutating func maxPool(
    _ name: String = "", of input: Int? = nil, kernel: Int = 2, stride: Int? = nil,
    padding: Int = 0
  ) -> Int {
    let window = window(kernel, stride ?? kernel, padding)
    return append(name, .maxPool(window), [input ?? last], pooled(window, input ?? last))
  }

  @discardableResult
  package mutating func flatten(_ name: String = "", of input: Int? = nil) -> Int {
    append(
      name, .flatten, [input ?? last], Shape(channels: nodes[input ?? last].shape.count))
  }

  @discardableResult
  package mutating func add(_ inputs: [Int], name: String = "") -> Int {
    append(name, .add, inputs, nodes[inputs[0]].shape)
  }

  @discardableResult
  package mutating func concatenate(_ inputs: [Int], name: String = "") -> Int {
    var shape = nodes[inputs[0]].shape
    shape.channels = inputs.reduce(0) { $0 + nodes[$1].shape.channels }
    return append(name, .concatenate, inputs, shape)
  }

  private func window(_ kernel: Int, _ stride: Int, _ padding: Int) -> Window {
    Window(
      kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
      padding: .init(top: padding, left: padding, bottom: padding, right: padding))
  }

  private func pooled(_ window: Window, _ input: Int) -> Shape {
    let shape = nodes[input].shape
    let extent = window.outputExtent(height: shape.height, width: shape.width)!
    return Shape(channels: shape.channels, height: extent.height, width: extent.width)
  }
}

/// Random pictures.
package func pictures(_ count: Int, _ shape: Shape, seed: UInt64 = 99) -> [[UInt8]] {
  var random = SeededRandom(seed: seed)
  return (0..<count).map { _ in (0..<shape.count).map { _ in UInt8(random.pick(0...255)) } }
}

/// The statistics of a simplified network over some pictures.
package func calibration(
  _ network: Network, _ pictures: [[UInt8]], input: Configuration.Input = .init()
) -> Calibration {
  let run = CalibrationRun(network: network, input: input)
  var histograms = run.emptyHistograms()
  for picture in pictures { run.observe(picture[...], into: &histograms) }
  return run.calibration(
    histograms, networkDigest: "digest", dataset: "random", split: "train",
    images: pictures.count)
}
