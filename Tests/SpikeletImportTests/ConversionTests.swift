import SpikeletNetwork
import SpikeletRuntime
import Testing

/// Forms of layers that no fixture has, against numbers worked out by hand.
@Suite struct ConversionTests {
  private func scores(_ model: Model, _ input: [Float]) throws -> [Float] {
    let network = try network(model)
    return network.evaluate(input)[network.output]
  }

  private func window(_ network: Network) -> Window? {
    for node in network.nodes {
      switch node.operation {
      case .convolution(let layer): return layer.window
      case .maxPool(let window), .averagePool(let window, _): return window
      default: break
      }
    }
    return nil
  }

  @Test func gemmOfEveryForm() throws {
    let weights = Tensor("w", [2, 3], .floats([1, 2, 3, 4, 5, 6]))
    let bias = Tensor("b", [1, 3], .floats([1, 2, 3]))
    let one = Tensor("b", [], .floats([1]))
    func gemm(_ bias: Tensor, _ attributes: [String: Node.Attribute]) -> Model {
      Model([1, 2], [weights, bias], [Node("Gemm", ["x", "w", "b"], "y", attributes)])
    }
    #expect(try scores(gemm(bias, [:]), [1, 10]) == [42, 54, 66])
    #expect(
      try scores(gemm(bias, ["alpha": .float(2), "beta": .float(10)]), [1, 10]) == [92, 124, 156])
    #expect(try scores(gemm(one, [:]), [1, 10]) == [42, 53, 64])
    var transposed = gemm(one, ["transB": .integer(1)])
    transposed.inputs = [("x", [-1, 3])]
    #expect(try scores(transposed, [1, 10, 100]) == [322, 655])
  }

  @Test(arguments: [
    ("SAME_UPPER", Window.Padding(top: 0, left: 0, bottom: 1, right: 1), 3),
    ("SAME_LOWER", Window.Padding(top: 1, left: 1, bottom: 0, right: 0), 3),
    ("VALID", Window.Padding(), 2), ("NOTSET", Window.Padding(), 2),
  ])
  func autoPad(_ name: String, _ padding: Window.Padding, _ extent: Int) throws {
    let attributes: [String: Node.Attribute] = [
      "auto_pad": .string(name), "strides": .integers([2, 2]),
    ]
    let network = try network(
      Model(
        [1, 1, 6, 6], [Tensor("w", [1, 1, 3, 3])], [Node("Conv", ["x", "w"], "y", attributes)]))
    #expect(window(network)?.padding == padding)
    #expect(network.outputShape == Shape(channels: 1, height: extent, width: extent))
  }

  @Test func roundingUpIsMorePadding() throws {
    // Five columns, a kernel of 2 and a stride of 2: the third window has one column alone.
    let attributes: [String: Node.Attribute] = [
      "kernel_shape": .integers([1, 2]), "strides": .integers([1, 2]), "ceil_mode": .integer(1),
    ]
    let cases: [(String, [Float])] = [("AveragePool", [1.5, 3.5, 5]), ("MaxPool", [2, 4, 5])]
    for (op, expected) in cases {
      let model = Model([1, 1, 1, 5], [], [Node(op, ["x"], "y", attributes)])
      #expect(try scores(model, [1, 2, 3, 4, 5]) == expected)
    }
    // A window that would start in the padding is left out, as every framework does.
    var padded = attributes
    padded["pads"] = .integers([0, 1, 0, 1])
    let model = Model([1, 1, 1, 5], [], [Node("MaxPool", ["x"], "y", padded)])
    #expect(try scores(model, [-1, -2, -3, -4, -5]) == [-1, -2, -4])
  }

  @Test func countedPaddingDividesByTheWindow() throws {
    let cases: [(Int, [Float])] = [(0, [1.5, 2, 2.5]), (1, [1, 2, 5 / 3])]
    for (counts, expected) in cases {
      let attributes: [String: Node.Attribute] = [
        "kernel_shape": .integers([1, 3]), "pads": .integers([0, 1, 0, 1]),
        "count_include_pad": .integer(counts),
      ]
      let model = Model([1, 1, 1, 3], [], [Node("AveragePool", ["x"], "y", attributes)])
      for (score, value) in zip(try scores(model, [1, 2, 3]), expected) {
        #expect(abs(score - value) < 1e-6)
      }
    }
  }

  @Test func explicitPaddingJoinsThePool() throws {
    let pads = Tensor("p", [4], .int64s([1, 0, 1, 0]))
    let axes = Tensor("a", [2], .int64s([-1, 2]))
    let pool: [String: Node.Attribute] = ["kernel_shape": .integers([1, 3])]
    let cases: [(String, [Float])] = [("AveragePool", [1, 2]), ("MaxPool", [2, 3])]
    for (op, expected) in cases {
      let model = Model(
        [1, 1, 1, 3], [pads, axes],
        [
          Node("Relu", ["x"], "r"), Node("Pad", ["r", "p", "", "a"], "q"),
          Node(op, ["q"], "y", pool),
        ])
      #expect(try scores(model, [1, 2, 3]).prefix(2) == expected[...])
    }
  }

  @Test func constantsOfEveryPlace() throws {
    let two = Tensor("t", [], .floats([2]))
    let cases: [(String, [String], [Float])] = [
      ("Add", ["x", "t"], [3, 6]), ("Add", ["t", "x"], [3, 6]), ("Sub", ["x", "t"], [-1, 2]),
      ("Sub", ["t", "x"], [1, -2]), ("Mul", ["t", "x"], [2, 8]), ("Div", ["x", "t"], [0.5, 2]),
    ]
    for (op, inputs, expected) in cases {
      #expect(try scores(Model([1, 2], [two], [Node(op, inputs, "y")]), [1, 4]) == expected)
    }
    let chain = [
      Node("Sub", ["x", "t"], "a"), Node("Div", ["a", "t"], "b"), Node("Add", ["b", "t"], "y"),
    ]
    let network = try network(Model([1, 2], [two], chain))
    #expect(network.nodes.count == 2)
    #expect(network.evaluate([1, 4])[1] == [1.5, 3])
  }

  @Test func sharedValuesAreNotChanged() throws {
    // The dense layer is read before the bias, too: the bias cannot move into it.
    let model = Model(
      [1, 2], [Tensor("w", [2, 2], .floats([1, 0, 0, 1])), Tensor("b", [2], .floats([10, 20]))],
      [
        Node("MatMul", ["x", "w"], "d"), Node("Identity", ["d"], "i"),
        Node("Add", ["i", "b"], "s"),
        Node("Add", ["s", "d"], "y"),
      ])
    #expect(try scores(model, [1, 2]) == [12, 24])
    let clipped = Model(
      [1, 2], [Tensor("six", [], .floats([6]))],
      [Node("Relu", ["x"], "r"), Node("Min", ["r", "six"], "m"), Node("Add", ["r", "m"], "y")])
    #expect(try scores(clipped, [-1, 8]) == [0, 14])
  }

  @Test func clippedRelus() throws {
    let zero = Tensor("z", [], .floats([0]))
    let six = Tensor("s", [], .floats([6]))
    let cases: [([Node], Float?)] = [
      ([Node("Clip", ["x", "z", "s"], "y")], 6), ([Node("Clip", ["x", "z"], "y")], nil),
      ([Node("Relu", ["x"], "r"), Node("Min", ["r", "s"], "y")], 6),
      ([Node("Relu", ["x"], "r"), Node("Clip", ["r", "", "s"], "y")], 6),
      ([Node("Max", ["z", "x"], "y")], nil),
      ([Node("Clip", ["x"], "y", ["min": .float(0), "max": .float(6)])], 6),
      (
        [Node("Clip", ["x"], "y", ["min": .float(0), "max": .float(.greatestFiniteMagnitude)])], nil
      ),
    ]
    for (nodes, expected) in cases {
      let network = try network(Model([1, 2], [zero, six], nodes))
      #expect(network.nodes.count == 2)
      guard case .relu(let ceiling) = network.nodes[1].operation else {
        Issue.record("\(network.nodes[1].operation)")
        continue
      }
      #expect(ceiling == expected)
    }
  }

  @Test func sortsNodesAndIgnoresUnusedOnes() throws {
    let model = Model(
      [1, 2], [Tensor("t", [], .floats([2]))],
      [
        Node("Add", ["a", "b"], "y"), Node("Tanh", ["a"], "unused"), Node("Relu", ["x"], "b"),
        Node("Mul", ["x", "t"], "a"),
      ])
    #expect(try scores(model, [-1, 3]) == [-2, 9])
  }

  @Test func typesOfElements() throws {
    // 1.5, -2, the smallest subnormal and the largest value of float16; then bfloat16.
    let halves = [0x3E00, 0xC000, 0x0001, 0x7BFF]
    let bytes = halves.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let expected: [Float] = [1.5, -2, 0x1p-24, 65504]
    let doubles = expected.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: Double(value).bitPattern >> (8 * $0)) }
    }
    let cases: [Tensor.Values] = [
      .raw(bytes, type: 10), .packedInt32s(halves, type: 10), .raw(doubles, type: 11),
      .typedFloats(expected),
    ]
    for values in cases {
      let model = Model([1, 4], [Tensor("t", [4], values)], [Node("Add", ["x", "t"], "y")])
      #expect(try scores(model, [0, 0, 0, 0]) == expected)
    }
    let brains = Tensor("t", [2], .packedInt32s([0x3FC0, 0xC000], type: 16))
    #expect(
      try scores(Model([1, 2], [brains], [Node("Add", ["x", "t"], "y")]), [0, 0]) == [1.5, -2])
  }

  @Test func layoutsThatKeepTheOrder() throws {
    let last = Tensor("l", [2], .int64s([-1, -2]))
    let rows = Tensor("o", [1], .int64s([1]))
    let nodes = [
      Node("Unsqueeze", ["x", "o"], "u"), Node("GlobalMaxPool", ["u"], "g"),
      Node("Squeeze", ["g", "l"], "s"), Node("Sigmoid", ["s"], "p"), Node("Identity", ["p"], "y"),
    ]
    let network = try network(Model([-1, 2, 3], [last, rows], nodes))
    #expect(network.inputShape == Shape(channels: 1, height: 2, width: 3))
    #expect(network.evaluate([1, 2, 3, 4, 9, 5])[network.output] == [9])
    #expect(network.name == "model")
  }

  @Test func axesOfOneGoOneByOne() throws {
    let nodes = [
      Node("GlobalAveragePool", ["x"], "g"), Node("Squeeze", ["g", "l"], "s"),
      Node("Squeeze", ["s", "l"], "t"), Node("MatMul", ["t", "w"], "y"),
    ]
    let last = Tensor("l", [1], .int64s([-1]))
    let weights = Tensor("w", [2, 1], .floats([1, 10]))
    #expect(try scores(Model([1, 2, 1, 2], [last, weights], nodes), [1, 3, 5, 7]) == [62])
  }

  @Test func computedConstants() throws {
    // A scale that the graph itself makes: one number, repeated and cast like the input.
    let extents = Tensor("e", [3], .int64s([2, 1, 1]))
    let three = Tensor("t", [1], .int64s([3]))
    let nodes = [
      Node("CastLike", ["t", "x"], "c"), Node("Expand", ["c", "e"], "w"),
      Node("ConstantOfShape", ["e"], "z"), Node("Sub", ["w", "z"], "d"),
      Node("Mul", ["x", "d"], "y"),
    ]
    #expect(
      try scores(Model([1, 2, 1, 2], [extents, three], nodes), [1, 2, 3, 4]) == [3, 6, 9, 12])
  }

  @Test func transposedWeights() throws {
    let weights = Tensor("w", [3, 2], .floats([1, 2, 3, 4, 5, 6]))
    let nodes = [
      Node("Transpose", ["w"], "t", ["perm": .integers([1, 0])]), Node("MatMul", ["x", "t"], "y"),
    ]
    #expect(try scores(Model([1, 2], [weights], nodes), [1, 10]) == [21, 43, 65])
  }
}
