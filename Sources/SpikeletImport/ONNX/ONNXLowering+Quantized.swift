import SpikeletNetwork

/// Networks that compute with integers of a scale: they are read as what the integers stand for.
///
/// Weights are exactly those of the file. Activations are taken before they are rounded, since
/// spikes round them in their own way; a range that begins at 0 is a rectifier.
extension ONNXLowering {
  /// What an integer q stands for: (q − zero) · scale.
  struct Quantization: Hashable {
    var scale: Float
    var zero: Int
    var type: ONNXTensor.ElementType

    /// The numbers that the integers reach.
    var range: ClosedRange<Float>? {
      let limits: ClosedRange<Int>
      switch type {
      case .uint8: limits = 0...255
      case .int8: limits = -128...127
      case .uint16: limits = 0...65_535
      case .int16: limits = -32_768...32_767
      case .uint4: limits = 0...15
      case .int4: limits = -8...7
      default: return nil
      }
      let bounds = [limits.lowerBound, limits.upperBound].map { Float($0 - zero) * scale }
      return bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : nil
    }
  }

  /// `DequantizeLinear`: (q − zero point) · scale, rounded to float32 as ONNX defines.
  mutating func dequantize(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis", "block_size", "output_dtype"])
    switch try value(node, 0) {
    case .activation:
      var input = try layoutInput(node)
      try requireQuantization(of: input, try quantization(node, scale: 1, zero: 2))
      input.quantization = nil
      return .activation(input)
    case .thresholded: throw .because("reads values that are no integers")
    case .constant, .unknown: break
    }
    guard let data = try constant(node, 0, "its values") else { throw .because("has no input 1") }
    guard try node.integer("block_size", default: 0) == 0 else {
      throw .because(
        "has scales for blocks of weights (block_size)", hint: "use one scale a channel or tensor")
    }
    if let type = try node.attribute("output_dtype", .integer)?.integer, type != 0 {
      guard ONNXTensor.ElementType(rawValue: type)?.isFloat == true else {
        throw .because("gives elements of type \(type), not floats")
      }
    }
    let axis = Int(clamping: try node.integer("axis", default: 1))
    return .constant(try dequantized(node, data, scale: 1, zero: 2, axis: axis))
  }

  /// Integers of a file as what they stand for.
  mutating func dequantized(
    _ node: ONNXNode, _ data: Constant, scale: Int, zero: Int, axis: Int
  ) throws(Rejection) -> Constant {
    guard let integers = data.integers else {
      throw .because("reads values that are no integers")
    }
    let (scales, zeros, block) = try scales(node, data, scale: scale, zero: zero, axis: axis)
    try usage.compute(integers.count)
    var values: [Float] = []
    values.reserveCapacity(integers.count)
    for (index, integer) in integers.enumerated() {
      let channel = index / block % scales.count
      let (difference, overflow) = integer.subtractingReportingOverflow(zeros[channel])
      guard !overflow else { throw .because("holds integers out of range") }
      values.append(Float(difference) * scales[channel])
    }
    return Constant(extents: data.extents, elements: .floats(values))
  }

  /// One scale and zero point for all values, or one for each position along the axis, and how many
  /// values of the axis lie side by side.
  mutating func scales(
    _ node: ONNXNode, _ data: Constant, scale: Int, zero: Int, axis requested: Int
  ) throws(Rejection) -> (scales: [Float], zeros: [Int], block: Int) {
    let (scales, extents) = try requiredWeights(node, scale, "its scales")
    guard !scales.isEmpty else { throw .because("its scales are missing") }
    var zeros = [Int](repeating: 0, count: scales.count)
    if let constant = try constant(node, zero, "its zero points") {
      guard let values = constant.integers, constant.extents == extents else {
        throw .because(
          "has scales of the extents \(extents), but zero points of \(constant.extents)")
      }
      zeros = values
    }
    guard !extents.isEmpty, extents != [1] else { return (scales, zeros, 1) }
    guard let axis = Self.axis(requested, rank: data.extents.count),
      extents == [data.extents[axis]]
    else {
      throw .because(
        "has scales of the extents \(extents) along axis \(requested) of \(data.extents)")
    }
    return (scales, zeros, max(1, data.extents[(axis + 1)...].reduce(1, *)))
  }

