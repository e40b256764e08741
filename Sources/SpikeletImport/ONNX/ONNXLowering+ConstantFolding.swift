import Foundation

/// Nodes that compute with constants alone, which exporters leave around weights.
extension ONNXLowering {
  private static let unary: [String: @Sendable (Double) -> Double] = [
    "Abs": { abs($0) }, "Ceil": { $0.rounded(.up) }, "Exp": { exp($0) },
    "Floor": { $0.rounded(.down) }, "Log": { log($0) }, "Neg": { -$0 },
    "Not": { $0 == 0 ? 1 : 0 }, "Reciprocal": { 1 / $0 }, "Relu": { max($0, 0) },
    "Round": { $0.rounded(.toNearestOrEven) }, "Sigmoid": { 1 / (1 + exp(-$0)) },
    "Sign": { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, "Softplus": { log(1 + exp($0)) },
    "Sqrt": { $0.squareRoot() }, "Tanh": { tanh($0) },
  ]
  private static let binary: [String: @Sendable (Double, Double) -> Double] = [
    "Equal": { $0 == $1 ? 1 : 0 }, "Greater": { $0 > $1 ? 1 : 0 },
    "GreaterOrEqual": { $0 >= $1 ? 1 : 0 }, "Less": { $0 < $1 ? 1 : 0 },
    "LessOrEqual": { $0 <= $1 ? 1 : 0 }, "Max": { max($0, $1) }, "Min": { min($0, $1) },
    "Pow": { pow($0, $1) },
  ]
  /// What gives truth values, which are held as whole numbers.
  private static let truths: Set<String> = [
    "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not",
  ]

  /// The value of a node whose inputs are all constants; nil for other nodes and operators.
  mutating func computedConstant(_ node: ONNXNode) throws(Rejection) -> Constant? {
    let isKnown =
      Self.unary[node.op] != nil || Self.binary[node.op] != nil || node.op == "Clip"
      || node.op == "Where"
    guard isKnown, node.domain.isEmpty else { return nil }
    var inputs: [Constant?] = []
    for position in node.inputs.indices {
      guard inputName(node, position) != nil else {
        inputs.append(nil)
        continue
      }
      guard case .constant(let constant) = try value(node, position) else { return nil }
      inputs.append(constant)
    }
    guard let first = inputs.first ?? nil else { return nil }
    if let function = Self.unary[node.op] {
      try node.allow([])
      return try mapped([first], isTruth: Self.truths.contains(node.op)) { function($0[0]) }
    }
    let constants = inputs.compactMap { $0 }
    if let function = Self.binary[node.op] {
      try node.allow([])
      guard constants.count == 2, inputs.count == 2 else { return nil }
      return try mapped(constants, isTruth: Self.truths.contains(node.op)) {
        function($0[0], $0[1])
      }
    }
    if node.op == "Where" {
      try node.allow([])
      guard constants.count == 3 else { return nil }
      return try mapped(constants, isTruth: false) { $0[0] == 0 ? $0[2] : $0[1] }
    }
    try node.allow(["min", "max"])
    var bounds = [
      Double(try node.float("min", default: -.infinity)),
      Double(try node.float("max", default: .infinity)),
    ]
    for (index, bound) in inputs.dropFirst().prefix(2).enumerated() {
      guard let bound else { continue }
      guard let value = Self.uniform(bound) else { throw .because("its bounds are not one number") }
      bounds[index] = Double(value)
    }
    return try mapped([first], isTruth: false) { [bounds] in min(max($0[0], bounds[0]), bounds[1]) }
  }

  /// A function of constants, element by element, the smaller of them repeated.
  mutating func mapped(
    _ constants: [Constant], isTruth: Bool, _ function: ([Double]) -> Double
  ) throws(Rejection) -> Constant {
    var lists: [[Double]] = []
    var extents: [Int] = []
    for constant in constants {
      extents = try Self.broadcast(extents, constant.extents)
      switch constant.elements {
      case .floats(let values): lists.append(values.map(Double.init))
      case .integers:
        guard let values = constant.integers else { throw .because("computes with the batch size") }
        lists.append(values.map(Double.init))
      }
    }
    let count = try Limits.checked(extents)
    try usage.compute(count + lists.reduce(0) { $0 + $1.count })
    var positions = Array(repeating: [Int](), count: lists.count)
    for index in lists.indices {
      let isWhole = lists[index].count == count
      positions[index] = isWhole ? [] : Self.positions(constants[index].extents, in: extents)
    }
    var result: [Double] = []
    result.reserveCapacity(count)
    for element in 0..<count {
      result.append(
        function(
          lists.indices.map {
            lists[$0][positions[$0].isEmpty ? element : positions[$0][element]]
          }))
    }
    let areIntegers = constants.suffix(isTruth ? 0 : constants.count).allSatisfy {
      if case .integers = $0.elements { true } else { false }
    }
    // Truth values, and what whole numbers below 2⁵³ give, are whole numbers again.
    if areIntegers, result.allSatisfy({ abs($0) < 9e15 && $0 == $0.rounded() }) {
      return Constant(extents: extents, elements: .integers(result.map { .known(Int($0)) }))
    }
    return Constant(extents: extents, elements: .floats(result.map { Float($0) }))
  }

  /// The extents that two constants have together.
  static func broadcast(_ left: [Int], _ right: [Int]) throws(Rejection) -> [Int] {
    let rank = max(left.count, right.count)
    func padded(_ extents: [Int]) -> [Int] {
      [Int](repeating: 1, count: rank - extents.count) + extents
    }
    var result: [Int] = []
    for (a, b) in zip(padded(left), padded(right)) {
      guard a == b || a == 1 || b == 1 else {
        throw .because("combines constants of \(left) and \(right)")
      }
      result.append(a == 1 ? b : a)
    }
    return result
  }

  /// Where each element of some extents is found in a constant that is repeated to them.
  static func positions(_ own: [Int], in extents: [Int]) -> [Int] {
    let padded = [Int](repeating: 1, count: extents.count - own.count) + own
    var strides = [Int](repeating: 1, count: padded.count)
    for axis in padded.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * padded[axis + 1]
    }
    var result = [0]
    for (axis, extent) in extents.enumerated() {
      let step = padded[axis] == 1 ? 0 : strides[axis]
      result = result.flatMap { base in (0..<extent).map { base + $0 * step } }
    }
    return result
  }
}
