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
  var padding = Padding.explicit(Window.Padding())
  var roundsUp = false

  init(_ node: ONNXNode) throws(Rejection) {
    let lists = try [
      node.integers("kernel_shape"), node.integers("strides"), node.integers("dilations"),
      node.integers("pads").map { Array($0.prefix($0.count / 2)) },
    ]
    for list in lists {
      guard let list, list.count != 2 else { continue }
      throw .because(
        "it slides along \(list.count) dimensions", hint: "only rows and columns are supported")
    }
    if let dilations = lists[2], dilations != [1, 1] {
      throw .because("its dilations are \(dilations)", hint: "use dilation=1")
    }
    kernel = lists[0]
    strides = lists[1] ?? strides
    let ones = 1...Limits.window
    guard strides.allSatisfy(ones.contains), kernel?.allSatisfy(ones.contains) != false else {
      throw .because("its kernel \(kernel ?? []) or its strides \(strides) are out of range")
    }
    roundsUp = try node.integer("ceil_mode", default: 0) != 0
    let pads = try node.integers("pads") ?? [0, 0, 0, 0]
    switch try node.string("auto_pad", default: "NOTSET") {
    case "NOTSET", "":
      guard pads.count == 4, pads.allSatisfy((0...Limits.window).contains) else {
        throw .because("its pads are \(brief(pads))", hint: "a pad may be 0 to \(Limits.window)")
      }
      padding = .explicit(
        Window.Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3]))
    case "VALID": break
    case "SAME_UPPER": padding = .same(oddAtEnd: true)
    case "SAME_LOWER": padding = .same(oddAtEnd: false)
    case let name: throw .because("auto_pad is '\(name)'")
    }
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
    guard extents.count == 4 else {
      throw .because(
        "it slides along \(extents.count - 2) dimensions",
        hint: "only rows and columns are supported")
    }
    guard extents.allSatisfy((1...Limits.elements).contains) else {
      throw .because("its weights have the extents \(extents)")
    }
    let kernel = Array(extents[2...])
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
    let (product, overflow) = extents[1].multipliedReportingOverflow(by: groups)
    guard !overflow, product == shape.channels else {
      throw .because(
        "its weights are for \(extents[1]) channels in each of \(groups) groups, "
          + "but its input has \(shape.channels)")
    }
    try usage.parameters(values.count + extents[0])
    let window = sliding.window(kernel: kernel, on: shape, outer: input.padding)
    let output = try outputShape(window, on: shape, channels: extents[0])
    let layer = Network.Convolution(
      window: window, groups: groups, inputChannels: shape.channels, outputChannels: extents[0],
      weights: values, bias: bias?.values ?? [Float](repeating: 0, count: extents[0]))
    return try append(
      node, .convolution(layer), [input.node], output,
      extents: [output.channels, output.height, output.width])
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
