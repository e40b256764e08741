import SpikeletRuntime
import Testing

/// What cannot be converted is refused by the name of its node, its operator and a reason.
@Suite struct RefusalTests {
  static let weights = Tensor("w", [4, 2, 3, 3])
  static let matrix = Tensor("m", [72, 5])
  static let channel = Tensor("c", [2])

  static func convolution(_ attributes: [String: Node.Attribute]) -> Model {
    Model([1, 2, 6, 6], [weights], [Node("Conv", ["x", "w"], "y", attributes)])
  }

  static func single(_ node: Node, _ tensors: [Tensor] = [], _ extents: [Int] = [1, 2, 6, 6])
    -> Model
  {
    Model(extents, tensors, [node])
  }

  /// The reason, and a model that gives it.
  typealias Case = (reason: String, model: Model)

  private func check(_ cases: [Case]) {
    for (reason, model) in cases {
      let text = problems(model)
      #expect(text.contains(reason), "\(reason) is not in: \(text)")
      if let node = model.nodes.first, model.nodes.count == 1 {
        #expect(text.contains("'node_y' (\(node.op))"), "\(text)")
      }
    }
  }

  @Test(arguments: [
    "LeakyRelu", "LRN", "Elu", "Resize", "ConvTranspose", "DynamicQuantizeLinear",
    "LSTM", "If", "ArgMin", "LayerNormalization", "Einsum", "Frobnicate", "",
  ])
  func operators(_ op: String) {
    #expect(problems(Self.single(Node(op, ["x"], "y"))).contains("operator is not supported"))
  }

