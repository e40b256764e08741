import Foundation

/// Files that somebody made to do harm: each small, and each with a reason why it is refused.
struct HostileFile: CustomStringConvertible, Sendable {
  var name: String
  var bytes: [UInt8]
  /// A part of the message; nil where the file is a strange network, but a network.
  var reason: String?

  var description: String { name }

  init(_ name: String, _ bytes: [UInt8], _ reason: String?) {
    self.name = name
    self.bytes = bytes
    self.reason = reason
  }

  init(_ name: String, _ model: Model, _ reason: String?) {
    self.init(name, model.bytes, reason)
  }

  static let all = extents + constants + work + layers + attributes + graphs + syntax
}

/// Flattens the picture and multiplies it by "w", whatever makes "w".
private func dense(
  _ tensors: [Tensor], _ nodes: [Node] = [], transposed: Bool = false,
  extents: [Int] = [1, 1, 4, 4]
) -> Model {
  let last =
    transposed
    ? Node("Gemm", ["f", "w"], "y", ["transB": .integer(1)]) : Node("MatMul", ["f", "w"], "y")
  return Model(extents, tensors, nodes + [Node("Flatten", ["x"], "f"), last])
}

private func empty(_ name: String, _ extents: [Int], type: Int = 1) -> Tensor {
  Tensor(name, extents, .raw([], type: type))
}

private func shape(_ name: String, _ values: [Int]) -> Tensor {
  Tensor(name, [values.count], .int64s(values))
}

/// A convolution, a comparison, and a dense layer, with one attribute wrong.
private func spiking(
  _ attributes: [String: Node.Attribute] = [:], kernel: [Int] = [1, 1, 1, 1],
  extents: [Int] = [1, 1, 4, 4], outputs: Int? = nil, threshold: Float = 0.5
) -> Model {
  let features = outputs ?? kernel[0] * extents[2] * extents[3]
  return Model(
    extents,
    [
      Tensor("k", kernel), Tensor("th", [], .floats([threshold])), Tensor("w", [2, features]),
    ],
    [
      Node("Conv", ["x", "k"], "a", attributes), Node("Greater", ["a", "th"], "g"),
      Node("Cast", ["g"], "s", ["to": .integer(1)]), Node("Flatten", ["s"], "f"),
      Node("Gemm", ["f", "w"], "y", ["transB": .integer(1)]),
    ])
}

