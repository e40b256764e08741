import SpikeletNetwork

/// The picture that a graph reads.
extension ONNXLowering {
  /// Finds the one input that the needed nodes read and makes it node 0.
  mutating func convertInput() {
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
      let (shape, extents) = try inputShape(input)
      nodes.append(Network.Node(name: input.name, operation: .input, inputs: [], shape: shape))
      values[input.name] = .activation(
        Activation(node: 0, extents: extents, isShared: uses[input.name, default: 0] > 1))
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
    if case .known(let batch) = all[0] {
      guard batch >= 1 else { throw .because("has a batch of \(batch)") }
      declaredBatch = Int(clamping: batch)
    }
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
}
