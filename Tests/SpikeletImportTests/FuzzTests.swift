import SpikeletImport
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Damaged files are errors or other networks, never a trap.
@Suite struct FuzzTests {
  static let names = [
    "pools-legacy17", "lenet-dynamo20", "perceptron-batchnorm18", "mobile-clip10",
    "spikes-forms-legacy17", "spikes-below-dynamo20", "spikes-int8dual-17", "spikes-int4-21",
  ]

  @Test(arguments: names)
  func survivesTruncation(_ name: String) throws {
    let bytes = try Fixture(name: name).bytes(".onnx")
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / TestScale.cases(1000)))
    {
      #expect(!problems(bytes: Array(bytes.prefix(length))).isEmpty)
    }
  }

  @Test(arguments: names)
  func survivesDamage(_ name: String) throws {
    let bytes = try Fixture(name: name).bytes(".onnx")
    var generator = SeededRandom(seed: UInt64(bytes.count))
    for round in 0..<TestScale.cases(2000) {
      var damaged = bytes
      for _ in 0...round % 3 {
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        damaged[position] = UInt8.random(in: 0...255, using: &generator)
      }
      let network = try? ONNXImporter.importNetwork(
        bytes: damaged, name: "damaged.onnx", externalData: Fixture.folder)
      // Whatever is imported can be computed, too.
      guard let network, network.nodes.allSatisfy({ $0.shape.count < 100_000 }) else { continue }
      let input = [Float](repeating: 0.5, count: network.inputShape.count)
      #expect(network.evaluate(input).count == network.nodes.count)
    }
  }

  /// Attributes and extents at the edges of what integers hold.
  @Test func survivesExtremeNumbers() throws {
    let extremes = [
      Int.min, Int.min + 1, -(1 << 32), -65, -2, -1, 0, 1, 2, 3, 65_535, 1 << 28, 1 << 31, 1 << 32,
      1 << 62, Int.max - 1, Int.max,
    ]
    var generator = SeededRandom(seed: 7)
    func pick() -> Int { extremes.randomElement(using: &generator) ?? 0 }
    func few() -> [Int] { (0..<Int.random(in: 0...4, using: &generator)).map { _ in pick() } }
    for _ in 0..<TestScale.cases(3000) {
      let shape = Tensor("s", [2], .int64s([pick(), pick()]))
      let list = Tensor("l", [3], .int64s([pick(), pick(), pick()]))
      let models = [
        Model(
          [1, 2, 6, 6], [Tensor("w", [3, 2, 3, 3])],
          [
            Node(
              "Conv", ["x", "w"], "y",
              [
                "pads": .integers((0..<4).map { _ in pick() }), "group": .integer(pick()),
                "strides": .integers([pick(), pick()]),
              ])
          ]),
        Model(
          [1, 2, 6, 6], [],
          [
            Node(
              "AveragePool", ["x"], "y",
              [
                "kernel_shape": .integers([pick(), pick()]), "ceil_mode": .integer(1),
                "strides": .integers([pick(), pick()]),
                "pads": .integers((0..<4).map { _ in pick() }),
              ])
          ]),
        Model([1, 2, 6, 6], [shape], [Node("Reshape", ["x", "s"], "y")]),
        Model(
          [1, 2, 6, 6], [shape, list],
          [
            Node("Reshape", ["l", "s"], "r"), Node("Slice", ["l", "s", "s", "", "s"], "c"),
            Node("Gather", ["l", "s"], "g", ["axis": .integer(pick())]),
            Node("Unsqueeze", ["g", "s"], "u"), Node("Mul", ["g", "s"], "m"),
            Node("Div", ["m", "s"], "d"), Node("ConstantOfShape", ["d"], "e"),
            Node("Concat", ["d", "l", "c"], "f", ["axis": .integer(pick())]),
            Node("Reshape", ["x", "f"], "y"),
            Node("Transpose", ["r"], "t", ["perm": .integers(few())]),
            Node("Pad", ["x", "f"], "p"), Node("ReduceMean", ["p", "s"], "q"),
            Node("Squeeze", ["x", "s"], "z"), Node("Slice", ["r", "s", "s", "s", "s"], "v"),
          ]),
        Model([pick(), pick(), pick(), pick()], [], [Node("Relu", ["x"], "y")]),
        Model([1, 4], [Tensor("w", few(), .floats([1]))], [Node("MatMul", ["x", "w"], "y")]),
      ]
      for var model in models {
        for output in ["y", "t", "u", "e", "q", "z", "v"] {
          model.outputs = [output]
          _ = problems(model)
        }
      }
    }
  }
}