extension HostileFile {
  /// Extents that wrap, are negative, or hide behind one of zero.
  fileprivate static let extents: [HostileFile] = {
    let huge = 1 << 40
    let limit = "at most 16777216 are read"
    return [
      .init("huge_extents", dense([empty("w", [huge, huge])], transposed: true), limit),
      .init("negative_extents", dense([empty("w", [-2, -16])]), "-2 is negative"),
      .init("count_wraps", dense([empty("w", [1 << 32, 1 << 32, 4])]), limit),
      .init("many_dimensions", dense([empty("w", Array(repeating: 1, count: 99))]), "at most 16"),
      .init(
        "input_huge", dense([Tensor("w", [2, 16])], extents: [1, 1 << 31, 1 << 31, 1 << 31]),
        limit),
      .init(
        "input_zero", dense([Tensor("w", [16, 2])], extents: [1, 0, 4, 4]), "leaves dimension"),
      .init(
        "input_batch", dense([Tensor("w", [16, 2])], extents: [-5, 1, 4, 4]), "a batch of -5"),
      .init(
        "zero_transpose",
        dense(
          [empty("t", [0, huge, huge])],
          [
            Node("Transpose", ["t"], "w", ["perm": .integers([2, 1, 0])])
          ]), limit),
      .init(
        "zero_transpose_memory",
        dense([empty("t", [0, huge])], [Node("Transpose", ["t"], "w")]), limit),
      .init(
        "zero_transpose_allowed",
        dense([empty("t", [0, 1 << 24])], [Node("Transpose", ["t"], "w")]), "have the extents"),
      .init(
        "zero_gather",
        dense(
          [empty("t", [huge, huge, 0]), Tensor("i", [0], .int64s([]))],
          [
            Node("Gather", ["t", "i"], "w", ["axis": .integer(2)])
          ]), limit),
      .init(
        "zero_slice",
        dense(
          [empty("t", [huge, 0]), shape("s", [0]), shape("e", [huge]), shape("a", [0])],
          [Node("Slice", ["t", "s", "e", "a"], "w")]), limit),
      .init(
        "zero_slice_allowed",
        dense(
          [empty("t", [1 << 24, 0]), shape("s", [0]), shape("e", [huge]), shape("a", [0])],
          [Node("Slice", ["t", "s", "e", "a"], "w")]), "have the extents"),
      .init(
        "zero_concat",
        dense(
          [empty("t", [1 << 62, 0])],
          [
            Node("Concat", ["t", "t", "t"], "w", ["axis": .integer(0)])
          ]), limit),
      .init(
        "zero_dequantize",
        dense(
          [empty("q", [3, huge, huge, 0], type: 3), Tensor("s", [3])],
          [
            Node("DequantizeLinear", ["q", "s"], "w", ["axis": .integer(0)])
          ]), limit),
      .init(
        "zero_bias",
        Model([1, 4], [empty("c", [huge, huge, 0])], [Node("Add", ["x", "c"], "y")]), limit),
      .init(
        "zero_bias_allowed",
        Model([1, 4], [empty("c", [0])], [Node("Add", ["x", "c"], "y")]), "not one value a channel"),
      .init("zero_kernel", spiking(kernel: [0, 1, 3, 3], outputs: 4), "[0, 1, 3, 3]"),
      .init("zero_dense", dense([empty("w", [16, 0])]), "[16, 0]"),
      .init("map_2_28", spiking(extents: [1, 1, 16_384, 16_384], outputs: 1), limit),
      .init("width_70000", spiking(extents: [1, 1, 1, 70_000], outputs: 9), "each is 65535"),
      .init("features_70000", dense([], extents: [1, 70_000]), "each is 65535"),
      .init(
        "outputs_70000", dense([Tensor("w", [16, 70_000])]), "70000 outputs; the limit is 65535"),
      .init(
        "pads_65536", spiking(["pads": .integers([65_536, 65_536, 65_536, 65_536])], outputs: 9),
        "1×131076×131076; the limit is 65535"),
    ]
  }()

  /// Constants that a graph computes from next to nothing.
  fileprivate static let constants: [HostileFile] = {
    let computed = "the limit is 1677"
    func repeated(_ op: String, _ count: Int) -> Model {
      let inputs = op == "Expand" ? ["one", "s"] : ["s"]
      let parts = (0..<count).map { "c\($0)" }
      return dense(
        [shape("s", [1 << 24]), Tensor("one", [1])],
        parts.map { Node(op, inputs, $0) } + [Node("Concat", parts, "w", ["axis": .integer(0)])])
    }
    // Each gathers all of the one before by all of itself: extents double with every node.
    let ranks = (0..<40).map { Node("Gather", ["r\($0)", "r\($0)"], "r\($0 + 1)") }
    // Each is twice as long as the one before.
    let doubled = (0..<40).map {
      Node("Concat", ["d\($0)", "d\($0)"], "d\($0 + 1)", ["axis": .integer(0)])
    }
    return [
      .init(
        "constant_of_huge_shape",
        dense([shape("s", [1 << 40, 1 << 40])], [Node("ConstantOfShape", ["s"], "w")]),
        "at most 16777216 are read"),
      .init("constants_of_shape", repeated("ConstantOfShape", 16), computed),
      .init("expansions", repeated("Expand", 200), computed),
      .init(
        "doubled_rank",
        dense([Tensor("r0", [1, 1], .int64s([0]))], ranks + [Node("Identity", ["r40"], "w")]),
        "dimensions, at most 16"),
      .init(
        "doubled_length",
        dense([Tensor("d0", [1024])], doubled + [Node("Identity", ["d40"], "w")]),
        "the limit is 1677"),
      .init(
        "reshaped_to_many_dimensions",
        dense(
          [Tensor("t", [1]), Tensor("s", [1 << 16], .int64s(Array(repeating: 1, count: 1 << 16)))],
          [Node("Reshape", ["t", "s"], "w")]), "at most 16 are read"),
      .init(
        "unsqueezed_dimensions",
        dense(
          [Tensor("t", [1]), shape("s", Array(0..<50))], [Node("Unsqueeze", ["t", "s"], "w")]),
        "at most 16 are read"),
      .init(
        "slice_extremes",
        Model(
          [1, 4],
          [
            Tensor("c", [4]), shape("s", [.min]), shape("e", [.max]), shape("a", [0]),
            shape("st", [.max]),
          ], [Node("Slice", ["c", "s", "e", "a", "st"], "b"), Node("Add", ["x", "b"], "y")]),
        "does not directly follow"),
      .init(
        "division_overflow",
        dense(
          [shape("a", [.min + 1, 1]), shape("b", [-1, 0])],
          [
            Node("Div", ["a", "b"], "d"), Node("Expand", ["d", "d"], "w"),
          ]), "out of range"),
      .init(
        "tensor_of_2_24_in_another_file",
        dense([
          Tensor("w", [1 << 14, 1 << 14], .external(["location": "sparse.bin"]))
        ]), "268435456 values; at most 16777216"),
    ]
  }()

