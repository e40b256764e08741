/// What the computations on constants are made of.
extension ONNXLowering {
  /// An axis counted from the front, or nil when there is no such axis.
  static func axis(_ axis: Int, rank: Int) -> Int? {
    let result = axis < 0 ? axis &+ rank : axis
    return (0..<rank).contains(result) ? result : nil
  }

  /// The elements of a constant at positions along one axis, which all exist.
  mutating func selected(
    _ data: Constant, axis: Int, positions: [Int], extents: [Int]
  ) throws(Rejection) -> Constant {
    let count = try Limits.checked(extents)
    try usage.compute(count)
    let extent = data.extents[axis]
    let outer = data.extents[..<axis].reduce(1, *)
    let inner = data.extents[(axis + 1)...].reduce(1, *)
    var list: [Int] = []
    list.reserveCapacity(count)
    if count != 0 {
      for block in 0..<outer {
        for position in positions {
          let start = (block * extent + position) * inner
          list += start..<start + inner
        }
      }
    }
    return data.elements(at: list, extents: extents)
  }

  mutating func concatenated(
    _ constants: [Constant], axis: Int
  ) throws(Rejection) -> Constant {
    let first = constants[0].extents
    guard let axis = Self.axis(axis, rank: first.count) else {
      throw .because("joins along axis \(axis) of \(first.count)")
    }
    var total = 0
    for constant in constants {
      var extents = constant.extents
      guard extents.count == first.count else { throw .because("joins unequal constants") }
      total += extents[axis]
      extents[axis] = first[axis]
      guard extents == first else { throw .because("joins unequal constants") }
    }
    var extents = first
    extents[axis] = total
    let count = try Limits.checked(extents)
    try usage.compute(count)
    let outer = count == 0 ? 0 : first[..<axis].reduce(1, *)
    func joined<Element>(_ lists: [[Element]]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(count)
      for block in 0..<outer {
        for list in lists {
          let length = list.count / outer
          result += list[block * length..<(block + 1) * length]
        }
      }
      return result
    }
    let integers = constants.compactMap { constant -> [Constant.Integer]? in
      if case .integers(let values) = constant.elements { values } else { nil }
    }
    if integers.count == constants.count {
      return Constant(extents: extents, elements: .integers(joined(integers)))
    }
    let floats = constants.compactMap(\.floats)
    guard floats.count == constants.count else { throw .because("joins unequal constants") }
    return Constant(extents: extents, elements: .floats(joined(floats)))
  }

  static func reshaped(
    _ constant: Constant, to requested: [Constant.Integer], allowsZero: Bool
  ) throws(Rejection) -> Constant {
    var extents: [Int] = []
    guard requested.count <= Limits.rank else {
      throw .because("reshapes to \(requested.count) dimensions, at most \(Limits.rank) are read")
    }
    for (index, integer) in requested.enumerated() {
      guard var value = integer.value else {
        throw .because("reshapes a constant by the batch size")
      }
      if value == 0, !allowsZero {
        value = constant.extents.indices.contains(index) ? constant.extents[index] : -2
      }
      extents.append(value)
    }
    let count = constant.elements.count
    if let inferred = extents.firstIndex(of: -1) {
      extents[inferred] = 1
      if let others = Limits.count(extents), others > 0 { extents[inferred] = count / others }
    }
    guard Limits.count(extents) == count else {
      throw .because("reshapes a constant of \(constant.extents) to \(extents)")
    }
    return Constant(extents: extents, elements: constant.elements)
  }

