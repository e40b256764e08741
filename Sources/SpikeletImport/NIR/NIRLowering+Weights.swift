import SpikeletNetwork
import SpikeletSupport

/// Nodes of weights, and those that only scale or shape.
extension NIRLowering {
  private func floats(_ numbers: [Double], _ key: String) throws(Rejection) -> [Float] {
    let floats = numbers.map(Float.init)
    guard floats.allSatisfy(\.isFinite) else {
      throw .because("has \(key) that no 32-bit floating point number holds")
    }
    return floats
  }

  private mutating func bias(
    _ index: Int, count: Int, isRequired: Bool
  ) throws(Rejection) -> [Float] {
    guard
      let bias = isRequired ? try numbers(index, "bias") : try optional(index, "bias")
    else { return [Float](repeating: 0, count: count) }
    let values = try floats(bias.numbers, "a bias")
    if values.count == 1 { return [Float](repeating: values[0], count: count) }
    guard values.count == count else {
      throw .because("has \(values.count) biases, needed \(count), one an output")
    }
    return values
  }

  mutating func dense(_ index: Int) throws(Rejection) -> Value {
    let value = try flat(try firing(index), for: index)
    let weight = try numbers(index, "weight")
    guard weight.shape.count == 2, weight.shape.allSatisfy({ $0 > 0 }) else {
      throw .because(
        "has weights of the shape \(Self.shown(weight.shape)), needed (outputs, inputs)")
    }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let count = nodes[value.node].shape.count / value.stack
    guard inputs == count else {
      throw .because(
        "has weights for \(inputs) inputs, and gets \(count) (\(Self.shown(value.dims)))")
    }
    try usage.parameters(weight.numbers.count * value.stack + outputs)
    let row = try floats(weight.numbers, "weights")
    var weights: [Float] = []
    weights.reserveCapacity(row.count * value.stack)
    for output in 0..<outputs {
      for _ in 0..<value.stack { weights += row[output * inputs..<(output + 1) * inputs] }
    }
    let isAffine = graph.nodes[index].node.type == "Affine"
    let layer = Network.Dense(
      inputs: inputs * value.stack, outputs: outputs, weights: weights,
      bias: try bias(index, count: outputs, isRequired: isAffine))
    return Value(
      node: try append(
        .dense(layer), name: graph.nodes[index].name, inputs: [value.node],
        shape: Shape(channels: outputs)), dims: [outputs])
  }

  /// A value as a vector: the order of its values stays.
  private mutating func flat(_ value: Value, for index: Int) throws(Rejection) -> Value {
    let shape = nodes[value.node].shape
    guard shape.height != 1 || shape.width != 1 else { return value }
    let node = try append(
      .flatten, name: graph.nodes[index].name + ".flatten", inputs: [value.node],
      shape: Shape(channels: shape.count))
    return Value(node: node, dims: [shape.count / value.stack], stack: value.stack)
  }

  mutating func convolution(_ index: Int) throws(Rejection) -> Value {
    let value = try firing(index)
    let isLine = graph.nodes[index].node.type == "Conv1d"
    let weight = try numbers(index, "weight")
    guard weight.shape.count == (isLine ? 3 : 4), weight.shape.allSatisfy({ $0 > 0 }) else {
      throw .because(
        "has weights of the shape \(Self.shown(weight.shape)), needed (outputs, inputs of a group, "
          + (isLine ? "length)" : "rows, columns)"))
    }
    guard value.dims.count == (isLine ? 2 : 3) else {
      throw .because(
        "gets values of \(Self.shown(value.dims)), needed (channels, "
          + (isLine ? "length)" : "rows, columns)"))
    }
    let groups = try pair(index, "groups", in: 1...Limits.extent, otherwise: 1).0
    let (outputs, groupInputs) = (weight.shape[0], weight.shape[1])
    let channels = value.dims[0]
    guard outputs % groups == 0, channels == groupInputs * groups else {
      throw .because(
        "has weights for \(groupInputs) channels in each of \(groups) groups, and gets \(channels)")
    }
    let source = groups > 1 ? try unstacked(value, for: index) : value
    try checkInputShape(index, value, isLine: isLine)
    let window = try window(index, weight.shape, isLine: isLine, value)
    let kernel = window.area
    let stack = source.stack
    let (planes, overflow) = (outputs * groupInputs).multipliedReportingOverflow(by: kernel * stack)
    try usage.parameters(overflow ? .max : planes + outputs)
    let dilated = try dilated(index, weight, window, isLine: isLine)
    let row = groupInputs * kernel
    var weights: [Float] = []
    weights.reserveCapacity(planes)
    for output in 0..<outputs {
      for _ in 0..<stack { weights += dilated[output * row..<(output + 1) * row] }
    }
    let shape = nodes[source.node].shape
    guard let extent = window.outputExtent(height: shape.height, width: shape.width),
      extent.height > 0, extent.width > 0
    else { throw .because("its kernel does not fit values of \(Self.shown(value.dims))") }
    let layer = Network.Convolution(
      window: window, groups: groups, inputChannels: channels * stack, outputChannels: outputs,
      weights: weights, bias: try bias(index, count: outputs, isRequired: false))
    let node = try append(
      .convolution(layer), name: graph.nodes[index].name, inputs: [source.node],
      shape: Shape(channels: outputs, height: extent.height, width: extent.width))
    return Value(
      node: node, dims: isLine ? [outputs, extent.width] : [outputs, extent.height, extent.width])
  }

