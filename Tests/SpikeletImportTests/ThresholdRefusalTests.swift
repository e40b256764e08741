import SpikeletRuntime
import Testing

/// Networks with spikes that cannot be converted: one clear error each, by the name of the node.
@Suite struct ThresholdRefusalTests {
  private static let tensors = [
    Tensor("low", [1, 2, 1, 1], .floats([0.25, 0.5])),
    Tensor("high", [1, 2, 1, 1], .floats([1, 0.4])),
    Tensor("half", [], .floats([0.5])), Tensor("one", [], .floats([1])),
    Tensor("zero", [], .floats([0])), Tensor("minus", [], .floats([-1])),
    Tensor("s", [4], .int64s([1, 2, 3, 4])),
    Tensor("q", [2], .raw([1, 2], type: 3)), Tensor("nan", [], .floats([.nan])),
    Tensor("pixels", [1, 2, 2, 2], .floats([1, 2, 3, 4, 5, 6, 7, 8])),
  ]

  private static func cast(_ input: String, _ output: String, _ type: Int = 1) -> Node {
    Node("Cast", [input], output, ["to": .integer(type)])
  }

  private static func spikes(_ bound: String, _ name: String, of value: String = "x") -> [Node] {
    [Node("Greater", [value, bound], name + "_truth"), cast(name + "_truth", name)]
  }

  private static func model(_ nodes: [Node]) -> Model { Model([1, 2, 2, 2], tensors, nodes) }

  private func check(_ cases: [(reason: String, nodes: [Node])]) {
    for (reason, nodes) in cases {
      let text = problems(Self.model(nodes))
      #expect(text.contains(reason), "\(reason) is not in: \(text)")
      #expect(!text.contains(" problems\n"), "more than one: \(text)")
    }
  }

