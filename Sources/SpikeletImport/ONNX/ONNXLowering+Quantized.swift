/// Weights that a file stores as integers with a scale.
extension ONNXLowering {
  /// `DequantizeLinear` of constants: (q − zero point) · scale, rounded to float32 as ONNX defines.
  mutating func dequantize(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis", "block_size", "output_dtype"])
    guard let data = try constant(node, 0, "its values") else { throw .because("has no input 1") }
    guard let integers = data.integers else {
      throw .because("reads values that are no integers")
    }
    guard try node.integer("block_size", default: 0) == 0 else {
      throw .because(
        "has scales for blocks of weights (block_size)", hint: "use one scale a channel or tensor")
    }
    if let type = try node.attribute("output_dtype", .integer)?.integer, type != 0 {
      guard ONNXTensor.ElementType(rawValue: type)?.isFloat == true else {
        throw .because("gives elements of type \(type), not floats")
      }
    }
    let (scales, extents) = try requiredWeights(node, 1, "its scales")
    var zeros = [Int](repeating: 0, count: scales.count)
    if let constant = try constant(node, 2, "its zero points") {
      guard let values = constant.integers, constant.extents == extents else {
        throw .because(
          "has scales of the extents \(extents), but zero points of \(constant.extents)")
      }
      zeros = values
    }
    // One scale for all, or one for each position along the axis.
    var block = 1
    if !extents.isEmpty, !(extents == [1] && data.extents.isEmpty) {
      let requested = Int(clamping: try node.integer("axis", default: 1))
      let isWhole = extents == [1]
      if !isWhole {
        guard let axis = Self.axis(requested, rank: data.extents.count),
          extents == [data.extents[axis]]
        else {
          throw .because(
            "has scales of the extents \(extents) along axis \(requested) of \(data.extents)")
        }
        block = data.extents[(axis + 1)...].reduce(1, *)
      }
    }
    try usage.compute(integers.count)
    var values: [Float] = []
    values.reserveCapacity(integers.count)
    for (index, integer) in integers.enumerated() {
      let channel = index / block % scales.count
      let (difference, overflow) = integer.subtractingReportingOverflow(zeros[channel])
      guard !overflow else { throw .because("holds integers out of range") }
      values.append(Float(difference) * scales[channel])
    }
    return .constant(Constant(extents: data.extents, elements: .floats(values)))
  }
}