  /// Graphs that make their reader go over the same values again and again.
  fileprivate static let work: [HostileFile] = {
    let large = shape("s", [1 << 22])
    let make = Node("ConstantOfShape", ["s"], "c", ["value": .tensor(shape("v", [0]))])
    let readers = (0..<4000).map { Node("Gather", ["t", "c"], "g\($0)") }
    let sums = (0..<4000).map { Node("Add", ["m\($0)", "one"], "m\($0 + 1)") }
    let products = (0..<600).map { Node("MatMul", ["p\($0)", "w"], "p\($0 + 1)") }
    return [
      .init(
        "constant_read_4000_times",
        dense(
          [large, Tensor("t", [1])],
          [make] + readers
            + [Node("Concat", readers.map { $0.outputs[0] }, "w", ["axis": .integer(0)])]),
        "the limit is"),
      .init(
        "wide_sums",
        Model(
          [1, 65_535], [Tensor("one", [1], .floats([1]))],
          [Node("Sign", ["x"], "s"), Node("Relu", ["x"], "m0")] + sums
            + [Node("Relu", ["m4000"], "y")]), "weights of all layers to 33"),
      .init(
        "weights_shared_600_times",
        Model(
          [1, 1024], [Tensor("w", [1024, 1024])],
          [Node("Relu", ["x"], "p0")] + products + [Node("Relu", ["p600"], "y")]),
        "weights of all layers to 33"),
      .init(
        "layers_5000",
        Model(
          [1, 4], [],
          (0..<5000).map {
            Node($0 % 2 == 0 ? "Relu" : "Softmax", [$0 == 0 ? "x" : "l\($0)"], "l\($0 + 1)")
          } + [Node("Identity", ["l5000"], "y")]), "not at the end"),
      .init(
        "pools_5000",
        Model(
          [1, 1, 4, 4], [],
          (0..<5000).map {
            Node(
              "MaxPool", [$0 == 0 ? "x" : "l\($0)"], "l\($0 + 1)",
              ["kernel_shape": .integers([1, 1])])
          } + [Node("Identity", ["l5000"], "y")]), "the limit is 4096"),
      .init(
        "nodes_70000",
        Model(
          [1, 4], [],
          (0..<70_000).map { Node("Identity", [$0 == 0 ? "x" : "l\($0)"], "l\($0 + 1)") }
            + [Node("Relu", ["l70000"], "y")]), "more than 65536 nodes"),
      .init(
        "inputs_600000",
        Model([1, 4], [], [Node("Sum", Array(repeating: "x", count: 600_000), "y")]),
        "more than 524288 names"),
      .init(
        "large_maps",
        Model(
          [1, 4, 2048, 2048], [],
          (0..<9).map {
            Node(
              "MaxPool", [$0 == 0 ? "x" : "l\($0)"], "l\($0 + 1)",
              ["kernel_shape": .integers([1, 1])])
          } + [Node("Identity", ["l9"], "y")]), "values between all layers to"),
    ]
  }()

