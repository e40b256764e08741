import SpikeletNetwork

extension ONNXLowering {
  /// What a node computes, by its operator.
  mutating func converted(_ node: ONNXNode) throws(Rejection) -> Value {
    if node.domain == "com.microsoft", let value = try quantizedOperator(node) { return value }
    guard node.domain.isEmpty else {
      throw .because(
        "the operator set '\(node.domain)' is not supported",
        hint: "export with the standard operators of ONNX")
    }
    if let constant = try computedConstant(node) { return .constant(constant) }
    switch node.op {
    case "Conv": return try convolution(node)
    case "Gemm": return try gemm(node)
    case "MatMul": return try matMul(node)
    case "BatchNormalization": return try batchNormalization(node)
    case "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal": return try comparison(node)
    case "Sign": return try sign(node)
    case "Not", "And", "Or", "Xor": return try logic(node)
    case "Where": return try choice(node)
    case "DequantizeLinear": return try dequantize(node)
    case "QuantizeLinear": return try quantize(node)
    case "QLinearConv": return try quantizedConvolution(node)
    case "QLinearMatMul": return try quantizedProduct(node)
    case "Relu": return try relu(node)
    case "Clip", "Max", "Min": return try clip(node)
    case "AveragePool", "MaxPool": return try pool(node)
    case "GlobalAveragePool", "GlobalMaxPool": return try globalPool(node)
    case "ReduceMean", "ReduceMax": return try reduce(node)
    case "Add", "Sub", "Mul", "Div", "Sum": return try arithmetic(node)
    case "Concat": return try concat(node)
    case "Pad": return try pad(node)
    case "Flatten": return try flatten(node)
    case "Reshape": return try reshape(node)
    case "Squeeze", "Unsqueeze": return try squeeze(node)
    case "Transpose": return try transpose(node)
    case "Identity", "Dropout", "Cast", "CastLike": return try passOn(node)
    case "Softmax", "LogSoftmax": return try softmax(node)
    case "ArgMax" where isEnding: return try argMax(node)
    case "Constant": return try constantNode(node)
    case "ConstantOfShape": return try constantOfShape(node)
    case "Expand": return try expand(node)
    case "Shape": return try shape(node)
    case "Gather": return try gather(node)
    case "Slice": return try slice(node)
    case let op where Self.rising.contains(op) && isEnding: return try rising(node)
    default: throw .because("the operator is not supported", hint: Self.hints[node.op])
    }
  }

  /// What to use in place of operators that people's networks have.
  private static let hints: [String: String] = {
    let groups: [(operators: [String], hint: String)] = [
      (
        [
          "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid",
          "Tanh", "Softplus", "Softsign", "ThresholdedRelu",
        ], "train the network with ReLU"
      ),
      (
        ["Gelu", "HardSwish", "Mish", "Swish", "Erf"],
        "replace it by ReLU, train on for a few epochs, and export again"
      ),
      (
        ["Floor", "Ceil", "Round"],
        "for an activation in steps, export the network with ReLU in its place"
      ),
      (
        [
          "LRN", "InstanceNormalization", "LayerNormalization", "GroupNormalization",
          "RMSNormalization", "LpNormalization", "MeanVarianceNormalization",
        ], "train the network with batch normalization"
      ),
      (
        [
          "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger",
        ], "quantize it statically (quantize_static), or export it before it is quantized"
      ),
      (
        ["ConvTranspose", "Resize", "Upsample"], "only layers that do not enlarge maps can be used"
      ),
      (["NonZero", "ScatterND", "ScatterElements"], "write a spike as (x > threshold).float()"),
      (["LpPool", "GlobalLpPool"], "use an average or maximum pool"),
      (["ArgMax", "ArgMin", "TopK"], "export the class scores themselves"),
      (["If", "Loop", "Scan", "LSTM", "GRU", "RNN"], "only graphs without a state can be used"),
    ]
    var hints: [String: String] = [:]
    for group in groups {
      for name in group.operators { hints[name] = group.hint }
    }
    return hints
  }()
}

extension ONNXLowering {
  /// The name of an input, or nil when the node leaves it out.
  func inputName(_ node: ONNXNode, _ position: Int) -> String? {
    guard node.inputs.indices.contains(position), !node.inputs[position].isEmpty else { return nil }
    return node.inputs[position]
  }

  mutating func value(_ node: ONNXNode, _ position: Int) throws(Rejection) -> Value {
    guard let name = inputName(node, position) else {
      throw .because("has no input \(position + 1)")
    }
    return try value(named: name)
  }

  /// An input that a layer computes with: not padded, and not after a softmax.
  mutating func activation(_ node: ONNXNode, _ position: Int = 0) throws(Rejection) -> Activation {
    let activation = try paddedActivation(node, position)
    guard activation.padding == nil else {
      throw .because("reads a map padded with zeros, which only a convolution or a pool may")
    }
    return activation
  }

