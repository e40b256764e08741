import SpikeletNetwork

extension ONNXLowering {
  /// `AveragePool` and `MaxPool`.
  mutating func pool(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([
      "auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads",
      "storage_order", "strides",
    ])
    let isMaximum = node.op == "MaxPool"
    let sliding = try SlidingAttributes(node)
    guard sliding.dilations == [1, 1] else {
      throw .because("its dilations are \(sliding.dilations)", hint: "use dilation=1 in pools")
    }
    let countsPadding = try node.integer("count_include_pad", default: 0) != 0
    guard let kernel = sliding.kernel else { throw .because("has no kernel_shape") }

    let (input, shape) = try map(node)
    try sliding.require(input.extents.count - 1)
    var window = sliding.window(kernel: kernel, on: shape, outer: nil)
    try requireOverlap(window)
    var countsAll = countsPadding && !window.padding.isEmpty
    if let outer = input.padding {
      if isMaximum {
        // The window's own padding never wins the maximum; zeros might.
        switch nodes[input.node].operation {
        case .relu, .threshold: break
        default:
          throw .because(
            "takes the maximum of a map padded with zeros, which may be negative",
            hint: "pool after a ReLU, or pad with the pool's own padding")
        }
      } else {
        guard countsPadding || window.padding.isEmpty else {
          throw .because("its input is padded with zeros that count, its own padding does not")
        }
        countsAll = true
      }
      window = sliding.window(kernel: kernel, on: shape, outer: outer)
      try requireOverlap(window)
    }
    var output = try outputShape(window, on: shape, channels: shape.channels)
    if sliding.roundsUp {
      window = Self.roundedUp(window, on: shape)
      let rounded = try outputShape(window, on: shape, channels: shape.channels)
      if rounded != output, countsAll {
        throw .because(
          "rounds up (ceil_mode) and counts its padding, which has no exact equivalent",
          hint: "use ceil_mode=False or count_include_pad=False")
      }
      output = rounded
    }
    return try append(
      node, isMaximum ? .maxPool(window) : .averagePool(window, countsPadding: countsAll),
      [input.node], output, extents: Self.extents(of: output, rank: input.extents.count))
  }

  /// A window that sees nothing but padding has no maximum and no mean.
  private func requireOverlap(_ window: Window) throws(Rejection) {
    let padding = window.padding
    guard
      max(padding.top, padding.bottom) < window.kernelHeight,
      max(padding.left, padding.right) < window.kernelWidth
    else {
      throw .because("its padding is as large as its kernel", hint: "pad by less than the kernel")
    }
  }

  /// The window that reaches as far past the end as an output rounded up does.
  ///
  /// More padding at the end does it exactly, as long as padding does not count. As every
  /// framework has it, no window starts in that padding.
  private static func roundedUp(_ window: Window, on shape: Shape) -> Window {
    func extra(_ extent: Int, before: Int, after: Int, kernel: Int, stride: Int) -> Int {
      let span = extent + before + after - kernel
      var steps = (span + stride - 1) / stride
      if steps * stride >= extent + before { steps -= 1 }
      return max(steps * stride - span, 0)
    }
    var result = window
    result.padding.bottom += extra(
      shape.height, before: window.padding.top, after: window.padding.bottom,
      kernel: window.kernelHeight, stride: window.strideHeight)
    result.padding.right += extra(
      shape.width, before: window.padding.left, after: window.padding.right,
      kernel: window.kernelWidth, stride: window.strideWidth)
    return result
  }

  /// `GlobalAveragePool` and `GlobalMaxPool`.
  mutating func globalPool(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow([])
    let (input, shape) = try map(node)
    let extents = [shape.channels] + input.extents.dropFirst().map { _ in 1 }
    return try globalPool(
      node, input, shape, isMaximum: node.op == "GlobalMaxPool", extents: extents)
  }

  private mutating func globalPool(
    _ node: ONNXNode, _ input: Activation, _ shape: Shape, isMaximum: Bool, extents: [Int]
  ) throws(Rejection) -> Value {
    guard input.padding == nil else { throw .because("reads a map padded with zeros") }
    let window = Window(
      kernelHeight: shape.height, kernelWidth: shape.width, strideHeight: shape.height,
      strideWidth: shape.width)
    return try append(
      node, isMaximum ? .maxPool(window) : .averagePool(window, countsPadding: false),
      [input.node], Shape(channels: shape.channels), extents: extents)
  }

  /// `ReduceMean` and `ReduceMax` over rows and columns, which are global pools.
  mutating func reduce(_ node: ONNXNode) throws(Rejection) -> Value {
    try node.allow(["axes", "keepdims", "noop_with_empty_axes"])
    let keepsExtents = try node.integer("keepdims", default: 1) != 0
    guard let axes = try axes(node, input: 1), !axes.isEmpty else {
      throw .because("reduces all axes", hint: "reduce the rows and columns alone, axes (2, 3)")
    }
    let input = try activation(node)
    let rank = input.extents.count + 1
    let reduced = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    let own = try requiredAxes(of: input)
    // Extents of 1 may be reduced or not.
    let kept = own.indices.filter { !reduced.contains($0 + 1) }
    let shape = nodes[input.node].shape
    guard !reduced.contains(0), reduced.allSatisfy((0..<rank).contains),
      own.indices.allSatisfy({ position in
        input.extents[position] == 1 || (own[position] == 0) == kept.contains(position)
      })
    else {
      throw .because(
        "reduces the axes \(axes) of \(rank) dimensions",
        hint: "reduce the rows and columns alone, axes (2, 3)")
    }
    var extents = input.extents
    for position in own.indices where !kept.contains(position) { extents[position] = 1 }
    if !keepsExtents { extents = kept.map { extents[$0] } }
    if extents.isEmpty { extents = [1] }
    return try globalPool(node, input, shape, isMaximum: node.op == "ReduceMax", extents: extents)
  }

  /// Axes, which older operator sets have as an attribute and newer ones as an input.
  ///
  /// Values out of the range of any rank are clamped, so that arithmetic cannot overflow.
  mutating func axes(_ node: ONNXNode, input: Int) throws(Rejection) -> [Int]? {
    let axes: [Int]?
    if let constant = try constant(node, input, "its axes") {
      guard let integers = constant.integers else { throw .because("its axes are not integers") }
      axes = integers
    } else {
      axes = try node.integers("axes")
    }
    return axes?.map { min(max($0, -64), 64) }
  }
}
