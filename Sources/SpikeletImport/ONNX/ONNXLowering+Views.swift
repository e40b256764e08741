import SpikeletNetwork

/// How a value of the graph lies over the channels, rows and columns of a node.
extension ONNXLowering {
  /// The axis of the node, 0 channels, 1 rows, 2 columns, that each of a value's extents goes along;
  /// nil where the extents are not these axes.
  func axes(of value: Activation) -> [Int]? {
    let shape = nodes[value.node].shape
    let extents = [shape.channels, shape.height, shape.width]
    let strides = [shape.height * shape.width, shape.width, 1]
    guard let groups = value.order.grouped(by: value.extents) else { return nil }
    let candidates: [[Int]]
    switch value.extents.count {
    case 1: candidates = [[0]]
    case 2: candidates = [[0, 2], [2, 0], [0, 1], [1, 0], [1, 2], [2, 1]]
    case 3: candidates = [[0, 1, 2], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 0, 1], [2, 1, 0]]
    default: return nil
    }
    return candidates.first { axes in
      let rest = Set(0..<3).subtracting(axes)
      return rest.allSatisfy { extents[$0] == 1 }
        && zip(axes, groups).enumerated().allSatisfy { position, pair in
          let (axis, group) = pair
          guard extents[axis] == value.extents[position] else { return false }
          return group.isEmpty || group == [.init(count: extents[axis], stride: strides[axis])]
        }
    }
  }

  /// A value of (channels, rows, columns) or (channels, columns) as a map of that shape.
  ///
  /// The declared shape of a picture gives way to the one that the first layer reads, where no value
  /// moves: 784 pixels may be 28 rows of 28.
  mutating func mapped(_ value: Activation) throws(Rejection) -> Activation {
    let extents = value.extents
    guard (2...3).contains(extents.count) else {
      throw .because(
        "reads a value of \(extents.count + 1) dimensions, not (batch, channels, rows, columns)")
    }
    let shape = Shape(
      channels: extents[0], height: extents.count == 3 ? extents[1] : 1,
      width: extents[extents.count - 1])
    guard value.order.isIdentity else {
      let node = nodes[value.node]
      throw .because(
        "reads '\(node.name)' (\(node.shape)) in another order than channels, rows, columns",
        hint: "transpose to (batch, channels, rows, columns) before it")
    }
    var result = value
    if nodes[value.node].shape == shape { return result }
    // Flattening keeps the order.
    let node = nodes[value.node]
    if case .flatten = node.operation, nodes[node.inputs[0]].shape == shape {
      result.node = node.inputs[0]
      return result
    }
    guard relabelInput(value.node, to: shape) else {
      throw .because(
        "reads '\(node.name)' of \(node.shape) as a map of \(shape)",
        hint: "only the picture itself can be reshaped to a map; "
          + "give the network an input of (batch, channels, rows, columns)")
    }
    return result
  }

  /// Gives the picture another shape of as many values, through scalings by one number; false where
  /// something has read it in its present shape.
  private mutating func relabelInput(_ index: Int, to shape: Shape) -> Bool {
    guard nodes[index].shape.count == shape.count else { return false }
    var chain = [index]
    while let last = chain.last, last != 0 {
      guard case .batchNormalization(let layer) = nodes[last].operation, layer.isUniform else {
        return false
      }
      chain.append(nodes[last].inputs[0])
    }
    for (position, node) in nodes.enumerated() where !chain.contains(position) {
      guard !node.inputs.contains(where: chain.contains) else { return false }
    }
    for index in chain {
      nodes[index].shape = shape
      if case .batchNormalization(let layer) = nodes[index].operation {
        nodes[index].operation = .batchNormalization(layer.repeated(shape.channels))
      }
    }
    return true
  }

  /// The values of a constant that broadcasts to a value, one a channel of its node.
  mutating func perChannel(
    _ constant: Constant, _ value: Activation
  ) throws(Rejection) -> [Float] {
    let shape = nodes[value.node].shape
    try usage.parameters(shape.channels)
    guard let values = constant.floats, values.allSatisfy(\.isFinite) else {
      throw .because("its constant is not made of finite numbers")
    }
    let rank = value.extents.count + 1
    func refusal() -> Rejection {
      .because(
        "its constant has the extents \(constant.extents), not one value a channel",
        hint: "only constants of one value, or one a channel, are supported")
    }
    guard constant.extents.count <= rank, !values.isEmpty else { throw refusal() }
    let own = [Int](repeating: 1, count: rank - constant.extents.count) + constant.extents
    guard own[0] == 1, zip(own.dropFirst(), value.extents).allSatisfy({ $0 == 1 || $0 == $1 })
    else { throw refusal() }
    if values.allSatisfy({ $0 == values[0] }) {
      return [Float](repeating: values[0], count: shape.channels)
    }
    // The usual case: one value a channel, of a value in the node's own order.
    if value.order.isIdentity, value.extents[0] == shape.channels, own[1] == shape.channels,
      values.count == shape.channels
    {
      return values
    }
    guard let groups = value.order.grouped(by: value.extents) else { throw refusal() }
    let plane = shape.height * shape.width
    // Along the extents that the constant has, each value's channel; along the others, all channels.
    var known = [0]
    var free = [0]
    for (extent, group) in zip(own.dropFirst(), groups) {
      let isFree = extent == 1
      guard let steps = Self.channelSteps(group, plane: plane, isDistinct: isFree) else {
        throw refusal()
      }
      if isFree {
        free = free.flatMap { base in steps.map { base + $0 } }
      } else {
        known = known.flatMap { base in steps.map { base + $0 } }
      }
    }
    var result = [Float?](repeating: nil, count: shape.channels)
    for (channel, number) in zip(known, values) {
      if let before = result[channel], before != number { throw refusal() }
      result[channel] = number
    }
    for channel in Set(known).sorted() where free.count > 1 {
      for offset in free { result[channel + offset] = result[channel] }
    }
    let channels = result.compactMap { $0 }
    guard channels.count == shape.channels else { throw refusal() }
    return channels
  }

  /// The channel that each position along some runs lies in, counted from the first; each channel
  /// once, where only the distinct ones are asked for.
  private static func channelSteps(
    _ runs: [ValueOrder.Run], plane: Int, isDistinct: Bool
  ) -> [Int]? {
    var result = [0]
    for run in runs {
      let parts: (channels: Int, step: Int, inside: Int)
      if run.stride % plane == 0 {
        parts = (run.count, run.stride / plane, 1)
      } else if run.count * run.stride <= plane {
        parts = (1, 0, run.count)
      } else {
        let inside = plane / run.stride
        guard plane % run.stride == 0, run.count % inside == 0 else { return nil }
        parts = (run.count / inside, 1, inside)
      }
      result = result.flatMap { base in
        (0..<parts.channels).flatMap { channel in
          [Int](repeating: base + channel * parts.step, count: isDistinct ? 1 : parts.inside)
        }
      }
    }
    return result
  }

  /// A value whose axes are known, or a refusal that says which axes there are.
  func requiredAxes(of value: Activation) throws(Rejection) -> [Int] {
    if let axes = axes(of: value) { return axes }
    throw .because(
      "reads \(value.extents) of '\(nodes[value.node].name)' (\(nodes[value.node].shape)), "
        + "which are not its channels, rows and columns",
      hint: "give the network an input of (batch, channels, rows, columns)")
  }

  /// The order of a value with these axes of a node of another shape.
  static func order(_ axes: [Int], of shape: Shape) -> ValueOrder {
    let extents = [shape.channels, shape.height, shape.width]
    let strides = [shape.height * shape.width, shape.width, 1]
    return ValueOrder(axes.map { .init(count: extents[$0], stride: strides[$0]) })
  }
}

extension Network.BatchNormalization {
  /// Whether it does the same to every channel.
  fileprivate var isUniform: Bool {
    [scale, bias, mean, variance].allSatisfy { values in values.allSatisfy { $0 == values[0] } }
  }

  /// The same for another number of channels, where it does the same to every channel.
  fileprivate func repeated(_ channels: Int) -> Self {
    func list(_ values: [Float]) -> [Float] { [Float](repeating: values[0], count: channels) }
    return Self(
      scale: list(scale), bias: list(bias), mean: list(mean), variance: list(variance),
      epsilon: epsilon)
  }
}
