/// Operators that make spikes: comparisons with constants, and what exporters write around them.
extension ONNXLowering {
  /// `Greater`, `GreaterOrEqual`, `Less`, `LessOrEqual`, `Equal`.
  mutating func comparison(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    guard node.inputs.count == 2 else { throw .because("has \(node.inputs.count) inputs") }
    let (left, right) = (try value(node, 0), try value(node, 1))
    let isConstantLeft: Bool
    let constant: Constant
    switch (left, right) {
    case (.unknown, _), (_, .unknown): throw .unknownInput
    case (.constant, .constant): throw .because("compares two constants")
    case (_, .constant(let value)): (isConstantLeft, constant) = (false, value)
    case (.constant(let value), _): (isConstantLeft, constant) = (true, value)
    default:
      throw .because(
        "compares two values that both depend on the input",
        hint: "the threshold must be a constant, one value or one a channel")
    }
    let holds = Self.comparisons[node.op] ?? { $0 == $1 }
    func truth(_ value: Float, _ bound: Float) -> Float {
      (isConstantLeft ? holds(bound, value) : holds(value, bound)) ? 1 : 0
    }
    let position = isConstantLeft ? 1 : 0
    if case .thresholded(let function) = try value(node, position),
      let bound = Self.uniform(constant)
    {
      return .thresholded(function.mapped(isTruth: true) { truth($0, bound) })
    }
    let input = try activation(node, position)
    let thresholds = try perChannel(constant, input)
    return .thresholded(
      beforeConstants(
        ThresholdFunction(
          node: input.node, extents: input.extents, order: input.order, thresholds: thresholds,
          levels: .init(below: truth(-1, 0), at: truth(0, 0), above: truth(1, 0)), isTruth: true,
          label: node.label)))
  }

  /// The same comparison on the value that constants were added to or multiplied with.
  ///
  /// Training code compares `u - threshold` with 0, several times where there are several
  /// thresholds. Their common value is u. Over several timesteps a constant acts again and again, so
  /// that it is no part of the threshold, unless it is subtracted right before a comparison with 0.
  private func beforeConstants(_ function: ThresholdFunction) -> ThresholdFunction {
    let isSingle = metadata.timesteps ?? 1 == 1 && metadata.neurons.isEmpty
    guard isSingle || thresholdOffsets.contains(function.node),
      case .batchNormalization(let layer) = nodes[function.node].operation, layer.epsilon == 0,
      layer.mean.allSatisfy({ $0 == 0 }), layer.variance.allSatisfy({ $0 == 1 })
    else { return function }
    let isRising = layer.scale.allSatisfy { $0 > 0 }
    guard isRising || layer.scale.allSatisfy({ $0 < 0 }) else { return function }
    var result = function
    result.node = nodes[function.node].inputs[0]
    result.thresholds = function.thresholds.indices.map {
      Float((Double(function.thresholds[$0]) - Double(layer.bias[$0])) / Double(layer.scale[$0]))
    }
    guard result.thresholds.allSatisfy(\.isFinite) else { return function }
    if !isRising { swap(&result.levels.below, &result.levels.above) }
    return result
  }

  private static let comparisons: [String: @Sendable (Float, Float) -> Bool] = [
    "Greater": { $0 > $1 }, "GreaterOrEqual": { $0 >= $1 }, "Less": { $0 < $1 },
    "LessOrEqual": { $0 <= $1 }, "Equal": { $0 == $1 },
  ]

  /// `Sign`: −1, 0 or 1.
  mutating func sign(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    func sign(_ value: Float) -> Float { value > 0 ? 1 : value < 0 ? -1 : 0 }
    if case .thresholded(let function) = try value(node, 0) {
      return .thresholded(function.mapped(sign))
    }
    let input = try activation(node)
    try usage.parameters(nodes[input.node].shape.channels)
    return .thresholded(
      beforeConstants(
        ThresholdFunction(
          node: input.node, extents: input.extents, order: input.order,
          thresholds: [Float](repeating: 0, count: nodes[input.node].shape.channels),
          levels: .init(below: -1, at: 0, above: 1), isTruth: false, label: node.label)))
  }

