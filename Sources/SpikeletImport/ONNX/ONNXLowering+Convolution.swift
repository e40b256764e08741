import SpikeletNetwork

/// The attributes that convolutions and pools share.
struct SlidingAttributes {
  enum Padding {
    case explicit(Window.Padding)
    /// As many zeros as make the output `input / stride`, rounded up; an odd one goes to one end.
    case same(oddAtEnd: Bool)
  }

  /// Nil when a convolution leaves it to the weights.
  var kernel: [Int]?
  var strides = [1, 1]
  var dilations = [1, 1]
  /// How many dimensions the node says that it slides along; nil where it says nothing.
  var rank: Int?
  var padding = Padding.explicit(Window.Padding())
  var roundsUp = false

  init(_ node: ONNXNode) throws(Rejection) {
    var lists = try [
      node.integers("kernel_shape"), node.integers("strides"), node.integers("dilations"),
    ]
    var pads = try node.integers("pads")
    for count in lists.map({ $0?.count }) + [pads.map { $0.count / 2 }] {
      guard let count else { continue }
      guard (1...2).contains(count), rank == nil || rank == count else {
        throw .because(
          "it slides along \(count) dimensions", hint: "only rows and columns are supported")
      }
      rank = count
    }
    // One dimension is that of the columns, of a map of one row.
    if rank == 1 {
      lists = lists.map { $0.map { [1] + $0 } }
      if let own = pads, own.count == 2 { pads = [0, own[0], 0, own[1]] }
    }
    kernel = lists[0]
    strides = lists[1] ?? strides
    dilations = lists[2] ?? dilations
    let ones = 1...Limits.window
    guard dilations.allSatisfy(ones.contains) else {
      throw .because("its dilations \(dilations) are out of range")
    }
    guard strides.allSatisfy(ones.contains), kernel?.allSatisfy(ones.contains) != false else {
      throw .because("its kernel \(kernel ?? []) or its strides \(strides) are out of range")
    }
    roundsUp = try node.integer("ceil_mode", default: 0) != 0
    let all = pads ?? [0, 0, 0, 0]
    switch try node.string("auto_pad", default: "NOTSET") {
    case "NOTSET", "":
      guard all.count == 4, all.allSatisfy((0...Limits.window).contains) else {
        throw .because(
          "its pads are \(brief(pads ?? []))", hint: "a pad may be 0 to \(Limits.window)")
      }
      padding = .explicit(Window.Padding(top: all[0], left: all[1], bottom: all[2], right: all[3]))
    case "VALID": break
    case "SAME_UPPER": padding = .same(oddAtEnd: true)
    case "SAME_LOWER": padding = .same(oddAtEnd: false)
    case let name: throw .because("auto_pad is '\(name)'")
    }
  }

  /// Refuses a node that slides along another number of dimensions than its input has.
  func require(_ dimensions: Int) throws(Rejection) {
    guard let rank, rank != dimensions else { return }
    throw .because(
      "it slides along \(rank) dimensions, but its input has \(dimensions) besides channels")
  }

  /// The window on an input, with padding that is still to be added outside of the node's own.
  func window(kernel: [Int], on shape: Shape, outer: Window.Padding?) -> Window {
    var total = Window.Padding()
    switch padding {
    case .explicit(let own): total = own
    case .same(let oddAtEnd):
      let height = shape.height + (outer.map { $0.top + $0.bottom } ?? 0)
      let width = shape.width + (outer.map { $0.left + $0.right } ?? 0)
      let rows = Self.samePadding(height, kernel[0], strides[0])
      let columns = Self.samePadding(width, kernel[1], strides[1])
      total.top = oddAtEnd ? rows / 2 : (rows + 1) / 2
      total.bottom = rows - total.top
      total.left = oddAtEnd ? columns / 2 : (columns + 1) / 2
      total.right = columns - total.left
    }
    if let outer {
      total.top += outer.top
      total.bottom += outer.bottom
      total.left += outer.left
      total.right += outer.right
    }
    return Window(
      kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0],
      strideWidth: strides[1], padding: total)
  }

  private static func samePadding(_ extent: Int, _ kernel: Int, _ stride: Int) -> Int {
    let outputs = (extent + stride - 1) / stride
    return max((outputs - 1) * stride + kernel - extent, 0)
  }
}

