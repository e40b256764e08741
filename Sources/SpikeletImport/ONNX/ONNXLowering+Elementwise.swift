import SpikeletNetwork

extension ONNXLowering {
  mutating func relu(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    if case .thresholded(let function) = try value(node, 0) {
      return .thresholded(function.mapped { max($0, 0) })
    }
    return try appendRelu(node, ceiling: nil)
  }

  private mutating func appendRelu(
    _ node: ONNXNode, ceiling: Float?
  ) throws(Rejection) -> Value {
    let input = try activation(node)
    return try append(
      node, .relu(ceiling: ceiling), [input.node], nodes[input.node].shape,
      extents: input.extents, order: input.order)
  }

  /// `Clip`, and `Max` or `Min` with a constant: a ReLU, clipped or not.
  mutating func clip(_ node: ONNXNode) throws(Rejection) -> Value {
    var floor = -Float.infinity
    var ceiling = Float.infinity
    switch node.op {
    case "Clip":
      try node.allow(["min", "max"])
      floor = try node.float("min", default: floor)
      ceiling = try node.float("max", default: ceiling)
      if let bound = try bound(node, 1) { floor = bound }
      if let bound = try bound(node, 2) { ceiling = bound }
      if case .thresholded(let function) = try value(node, 0) {
        return .thresholded(function.mapped { min(max($0, floor), ceiling) })
      }
    default:
      try node.allow([])
      if let function = try thresholdFunctions(node) { return function }
      guard node.inputs.count == 2 else {
        throw .because("compares \(node.inputs.count) values, not one with a constant")
      }
      for name in node.inputs {
        if case .unknown = try value(named: name) { throw .unknownInput }
      }
      var node = node
      if case .constant = try value(node, 0) { node.inputs.swapAt(0, 1) }
      guard case .constant = try value(node, 1) else {
        throw .because("compares two values that both depend on the input")
      }
      let bound = try bound(node, 1)
      if node.op == "Max" { floor = bound ?? floor } else { ceiling = bound ?? ceiling }
      return try clipped(node, floor: floor, ceiling: ceiling)
    }
    return try clipped(node, floor: floor, ceiling: ceiling)
  }

  private mutating func bound(_ node: ONNXNode, _ position: Int) throws(Rejection) -> Float? {
    guard let constant = try constant(node, position, "its bounds") else { return nil }
    guard let floats = constant.floats, let value = floats.first, !value.isNaN,
      floats.allSatisfy({ $0 == value })
    else { throw .because("its bounds are not one number") }
    return value
  }

  private mutating func clipped(
    _ node: ONNXNode, floor: Float, ceiling: Float
  ) throws(Rejection) -> Value {
    let hasCeiling = ceiling < .greatestFiniteMagnitude
    let input = try activation(node)
    // Torch writes ReLU6 as a ReLU and a minimum; together they are one clipped ReLU.
    if floor <= 0, case .relu(let earlier) = nodes[input.node].operation {
      guard hasCeiling else { return .activation(input) }
      guard ceiling > 0 else { throw .because("its ceiling is \(ceiling)") }
      guard !input.isShared else { return try appendRelu(node, ceiling: ceiling) }
      nodes[input.node].operation = .relu(ceiling: min(earlier ?? ceiling, ceiling))
      return .activation(input)
    }
    if floor <= -.greatestFiniteMagnitude, !hasCeiling { return .activation(input) }
    guard floor == 0 else {
      throw .because(
        "clips to \(floor)…\(ceiling), which is not a ReLU", hint: "clip to 0…maximum, as ReLU6")
    }
    guard ceiling > 0 else { throw .because("its ceiling is \(ceiling)") }
    return try appendRelu(node, ceiling: hasCeiling ? ceiling : nil)
  }

  /// `Add`, `Sub`, `Mul`, `Div` and `Sum` of values, constants, or a value and a constant.
  mutating func arithmetic(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    guard node.inputs.count == 2 || (node.op == "Sum" && !node.inputs.isEmpty) else {
      throw .because("has \(node.inputs.count) inputs")
    }
    var constants: [Constant] = []
    var isUnknown = false
    for position in node.inputs.indices {
      switch try value(node, position) {
      case .constant(let constant): constants.append(constant)
      case .unknown: isUnknown = true
      case .activation, .thresholded: break
      }
    }
    if !isUnknown, let function = try thresholdFunctions(node) { return function }
    if constants.isEmpty, node.op != "Add", node.op != "Sum" {
      let verb = ["Sub": "subtracts", "Mul": "multiplies", "Div": "divides"][node.op] ?? node.op
      throw .because(
        "\(verb) two values that both depend on the input",
        hint: "only the sum of two values is supported")
    }
    if isUnknown { throw .unknownInput }
    if constants.isEmpty { return try sum(node) }
    guard node.inputs.count == 2 else { throw .because("sums constants and values") }
    if constants.count == 2 {
      return .constant(try folded(node.op, constants[0], constants[1]))
    }
    for position in 0..<2 {
      guard case .activation(let input) = try value(node, position), input.ending != nil else {
        continue
      }
      return try affineEnding(node, constants[0], input)
    }
    return try affine(node, constants[0])
  }