  /// `Not`, `And`, `Or`, `Xor`, on truth values of one comparison.
  mutating func logic(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    var functions: [ThresholdFunction] = []
    for position in node.inputs.indices {
      switch try value(node, position) {
      case .thresholded(let function) where function.isTruth: functions.append(function)
      case .unknown: throw .unknownInput
      default: throw .because("needs truth values of comparisons")
      }
    }
    guard functions.count == (node.op == "Not" ? 1 : 2) else {
      throw .because("has \(functions.count) inputs")
    }
    if node.op == "Not" { return .thresholded(functions[0].mapped(isTruth: true) { 1 - $0 }) }
    guard functions[0].isOf(functions[1]) else {
      throw .because(
        "combines comparisons with different thresholds",
        hint: "a neuron fires above one threshold; cast each comparison and concatenate them")
    }
    var result = functions[0]
    result.levels = functions[0].levels.combined(functions[1].levels) { left, right in
      switch node.op {
      case "And": left * right
      case "Or": max(left, right)
      default: left == right ? 0 : 1
      }
    }
    return .thresholded(result)
  }

  /// `Where`, which chooses between constants or between results of the same comparison.
  mutating func choice(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    var condition: ThresholdFunction
    switch try value(node, 0) {
    case .thresholded(let function) where function.isTruth: condition = function
    case .unknown: throw .unknownInput
    default: throw .because("its condition is not a comparison with a constant")
    }
    var choices: [ThresholdFunction.Levels] = []
    for position in 1...2 {
      switch try value(node, position) {
      case .constant(let constant):
        guard let value = Self.uniform(constant) else {
          throw .because("chooses constants of several values", hint: "spikes are 0 and 1")
        }
        choices.append(.init(below: value, at: value, above: value))
      case .thresholded(let function) where function.isOf(condition):
        choices.append(function.levels)
      case .unknown: throw .unknownInput
      default:
        throw .because(
          "chooses a value that depends on the input", hint: "a spike is 1 or 0, whatever drives it"
        )
      }
    }
    let (yes, no) = (choices[0], choices[1])
    let truth = condition.levels
    condition.levels = .init(
      below: truth.below == 0 ? no.below : yes.below, at: truth.at == 0 ? no.at : yes.at,
      above: truth.above == 0 ? no.above : yes.above)
    condition.isTruth = false
    return .thresholded(condition)
  }

  /// `Relu`, `Clip`, `Max`, `Min` and arithmetic on a threshold function: nil where the node does something else.
  ///
  /// Only constants of one value; others make it the scale or the bias of a layer.
  mutating func thresholdFunctions(_ node: ONNXNode) throws(Rejection) -> Value? {
    var functions: [ThresholdFunction] = []
    var constants: [Float] = []
    var isFunctionFirst = true
    for position in node.inputs.indices where inputName(node, position) != nil {
      switch try value(node, position) {
      case .thresholded(let function):
        if !function.isTruth { functions.append(function) }
        if position == 1 { isFunctionFirst = false }
      case .constant(let constant):
        guard let value = Self.uniform(constant) else { return nil }
        constants.append(value)
      case .activation, .unknown: return nil
      }
    }
    guard let first = functions.first, node.inputs.count <= 2 else { return nil }
    guard let function = Self.arithmetic[node.op] else { return nil }
    if functions.count == 2, constants.isEmpty, first.isOf(functions[1]) {
      var result = first
      result.levels = first.levels.combined(functions[1].levels, function)
      // A sum of spikes is one of two branches rather than another way to write a spike.
      let levels = result.levels
      let isSpike =
        Set([levels.below, levels.above]) == [0, 1] && (try? result.comparison()) != nil
      return isSpike ? .thresholded(result) : nil
    }
    guard functions.count == 1, let constant = constants.first else { return nil }
    return .thresholded(
      first.mapped { isFunctionFirst ? function($0, constant) : function(constant, $0) })
  }

  static let arithmetic: [String: @Sendable (Float, Float) -> Float] = [
    "Add": { $0 + $1 }, "Sub": { $0 - $1 }, "Mul": { $0 * $1 }, "Div": { $0 / $1 },
    "Sum": { $0 + $1 }, "Max": { max($0, $1) }, "Min": { min($0, $1) },
  ]

  /// The one value of a constant, or nil where it has several.
  static func uniform(_ constant: Constant) -> Float? {
    guard let values = constant.floats, let first = values.first, !first.isNaN,
      values.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }
}