  /// An input of a layer that can add the padding that it still needs.
  mutating func paddedActivation(
    _ node: ONNXNode, _ position: Int = 0
  ) throws(Rejection) -> Activation {
    guard let name = inputName(node, position) else {
      throw .because("has no input \(position + 1)")
    }
    let activation = try activation(named: name)
    if let ending = activation.ending {
      throw .because("computes with the output of '\(ending)', which may only be at the end")
    }
    return activation
  }

  /// An input of channels, rows and columns, or of channels and columns.
  mutating func map(_ node: ONNXNode) throws(Rejection) -> (Activation, Shape) {
    let activation = try mapped(try paddedActivation(node))
    return (activation, nodes[activation.node].shape)
  }

  /// An input known while the graph is read, or nil when the node leaves it out.
  mutating func constant(
    _ node: ONNXNode, _ position: Int, _ what: String
  ) throws(Rejection) -> Constant? {
    guard let name = inputName(node, position) else { return nil }
    switch try value(named: name) {
    case .constant(let constant): return constant
    case .unknown: throw .unknownInput
    case .activation, .thresholded: throw .because("\(what) depend on the input of the network")
    }
  }

  /// Weights: floats, each a finite number.
  mutating func weights(
    _ node: ONNXNode, _ position: Int, _ what: String
  ) throws(Rejection) -> (values: [Float], extents: [Int])? {
    guard let constant = try constant(node, position, what) else { return nil }
    guard case .floats(let values) = constant.elements else {
      throw .because(
        "\(what) are integers", hint: "put a DequantizeLinear with their scale after them")
    }
    guard values.allSatisfy(\.isFinite) else {
      throw .because("\(what) hold infinities or NaN", hint: "check how the training ended")
    }
    return (values, constant.extents)
  }

  /// Weights that the node must have.
  mutating func requiredWeights(
    _ node: ONNXNode, _ position: Int, _ what: String
  ) throws(Rejection) -> (values: [Float], extents: [Int]) {
    guard let result = try weights(node, position, what) else {
      throw .because("\(what) are missing")
    }
    return result
  }

  /// Appends a node to the network and returns its value, by default in the node's own order.
  mutating func append(
    _ node: ONNXNode, _ operation: Network.Operation, _ inputs: [Int], _ shape: Shape,
    extents: [Int], order: ValueOrder? = nil
  ) throws(Rejection) -> Value {
    try appendNode(
      Network.Node(name: node.label, operation: operation, inputs: inputs, shape: shape))
    return .activation(
      Activation(
        node: nodes.count - 1, extents: extents, order: order ?? ValueOrder(count: shape.count)))
  }

  /// Appends a node to the network, within what a network may have.
  mutating func appendNode(_ node: Network.Node) throws(Rejection) {
    let shape = node.shape
    try usage.map(try Limits.checked([shape.channels, shape.height, shape.width]))
    guard nodes.count < Limits.layers else {
      throw .because("is layer \(nodes.count + 1) of the network; the limit is \(Limits.layers)")
    }
    nodes.append(node)
  }

  /// Refuses a map that no model file could describe.
  func requireExtents(_ shape: Shape) throws(Rejection) {
    guard max(shape.channels, shape.height, shape.width) <= Limits.extent else {
      throw .because(
        "computes a map of \(shape); the limit is \(Limits.extent) channels, rows or columns")
    }
  }
}

extension ONNXNode {
  /// Refuses attributes that the conversion does not know, since it cannot honor them.
  func allow(_ names: Set<String>) throws(Rejection) {
    let unknown = attributes.keys.filter { !names.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw .because("the attribute '\(unknown[0])' is not supported")
    }
  }

  func integer(_ name: String, default value: Int64) throws(Rejection) -> Int64 {
    guard let attribute = try attribute(name, .integer) else { return value }
    return attribute.integer
  }

  func float(_ name: String, default value: Float) throws(Rejection) -> Float {
    guard let attribute = try attribute(name, .float) else { return value }
    return attribute.float
  }

  func string(_ name: String, default value: String) throws(Rejection) -> String {
    guard let attribute = try attribute(name, .string) else { return value }
    return attribute.string
  }

  func integers(_ name: String) throws(Rejection) -> [Int]? {
    try attribute(name, .integers)?.integers.map { Int(clamping: $0) }
  }

  func attribute(
    _ name: String, _ kind: ONNXAttribute.Kind
  ) throws(Rejection) -> ONNXAttribute? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.kind == kind.rawValue else {
      throw .because("the attribute '\(name)' is of another type than \(kind)")
    }
    return attribute
  }
}
