import SpikeletNetwork

/// Operators that move values without changing them: only those are converted after which a value
/// is still channels, rows and columns in this order.
extension ONNXLowering {
  /// `Identity`, `Dropout`, `Cast` and `CastLike`, which change nothing in inference.
  mutating func passOn(_ node: ONNXNode) throws(Rejection) -> Value {
    switch node.op {
    case "Dropout":
      try node.allow(["ratio", "seed", "is_test"])
      if let mode = try constant(node, 2, "its training_mode"), mode.integers != [0] {
        throw .because("drops values (training_mode)", hint: "export after model.eval()")
      }
    case "Cast":
      try node.allow(["to", "saturate", "round_mode"])
      let type = ONNXTensor.ElementType(rawValue: try node.integer("to", default: 0))
      guard let type else { throw .because("casts to an unsupported type") }
      if case .thresholded(let function) = try value(node, 0) {
        return .thresholded(Self.cast(function, to: type))
      }
      guard type != .bool else { throw .because("casts to truth values") }
      // The number of a class, which nothing computes with.
      if isEnding, case .activation(let activation) = try value(node, 0), activation.ending != nil {
        return .activation(activation)
      }
      if case .constant(let constant) = try value(node, 0) {
        return .constant(try cast(constant, isFloat: type.isFloat))
      }
      guard type.isFloat else {
        throw .because("rounds values to integers", hint: "export the network in float32")
      }
    case "CastLike":
      try node.allow(["saturate", "round_mode"])
      if case .thresholded(let function) = try value(node, 0), case .activation = try value(node, 1)
      {
        return .thresholded(Self.cast(function, to: .float))
      }
      // Both are floats, or shapes: a value never becomes an integer.
      if case .constant(let pattern) = try value(node, 1), case .integers = pattern.elements {
        guard case .constant(let constant) = try value(node, 0) else {
          throw .because("rounds values to integers", hint: "export the network in float32")
        }
        return .constant(try cast(constant, isFloat: false))
      }
      if case .constant(let constant) = try value(node, 0) {
        return .constant(try cast(constant, isFloat: true))
      }
    default: try node.allow([])
    }
    let value = try value(node, 0)
    if case .unknown = value { throw .unknownInput }
    return value
  }

  private static func cast(_ function: ThresholdFunction, to type: ONNXTensor.ElementType)
    -> ThresholdFunction
  {
    if type == .bool { return function.mapped(isTruth: true) { $0 == 0 ? 0 : 1 } }
    return function.mapped { type.isFloat ? $0 : $0.rounded(.towardZero) }
  }

  mutating func flatten(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis"])
    let axis = try node.integer("axis", default: 1)
    let input = try layoutInput(node)
    // With a batch of one, flattening all of it gives the same row.
    let isWhole = axis == 0 && declaredBatch == 1
    guard axis == 1 || axis == -Int64(input.extents.count) || isWhole else {
      throw .because("flattens from axis \(axis)", hint: "flatten from axis 1")
    }
    return try flattened(node, input)
  }

  private mutating func flattened(
    _ node: ONNXNode, _ input: Activation
  ) throws(Rejection) -> Value {
    guard input.extents.count > 1 else { return .activation(input) }
    let count = nodes[input.node].shape.count
    var result = try append(
      node, .flatten, [input.node], Shape(channels: count), extents: [count], order: input.order)
    // What was said of the map holds for the vector, too.
    if case .activation(var activation) = result {
      activation.ending = input.ending
      activation.quantization = input.quantization
      result = .activation(activation)
    }
    return result
  }