  private func checkInputShape(
    _ index: Int, _ value: Value, isLine: Bool
  ) throws(Rejection) {
    // Other tools write "None" as text.
    guard let shape = try? optional(index, "input_shape"), !shape.numbers.isEmpty else { return }
    let given = shape.numbers.map { Int(exactly: $0) ?? -1 }
    guard given == Array(value.dims.dropFirst()) else {
      throw .because(
        "has the input_shape \(brief(shape.numbers)), and gets values of \(Self.shown(value.dims))")
    }
  }

  /// The window of a convolution, its kernel as large as dilation makes it.
  private func window(
    _ index: Int, _ shape: [Int], isLine: Bool, _ value: Value
  ) throws(Rejection) -> Window {
    let extents = 1...Limits.window
    let stride = try pair(index, "stride", in: extents, otherwise: 1)
    let dilation = try pair(index, "dilation", in: extents, otherwise: 1)
    let height = isLine ? 1 : (shape[2] - 1) * dilation.0 + 1
    let width = (shape[shape.count - 1] - 1) * dilation.1 + 1
    guard height <= Limits.extent, width <= Limits.extent else {
      throw .because("has a kernel of \(height)×\(width); the limit is \(Limits.extent)")
    }
    var padding = Window.Padding()
    if case .success(let value)? = graph.nodes[index].node.parameters["padding"],
      let word = value.word
    {
      switch word {
      case "valid": break
      case "same":
        guard stride == (1, 1) else { throw .because("has padding 'same' and a stride") }
        // As PyTorch has it: what is odd goes to the end.
        padding = .init(
          top: (height - 1) / 2, left: (width - 1) / 2, bottom: height - 1 - (height - 1) / 2,
          right: width - 1 - (width - 1) / 2)
      default: throw .because("has the padding '\(word.printableName)', needed 'same' or 'valid'")
      }
    } else {
      let given = try pair(index, "padding", in: 0...Limits.window, otherwise: 0)
      let rows = isLine ? 0 : given.0
      padding = .init(top: rows, left: given.1, bottom: rows, right: given.1)
    }
    return Window(
      kernelHeight: height, kernelWidth: width, strideHeight: isLine ? 1 : stride.0,
      strideWidth: stride.1, padding: padding)
  }

  /// The weights with the zeros that a dilation puts between them.
  private func dilated(
    _ index: Int, _ weight: NIRParameter, _ window: Window, isLine: Bool
  ) throws(Rejection) -> [Float] {
    let weights = try floats(weight.numbers, "weights")
    let rows = isLine ? 1 : weight.shape[2]
    let columns = weight.shape[weight.shape.count - 1]
    guard (rows, columns) != (window.kernelHeight, window.kernelWidth) else { return weights }
    let dilation = try pair(index, "dilation", in: 1...Limits.window, otherwise: 1)
    let planes = weight.shape[0] * weight.shape[1]
    var result = [Float](repeating: 0, count: planes * window.area)
    for plane in 0..<planes {
      for row in 0..<rows {
        for column in 0..<columns {
          let y = isLine ? 0 : row * dilation.0
          let target = (plane * window.kernelHeight + y) * window.kernelWidth
          result[target + column * dilation.1] = weights[(plane * rows + row) * columns + column]
        }
      }
    }
    return result
  }

