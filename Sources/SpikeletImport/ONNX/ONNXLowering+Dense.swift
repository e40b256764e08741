import SpikeletNetwork

extension ONNXLowering {
  /// `alpha · x · B + beta · C`, where B may be stored transposed.
  mutating func gemm(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["alpha", "beta", "transA", "transB"])
    guard try node.integer("transA", default: 0) == 0 else {
      throw .because("transposes its input (transA)")
    }
    let isTransposed = try node.integer("transB", default: 0) != 0
    let alpha = try node.float("alpha", default: 1)
    let beta = try node.float("beta", default: 1)
    guard alpha.isFinite, beta.isFinite else { throw .because("alpha or beta is not a number") }
    var layer = try dense(node, weightsPosition: 1, isTransposed: isTransposed)
    if alpha != 1 { layer.weights = layer.weights.map { $0 * alpha } }
    if let (bias, extents) = try weights(node, 2, "its biases") {
      let isRow = extents.dropLast().allSatisfy { $0 == 1 } && extents.count <= 2
      switch bias.count {
      case layer.outputs where isRow: layer.bias = bias
      case 1 where isRow: layer.bias = [Float](repeating: bias[0], count: layer.outputs)
      default:
        throw .because("its biases have the extents \(extents), not [\(layer.outputs)]")
      }
      if beta != 1 { layer.bias = layer.bias.map { $0 * beta } }
    }
    return try append(node, layer)
  }

  mutating func matMul(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    if let name = inputName(node, 0), case .constant = try value(named: name) {
      throw .because(
        "multiplies a constant by a value, not a value by a constant",
        hint: "write the layer as x @ weights")
    }
    if let map = try pointwise(node) { return map }
    let layer = try dense(node, weightsPosition: 1, isTransposed: false)
    return try append(node, layer)
  }

  /// A product along the channels of a map, the last of its extents, which is a convolution of one
  /// pixel; nil where the node reads a vector.
  private mutating func pointwise(_ node: ONNXNode) throws(Rejection) -> Value? {
    guard case .activation = try value(node, 0), inputName(node, 1) != nil else { return nil }
    let input = try activation(node)
    guard input.extents.dropLast().contains(where: { $0 != 1 }),
      let axes = axes(of: input), axes.last == 0, case .constant = try value(node, 1)
    else { return nil }
    let (values, extents) = try requiredWeights(node, 1, "its weights")
    let shape = nodes[input.node].shape
    guard extents.count == 2, extents[0] == shape.channels, (1...Limits.extent).contains(extents[1])
    else {
      throw .because(
        "its weights have the extents \(extents), but its input has \(shape.channels) channels")
    }
    try usage.parameters(values.count + extents[1])
    let layer = Network.Convolution(
      window: Window(kernelHeight: 1, kernelWidth: 1), inputChannels: extents[0],
      outputChannels: extents[1],
      weights: Self.transposed(values, rows: extents[0], columns: extents[1]),
      bias: [Float](repeating: 0, count: extents[1]))
    var output = shape
    output.channels = extents[1]
    return try append(
      node, .convolution(layer), [input.node], output,
      extents: input.extents.dropLast() + [output.channels], order: Self.order(axes, of: output))
  }

  private mutating func dense(
    _ node: ONNXNode, weightsPosition: Int, isTransposed: Bool
  ) throws(Rejection) -> Network.Dense {
    if let name = inputName(node, weightsPosition),
      case .activation = try value(named: name)
    {
      throw .because("multiplies two values that both depend on the input")
    }
    let (values, extents) = try requiredWeights(node, weightsPosition, "its weights")
    guard extents.count == 2, extents[0] > 0, extents[1] > 0 else {
      throw .because("its weights have the extents \(extents), not two")
    }
    let inputs = extents[isTransposed ? 1 : 0]
    let outputs = extents[isTransposed ? 0 : 1]
    let input = try activation(node)
    // A product may have more dimensions of 1; a Gemm has two in all.
    guard input.extents.dropLast().allSatisfy({ $0 == 1 }),
      input.extents.count == 1 || node.op == "MatMul"
    else {
      throw .because(
        "reads a value of \(input.extents.count + 1) dimensions, not (batch, features)",
        hint: "flatten the map first")
    }
    guard input.extents.last == inputs else {
      throw .because(
        "its weights are for \(inputs) inputs, but it reads \(input.extents.last ?? 0)")
    }
    guard outputs <= Limits.extent else {
      throw .because("has \(outputs) outputs; the limit is \(Limits.extent)")
    }
    try usage.parameters(values.count + outputs)
    var rows = isTransposed ? values : Self.transposed(values, rows: inputs, columns: outputs)
    if !input.order.isIdentity {
      // The inputs lie in another order in the network: so must their weights.
      try usage.compute(inputs + rows.count)
      let positions = input.order.positions
      var moved = rows
      for output in 0..<outputs {
        for (index, position) in positions.enumerated() {
          moved[output * inputs + position] = rows[output * inputs + index]
        }
      }
      rows = moved
    }
    return Network.Dense(
      inputs: inputs, outputs: outputs, weights: rows,
      bias: [Float](repeating: 0, count: outputs))
  }

  private mutating func append(
    _ node: ONNXNode, _ layer: Network.Dense
  ) throws(Rejection) -> Value {
    guard layer.weights.allSatisfy(\.isFinite), layer.bias.allSatisfy(\.isFinite) else {
      throw .because("its scaled weights are infinite")
    }
    let input = try activation(node)
    var source = input.node
    let shape = nodes[source].shape
    if shape.count != shape.channels {
      // A view of a map as a vector that no node has flattened.
      try appendNode(
        Network.Node(
          name: node.label + ".flatten", operation: .flatten, inputs: [source],
          shape: Shape(channels: shape.count)))
      source = nodes.count - 1
    }
    return try append(
      node, .dense(layer), [source], Shape(channels: layer.outputs),
      extents: input.extents.dropLast() + [layer.outputs])
  }

  private static func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for column in 0..<columns {
      for row in 0..<rows { result.append(values[row * columns + column]) }
    }
    return result
  }

  /// Batch normalization with frozen statistics. It stays a node; the compiler folds it.
  mutating func batchNormalization(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["epsilon", "momentum", "spatial", "training_mode"])
    let hint = "export the network in evaluation mode, after model.eval()"
    guard try node.integer("training_mode", default: 0) == 0 else {
      throw .because("normalizes by the batch (training_mode=1)", hint: hint)
    }
    guard node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
      throw .because("has \(node.outputs.count) outputs, as in training", hint: hint)
    }
    guard try node.integer("spatial", default: 1) != 0 else {
      throw .because("has statistics of its own for every position (spatial=0)")
    }
    let epsilon = try node.float("epsilon", default: 1e-5)
    var parameters: [[Float]] = []
    for (index, what) in ["its scales", "its biases", "its means", "its variances"].enumerated() {
      let (values, extents) = try requiredWeights(node, index + 1, what)
      guard extents.count == 1 else { throw .because("\(what) have the extents \(extents)") }
      parameters.append(values)
    }
    guard parameters[3].allSatisfy({ $0 + epsilon > 0 && ($0 + epsilon).isFinite }) else {
      throw .because("a variance plus epsilon (\(epsilon)) is not positive")
    }
    var input = try activation(node)
    if input.extents.count == 2, input.extents[1] > 1 { input = try mapped(input) }
    let shape = nodes[input.node].shape
    guard parameters.allSatisfy({ $0.count == input.extents[0] }) else {
      throw .because(
        "its parameters are for \(parameters.map(\.count)) channels, "
          + "but its input has \(input.extents[0])")
    }
    // One value along the first extent is one a channel, wherever that extent lies in the node.
    let rest = [Int](repeating: 1, count: input.extents.count - 1)
    for index in parameters.indices {
      let constant = Constant(
        extents: [parameters[index].count] + rest, elements: .floats(parameters[index]))
      parameters[index] = try perChannel(constant, input)
    }
    let layer = Network.BatchNormalization(
      scale: parameters[0], bias: parameters[1], mean: parameters[2], variance: parameters[3],
      epsilon: epsilon)
    return try append(
      node, .batchNormalization(layer), [input.node], shape, extents: input.extents,
      order: input.order)
  }
}