  /// The one scale and zero point of a value.
  mutating func quantization(
    _ node: ONNXNode, scale: Int, zero: Int
  ) throws(Rejection) -> Quantization {
    let (scales, _) = try requiredWeights(node, scale, "its scales")
    guard scales.count == 1, scales[0] > 0 else {
      throw .because("has \(scales.count) scales for a value, needed one above 0")
    }
    guard let constant = try constant(node, zero, "its zero point") else {
      return Quantization(scale: scales[0], zero: 0, type: .uint8)
    }
    guard let zeros = constant.integers, zeros.count == 1, abs(zeros[0]) <= 1 << 16 else {
      throw .because("its zero point is not one integer")
    }
    return Quantization(
      scale: scales[0], zero: zeros[0], type: constant.type ?? (zeros[0] < 0 ? .int8 : .uint8))
  }

  func requireQuantization(
    of input: Activation, _ expected: Quantization
  ) throws(Rejection) {
    guard let own = input.quantization else { throw .because("reads values that are no integers") }
    guard own.scale == expected.scale, own.zero == expected.zero else {
      throw .because(
        "reads integers of scale \(own.scale) and zero point \(own.zero) as those of "
          + "\(expected.scale) and \(expected.zero)")
    }
  }

  /// `QuantizeLinear`: of constants as ONNX defines it, of values only their range.
  mutating func quantize(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis", "saturate", "output_dtype", "block_size"])
    guard try node.integer("block_size", default: 0) == 0 else {
      throw .because("has scales for blocks of weights (block_size)")
    }
    if case .constant(let data) = try value(node, 0) {
      let axis = Int(clamping: try node.integer("axis", default: 1))
      return .constant(try quantized(node, data, axis: axis))
    }
    return .activation(
      try ranged(node, try layoutInput(node), try quantization(node, scale: 1, zero: 2)))
  }

  private mutating func quantized(
    _ node: ONNXNode, _ data: Constant, axis: Int
  ) throws(Rejection) -> Constant {
    guard case .floats(let values) = data.elements, values.allSatisfy(\.isFinite) else {
      throw .because("quantizes values that are no finite floats")
    }
    let (scales, zeros, block) = try scales(node, data, scale: 1, zero: 2, axis: axis)
    guard scales.allSatisfy({ $0 > 0 }) else { throw .because("its scales are not above 0") }
    let type = try constant(node, 2, "its zero points")?.type ?? .uint8
    let limits = Quantization(scale: 1, zero: 0, type: type).range ?? -2_147_483_648...2_147_483_520
    try usage.compute(values.count)
    var result: [Constant.Integer] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      let channel = index / block % scales.count
      let exact = (value / scales[channel]).rounded(.toNearestOrEven) + Float(zeros[channel])
      result.append(.known(Int(min(max(exact, limits.lowerBound), limits.upperBound))))
    }
    return Constant(extents: data.extents, elements: .integers(result), type: type)
  }

  /// A value that the graph rounds to integers from here on.
  mutating func ranged(
    _ node: ONNXNode, _ input: Activation, _ quantization: Quantization
  ) throws(Rejection) -> Activation {
    guard let range = quantization.range else {
      throw .because("rounds to integers of the type \(quantization.type)")
    }
    var result = input
    result.quantization = quantization
    if input.ending != nil || isEnding { return result }
    keep(
      note: "the file rounds activations to integers; they are taken before the rounding, with the "
        + "file's own weights")
    guard range.lowerBound == 0, !isNonnegative(input.node) else { return result }
    guard input.padding == nil else { throw .because("reads a map padded with zeros") }
    let value = try append(
      node, .relu(ceiling: range.upperBound), [input.node], nodes[input.node].shape,
      extents: input.extents, order: input.order)
    if case .activation(let rectified) = value {
      result.node = rectified.node
      result.isShared = false
    }
    return result
  }

  /// Whether a node's values cannot be negative; those of the picture are what its range says.
  private func isNonnegative(_ index: Int, depth: Int = 0) -> Bool {
    switch nodes[index].operation {
    case .input, .relu, .threshold, .delayed: true
    case .convolution, .dense, .batchNormalization: false
    case .averagePool, .maxPool, .flatten, .add, .concatenate:
      depth < 64
        && nodes[index].inputs.prefix(64).allSatisfy { isNonnegative($0, depth: depth + 32) }
    }
  }

  /// Operators that move integers and keep their scale.
  static let keepsIntegers: Set<String> = [
    "MaxPool", "GlobalMaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
    "Identity", "Concat", "Pad", "Relu", "Clip", "ReduceMax",
  ]

  /// The quantization that a node's result keeps from its input.
  func keptQuantization(_ node: ONNXNode) -> Quantization? {
    guard Self.keepsIntegers.contains(node.op), let name = node.inputs.first,
      case .activation(let input)? = values[name]
    else { return nil }
    return input.quantization
  }
}