  mutating func pool(_ index: Int, isSum: Bool) throws(Rejection) -> Value {
    let value = try firing(index)
    guard value.dims.count == 3 else {
      throw .because(
        "gets values of \(Self.shown(value.dims)), needed (channels, rows, columns)")
    }
    let kernel = try pair(index, "kernel_size", in: 1...Limits.window)
    let stride = try pair(index, "stride", in: 1...Limits.window)
    let padding = try pair(index, "padding", in: 0...Limits.window, otherwise: 0)
    guard padding.0 * 2 <= kernel.0, padding.1 * 2 <= kernel.1 else {
      throw .because("has a padding of more than half its kernel")
    }
    let window = Window(
      kernelHeight: kernel.0, kernelWidth: kernel.1, strideHeight: stride.0, strideWidth: stride.1,
      padding: .init(top: padding.0, left: padding.1, bottom: padding.0, right: padding.1))
    let shape = nodes[value.node].shape
    guard let extent = window.outputExtent(height: shape.height, width: shape.width) else {
      throw .because("its window does not fit values of \(Self.shown(value.dims))")
    }
    let name = graph.nodes[index].name
    let result = Shape(channels: shape.channels, height: extent.height, width: extent.width)
    var node = try append(
      .averagePool(window, countsPadding: true), name: isSum ? name + ".mean" : name,
      inputs: [value.node], shape: result)
    if isSum, window.area > 1 {
      let factors = [Double](repeating: Double(window.area), count: shape.channels)
      node = try append(
        try normalization(factors: factors), name: name, inputs: [node], shape: result)
    }
    return Value(
      node: node, dims: [value.dims[0], extent.height, extent.width], stack: value.stack)
  }

  mutating func flatten(_ index: Int) throws(Rejection) -> Value {
    var value = try input(index)
    // Without a batch, every dimension may be flattened; files with one begin at 1 and mean the same.
    let rank = value.dims.count
    let start = try pair(index, "start_dim", in: -8...8, otherwise: 0).0
    let end = try pair(index, "end_dim", in: -8...8, otherwise: -1).0
    let first = min(max(0, start < 0 ? start + rank : start), max(0, rank - 1))
    let last = min(max(first, end < 0 ? end + rank : end), max(0, rank - 1))
    guard rank > 1 else { return value }
    let middle = value.dims[first...last].reduce(1, *)
    value.dims = Array(value.dims[..<first]) + [middle] + Array(value.dims[(last + 1)...])
    guard value.dims.count == 1 else { return value }
    let shape = nodes[value.node].shape
    let node = try append(
      .flatten, name: graph.nodes[index].name, inputs: [value.node],
      shape: Shape(channels: shape.count))
    value.node = node
    return value
  }

  mutating func scale(_ index: Int) throws(Rejection) -> Value {
    var value = try firing(index)
    let factors = try channels(try numbers(index, "scale"), "scale", value)
    let stacked = (0..<value.stack).flatMap { _ in factors }
    value.node = try append(
      try normalization(factors: stacked), name: graph.nodes[index].name, inputs: [value.node],
      shape: nodes[value.node].shape)
    return value
  }

  /// A factor and an offset for each channel.
  mutating func normalization(
    factors: [Double], offsets: [Double]? = nil
  ) throws(Rejection) -> Network.Operation {
    let count = factors.count
    try usage.parameters(4 * count)
    let zeros = [Float](repeating: 0, count: count)
    return .batchNormalization(
      .init(
        scale: try floats(factors, "factors"),
        bias: try offsets.map { (values) throws(Rejection) in try floats(values, "offsets") }
          ?? zeros, mean: zeros, variance: [Float](repeating: 1, count: count), epsilon: 0))
  }

  /// A value with the spikes of a neuron added up, where several lie behind each other.
  mutating func unstacked(_ value: Value, for index: Int) throws(Rejection) -> Value {
    guard value.stack > 1 else { return value }
    let shape = nodes[value.node].shape
    let channels = shape.channels / value.stack
    try usage.parameters(channels * shape.channels + channels)
    var weights = [Float](repeating: 0, count: channels * shape.channels)
    for channel in 0..<channels {
      for k in 0..<value.stack { weights[channel * shape.channels + k * channels + channel] = 1 }
    }
    let bias = [Float](repeating: 0, count: channels)
    let operation: Network.Operation =
      shape.height == 1 && shape.width == 1
      ? .dense(
        .init(inputs: shape.channels, outputs: channels, weights: weights, bias: bias))
      : .convolution(
        .init(
          window: Window(kernelHeight: 1, kernelWidth: 1), inputChannels: shape.channels,
          outputChannels: channels, weights: weights, bias: bias))
    let node = try append(
      operation, name: graph.nodes[index].name + ".spikes", inputs: [value.node],
      shape: Shape(channels: channels, height: shape.height, width: shape.width))
    return Value(node: node, dims: value.dims)
  }
}