  /// Extents with axes of 1 removed or inserted.
  static func squeezed(
    _ extents: [Int], _ axes: [Int]?, removes: Bool
  ) throws(Rejection) -> [Int] {
    guard let axes else {
      guard removes else { throw .because("its axes are missing") }
      return extents.filter { $0 != 1 }
    }
    let rank = removes ? extents.count : extents.count + axes.count
    guard rank <= Limits.rank + 1 else {
      throw .because("has \(rank) dimensions, at most \(Limits.rank) are read")
    }
    let positions = Set(axes.compactMap { axis($0, rank: rank) })
    guard positions.count == axes.count else { throw .because("its axes are \(brief(axes))") }
    if removes {
      guard positions.allSatisfy({ extents[$0] == 1 }) else {
        throw .because("removes axes that are not 1, \(brief(axes)) of \(extents)")
      }
      return extents.indices.filter { !positions.contains($0) }.map { extents[$0] }
    }
    var rest = extents[...]
    return (0..<rank).map { positions.contains($0) ? 1 : rest.popFirst() ?? 1 }
  }

  mutating func cast(_ constant: Constant, isFloat: Bool) throws(Rejection) -> Constant {
    switch constant.elements {
    case .floats where isFloat: return constant
    case .integers where !isFloat: return constant
    default: try usage.compute(constant.elements.count)
    }
    return try Self.cast(constant, isFloat: isFloat)
  }

  private static func cast(_ constant: Constant, isFloat: Bool) throws(Rejection) -> Constant {
    switch constant.elements {
    case .floats(let values) where !isFloat:
      let integers = values.compactMap { Int(exactly: $0.rounded(.towardZero)) }
      guard integers.count == values.count else { throw .because("casts floats out of range") }
      return Constant(
        extents: constant.extents, elements: .integers(integers.map { .known($0) }))
    case .integers where isFloat:
      guard let floats = constant.floats else { throw .because("computes with the batch size") }
      return Constant(extents: constant.extents, elements: .floats(floats))
    default: return constant
    }
  }

  /// The sum, difference, product or quotient of two constants of equal extents, or of one value.
  mutating func folded(
    _ op: String, _ left: Constant, _ right: Constant
  ) throws(Rejection) -> Constant {
    let isBroadcast = left.elements.count == 1 || right.elements.count == 1
    guard left.extents == right.extents || isBroadcast else {
      let function = Self.arithmetic[op] ?? { $0 + $1 }
      return try mapped([left, right], isTruth: false) {
        Double(function(Float($0[0]), Float($0[1])))
      }
    }
    let count =
      min(left.elements.count, right.elements.count) == 0
      ? 0
      : max(
        left.elements.count, right.elements.count)
    let extents =
      left.elements.count == right.elements.count
      ? (left.extents.count > right.extents.count ? left.extents : right.extents)
      : (left.elements.count == count ? left.extents : right.extents)
    try usage.compute(count)
    let (leftStep, rightStep) = (
      left.elements.count == 1 ? 0 : 1, right.elements.count == 1 ? 0 : 1
    )
    if case .integers(let a) = left.elements, case .integers(let b) = right.elements {
      var result: [Constant.Integer] = []
      result.reserveCapacity(count)
      for index in 0..<count {
        result.append(try Self.folded(op, a[index * leftStep], b[index * rightStep]))
      }
      return Constant(extents: extents, elements: .integers(result))
    }
    guard let a = left.floats, let b = right.floats else {
      throw .because("computes with the batch size")
    }
    let function = Self.arithmetic[op] ?? { $0 + $1 }
    let result = (0..<count).map { function(a[$0 * leftStep], b[$0 * rightStep]) }
    return Constant(extents: extents, elements: .floats(result))
  }

  private static func folded(
    _ op: String, _ left: Constant.Integer, _ right: Constant.Integer
  ) throws(Rejection) -> Constant.Integer {
    switch (left.value, right.value) {
    case (let a?, let b?):
      let (value, overflow) =
        switch op {
        case "Sub": a.subtractingReportingOverflow(b)
        case "Mul": a.multipliedReportingOverflow(by: b)
        case "Div": a.dividedReportingOverflow(by: b)
        default: a.addingReportingOverflow(b)
        }
      guard !overflow else { throw .because("computes an extent out of range") }
      return .known(value)
    case (nil, 1) where op == "Mul" || op == "Div": return .batch
    case (1, nil) where op == "Mul": return .batch
    default:
      throw .because("computes with the batch size", hint: "use x.flatten(1)")
    }
  }
}
