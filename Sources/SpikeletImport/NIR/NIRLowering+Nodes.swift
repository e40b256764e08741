import SpikeletNetwork
import SpikeletSupport

extension NIRLowering {
  /// The types that become something.
  static let types: Set = [
    "Affine", "AvgPool2d", "Conv1d", "Conv2d", "CubaLI", "CubaLIF", "Delay", "Flatten", "I", "IF",
    "Input", "LI", "LIF", "Linear", "Output", "Scale", "SumPool2d", "Threshold",
  ]

  static func unknown(_ type: String) -> Rejection {
    let known = types.subtracting(["Delay"]).sorted().joined(separator: ", ")
    return .because(
      "is no type of node that can be imported", hint: "known are \(known) and graphs of them")
  }

  /// What a node passes on.
  mutating func lower(_ index: Int) throws(Rejection) -> Value {
    let node = graph.nodes[index]
    if node.isPassage { return try input(index) }
    switch node.node.type {
    case "Input": return try picture(index)
    case "Output": return try scores(index)
    case "Affine", "Linear": return try dense(index)
    case "Conv1d", "Conv2d": return try convolution(index)
    case "SumPool2d": return try pool(index, isSum: true)
    case "AvgPool2d": return try pool(index, isSum: false)
    case "Flatten": return try flatten(index)
    case "Scale": return try scale(index)
    case "Threshold": return try threshold(index)
    case "I", "LI", "CubaLI": return try integrator(index)
    case "IF", "LIF", "CubaLIF": return try neurons(index)
    case "Delay":
      // Nothing is lost where it is less than half a timestep.
      let delays = try numbers(index, "delay").numbers
      guard delays.allSatisfy({ abs($0) < semantics.dt / 2 }) else {
        throw .because(
          "delays by \(delays.max() ?? 0); the engine has no delays",
          hint: "remove it, or take a timestep (dt) above twice the delay")
      }
      return try input(index)
    default: throw Self.unknown(node.node.type)
    }
  }

  // MARK: Parameters

  /// A parameter that has to be numbers, all of them finite unless `allowsInfinity`.
  func numbers(
    _ index: Int, _ key: String, allowsInfinity: Bool = false
  ) throws(Rejection) -> NIRParameter {
    guard let value = try optional(index, key, allowsInfinity: allowsInfinity) else {
      throw .because("has no parameter '\(key)'")
    }
    return value
  }

  /// The same, or nil where it is missing.
  func optional(
    _ index: Int, _ key: String, allowsInfinity: Bool = false
  ) throws(Rejection) -> NIRParameter? {
    switch graph.nodes[index].node.parameters[key] {
    case nil: return nil
    case .failure(let error)?:
      throw .because("the parameter '\(key)' cannot be read: \(error.reason)", hint: error.advice)
    case .success(let value)?:
      guard value.word == nil else {
        throw .because("the parameter '\(key)' is a word, needed numbers")
      }
      if let wrong = value.numbers.first(where: { $0.isNaN || !(allowsInfinity || $0.isFinite) }) {
        throw .because("the parameter '\(key)' holds \(wrong), needed numbers that are finite")
      }
      return value
    }
  }

  /// A parameter of one or two whole numbers, the second one the first where there is none.
  func pair(
    _ index: Int, _ key: String, in range: ClosedRange<Int>, otherwise: Int? = nil
  ) throws(Rejection) -> (Int, Int) {
    guard let value = try optional(index, key) else {
      guard let otherwise else { throw .because("has no parameter '\(key)'") }
      return (otherwise, otherwise)
    }
    let whole = value.numbers.compactMap { Int(exactly: $0) }
    guard whole.count == value.numbers.count, (1...2).contains(whole.count),
      whole.allSatisfy(range.contains)
    else {
      throw .because(
        "has \(key) \(brief(value.numbers)), needed one or two whole numbers of "
          + "\(range.lowerBound) to \(range.upperBound)")
    }
    return (whole[0], whole[whole.count - 1])
  }

  /// One value of a parameter for each channel of a value.
  ///
  /// - Parameter what: what the values belong to, for messages.
  func channels(
    _ parameter: NIRParameter, _ key: String, _ value: Value, stack: Int = 1
  ) throws(Rejection) -> [Double] {
    let shape = nodes[value.node].shape
    let count = shape.channels / value.stack
    let numbers = parameter.numbers
    let plane = shape.height * shape.width
    if numbers.count == 1 { return [Double](repeating: numbers[0], count: count) }
    if numbers.count == count, plane == 1 || parameter.shape.dropFirst().allSatisfy({ $0 == 1 }) {
      return numbers
    }
    guard numbers.count == count * plane else {
      throw .because(
        "has \(key) of the shape \(Self.shown(parameter.shape)), its input is "
          + "\(Self.shown(value.dims))")
    }
    var result: [Double] = []
    for channel in 0..<count {
      let values = numbers[channel * plane..<(channel + 1) * plane]
      let first = values[channel * plane]
      guard values.allSatisfy({ $0 == first }) else {
        throw .because(
          "has different values of \(key) within a channel", hint: "needed one value a channel")
      }
      result.append(first)
    }
    return result
  }

  /// A list of numbers for messages.
  func brief(_ list: [Double]) -> String {
    let text = list.prefix(6).map { "\($0)" }.joined(separator: ", ")
    return list.count == 1 ? text : "[\(text)\(list.count > 6 ? ", …" : "")]"
  }

  // MARK: Inputs and outputs

  private mutating func picture(_ index: Int) throws(Rejection) -> Value {
    let shape = try numbers(index, "shape")
    var dims = shape.numbers.compactMap { Int(exactly: $0) }
    guard dims.count == shape.numbers.count, dims.allSatisfy({ (1...Limits.extent).contains($0) })
    else {
      throw .because(
        "has the shape \(brief(shape.numbers)), needed whole numbers of 1 to \(Limits.extent)")
    }
    while dims.count > 3, dims[0] == 1 { dims.removeFirst() }
    guard dims.count <= 3 else {
      throw .because(
        "has \(dims.count) dimensions, needed (features), (channels, length) or (channels, rows, "
          + "columns)")
    }
    guard sources(of: index).isEmpty else { throw .because("something leads to it") }
    return Value(
      node: try append(
        .input, name: graph.nodes[index].name, inputs: [], shape: Self.map(dims)), dims: dims)
  }

  /// The map that values of some extents are.
  static func map(_ dims: [Int]) -> Shape {
    switch dims.count {
    case 0: Shape(channels: 1)
    case 1: Shape(channels: dims[0])
    case 2: Shape(channels: dims[0], height: 1, width: dims[1])
    default: Shape(channels: dims[0], height: dims[1], width: dims[2])
    }
  }

  private mutating func scores(_ index: Int) throws(Rejection) -> Value {
    var value = try input(index)
    if let potential = value.potential {
      value.potential = nil
      return try scores(value, of: potential, index)
    }
    value = try unstacked(value, for: index)
    let count = value.dims.reduce(1, *)
    if let shape = try? optional(index, "shape") {
      let needed = shape.numbers.reduce(1, *)
      guard needed == Double(count) || shape.numbers.isEmpty else {
        throw .because(
          "has the shape \(brief(shape.numbers)), and gets values of \(Self.shown(value.dims))")
      }
    }
    let shape = nodes[value.node].shape
    guard shape.height == 1, shape.width == 1 else {
      throw .because(
        "gets a map of \(Self.shown(value.dims)), needed a vector of scores",
        hint: "end the network with an Affine or Linear layer")
    }
    return value
  }
}
