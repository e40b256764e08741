extension HostileFile {
  /// Layers that grow when they become one.
  static let layers: [HostileFile] = {
    func pooled(_ stride: [Int], _ pool: [Int], _ extents: [Int], channels: Int) -> Model {
      Model(
        extents, [Tensor("k", [channels, 1, 1, 1])],
        [
          Node("Conv", ["x", "k"], "a", ["strides": .integers(stride)]),
          Node("AveragePool", ["a"], "p", ["kernel_shape": .integers(pool)]),
          Node("GlobalAveragePool", ["p"], "g"), Node("Flatten", ["g"], "y"),
        ])
    }
    let strided = (0..<5).map {
      Node(
        "AveragePool", [$0 == 0 ? "a" : "l\($0)"], "l\($0 + 1)",
        ["kernel_shape": .integers([1, 1]), "strides": .integers([65_536, 65_536])])
    }
    let overlapping = (0..<40).map {
      Node(
        "AveragePool", [$0 == 0 ? "a" : "l\($0)"], "l\($0 + 1)",
        ["kernel_shape": .integers([2, 1])])
    }
    let conv = Node("Conv", ["x", "k"], "a", ["strides": .integers([1, 1])])
    func doubled(_ op: String, _ count: Int) -> Model {
      let nodes = (0..<count).map {
        Node(op, ["d\($0)", "d\($0)"], "d\($0 + 1)", op == "Add" ? [:] : ["axis": .integer(1)])
      }
      return Model(
        [1, 1, 1, 1],
        [Tensor("k", [1, 1, 1, 1]), Tensor("th", [], .floats([0.5])), Tensor("w", [2, 1])],
        [
          Node("Conv", ["x", "k"], "a"), Node("Greater", ["a", "th"], "g"),
          Node("Cast", ["g"], "d0", ["to": .integer(1)]),
        ] + nodes + [Node("GlobalAveragePool", ["d\(count)"], "p"), Node("Flatten", ["p"], "y")])
    }
    return [
      .init("doubled_additions", doubled("Add", 40), nil),
      .init("doubled_concatenations", doubled("Concat", 15), nil),
      .init(
        "fused_memory", pooled([16, 1], [4000, 1], [1, 1, 65_535, 1], channels: 1000),
        "whose weights then number 63985000; the limit is 16777216"),
      .init(
        "fused_stride",
        Model(
          [1, 1, 4, 4], [Tensor("k", [1, 1, 1, 1])],
          [conv] + strided + [
            Node("Flatten", ["l5"], "y")
          ]), "whose stride is then"),
      .init(
        "fused_mean",
        Model(
          [1, 1, 64, 1], [Tensor("k", [1, 1, 1, 1])],
          [conv] + overlapping + [
            Node("Flatten", ["l40"], "y")
          ]), "each of whose outputs then is a mean of"),
    ]
  }()

  /// Attributes that no layer has.
  static let attributes: [HostileFile] = [
    .init("kernel_larger", hostileSpikes(kernel: [1, 1, 9, 9]), "larger than its input"),
    .init("stride_zero", hostileSpikes(["strides": .integers([0, 0])]), "out of range"),
    .init("stride_negative", hostileSpikes(["strides": .integers([-1, -1])]), "out of range"),
    .init(
      "stride_huge", hostileSpikes(["strides": .integers([1 << 62, 1 << 62])]), "out of range"),
    .init(
      "dilations", hostileSpikes(["dilations": .integers([1 << 62, -1])]), "are out of range"),
    .init(
      "dilations_wide",
      Model(
        [1, 1, 4, 4], [Tensor("w", [1, 1, 3, 3])],
        [Node("Conv", ["x", "w"], "y", ["dilations": .integers([60_000, 60_000])])]),
      "has the extents [120001, 120001]"),
    .init(
      "dilations_of_values",
      Model(
        [1, 1, 4, 4], [Tensor("w", [1, 1, 3, 3])],
        [Node("Conv", ["x", "w"], "y", ["dilations": .integers([30_000, 30_000])])]),
      "at most 16777216"),
    .init(
      "transpositions",
      Model(
        [1, 64, 512, 512], [],
        (0..<3000).map {
          Node(
            "Transpose", ["\($0 == 0 ? "x" : "t\($0)")"], "t\($0 + 1)",
            ["perm": .integers($0 % 2 == 0 ? [0, 2, 3, 1] : [0, 3, 2, 1])])
        } + [Node("Relu", ["t3000"], "y")]), nil),
    .init(
      "linear_chain",
      Model(
        [1, 256], [Tensor("w", [256, 256])],
        (0..<120).map {
          Node("MatMul", [$0 == 0 ? "x" : "l\($0)", "w"], $0 == 119 ? "y" : "l\($0 + 1)")
        }), nil),
    .init(
      "normalization_chain",
      Model(
        [1, 2048],
        [Tensor("c", [2048]), Tensor("v", [2048], .floats(Array(repeating: 1, count: 2048)))],
        [Node("Relu", ["x"], "n0")]
          + (0..<3000).map {
            Node(
              "BatchNormalization", ["n\($0)", "c", "c", "c", "v"], $0 == 2999 ? "y" : "n\($0 + 1)")
          }), nil),
    .init("group_zero", hostileSpikes(["group": .integer(0)]), "into 0 groups"),
    .init("group_smallest", hostileSpikes(["group": .integer(.min)]), "do not divide into"),
    .init(
      "group_uneven", hostileSpikes(["group": .integer(2)], kernel: [3, 1, 1, 1], outputs: 48),
      "do not divide into 2 groups"),
    .init(
      "pads_negative", hostileSpikes(["pads": .integers([-1, -1, -1, -1])]), "a pad may be 0 to"),
    .init(
      "pads_huge", hostileSpikes(["pads": .integers([1 << 62, 1 << 62, 1 << 62, 1 << 62])]),
      "a pad may be 0 to"),
    .init(
      "pads_three", hostileSpikes(["pads": .integers([1, 1, 1])]), "its pads are [1, 1, 1]"),
    .init(
      "pads_100000", hostileSpikes(["pads": .integers(Array(repeating: 1, count: 100_000))]),
      "slides"),
    .init(
      "pad_huge",
      Model(
        [1, 1, 4, 4], [shapeTensor("p", [0, 0, 1 << 62, 0, 0, 0, 1 << 62, 0])],
        [Node("Pad", ["x", "p"], "y")]), "its pads are"),
    .init(
      "reshape_smallest",
      Model([1, 16], [shapeTensor("s", [.min, .max])], [Node("Reshape", ["x", "s"], "y")]),
      "does not keep the batch"),
    .init(
      "reshape_wraps",
      Model(
        [1, 16], [shapeTensor("s", [1, 1 << 40, 1 << 40])], [Node("Reshape", ["x", "s"], "y")]),
      "does not keep the batch"),
    .init("threshold_nan", hostileSpikes(threshold: .nan), "not made of finite numbers"),
    .init("threshold_infinite", hostileSpikes(threshold: .infinity), "not made of finite numbers"),
    .init("threshold_huge", hostileSpikes(threshold: 3e38), nil),
    .init(
      "weights_nan",
      hostileDense([Tensor("w", [16, 2], .floats(Array(repeating: .nan, count: 32)))]), "NaN"),
    .init(
      "weights_infinite",
      hostileDense([Tensor("w", [16, 2], .floats(Array(repeating: .infinity, count: 32)))]),
      "infinities"),
    .init(
      "weights_largest",
      hostileDense([
        Tensor("w", [16, 2], .floats(Array(repeating: .greatestFiniteMagnitude, count: 32)))
      ]), nil),
    .init(
      "weights_smallest",
      hostileDense([Tensor("w", [16, 2], .floats(Array(repeating: 1e-45, count: 32)))]), nil),
    .init(
      "variance_negative",
      Model(
        [1, 1], [Tensor("p", [1], .floats([1])), Tensor("v", [1], .floats([-1]))],
        [Node("BatchNormalization", ["x", "p", "p", "p", "v"], "y")]), "is not positive"),
    .init(
      "raw_too_short", hostileDense([Tensor("w", [16, 2], .raw([1, 2, 3], type: 1))]), "3 bytes"),
    .init(
      "text_tensor", hostileDense([Tensor("w", [16, 2], .raw([], type: 8))]), "elements of type 8"),
  ]

  /// Graphs that are none.
  static let graphs: [HostileFile] = {
    var nameless = Node("Foo", ["x"], "y\u{1B}[31m\nall is well\u{7}\u{202E}")
    nameless.outputs.append("y")
    var noGraph = Model([1, 4], [], [])
    noGraph.outputs = []
    var input = noGraph
    input.outputs = ["x"]
    var nowhere = Model([1, 4], [], [Node("Relu", ["x"], "a")])
    nowhere.outputs = ["nowhere"]
    var deep = hostileDense([Tensor("w", [16, 2])])
    deep.metadata = [("spikelet.neurons.y", String(repeating: "[", count: 60_000))]
    var long = deep
    long.metadata = [("spikelet.neurons.y", String(repeating: "[", count: 100_000))]
    let relu = Node("Relu", ["x"], "y")
    let foos = (0..<20_000).map { Node("Foo\($0)", ["x"], "z\($0)") }
    return [
      .init("no_output", noGraph, "it holds no graph"),
      .init("output_is_input", input, "is the input itself"),
      .init("output_from_nowhere", nowhere, "which nothing in the graph produces"),
      .init(
        "cycle",
        Model(
          [1, 4], [],
          [Node("Add", ["x", "b"], "a"), Node("Relu", ["a"], "b")]
            + [Node("Relu", ["b"], "y")]), "the graph has a cycle"),
      .init("self_loop", Model([1, 4], [], [Node("Relu", ["y"], "y")]), "the graph has a cycle"),
      .init("name_twice", Model([1, 4], [], [relu, relu]), "something else produces as well"),
      .init(
        "tensor_twice", hostileDense([Tensor("w", [16, 3]), Tensor("w", [16, 2])]), "is there twice"
      ),
      .init("steering_name", Model([1, 4], [], [nameless]), "\\u{1B}[31m\\u{A}all is well"),
      .init(
        "long_name",
        Model([1, 4], [], [Node("Foo", ["x"], String(repeating: "y", count: 70_000))]),
        "a name has 7000"),
      .init("deep_metadata", deep, "more than 64 deep"),
      .init("long_metadata", long, "has 100000 bytes; the limit is 65536"),
      .init(
        "problems_20000",
        Model([1, 4], [], foos + [Node("Concat", foos.map { $0.outputs[0] }, "y")]),
        "… and 19900 more"),
    ]
  }()

  /// Bytes that are no file of this kind.
  static let syntax: [HostileFile] = {
    var nested: [UInt8] = []
    for _ in 0..<3000 {
      var attribute = ProtobufWriter()
      attribute.string(1, "body")
      attribute.integer(20, 5)
      attribute.bytes(6, nested)
      var node = ProtobufWriter()
      node.string(4, "If")
      node.bytes(5, attribute.bytes)
      var graph = ProtobufWriter()
      graph.bytes(1, node.bytes)
      nested = graph.bytes
    }
    var file = ProtobufWriter()
    file.bytes(7, nested)
    file.message(8) { $0.integer(2, 17) }
    var tiny = ProtobufWriter()
    tiny.bytes(7, Array(repeating: [UInt8]([0x2A, 0x00]), count: 300_000).flatMap { $0 })
    return [
      .init("nothing", [UInt8](), "the file is empty"),
      .init("text", Array(String(repeating: "hello world\n", count: 100).utf8), "wire type"),
      .init("zeros", [UInt8](repeating: 0, count: 100_000), "a field has the number 0"),
      .init("nested_graphs", file.bytes, "the graph has no output"),
      .init("tensors_300000", tiny.bytes, "more than 262144 messages"),
    ]
  }()
}