  /// Layers that grow when they become one.
  fileprivate static let layers: [HostileFile] = {
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
    return [
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
  fileprivate static let attributes: [HostileFile] = [
    .init("kernel_larger", spiking(kernel: [1, 1, 9, 9]), "larger than its input"),
    .init("stride_zero", spiking(["strides": .integers([0, 0])]), "out of range"),
    .init("stride_negative", spiking(["strides": .integers([-1, -1])]), "out of range"),
    .init("stride_huge", spiking(["strides": .integers([1 << 62, 1 << 62])]), "out of range"),
    .init("dilations", spiking(["dilations": .integers([2, 2])]), "its dilations are [2, 2]"),
    .init("group_zero", spiking(["group": .integer(0)]), "into 0 groups"),
    .init("group_smallest", spiking(["group": .integer(.min)]), "do not divide into"),
    .init(
      "group_uneven", spiking(["group": .integer(2)], kernel: [3, 1, 1, 1], outputs: 48),
      "do not divide into 2 groups"),
    .init("pads_negative", spiking(["pads": .integers([-1, -1, -1, -1])]), "a pad may be 0 to"),
    .init(
      "pads_huge", spiking(["pads": .integers([1 << 62, 1 << 62, 1 << 62, 1 << 62])]),
      "a pad may be 0 to"),
    .init("pads_three", spiking(["pads": .integers([1, 1, 1])]), "slides along 1 dimensions"),
    .init(
      "pads_100000", spiking(["pads": .integers(Array(repeating: 1, count: 100_000))]), "slides"),
    .init(
      "pad_huge",
      Model(
        [1, 1, 4, 4], [shape("p", [0, 0, 1 << 62, 0, 0, 0, 1 << 62, 0])],
        [Node("Pad", ["x", "p"], "y")]), "its pads are"),
    .init(
      "reshape_smallest",
      Model([1, 16], [shape("s", [.min, .max])], [Node("Reshape", ["x", "s"], "y")]),
      "does not keep the batch"),
    .init(
      "reshape_wraps",
      Model([1, 16], [shape("s", [1, 1 << 40, 1 << 40])], [Node("Reshape", ["x", "s"], "y")]),
      "does not keep the batch"),
    .init("threshold_nan", spiking(threshold: .nan), "not made of finite numbers"),
    .init("threshold_infinite", spiking(threshold: .infinity), "not made of finite numbers"),
    .init("threshold_huge", spiking(threshold: 3e38), nil),
    .init(
      "weights_nan",
      dense([Tensor("w", [16, 2], .floats(Array(repeating: .nan, count: 32)))]), "NaN"),
    .init(
      "weights_infinite",
      dense([Tensor("w", [16, 2], .floats(Array(repeating: .infinity, count: 32)))]), "infinities"),
    .init(
      "weights_largest",
      dense([
        Tensor("w", [16, 2], .floats(Array(repeating: .greatestFiniteMagnitude, count: 32)))
      ]), nil),
    .init(
      "weights_smallest",
      dense([Tensor("w", [16, 2], .floats(Array(repeating: 1e-45, count: 32)))]), nil),
    .init(
      "variance_negative",
      Model(
        [1, 1], [Tensor("p", [1], .floats([1])), Tensor("v", [1], .floats([-1]))],
        [Node("BatchNormalization", ["x", "p", "p", "p", "v"], "y")]), "is not positive"),
    .init("raw_too_short", dense([Tensor("w", [16, 2], .raw([1, 2, 3], type: 1))]), "3 bytes"),
    .init("text_tensor", dense([Tensor("w", [16, 2], .raw([], type: 8))]), "elements of type 8"),
  ]

  /// Graphs that are none.
  fileprivate static let graphs: [HostileFile] = {
    var nameless = Node("Foo", ["x"], "y\u{1B}[31m\nall is well\u{7}\u{202E}")
    nameless.outputs.append("y")
    var noGraph = Model([1, 4], [], [])
    noGraph.outputs = []
    var input = noGraph
    input.outputs = ["x"]
    var nowhere = Model([1, 4], [], [Node("Relu", ["x"], "a")])
    nowhere.outputs = ["nowhere"]
    var deep = dense([Tensor("w", [16, 2])])
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
        "tensor_twice", dense([Tensor("w", [16, 3]), Tensor("w", [16, 2])]), "is there twice"),
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
  fileprivate static let syntax: [HostileFile] = {
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
