import SpikeletNetwork

/// The picture that a graph reads.
extension ONNXLowering {
  /// Finds the one input that the needed nodes read and makes it node 0.
  ///
  /// - Parameter order: the needed nodes of the graph.
  mutating func convertInput(order: [Int]) {
    // Old files list initializers among the inputs, too.
    let inputs = graph.inputs.filter { initializers[$0.name] == nil && uses[$0.name] != nil }
    for input in inputs { values[input.name] = .unknown }
    guard let input = inputs.first else {
      if problems.isEmpty { note(nil, nil, "the output depends on no input of the graph") }
      return
    }
    guard inputs.count == 1 else {
      let names = inputs.prefix(20).map { "'\($0.name)'" }.joined(separator: ", ")
      return note(nil, nil, "the graph has \(inputs.count) inputs, \(names); one picture is read")
    }
    do {
      var (shape, extents) = try inputShape(input)
      var layout = ValueOrder(count: shape.count)
      if isChannelsLast(input.name, extents, order: order) {
        shape = Shape(
          channels: extents[extents.count - 1], height: extents.count == 3 ? extents[0] : 1,
          width: extents[extents.count - 2])
        layout = Self.order(extents.count == 3 ? [1, 2, 0] : [2, 0], of: shape)
      }
      nodes.append(Network.Node(name: input.name, operation: .input, inputs: [], shape: shape))
      values[input.name] = .activation(
        Activation(
          node: 0, extents: extents, order: layout, isShared: uses[input.name, default: 0] > 1))
    } catch {
      note(input.name, "input", error)
    }
  }

  private mutating func inputShape(
    _ input: ONNXValueInfo
  ) throws(Rejection) -> (Shape, extents: [Int]) {
    guard ONNXTensor.ElementType(rawValue: input.elementType)?.isFloat == true else {
      throw .because("holds elements of type \(input.elementType), not floats")
    }
    guard let all = input.extents else {
      throw .because("has no shape", hint: "export with an example input")
    }
    guard (2...4).contains(all.count) else {
      throw .because(
        "has \(all.count) dimensions",
        hint: "use (batch, features), (batch, rows, columns) or (batch, channels, rows, columns)")
    }
    // Some exporters write −1 or 0 for an open batch.
    if case .known(let batch) = all[0], batch >= 1 { declaredBatch = Int(clamping: batch) }
    var extents: [Int] = []
    for (axis, extent) in all.enumerated().dropFirst() {
      guard case .known(let value) = extent, value > 0 else {
        throw .because(
          "leaves dimension \(axis) open", hint: "export with a fixed size; only the batch is free")
      }
      extents.append(Int(clamping: value))
    }
    try usage.map(try Limits.checked(extents))
    guard extents.allSatisfy({ $0 <= Limits.extent }) else {
      throw .because("has the extents \(extents); the limit of each is \(Limits.extent)")
    }
    switch extents.count {
    case 1: return (Shape(channels: extents[0]), extents)
    case 2: return (Shape(channels: 1, height: extents[0], width: extents[1]), extents)
    default:
      return (Shape(channels: extents[0], height: extents[1], width: extents[2]), extents)
    }
  }

  /// Operators that leave the order of values as it is, so that the layout shows behind them.
  private static let elementwise: Set<String> = [
    "Add", "Cast", "Clip", "DequantizeLinear", "Div", "Identity", "Mul", "Pad", "QuantizeLinear",
    "Squeeze", "Sub", "Unsqueeze",
  ]

  /// Whether the extents of the picture are rows, columns, channels, as TensorFlow has them: where
  /// the first layer transposes them, or, if nothing tells, where only the last extent is small.
  private func isChannelsLast(_ name: String, _ extents: [Int], order: [Int]) -> Bool {
    var names: Set<String> = [name]
    for index in order {
      let node = graph.nodes[index]
      guard node.inputs.contains(where: names.contains) else { continue }
      if Self.elementwise.contains(node.op), let output = node.outputs.first {
        names.insert(output)
        continue
      }
      switch node.op {
      case "Transpose":
        let permutation = try? node.integers("perm")
        // Rows of two dimensions may have got a third.
        return permutation == [0, 3, 1, 2] || (extents.count == 2 && permutation == [0, 2, 1])
      case "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "QLinearConv",
        "BatchNormalization", "Concat":
        return false
      default: return Self.hasFewColumns(extents)
      }
    }
    return Self.hasFewColumns(extents)
  }

  /// Whether only the last extent can be that of channels.
  private static func hasFewColumns(_ extents: [Int]) -> Bool {
    extents.count == 3 && extents[2] <= 4 && extents[0] > 4 && extents[1] > 4
  }
}