  mutating func reshape(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["allowzero"])
    let allowsZero = try node.integer("allowzero", default: 0) != 0
    guard let target = try constant(node, 1, "its extents") else {
      throw .because("has no extents to reshape to")
    }
    guard case .integers(let requested) = target.elements else {
      throw .because("its extents are not integers")
    }
    if case .constant(let constant) = try value(node, 0) {
      return .constant(try Self.reshaped(constant, to: requested, allowsZero: allowsZero))
    }
    let input = try layoutInput(node)
    let text = requested.prefix(Limits.rank).map { $0.value.map(String.init) ?? "batch" }
      .joined(separator: ", ")
    guard
      let extents = resolved(requested, of: input.extents, allowsZero: allowsZero)
    else {
      throw .because(
        "reshapes (batch, \(input.extents.map(String.init).joined(separator: ", "))) "
          + "to (\(text)), which does not keep the batch",
        hint: "use x.flatten(1)")
    }
    if extents == input.extents { return .activation(input) }
    if extents.count == 1 { return try flattened(node, input) }
    return .activation(relabeled(input, extents))
  }

  /// The extents without the batch, or nil when the reshape mixes the batch with the rest.
  private func resolved(
    _ requested: [Constant.Integer], of extents: [Int], allowsZero: Bool
  ) -> [Int]? {
    guard (2...4).contains(requested.count) else { return nil }
    var inferredBatch = false
    switch requested[0].value {
    case nil: break
    case -1: inferredBatch = true
    case 0: if allowsZero { return nil }
    case let value?: if value != declaredBatch ?? 1 { return nil }
    }
    var result: [Int] = []
    var inferred: Int?
    for (index, integer) in requested.enumerated().dropFirst() {
      guard var value = integer.value else { return nil }
      if value == 0, !allowsZero {
        guard index - 1 < extents.count else { return nil }
        value = extents[index - 1]
      }
      if value == -1 {
        guard inferred == nil, !inferredBatch else { return nil }
        inferred = result.count
        value = 1
      }
      guard value > 0 else { return nil }
      result.append(value)
    }
    guard let count = Limits.count(result), let total = Limits.count(extents) else { return nil }
    if let inferred {
      guard total % count == 0 else { return nil }
      result[inferred] = total / count
    } else if count != total {
      return nil
    }
    return result
  }

  /// A value under other extents. What reads it decides whether these are its channels, rows and
  /// columns.
  private func relabeled(_ input: Activation, _ extents: [Int]) -> Activation {
    var result = input
    result.extents = extents
    return result
  }

  /// `Squeeze` and `Unsqueeze`.
  mutating func squeeze(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axes"])
    let axes = try axes(node, input: 1)
    let removes = node.op == "Squeeze"
    if case .constant(let constant) = try value(node, 0) {
      var result = constant
      result.extents = try Self.squeezed(constant.extents, axes, removes: removes)
      return .constant(result)
    }
    let input = try layoutInput(node)
    // Zero stands for the batch, which must stay first and is never 1.
    let extents = try Self.squeezed([0] + input.extents, axes, removes: removes)
    guard extents.first == 0, extents.count >= 2 else {
      throw .because("moves or removes the batch")
    }
    return .activation(relabeled(input, Array(extents.dropFirst())))
  }

  /// `Concat` along the channels.
  mutating func concat(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis"])
    let axis = Int(clamping: try node.integer("axis", default: 1))
    var constants: [Constant] = []
    var isUnknown = false
    for position in node.inputs.indices {
      switch try value(node, position) {
      case .constant(let constant): constants.append(constant)
      case .unknown: isUnknown = true
      case .activation, .thresholded: break
      }
    }
    if isUnknown || node.inputs.isEmpty { throw .unknownInput }
    if constants.count == node.inputs.count {
      return .constant(try concatenated(constants, axis: axis))
    }
    guard constants.isEmpty else { throw .because("joins a value with a constant") }
    let inputs = try joined(node)
    let extents = inputs[0].extents
    // Comparisons of one value, which are one layer of neurons.
    let axes = try requiredAxes(of: inputs[0])
    guard let position = Self.axis(axis, rank: extents.count + 1), position > 0,
      axes[position - 1] == 0
    else {
      throw .because("joins along axis \(axis)", hint: "only channels, axis 1, can be joined")
    }
    func others(_ extents: [Int]) -> [Int] {
      var extents = extents
      if extents.indices.contains(position - 1) { extents[position - 1] = 0 }
      return extents
    }
    guard inputs.allSatisfy({ others($0.extents) == others(extents) }) else {
      let list = inputs.map { "\($0.extents)" }.joined(separator: " and ")
      throw .because("joins values of unequal extents, \(list)")
    }
    for input in inputs {
      guard self.axes(of: input) == axes else {
        throw .because("joins values whose channels, rows and columns lie in different orders")
      }
    }
    if inputs.count == 1 { return .activation(inputs[0]) }
    var shape = nodes[inputs[0].node].shape
    // At most as many summands as the file has bytes, each below the limit: no overflow.
    shape.channels = inputs.reduce(0) { $0 + $1.extents[position - 1] }
    var joined = extents
    joined[position - 1] = shape.channels
    return try append(
      node, .concatenate, inputs.map(\.node), shape, extents: joined,
      order: Self.order(axes, of: shape))
  }

  /// `Pad` with zeros around rows and columns, left to the convolution or pool that follows.
  mutating func pad(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["mode", "pads", "value"])
    let mode = try node.string("mode", default: "constant")
    guard mode == "constant" else {
      throw .because(
        "pads by '\(mode)', not with zeros",
        hint: "train with zero padding (padding_mode='zeros'): no layer can repeat its border")
    }
    var value = try node.float("value", default: 0)
    if let constant = try constant(node, 2, "its value") {
      value = constant.floats?.first ?? .nan
    }
    var pads = try node.integers("pads")
    if let constant = try constant(node, 1, "its pads") { pads = constant.integers }
    guard var pads else { throw .because("its pads are not known") }
    let input = try layoutInput(node)
    let rank = input.extents.count + 1
    if let axes = try axes(node, input: 3) {
      var spread = [Int](repeating: 0, count: 2 * rank)
      for (index, axis) in axes.enumerated() {
        let axis = axis < 0 ? axis + rank : axis
        guard (0..<rank).contains(axis), pads.count == 2 * axes.count else {
          throw .because("its axes are \(brief(axes)) for pads \(brief(pads))")
        }
        spread[axis] = pads[index]
        spread[axis + rank] = pads[index + axes.count]
      }
      pads = spread
    }
    if pads.allSatisfy({ $0 == 0 }) { return .activation(input) }
    guard value == 0 else {
      throw .because("pads with \(value), not with zeros", hint: "train with zero padding")
    }
    let axes = try requiredAxes(of: input)
    var sides = [[Int]](repeating: [0, 0], count: 3)
    guard pads.count == 2 * rank, pads.allSatisfy((0...Limits.window).contains) else {
      throw .because("its pads are \(brief(pads))", hint: "only rows and columns can be padded")
    }
    for (position, axis) in axes.enumerated() {
      sides[axis] = [pads[position + 1], pads[position + 1 + rank]]
    }
    guard pads[0] == 0, pads[rank] == 0, sides[0] == [0, 0] else {
      throw .because("its pads are \(brief(pads))", hint: "only rows and columns can be padded")
    }
    var result = input
    let inner = input.padding ?? Window.Padding()
    result.padding = Window.Padding(
      top: inner.top + sides[1][0], left: inner.left + sides[2][0],
      bottom: inner.bottom + sides[1][1], right: inner.right + sides[2][1])
    return .activation(result)
  }

  /// An input whose values stay what they are, so that it may lie after a softmax.
  mutating func layoutInput(_ node: ONNXNode) throws(Rejection) -> Activation {
    guard let name = inputName(node, 0) else { throw .because("has no input 1") }
    let activation = try activation(named: name)
    guard activation.padding == nil || ["Pad", "Transpose"].contains(node.op) else {
      throw .because("reads a map padded with zeros, which only a convolution or a pool may")
    }
    return activation
  }
}
