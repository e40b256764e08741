extension HostileFile {
  /// Extents that wrap, are negative, or hide behind one of zero.
  static let extents: [HostileFile] = {
    let huge = 1 << 40
    let limit = "at most 16777216 are read"
    return [
      .init(
        "huge_extents", hostileDense([emptyTensor("w", [huge, huge])], transposed: true), limit),
      .init("negative_extents", hostileDense([emptyTensor("w", [-2, -16])]), "-2 is negative"),
      .init("count_wraps", hostileDense([emptyTensor("w", [1 << 32, 1 << 32, 4])]), limit),
      .init(
        "many_dimensions", hostileDense([emptyTensor("w", Array(repeating: 1, count: 99))]),
        "at most 16"),
      .init(
        "input_huge",
        hostileDense([Tensor("w", [2, 16])], extents: [1, 1 << 31, 1 << 31, 1 << 31]),
        limit),
      .init(
        "input_zero", hostileDense([Tensor("w", [16, 2])], extents: [1, 0, 4, 4]),
        "leaves dimension"),
      .init(
        "input_batch", hostileDense([Tensor("w", [16, 2])], extents: [-5, 1, 4, 4]), nil),
      .init(
        "zero_transpose",
        hostileDense(
          [emptyTensor("t", [0, huge, huge])],
          [
            Node("Transpose", ["t"], "w", ["perm": .integers([2, 1, 0])])
          ]), limit),
      .init(
        "zero_transpose_memory",
        hostileDense([emptyTensor("t", [0, huge])], [Node("Transpose", ["t"], "w")]), limit),
      .init(
        "zero_transpose_allowed",
        hostileDense([emptyTensor("t", [0, 1 << 24])], [Node("Transpose", ["t"], "w")]),
        "have the extents"),
      .init(
        "zero_gather",
        hostileDense(
          [emptyTensor("t", [huge, huge, 0]), Tensor("i", [0], .int64s([]))],
          [
            Node("Gather", ["t", "i"], "w", ["axis": .integer(2)])
          ]), limit),
      .init(
        "zero_slice",
        hostileDense(
          [
            emptyTensor("t", [huge, 0]), shapeTensor("s", [0]), shapeTensor("e", [huge]),
            shapeTensor("a", [0]),
          ],
          [Node("Slice", ["t", "s", "e", "a"], "w")]), limit),
      .init(
        "zero_slice_allowed",
        hostileDense(
          [
            emptyTensor("t", [1 << 24, 0]), shapeTensor("s", [0]), shapeTensor("e", [huge]),
            shapeTensor("a", [0]),
          ],
          [Node("Slice", ["t", "s", "e", "a"], "w")]), "have the extents"),
      .init(
        "zero_concat",
        hostileDense(
          [emptyTensor("t", [1 << 62, 0])],
          [
            Node("Concat", ["t", "t", "t"], "w", ["axis": .integer(0)])
          ]), limit),
      .init(
        "zero_dequantize",
        hostileDense(
          [emptyTensor("q", [3, huge, huge, 0], type: 3), Tensor("s", [3])],
          [
            Node("DequantizeLinear", ["q", "s"], "w", ["axis": .integer(0)])
          ]), limit),
      .init(
        "zero_bias",
        Model([1, 4], [emptyTensor("c", [huge, huge, 0])], [Node("Add", ["x", "c"], "y")]), limit),
      .init(
        "zero_bias_allowed",
        Model([1, 4], [emptyTensor("c", [0])], [Node("Add", ["x", "c"], "y")]),
        "not one value a channel"),
      .init("zero_kernel", hostileSpikes(kernel: [0, 1, 3, 3], outputs: 4), "[0, 1, 3, 3]"),
      .init("zero_dense", hostileDense([emptyTensor("w", [16, 0])]), "[16, 0]"),
      .init("map_2_28", hostileSpikes(extents: [1, 1, 16_384, 16_384], outputs: 1), limit),
      .init("width_70000", hostileSpikes(extents: [1, 1, 1, 70_000], outputs: 9), "each is 65535"),
      .init("features_70000", hostileDense([], extents: [1, 70_000]), "each is 65535"),
      .init(
        "outputs_70000", hostileDense([Tensor("w", [16, 70_000])]),
        "70000 outputs; the limit is 65535"),
      .init(
        "pads_65536",
        hostileSpikes(["pads": .integers([65_536, 65_536, 65_536, 65_536])], outputs: 9),
        "1×131076×131076; the limit is 65535"),
    ]
  }()

  /// Constants that a graph computes from next to nothing.
  static let constants: [HostileFile] = {
    let computed = "the limit is 1677"
    func repeated(_ op: String, _ count: Int) -> Model {
      let inputs = op == "Expand" ? ["one", "s"] : ["s"]
      let parts = (0..<count).map { "c\($0)" }
      return hostileDense(
        [shapeTensor("s", [1 << 24]), Tensor("one", [1])],
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
        hostileDense(
          [shapeTensor("s", [1 << 40, 1 << 40])], [Node("ConstantOfShape", ["s"], "w")]),
        "at most 16777216 are read"),
      .init("constants_of_shape", repeated("ConstantOfShape", 16), computed),
      .init("expansions", repeated("Expand", 200), computed),
      .init(
        "doubled_rank",
        hostileDense(
          [Tensor("r0", [1, 1], .int64s([0]))], ranks + [Node("Identity", ["r40"], "w")]),
        "dimensions, at most 16"),
      .init(
        "doubled_length",
        hostileDense([Tensor("d0", [1024])], doubled + [Node("Identity", ["d40"], "w")]),
        "the limit is 1677"),
      .init(
        "reshaped_to_many_dimensions",
        hostileDense(
          [Tensor("t", [1]), Tensor("s", [1 << 16], .int64s(Array(repeating: 1, count: 1 << 16)))],
          [Node("Reshape", ["t", "s"], "w")]), "at most 16 are read"),
      .init(
        "unsqueezed_dimensions",
        hostileDense(
          [Tensor("t", [1]), shapeTensor("s", Array(0..<50))], [Node("Unsqueeze", ["t", "s"], "w")]),
        "at most 16 are read"),
      .init(
        "slice_extremes",
        Model(
          [1, 4],
          [
            Tensor("c", [4]), shapeTensor("s", [.min]), shapeTensor("e", [.max]),
            shapeTensor("a", [0]),
            shapeTensor("st", [.max]),
          ], [Node("Slice", ["c", "s", "e", "a", "st"], "b"), Node("Add", ["x", "b"], "y")]),
        nil),
      .init(
        "division_overflow",
        hostileDense(
          [shapeTensor("a", [.min + 1, 1]), shapeTensor("b", [-1, 0])],
          [
            Node("Div", ["a", "b"], "d"), Node("Expand", ["d", "d"], "w"),
          ]), "out of range"),
      .init(
        "tensor_of_2_24_in_another_file",
        hostileDense([
          Tensor("w", [1 << 14, 1 << 14], .external(["location": "sparse.bin"]))
        ]), "268435456 values; at most 16777216"),
    ]
  }()

  /// Graphs that make their reader go over the same values again and again.
  static let work: [HostileFile] = {
    let large = shapeTensor("s", [1 << 22])
    let make = Node("ConstantOfShape", ["s"], "c", ["value": .tensor(shapeTensor("v", [0]))])
    let readers = (0..<4000).map { Node("Gather", ["t", "c"], "g\($0)") }
    let sums = (0..<4000).map { Node("Add", ["m\($0)", "one"], "m\($0 + 1)") }
    let products = (0..<600).map { Node("MatMul", ["p\($0)", "w"], "p\($0 + 1)") }
    return [
      .init(
        "constant_read_4000_times",
        hostileDense(
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
          } + [Node("Identity", ["l5000"], "y")]), "may only be at the end"),
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
}