  @Test func thresholdsOutOfOrder() {
    let text = problems(
      Self.model(
        Self.spikes("low", "a") + Self.spikes("high", "b")
          + [Node("Concat", ["a", "b"], "y", ["axis": .integer(1)])]))
    #expect(
      text == "model.onnx: 'node_y' (Concat): joins thresholds that are out of order: in channel 1 "
        + "'node_b_truth' has 0.4 after 0.5 of 'node_a_truth'; join the comparisons in the order "
        + "in which they are passed, the same in every channel")
  }

  @Test func thresholdsThatAreNotConstant() {
    let text = problems(Self.model([Node("Greater", ["x", "x"], "t"), Self.cast("t", "y")]))
    #expect(
      text == "model.onnx: 'node_t' (Greater): compares two values that both depend on the input; "
        + "the threshold must be a constant, one value or one a channel")
    check([
      ("not one value a channel", [Node("Less", ["pixels", "x"], "t"), Self.cast("t", "y")]),
      ("not made of finite numbers", [Node("Less", ["nan", "x"], "t"), Self.cast("t", "y")]),
    ])
  }

  @Test func differentNumbersOfThresholdsThatAreAdded() {
    let several =
      Self.spikes("zero", "a") + Self.spikes("one", "b")
      + [Node("Concat", ["a", "b"], "two", ["axis": .integer(1)])]
    let four = Tensor("w", [4, 2, 1, 1])
    var model = Self.model(
      several + [Node("Conv", ["x", "w"], "u")] + Self.spikes("half", "single", of: "u")
        + [Node("Add", ["two", "single"], "y")])
    model.tensors.append(four)
    #expect(
      problems(model) == "model.onnx: 'node_y' (Add): adds spikes of neurons with different "
        + "numbers of thresholds, 2 and 1; give all branches the same number")
    check([
      ("numbers of thresholds, 2 and 1", several + [Node("Add", ["two", "a"], "y")]),
      (
        "numbers of thresholds, 1 and 2",
        several + [
          Node("Flatten", ["a"], "f"), Node("Flatten", ["two"], "g"), Node("Sum", ["f", "g"], "y"),
        ]
      ),
    ])
  }

  @Test func valuesThatAreNoSpikes() {
    check([
      (
        "gives 0.0 below its threshold and 0.0 above it; needed two values",
        [Node("Equal", ["x", "low"], "t"), Self.cast("t", "y")]
      ),
      (
        "gives 0.5 below its threshold, -1.0 at it and 1.0 above it",
        [
          Node("Sub", ["x", "zero"], "d"), Node("Sign", ["d"], "v"),
          Node("Equal", ["v", "zero"], "e"),
          Node("Greater", ["v", "zero"], "g"), Node("Where", ["g", "one", "half"], "w"),
          Node("Where", ["e", "minus", "w"], "y"),
        ]
      ),
      ("is a truth value, not a number; cast it to floats", [Node("Greater", ["x", "low"], "y")]),
      (
        "gives 1.0 below its threshold and 1.0 above it",
        [Node("Greater", ["x", "low"], "t"), Node("Where", ["t", "one", "one"], "y")]
      ),
    ])
  }

  @Test func neuronsThatFireBelowAValueWithoutWeights() {
    let pool = Node("MaxPool", ["x"], "p", ["kernel_shape": .integers([2, 2])])
    for nodes in [
      [pool, Node("Greater", ["low", "p"], "t")],
      Self.spikes("low", "a") + [
        Node("AveragePool", ["a"], "p", ["kernel_shape": .integers([2, 2])]),
        Node("LessOrEqual", ["p", "half"], "t"),
      ],
    ] {
      check([
        (
          "fires below its threshold, and no weights before it could change their sign",
          nodes + [Self.cast("t", "y")]
        )
      ])
    }
  }

  @Test func logicOfDifferentComparisons() {
    let two = [Node("Greater", ["x", "low"], "a"), Node("Less", ["x", "one"], "b")]
    check([
      (
        "combines comparisons with different thresholds",
        two + [Node("And", ["a", "b"], "t"), Self.cast("t", "y")]
      ),
      ("needs truth values of comparisons", [Node("Not", ["x"], "y")]),
      ("has 1 inputs", two + [Node("Xor", ["a"], "t"), Self.cast("t", "y")]),
      ("casts to truth values", [Self.cast("x", "y", 9)]),
      (
        "its condition is not a comparison with a constant",
        [Node("Where", ["x", "one", "zero"], "y")]
      ),
      (
        "chooses a value that depends on the input", two + [Node("Where", ["a", "x", "zero"], "y")]
      ),
      (
        "chooses constants of several values",
        two + [Node("Where", ["a", "low", "zero"], "y")]
      ),
      ("'fancy' is not supported", [Node("Greater", ["x", "low"], "y", ["fancy": .integer(1)])]),
    ])
  }

  @Test func quantizedValues() {
    func weights(
      _ inputs: [String], _ attributes: [String: Node.Attribute] = [:]
    ) -> [Node] {
      [Node("DequantizeLinear", inputs, "w", attributes), Node("Add", ["x", "w"], "y")]
    }
    check([
      ("reads values that are no integers", weights(["x", "one"])),
      ("reads values that are no integers", weights(["low", "one"])),
      ("blocks of weights", weights(["s", "one"], ["block_size": .integer(2)])),
      ("its scales are missing", weights(["s"])),
      ("its scales depend on the input", weights(["s", "x"])),
      ("has scales of the extents [1, 2, 1, 1] along axis 1 of [4]", weights(["s", "low"])),
      (
        "zero points of [2]",
        weights(["s", "one", "q"])
      ),
      ("gives elements of type 3", weights(["s", "one"], ["output_dtype": .integer(3)])),
      (
        "its weights are integers; put a DequantizeLinear with their scale after them",
        [Node("Conv", ["x", "s"], "y")]
      ),
    ])
  }

  @Test func surrogatesThatLeak() {
    let text = problems(
      Self.model(
        Self.spikes("low", "a") + [
          Node("Sigmoid", ["x"], "h"), Node("Sub", ["a", "h"], "d"), Node("Add", ["d", "h"], "y"),
        ]))
    #expect(text.contains("'node_h' (Sigmoid): the operator is not supported"))
    check([
      ("write a spike as (x > threshold).float()", [Node("ScatterND", ["x", "x", "x"], "y")])
    ])
  }
}