  private mutating func sum(_ node: ONNXNode) throws(Rejection) -> Value {
    var inputs: [Activation] = []
    for position in node.inputs.indices { inputs.append(try activation(node, position)) }
    let counts = inputs.compactMap { thresholdCount($0.node) }
    guard Set(counts).count <= 1 else {
      let list = counts.map { "\($0)" }.joined(separator: " and ")
      throw .because(
        "adds spikes of neurons with different numbers of thresholds, \(list)",
        hint: "give all branches the same number")
    }
    let extents = inputs[0].extents
    guard inputs.allSatisfy({ $0.extents == extents }) else {
      let list = inputs.map { "\($0.extents)" }.joined(separator: " and ")
      throw .because("adds values of unequal extents, \(list)")
    }
    guard inputs.allSatisfy({ $0.order == inputs[0].order }) else {
      throw .because("adds values whose channels, rows and columns lie in different orders")
    }
    let shape = nodes[inputs[0].node].shape
    guard inputs.allSatisfy({ nodes[$0.node].shape == shape }) else {
      let list = inputs.map { "\(nodes[$0.node].shape)" }.joined(separator: " and ")
      throw .because("adds a map and a vector, \(list)", hint: "flatten both, or neither")
    }
    return try append(
      node, .add, inputs.map(\.node), shape, extents: extents, order: inputs[0].order)
  }

  /// A constant for each channel, added or multiplied: a bias, or a scale.
  private mutating func affine(
    _ node: ONNXNode, _ constant: Constant
  ) throws(Rejection) -> Value {
    let position: Int
    if case .constant = try value(node, 0) { position = 1 } else { position = 0 }
    let input = try activation(node, position)
    let shape = nodes[input.node].shape
    let values = try perChannel(constant, input)
    try usage.parameters(4 * shape.channels)
    var scale = [Float](repeating: 1, count: values.count)
    var bias = [Float](repeating: 0, count: values.count)
    switch (node.op, position) {
    case ("Add", _), ("Sum", _): bias = values
    case ("Sub", 0): bias = values.map { -$0 }
    case ("Sub", _): (scale, bias) = (scale.map { -$0 }, values)
    case ("Mul", _): scale = values
    case ("Div", 0): scale = values.map { 1 / $0 }
    default: throw .because("divides a constant by a value")
    }
    guard scale.allSatisfy(\.isFinite) else { throw .because("divides by zero") }
    if scale.allSatisfy({ $0 == 1 }), bias.allSatisfy({ $0 == 0 }) {
      noteLostState(node)
      return .activation(input)
    }
    // Over several timesteps a bias acts at each of them, but `x - threshold > 0` is `x > threshold`.
    let isThreshold =
      node.op == "Sub" && position == 0
      ? try isComparedWithZero(node) : false
    if !input.isShared, !isThreshold, let operation = merged(nodes[input.node], scale, bias) {
      nodes[input.node].operation = operation
      return .activation(input)
    }
    // With mean 0, variance 1 and no epsilon, a batch normalization is scale and bias alone.
    let layer = Network.BatchNormalization(
      scale: scale, bias: bias, mean: [Float](repeating: 0, count: scale.count),
      variance: [Float](repeating: 1, count: scale.count), epsilon: 0)
    if isThreshold { thresholdOffsets.insert(nodes.count) }
    return try append(
      node, .batchNormalization(layer), [input.node], shape, extents: input.extents,
      order: input.order)
  }

  /// The first timestep of a neuron adds a state of 0: what it keeps is not in the file.
  private mutating func noteLostState(_ node: ONNXNode) {
    guard ["Add", "Sub", "Sum"].contains(node.op), metadata.timesteps == nil,
      let output = node.outputs.first, readers(of: output).contains(where: isComparison)
    else { return }
    keep(
      note: "'\(node.label)' adds a state of 0 before a comparison: the file holds the first "
        + "timestep of neurons with a state, and what they keep is lost; to keep it, give "
        + "spikelet.timesteps and the neurons' leak and reset in the metadata (docs/import.md)")
  }

  private func isComparison(_ node: ONNXNode) -> Bool {
    ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Sign", "Sub", "Add"].contains(node.op)
  }

  /// Whether several timesteps are trained and nothing but comparisons with 0 read a node.
  private mutating func isComparedWithZero(_ node: ONNXNode) throws(Rejection) -> Bool {
    guard metadata.timesteps ?? 1 > 1, let output = node.outputs.first else { return false }
    let readers = readers(of: output)
    for reader in readers where reader.op != "Sign" {
      guard ["Greater", "GreaterOrEqual"].contains(reader.op), reader.inputs.count == 2,
        reader.inputs[0] == output,
        case .constant(let constant) = try value(named: reader.inputs[1]),
        Self.uniform(constant) == 0
      else { return false }
    }
    return !readers.isEmpty
  }

  private func readers(of name: String) -> [ONNXNode] {
    (readerIndices[name] ?? []).prefix(16).map { graph.nodes[$0] }
  }

  /// The layer with a scale and bias taken into it, or nil where it has no place for them or
  /// they get too large.
  private func merged(
    _ node: Network.Node, _ scale: [Float], _ bias: [Float]
  ) -> Network.Operation? {
    let addsAlone = scale.allSatisfy { $0 == 1 }
    switch node.operation {
    case .convolution(var layer) where addsAlone:
      layer.bias = zip(layer.bias, bias).map { $0 + $1 }
      return layer.bias.allSatisfy(\.isFinite) ? .convolution(layer) : nil
    case .dense(var layer) where addsAlone:
      layer.bias = zip(layer.bias, bias).map { $0 + $1 }
      return layer.bias.allSatisfy(\.isFinite) ? .dense(layer) : nil
    case .batchNormalization(var layer):
      layer.scale = zip(layer.scale, scale).map { $0 * $1 }
      layer.bias = layer.bias.indices.map { layer.bias[$0] * scale[$0] + bias[$0] }
      let isFinite = (layer.scale + layer.bias).allSatisfy(\.isFinite)
      return isFinite ? .batchNormalization(layer) : nil
    default: return nil
    }
  }
}