  @Test func hintsAtWhatToDo() {
    let text = problems(
      Model(
        [1, 4], [Tensor("m", [4, 2])], [Node("Tanh", ["x"], "t"), Node("MatMul", ["t", "m"], "y")]))
    #expect(
      text == "model.onnx: 'node_t' (Tanh): the operator is not supported; "
        + "train the network with ReLU")
  }

  @Test func otherOperatorSets() {
    var node = Node("Relu", ["x"], "y")
    node.domain = "com.microsoft"
    check([("operator set 'com.microsoft'", Self.single(node))])
  }

  @Test func convolutions() {
    let line = Tensor("w", [4, 2, 3])
    let volume = Tensor("w", [4, 2, 3, 3, 3])
    check([
      ("dilations [0, 2] are out of", Self.convolution(["dilations": .integers([0, 2])])),
      ("along 1 dimensions", Self.single(Node("Conv", ["x", "w"], "y"), [line])),
      (
        "along 1 dimensions",
        Self.single(Node("Conv", ["x", "w"], "y", ["kernel_shape": .integers([3])]), [line])
      ),
      ("larger than its input", Self.convolution(["dilations": .integers([3, 3])])),
      ("along 3 dimensions", Self.single(Node("Conv", ["x", "w"], "y"), [volume])),
      ("pads are [-1, 0, 0, 0]", Self.convolution(["pads": .integers([-1, 0, 0, 0])])),
      ("out of range", Self.convolution(["strides": .integers([0, 1])])),
      ("auto_pad is 'SAME'", Self.convolution(["auto_pad": .string("SAME")])),
      ("weights are for [3, 3]", Self.convolution(["kernel_shape": .integers([5, 5])])),
      ("divide into 3 groups", Self.convolution(["group": .integer(3)])),
      ("but its input has 2", Self.convolution(["group": .integer(2)])),
      ("'fancy' is not supported", Self.convolution(["fancy": .integer(1)])),
      ("of another type", Self.convolution(["group": .string("1")])),
      (
        "larger than its input",
        Self.single(Node("Conv", ["x", "w"], "y"), [weights()], [1, 2, 2, 9])
      ),
      ("weights are missing", Self.single(Node("Conv", ["x"], "y"))),
      ("depend on the input", Self.single(Node("Conv", ["x", "x"], "y"))),
      ("its biases", Self.single(Node("Conv", ["x", "w", "c"], "y"), [weights(), Self.channel])),
      ("not (batch, channels", Self.single(Node("Conv", ["x", "w"], "y"), [weights()], [1, 2])),
      (
        "NaN",
        Self.single(
          Node("Conv", ["x", "w"], "y"), [Tensor("w", [1, 2, 1, 1], .floats([.nan, 1]))])
      ),
      (
        "are integers",
        Self.single(Node("Conv", ["x", "w"], "y"), [Tensor("w", [2], .int64s([1, 2]))])
      ),
    ])
  }

  private func weights() -> Tensor { Self.weights }

  @Test func denseLayers() {
    func gemm(_ attributes: [String: Node.Attribute], _ extents: [Int] = [1, 72]) -> Model {
      Self.single(
        Node("Gemm", ["x", "m", "b"], "y", attributes), [Self.matrix, Tensor("b", [5])], extents)
    }
    check([
      ("transA", gemm(["transA": .integer(1)])),
      ("are for 5 inputs, but it reads 72", gemm(["transB": .integer(1)])),
      ("flatten the map first", gemm([:], [1, 2, 6, 6])),
      (
        "infinite",
        Self.single(
          Node("Gemm", ["x", "m"], "y", ["alpha": .float(3e38)]),
          [Tensor("m", [1, 1], .floats([2]))], [1, 1])
      ),
      ("not a number", gemm(["alpha": .float(.nan)])),
      ("both depend", Self.single(Node("MatMul", ["x", "x"], "y"), [], [1, 72])),
      (
        "a constant by a value",
        Self.single(Node("MatMul", ["m", "x"], "y"), [Self.matrix], [1, 5])
      ),
      (
        "biases have the extents [2, 1]",
        Self.single(
          Node("Gemm", ["x", "m", "b"], "y"), [Self.matrix, Tensor("b", [2, 1])], [1, 72])
      ),
      ("not two", Self.single(Node("MatMul", ["x", "c"], "y"), [Self.channel], [1, 2])),
    ])
  }

  @Test func batchNormalization() {
    func model(
      _ attributes: [String: Node.Attribute] = [:], variance: [Float] = [1, 1],
      outputs: [String] = ["y"], extents: [Int] = [1, 2, 6, 6]
    ) -> Model {
      var node = Node("BatchNormalization", ["x", "c", "c", "c", "v"], "y", attributes)
      node.outputs = outputs
      return Self.single(node, [Self.channel, Tensor("v", [2], .floats(variance))], extents)
    }
    check([
      ("training_mode=1", model(["training_mode": .integer(1)])),
      ("3 outputs", model(outputs: ["y", "mean", "variance"])),
      ("spatial=0", model(["spatial": .integer(0)])),
      ("is not positive", model(variance: [1, -1])),
      ("its input has 3", model(extents: [1, 3, 6, 6])),
      ("its input has 3", model(extents: [1, 3, 6])),
    ])
  }

  @Test func pools() {
    func pool(_ op: String, _ attributes: [String: Node.Attribute]) -> Model {
      var all = attributes
      if all["kernel_shape"] == nil { all["kernel_shape"] = .integers([3, 3]) }
      return Self.single(Node(op, ["x"], "y", all), [], [1, 2, 6, 6])
    }
    let up: [String: Node.Attribute] = ["ceil_mode": .integer(1), "strides": .integers([2, 2])]
    let counted = up.merging([
      "count_include_pad": .integer(1), "pads": .integers([1, 1, 1, 1]),
    ]) { $1 }
    check([
      ("ceil_mode", pool("AveragePool", counted)),
      ("as large as its kernel", pool("MaxPool", ["pads": .integers([3, 0, 0, 0])])),
      ("dilations", pool("MaxPool", ["dilations": .integers([2, 1])])),
      ("no kernel_shape", Self.single(Node("MaxPool", ["x"], "y"))),
      ("reduces all axes", Self.single(Node("ReduceMean", ["x"], "y"))),
      (
        "reduces the axes [1]",
        Self.single(Node("ReduceMean", ["x"], "y", ["axes": .integers([1])]))
      ),
    ])
    var indices = pool("MaxPool", [:])
    indices.nodes[0].outputs = ["values", "y"]
    #expect(problems(indices).contains("output 2, 'y', is used"))
  }

  @Test func elementwise() {
    let map = Tensor("t", [2, 6, 6])
    let pair = [Node("Relu", ["x"], "r"), Node("Mul", ["x", "r"], "y")]
    check([
      ("multiplies two values", Model([1, 2, 6, 6], [], pair)),
      ("one value a channel", Self.single(Node("Add", ["x", "t"], "y"), [map])),
      ("one value a channel", Self.single(Node("Add", ["x", "c"], "y"), [Self.channel])),
      ("divides a constant", Self.single(Node("Div", ["one", "x"], "y"), [Tensor("one", [])])),
      (
        "divides by zero",
        Self.single(Node("Div", ["x", "z"], "y"), [Tensor("z", [], .floats([0]))])
      ),
      (
        "clips to -1.0…1.0",
        Self.single(Node("Clip", ["x"], "y", ["min": .float(-1), "max": .float(1)]))
      ),
      (
        "ceiling is 0.0",
        Self.single(Node("Clip", ["x"], "y", ["min": .float(0), "max": .float(0)]))
      ),
      (
        "unequal extents",
        Model(
          [1, 2, 6, 6], [],
          [Node("GlobalAveragePool", ["x"], "g"), Node("Add", ["x", "g"], "y")])
      ),
      ("compares two values", Self.single(Node("Max", ["x", "x"], "y"))),
      (
        "drops values",
        Self.single(
          Node("Dropout", ["x", "", "on"], "y"), [Tensor("on", [], .raw([1], type: 9))])
      ),
      ("rounds values", Self.single(Node("Cast", ["x"], "y", ["to": .integer(7)]))),
    ])
  }

  @Test func layouts() {
    func reshape(_ target: [Int], _ extents: [Int] = [1, 2, 6, 6]) -> Model {
      Self.single(
        Node("Reshape", ["x", "s"], "y"), [Tensor("s", [target.count], .int64s(target))], extents)
    }
    let softmax = [Node("Softmax", ["x"], "s"), Node("Relu", ["s"], "y")]
    check([
      ("does not keep the batch", reshape([2, -1])),
      ("does not keep the batch", reshape([-1, 36])),
      ("does not keep the batch", reshape([-1])),
      ("does not keep the batch", reshape([-1, -1])),
      ("from axis 2", Self.single(Node("Flatten", ["x"], "y", ["axis": .integer(2)]))),
      (
        "moves the batch",
        Self.single(
          Node("Transpose", ["x"], "y", ["perm": .integers([1, 0, 2, 3])]))
      ),
      (
        "reorders 4 dimensions by [0, 1, 2]",
        Self.single(
          Node("Transpose", ["x"], "y", ["perm": .integers([0, 1, 2])]))
      ),
      ("along axis 2", Self.single(Node("Concat", ["x", "x"], "y", ["axis": .integer(2)]))),
      ("which may only be at the end", Model([1, 4], [], softmax)),
      ("over the class scores", Self.single(Node("Softmax", ["x"], "y"))),
      ("not with zeros", Self.single(Node("Pad", ["x"], "y", ["mode": .string("reflect")]))),
      (
        "moves or removes the batch",
        Self.single(
          Node("Unsqueeze", ["x"], "y", ["axes": .integers([0])]))
      ),
    ])
    let padded = Node("Pad", ["x", "p"], "q")
    let pads = Tensor("p", [8], .int64s([0, 0, 1, 1, 0, 0, 1, 1]))
    let pool = Node("MaxPool", ["q"], "y", ["kernel_shape": .integers([3, 3])])
    check([
      ("may be negative", Model([1, 2, 6, 6], [pads], [padded, pool])),
      ("padded with zeros", Model([1, 2, 6, 6], [pads], [padded, Node("Relu", ["q"], "y")])),
    ])
  }

  @Test func listsAllProblemsAtOnce() {
    let nodes = [
      Node("Conv", ["x", "w"], "a", ["dilations": .integers([0, 2])]), Node("Tanh", ["a"], "b"),
      Node("Conv", ["b", "w"], "c", ["strides": .integers([1])]),
      Node("Clip", ["c"], "d", ["min": .float(1)]), Node("Mul", ["d", "a"], "e"),
      Node("Flatten", ["e"], "f"), Node("Gemm", ["f", "n"], "y"), Node("Tanh", ["x"], "unused"),
    ]
    let text = problems(
      Model([1, 2, 6, 6], [Self.weights, Tensor("n", [2, 1], .floats([.nan, 0]))], nodes))
    #expect(text.contains("5 problems"), "\(text)")
    let parts = [
      "'node_a' (Conv): its dilations", "'node_b' (Tanh)", "'node_c' (Conv)", "'node_e' (Mul)",
      "'node_y' (Gemm): its weights hold",
    ]
    for part in parts { #expect(text.contains(part), "\(text)") }
  }
}
