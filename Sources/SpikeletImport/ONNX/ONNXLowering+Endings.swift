import SpikeletNetwork

/// What stands between the class scores and the output without changing their order.
extension ONNXLowering {
  /// Functions that grow with their argument.
  static let rising: Set<String> = [
    "Sigmoid", "HardSigmoid", "Tanh", "Exp", "Log", "Softplus", "Softsign", "Erf", "Sqrt",
  ]
  private static let passing: Set<String> = [
    "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Softmax",
    "LogSoftmax", "ArgMax", "Dropout", "QuantizeLinear", "DequantizeLinear",
  ]

  /// The nodes after the last layer, as long as each is the only reader of the one before.
  func endingNodes(of output: String, among order: [Int]) -> Set<Int> {
    var result: Set<Int> = []
    var name = output
    while uses[name, default: 0] == 1, let index = producers[name] {
      let node = graph.nodes[index]
      guard node.outputs.first == name, result.insert(index).inserted else { break }
      if Self.rising.contains(node.op) || Self.passing.contains(node.op) {
        guard let input = node.inputs.first else { break }
        name = input
      } else if ["Mul", "Div", "Add", "Sub"].contains(node.op), node.inputs.count == 2 {
        // The operand that is no constant, as far as the graph shows it.
        guard let input = node.inputs.first(where: { !isStored($0) }) else { break }
        name = input
      } else {
        break
      }
    }
    return result
  }

  private func isStored(_ name: String) -> Bool {
    if initializers[name] != nil { return true }
    guard let producer = producers[name] else { return false }
    return graph.nodes[producer].op == "Constant"
  }

  /// A softmax at the very end, which leaves the order of the class scores as it is.
  mutating func softmax(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis"])
    let axis = try node.integer("axis", default: opset < 13 ? 1 : -1)
    var input = try unquantized(node)
    let rank = input.extents.count + 1
    // Before operator set 13 the softmax is over all extents from the axis on.
    let position = Self.axis(Int(clamping: axis), rank: rank) ?? 0
    let isOver =
      opset < 13
      ? input.extents.prefix(max(position - 1, 0)).allSatisfy { $0 == 1 }
      : input.extents.indices.allSatisfy { $0 == position - 1 || input.extents[$0] == 1 }
    guard position > 0, isOver else {
      throw .because("is not over the class scores (axis \(axis) of \(rank) dimensions)")
    }
    guard nodes[input.node].shape.count > 1 else {
      throw .because(
        "is over one score, of which it always makes 1", hint: "end with two scores, or a sigmoid")
    }
    input.ending = node.label
    return .activation(input)
  }

  /// A function at the very end that grows with the scores.
  mutating func rising(_ node: ONNXNode) throws(Rejection) -> Value {
    var input = try unquantized(node)
    let isSingle = nodes[input.node].shape.count == 1
    switch node.op {
    case "HardSigmoid":
      try node.allow(["alpha", "beta"])
      let alpha = try node.float("alpha", default: 0.2)
      guard alpha > 0 else { throw .because("its slope is \(alpha), needed more than 0") }
      let beta = try node.float("beta", default: 0.5)
      guard !isSingle || beta == 0.5 else {
        throw .because("gives something else than 0.5 for a score of 0", hint: "use a sigmoid")
      }
      keep(
        note: "'\(node.label)' gives the same for all large scores; the largest of them wins here")
    case "Log":
      try node.allow([])
      guard input.ending != nil else {
        throw .because(
          "takes the logarithm of scores that may be negative", hint: "put a softmax before it")
      }
    case "Sqrt":
      try node.allow([])
      guard input.ending != nil else {
        throw .because("takes the root of scores that may be negative")
      }
    default: try node.allow([])
    }
    if isSingle, ["Exp", "Softplus", "Sqrt"].contains(node.op) {
      throw .because("is never below 0, so that the one score always means class 1")
    }
    input.ending = input.ending ?? node.label
    return .activation(input)
  }

  /// The number of the best class: what the scores are for.
  mutating func argMax(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis", "keepdims", "select_last_index"])
    var input = try unquantized(node)
    let rank = input.extents.count + 1
    let axis = Int(clamping: try node.integer("axis", default: 0))
    let scores = input.extents.indices.filter { input.extents[$0] != 1 }
    guard let position = Self.axis(axis, rank: rank), scores == [position - 1] else {
      throw .because("is not over the class scores (axis \(axis) of \(rank) dimensions)")
    }
    input.ending = node.label
    return .activation(input)
  }

  /// A positive factor, or the same summand for all scores, after a softmax or its like.
  mutating func affineEnding(
    _ node: ONNXNode, _ constant: Constant, _ input: Activation
  ) throws(Rejection) -> Value {
    guard let value = Self.uniform(constant), value.isFinite, isEnding else {
      throw .because(
        "computes with the output of '\(input.ending ?? "")', which may only be at the end")
    }
    let isConstantFirst: Bool
    if case .constant = try self.value(node, 0) {
      isConstantFirst = true
    } else {
      isConstantFirst = false
    }
    switch node.op {
    case "Mul" where value > 0: return .activation(input)
    case "Div" where value > 0 && !isConstantFirst: return .activation(input)
    case "Add" where nodes[input.node].shape.count > 1: return .activation(input)
    case "Sub" where nodes[input.node].shape.count > 1 && !isConstantFirst:
      return .activation(input)
    default:
      throw .because(
        "changes the order of the scores after '\(input.ending ?? "")'",
        hint: "end with the scores themselves")
    }
  }

  /// An input of an operator at the end, which may follow another one.
  private mutating func unquantized(_ node: ONNXNode) throws(Rejection) -> Activation {
    let input = try layoutInput(node)
    guard input.padding == nil else { throw .because("reads a map padded with zeros") }
    return input
  }
}
