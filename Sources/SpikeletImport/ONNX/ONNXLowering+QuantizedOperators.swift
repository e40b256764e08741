/// Operators that read integers and give integers.
extension ONNXLowering {
  /// `QLinearConv`.
  mutating func quantizedConvolution(_ node: ONNXNode) throws(Rejection) -> Value {
    try computed(
      node, as: "Conv", values: [(0, 1, 2)],
      weights: (3, 4, 5, 0), bias: 8, factor: 1, output: (6, 7))
  }

  /// `QLinearMatMul`.
  mutating func quantizedProduct(_ node: ONNXNode) throws(Rejection) -> Value {
    try computed(
      node, as: "MatMul", values: [(0, 1, 2)], weights: (3, 4, 5, 1), bias: nil, factor: 1,
      output: (6, 7))
  }

  /// The operators that ONNX Runtime adds; nil for those that are not read.
  mutating func quantizedOperator(_ node: ONNXNode) throws(Rejection) -> Value? {
    switch node.op {
    case "QGemm":
      let isTransposed = try node.integer("transB", default: 0) != 0
      return try computed(
        node, as: "Gemm", values: [(0, 1, 2)], weights: (3, 4, 5, isTransposed ? 0 : 1), bias: 6,
        factor: try node.float("alpha", default: 1),
        output: inputName(node, 7) == nil ? nil : (7, 8))
    case "QLinearAdd":
      return try computed(
        node, as: "Add", values: [(0, 1, 2), (3, 4, 5)], output: (6, 7))
    case "QLinearGlobalAveragePool", "QLinearAveragePool":
      guard try node.integer("channels_last", default: 0) == 0 else {
        throw .because("pools maps with channels last", hint: "quantize without the NHWC step")
      }
      return try computed(
        node, as: node.op == "QLinearAveragePool" ? "AveragePool" : "GlobalAveragePool",
        values: [(0, 1, 2)], output: (3, 4))
    case "QLinearConcat":
      let positions = stride(from: 2, to: node.inputs.count - 2, by: 3).map { ($0, $0 + 1, $0 + 2) }
      return try computed(node, as: "Concat", values: positions, output: (0, 1))
    default: return nil
    }
  }

  /// The float operator on what the integers stand for.
  ///
  /// - Parameters:
  ///   - values: where each value, its scale and its zero point are among the inputs.
  ///   - weights: where they, their scales and zero points are, and the axis of the scales.
  ///   - bias: where integers in units of (value scale · weight scale · factor) are.
  ///   - output: where the scale and zero point of the result are; nil for a result of floats.
  private mutating func computed(
    _ node: ONNXNode, as op: String, values positions: [(Int, Int, Int)],
    weights: (Int, Int, Int, axis: Int)? = nil, bias: Int? = nil, factor: Float = 1,
    output: (Int, Int)?
  ) throws(Rejection) -> Value {
    var plain = node
    plain.op = op
    plain.domain = ""
    plain.attributes["channels_last"] = nil
    plain.inputs = []
    var scale: Float = 1
    for (value, scalePosition, zero) in positions {
      let quantization = try quantization(node, scale: scalePosition, zero: zero)
      guard let name = inputName(node, value),
        case .activation(let input) = try self.value(named: name)
      else { throw .because("reads a value that does not depend on the input") }
      try requireQuantization(of: input, quantization)
      plain.inputs.append(name)
      scale = quantization.scale
    }
    let names = ["weights", "bias"].map { "\(node.label).\(op).\($0)" }
    defer { for name in names { values[name] = nil } }
    if let weights {
      guard let data = try constant(node, weights.0, "its weights") else {
        throw .because("its weights are missing")
      }
      let dequantized = try dequantized(
        node, data, scale: weights.1, zero: weights.2, axis: weights.axis)
      values[names[0]] = .constant(dequantized)
      plain.inputs.append(names[0])
      if let bias, let constant = try constant(node, bias, "its biases") {
        let (scales, _, _) = try scales(
          node, data, scale: weights.1, zero: weights.2, axis: weights.axis)
        guard let integers = constant.integers else { throw .because("its biases are no integers") }
        guard integers.count == scales.count || scales.count == 1 else {
          throw .because("has \(integers.count) biases for \(scales.count) scales")
        }
        let floats = integers.indices.map {
          Float(integers[$0]) * (scale * scales[scales.count == 1 ? 0 : $0])
        }
        values[names[1]] = .constant(
          Constant(
            extents: constant.extents, elements: .floats(floats.map { $0 * factor })))
        plain.inputs.append(names[1])
      }
    }
    let result = try converted(plain)
    guard let output, case .activation(let activation) = result else { return result }
    return .activation(
      try ranged(node, activation, try quantization(node, scale: output.0, zero: output.1)))
  }
}
