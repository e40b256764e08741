/// Computations on shapes and constants, done while the graph is read.
///
/// Exporters write `x.view(x.size(0), -1)` as a chain of such nodes. The batch size has no value
/// in them; a chain that computes with it is refused.
extension ONNXLowering {
  mutating func constantNode(_ node: ONNXNode) throws(Rejection) -> Value {
    if let attribute = try node.attribute("value", .tensor), let tensor = attribute.tensor {
      return .constant(try loaded(tensor))
    }
    if let attribute = try node.attribute("value_float", .float) {
      return .constant(Constant(extents: [], elements: .floats([attribute.float])))
    }
    if let attribute = try node.attribute("value_floats", .floats) {
      let values = attribute.floats
      try usage.store(values.count)
      return .constant(Constant(extents: [values.count], elements: .floats(values)))
    }
    if let attribute = try node.attribute("value_int", .integer) {
      let value = Int(clamping: attribute.integer)
      return .constant(Constant(extents: [], elements: .integers([.known(value)])))
    }
    if let values = try node.integers("value_ints") {
      try usage.store(values.count)
      return .constant(
        Constant(extents: [values.count], elements: .integers(values.map { .known($0) })))
    }
    throw .because("has no value that can be read")
  }

  mutating func constantOfShape(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["value"])
    guard let extents = try constant(node, 0, "its extents")?.integers else {
      throw .because("its extents are not known")
    }
    let count = try Limits.checked(extents)
    var elements = Constant.Elements.floats([0])
    if let tensor = try node.attribute("value", .tensor)?.tensor {
      elements = try loaded(tensor).elements
    }
    guard elements.count == 1 else { throw .because("repeats \(elements.count) values, not one") }
    try usage.compute(count)
    return .constant(.repeating(elements, extents: extents, count: count))
  }

  /// Repeats a constant of one value; other constants only where that changes nothing.
  mutating func expand(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    guard let data = try constant(node, 0, "its values"),
      let extents = try constant(node, 1, "its extents")?.integers
    else { throw .because("its values or extents are not known") }
    let count = try Limits.checked(extents)
    if data.elements.count == 1, data.extents.count <= extents.count {
      try usage.compute(count)
      return .constant(.repeating(data.elements, extents: extents, count: count))
    }
    guard extents.allSatisfy({ $0 == 1 }) || extents == data.extents else {
      throw .because("repeats a constant of \(data.extents) to \(extents)")
    }
    return .constant(data)
  }

  mutating func shape(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["start", "end"])
    let extents: [Constant.Integer]
    switch try value(node, 0) {
    case .constant(let constant): extents = constant.extents.map { .known($0) }
    case .activation, .thresholded:
      extents = [.batch] + (try activation(node)).extents.map { .known($0) }
    case .unknown: throw .unknownInput
    }
    let rank = Int64(extents.count)
    func position(_ value: Int64) -> Int {
      Int(clamping: min(max(value < 0 ? value + rank : value, 0), rank))
    }
    let start = position(try node.integer("start", default: 0))
    let end = position(try node.integer("end", default: rank))
    let part = start < end ? Array(extents[start..<end]) : []
    return .constant(Constant(extents: [part.count], elements: .integers(part)))
  }

  mutating func gather(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axis"])
    let axis = Int(clamping: try node.integer("axis", default: 0))
    guard let data = try constant(node, 0, "its values"),
      let positions = try constant(node, 1, "its indices"), let indices = positions.integers
    else { throw .because("its values or indices are not known") }
    guard let axis = Self.axis(axis, rank: data.extents.count) else {
      throw .because("gathers along axis \(axis) of \(data.extents.count)")
    }
    let extent = data.extents[axis]
    let wrapped = indices.map { $0 < 0 ? $0 + extent : $0 }
    guard wrapped.allSatisfy((0..<extent).contains) else {
      throw .because("gathers the indices \(brief(indices)) of \(extent)")
    }
    var extents = data.extents
    extents.replaceSubrange(axis...axis, with: positions.extents)
    return .constant(
      try selected(data, axis: axis, positions: wrapped, extents: extents))
  }

  mutating func slice(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["starts", "ends", "axes"])
    guard var data = try constant(node, 0, "its values") else {
      throw .because("has no input 1")
    }
    var starts = try node.integers("starts")
    var ends = try node.integers("ends")
    if let constant = try constant(node, 1, "its starts") { starts = constant.integers }
    if let constant = try constant(node, 2, "its ends") { ends = constant.integers }
    guard let starts, let ends, starts.count == ends.count else {
      throw .because("its starts and ends are not known")
    }
    let axes = try axes(node, input: 3) ?? Array(starts.indices)
    let steps =
      try constant(node, 4, "its steps")?.integers ?? [Int](repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
      throw .because("its axes or steps do not match its starts")
    }
    for index in starts.indices {
      guard let axis = Self.axis(axes[index], rank: data.extents.count) else {
        throw .because("slices along axis \(axes[index]) of \(data.extents.count)")
      }
      let extent = data.extents[axis]
      // No tensor is longer than the limit, so clamping to it changes nothing but overflows.
      let step = min(max(steps[index], -Limits.elements), Limits.elements)
      let range = step > 0 ? 0...extent : -1...max(extent - 1, -1)
      func bounded(_ value: Int) -> Int {
        let position = value < 0 ? value + extent : value
        return min(max(position, range.lowerBound), range.upperBound)
      }
      let positions = Array(
        stride(from: bounded(starts[index]), to: bounded(ends[index]), by: step)
      ).filter((0..<extent).contains)
      try usage.read(positions.count)
      var extents = data.extents
      extents[axis] = positions.count
      data = try selected(data, axis: axis, positions: positions, extents: extents)
    }
    return .constant(data)
  }

  /// Transposes constants, as exporters leave weights. Values of the network stay where they are: a
  /// transposition is another order to read them in.
  mutating func transpose(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["perm"])
    let constant: Constant
    switch try value(node, 0) {
    case .constant(let value): constant = value
    case .unknown: throw .unknownInput
    case .activation, .thresholded: return try view(node, try layoutInput(node))
    }
    let rank = constant.extents.count
    let order = try node.integers("perm") ?? (0..<rank).reversed()
    guard order.count == rank, Set(order) == Set(0..<rank) else {
      throw .because("reorders \(rank) dimensions by \(brief(order))")
    }
    try usage.compute(constant.elements.count)
    if constant.elements.count == 0 {
      var result = constant
      result.extents = order.map { constant.extents[$0] }
      return .constant(result)
    }
    var strides = [Int](repeating: 1, count: rank)
    for axis in (0..<rank).dropLast().reversed() {
      strides[axis] = strides[axis + 1] * constant.extents[axis + 1]
    }
    let extents = order.map { constant.extents[$0] }
    var positions = [0]
    for axis in order {
      let offsets = (0..<constant.extents[axis]).map { $0 * strides[axis] }
      positions = positions.flatMap { base in offsets.map { base + $0 } }
    }
    return .constant(constant.elements(at: positions, extents: extents))
  }

  private func view(_ node: ONNXNode, _ input: Activation) throws(Rejection) -> Value {
    let rank = input.extents.count + 1
    let order = try node.integers("perm") ?? (0..<rank).reversed()
    guard order.count == rank, Set(order) == Set(0..<rank) else {
      throw .because("reorders \(rank) dimensions by \(brief(order))")
    }
    guard order[0] == 0 else {
      throw .because(
        "moves the batch from the first dimension (perm \(brief(order)))",
        hint: "keep the batch first")
    }
    guard let groups = input.order.grouped(by: input.extents) else {
      throw .because("reorders the dimensions \(input.extents), which cut through channels")
    }
    var result = input
    result.extents = order.dropFirst().map { input.extents[$0 - 1] }
    result.order = ValueOrder(order.dropFirst().flatMap { groups[$0 - 1] })
    return .activation(result)
  }
}