extension ONNXLowering {
  mutating func convolution(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])
    let sliding = try SlidingAttributes(node)
    let groups = Int(clamping: try node.integer("group", default: 1))
    let (values, extents) = try requiredWeights(node, 1, "its weights")
    guard (3...4).contains(extents.count) else {
      throw .because(
        "it slides along \(extents.count - 2) dimensions",
        hint: "only rows and columns are supported")
    }
    guard extents.allSatisfy((1...Limits.elements).contains) else {
      throw .because("its weights have the extents \(extents)")
    }
    var kernel = extents.count == 3 ? [1, extents[2]] : Array(extents[2...])
    try sliding.require(extents.count - 2)
    guard sliding.kernel == nil || sliding.kernel == kernel,
      kernel.allSatisfy((1...Limits.window).contains)
    else {
      throw .because("its kernel is \(sliding.kernel ?? []) but its weights are for \(kernel)")
    }
    guard groups >= 1, extents[0] % groups == 0 else {
      throw .because("its \(extents[0]) output channels do not divide into \(groups) groups")
    }
    let bias = try weights(node, 2, "its biases")
    guard bias == nil || bias?.extents == [extents[0]] else {
      throw .because("its biases have the extents \(bias?.extents ?? []), not [\(extents[0])]")
    }

    let (input, shape) = try map(node)
    guard input.extents.count == extents.count - 1 else {
      throw .because(
        "it slides along \(extents.count - 2) dimensions, but its input has "
          + "\(input.extents.count - 1) besides channels")
    }
    let (product, overflow) = extents[1].multipliedReportingOverflow(by: groups)
    guard !overflow, product == shape.channels else {
      throw .because(
        "its weights are for \(extents[1]) channels in each of \(groups) groups, "
          + "but its input has \(shape.channels)")
    }
    let spread = try Self.dilated(
      values, planes: extents[0] * extents[1], kernel: kernel, by: sliding.dilations)
    kernel = spread.kernel
    try usage.parameters(spread.weights.count + extents[0])
    let window = sliding.window(kernel: kernel, on: shape, outer: input.padding)
    let output = try outputShape(window, on: shape, channels: extents[0])
    let layer = Network.Convolution(
      window: window, groups: groups, inputChannels: shape.channels, outputChannels: extents[0],
      weights: spread.weights, bias: bias?.values ?? [Float](repeating: 0, count: extents[0]))
    return try append(
      node, .convolution(layer), [input.node], output,
      extents: Self.extents(of: output, rank: input.extents.count))
  }

  /// The extents of a map among values of that many dimensions.
  static func extents(of shape: Shape, rank: Int) -> [Int] {
    rank == 2 ? [shape.channels, shape.width] : [shape.channels, shape.height, shape.width]
  }

  /// A kernel with gaps as one without: the gaps hold zeros.
  private static func dilated(
    _ weights: [Float], planes: Int, kernel: [Int], by dilations: [Int]
  ) throws(Rejection) -> (weights: [Float], kernel: [Int]) {
    if dilations == [1, 1] { return (weights, kernel) }
    let wide = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    guard wide.allSatisfy({ $0 <= Limits.window }) else {
      throw .because("its kernel with dilations has the extents \(wide)")
    }
    let count = try Limits.checked([planes] + wide)
    var result = [Float](repeating: 0, count: count)
    for plane in 0..<planes {
      for row in 0..<kernel[0] {
        for column in 0..<kernel[1] {
          let target = (plane * wide[0] + row * dilations[0]) * wide[1] + column * dilations[1]
          result[target] = weights[(plane * kernel[0] + row) * kernel[1] + column]
        }
      }
    }
    return (result, wide)
  }

  func outputShape(
    _ window: Window, on shape: Shape, channels: Int
  ) throws(Rejection) -> Shape {
    guard let extent = window.outputExtent(height: shape.height, width: shape.width) else {
      throw .because(
        "its kernel of \(window.kernelHeight)×\(window.kernelWidth) is larger than its input, "
          + "\(shape), with padding")
    }
    let result = Shape(channels: channels, height: extent.height, width: extent.width)
    try requireExtents(result)
    return result
  }
}
