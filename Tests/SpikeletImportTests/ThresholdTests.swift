import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime
import Testing

/// Comparisons with constants become layers of neurons.
@Suite struct ThresholdTests {
  private func kinds(_ network: Network) -> [String] {
    network.nodes.map { node in String("\(node.operation)".prefix { $0 != "(" }) }
  }

  private func thresholds(_ network: Network) -> [Network.Threshold] {
    network.nodes.compactMap {
      if case .threshold(let layer) = $0.operation { layer } else { nil }
    }
  }

  private func fixture(_ name: String) throws -> Network {
    try ONNXImporter.importNetwork(contentsOf: Fixture(name: name).url(".onnx"))
  }

  @Test(arguments: ["forms-legacy17", "forms-dynamo20", "heaviside-dynamo20"])
  func everyFormOfASpikeIsOneLayer(_ name: String) throws {
    let network = try fixture("spikes-\(name)")
    let layers = thresholds(network)
    #expect(layers.count == 10)
    #expect(layers.allSatisfy { $0.thresholds.count == 1 && $0.thresholds[0].count == 4 })
    // "At or above" in the third and fifth layer, and nowhere else.
    #expect(layers.map(\.isStrict) == (0..<10).map { $0 != 2 && $0 != 4 })
    #expect(!kinds(network).contains("relu"))
    // (sign + 1) / 2 is the only form that is neither 0 nor 1 at the threshold.
    #expect(network.notes.count == 1)
    #expect(network.notes.first?.contains("gives 0.5 where a value equals its threshold") == true)
  }

  @Test(arguments: ["legacy17", "dynamo20", "batchnorm17"])
  func severalComparisonsOfOneValueAreOneLayer(_ name: String) throws {
    let network = try fixture("spikes-several-\(name)")
    #expect(
      kinds(network).filter { $0 != "batchNormalization" } == [
        "input", "convolution", "threshold", "maxPool", "convolution", "threshold", "averagePool",
        "flatten", "dense", "threshold", "dense",
      ])
    let layers = thresholds(network)
    #expect(layers.map(\.thresholds.count) == [2, 3, 2])
    #expect(layers[1].thresholds == [-0.2, 0, 0.3].map { [Float](repeating: $0, count: 4) })
    // What was subtracted from the common value before it was compared with 0.
    #expect(layers[2].thresholds == [0, 0.25].map { [Float](repeating: $0, count: 7) })
    let shapes = network.nodes.filter { if case .threshold = $0.operation { true } else { false } }
      .map(\.shape)
    #expect(shapes[0] == Shape(channels: 6, height: 10, width: 10))
    #expect(shapes[1] == Shape(channels: 12, height: 5, width: 5))
    #expect(shapes[2] == Shape(channels: 14))
  }

  /// The sign of the weights changes, so that every neuron fires above its threshold.
  @Test func neuronsThatFireBelowTheirThreshold() throws {
    for name in ["legacy17", "dynamo20"] {
      let network = try fixture("spikes-below-\(name)")
      let layers = thresholds(network)
      #expect(layers.count == 3)
      #expect(layers.map(\.isStrict) == [true, true, false])
      #expect(layers[2].thresholds == [[-0.05, -0.05, -0.05, -0.05]])
      // Both directions of the first convolution, and nothing that is left over.
      #expect(kinds(network).filter { $0 == "convolution" }.count == 3)
      #expect(kinds(network).filter { $0 == "averagePool" }.count == 1)
    }
  }

  @Test func spikesOfDifferentValuesStayDifferentLayers() throws {
    let network = try fixture("spikes-shortcut-legacy17")
    #expect(thresholds(network).map(\.thresholds.count) == [1, 1, 1])
    #expect(kinds(network).filter { $0 == "concatenate" }.count == 1)
  }

  @Test func theMetadataDescribeSeveralTimesteps() throws {
    let network = try fixture("spikes-int8dual-17")
    #expect(network.timesteps == 3)
    let layers = thresholds(network)
    #expect(
      layers.map(\.membrane) == [
        .init(leak: .init(multiplier: 230, shift: 8), reset: .soft),
        .init(leak: nil, reset: .hard),
      ])
    #expect(try fixture("spikes-int8-17").timesteps == nil)
    #expect(try thresholds(fixture("spikes-int8-17")).map(\.membrane) == [nil, nil])
  }

  private static let channels = Tensor("c", [1, 2, 1, 1], .floats([0.5, -1]))
  private static let one = Tensor("one", [], .floats([1]))
  private static let zero = Tensor("zero", [1], .floats([0]))

  /// A comparison of the input with 0.5 and −1, followed by nodes that make "y" of "t".
  private func model(
    _ nodes: [Node], op: String = "Greater", constantFirst: Bool = false
  ) -> Model {
    Model(
      [1, 2, 1, 3], [Self.channels, Self.one, Self.zero],
      [Node(op, constantFirst ? ["c", "x"] : ["x", "c"], "t")] + nodes)
  }

  private static let cast = Node("Cast", ["t"], "y", ["to": .integer(1)])
  /// Below, at and above the threshold of each channel.
  private static let values: [Float] = [0.4, 0.5, 0.6, -1.5, -1, 0]

  @Test(arguments: [
    ("Greater", false, [0, 0, 1]), ("GreaterOrEqual", false, [0, 1, 1]),
    ("Less", true, [0, 0, 1]), ("LessOrEqual", true, [0, 1, 1]),
    ("Less", false, [1, 0, 0]), ("LessOrEqual", false, [1, 1, 0]),
    ("Greater", true, [1, 0, 0]), ("GreaterOrEqual", true, [1, 1, 0]),
  ])
  func comparisonsMeanWhatTheySay(_ op: String, _ constantFirst: Bool, _ spikes: [Float]) throws {
    let network = try network(
      model([Self.cast], op: op, constantFirst: constantFirst))
    #expect(network.evaluate(Self.values)[network.output] == spikes + spikes)
    #expect(network.nodes.last?.name == "node_t")
  }

  @Test func formsMadeOfTheResult() throws {
    let forms: [(spikes: [Float], nodes: [Node])] = [
      ([0, 0, 1], [Node("Where", ["t", "one", "zero"], "y")]),
      ([1, 1, 0], [Node("Where", ["t", "zero", "one"], "y")]),
      ([1, 1, 0], [Node("Not", ["t"], "n"), Node("Cast", ["n"], "y", ["to": .integer(1)])]),
      (
        [0, 1, 1],
        [
          Node("Equal", ["x", "c"], "e"), Node("Or", ["t", "e"], "o"),
          Node("Cast", ["o"], "y", ["to": .integer(1)]),
        ]
      ),
      (
        [0, 0, 1],
        [
          Node("GreaterOrEqual", ["x", "c"], "e"), Node("And", ["t", "e"], "o"),
          Node("Cast", ["o"], "y", ["to": .integer(1)]),
        ]
      ),
      (
        [0, 0, 1],
        [
          Node("Cast", ["t"], "i", ["to": .integer(7)]),
          Node("Cast", ["i"], "b", ["to": .integer(9)]),
          Node("Cast", ["b"], "f", ["to": .integer(1)]), Node("Mul", ["f", "one"], "y"),
        ]
      ),
      (
        [1, 1, 0],
        [Node("Cast", ["t"], "f", ["to": .integer(1)]), Node("Sub", ["one", "f"], "y")]
      ),
      (
        [0, 0, 1],
        [
          Node("Cast", ["t"], "f", ["to": .integer(1)]), Node("Greater", ["f", "zero"], "g"),
          Node("Cast", ["g"], "y", ["to": .integer(1)]),
        ]
      ),
      (
        [0, 0, 1],
        [
          Node("Cast", ["t"], "f", ["to": .integer(1)]), Node("Max", ["f", "zero"], "m"),
          Node("Min", ["one", "m"], "n"), Node("Identity", ["n"], "i"), Node("Relu", ["i"], "y"),
        ]
      ),
    ]
    for (spikes, nodes) in forms {
      let network = try network(model(nodes))
      #expect(network.evaluate(Self.values)[network.output] == spikes + spikes)
      #expect(thresholds(network).count == 1)
      #expect(network.notes.isEmpty)
    }
  }

  @Test func thresholdsOfEveryBroadcastShape() throws {
    let full: [Float] = [0.5, 0.5, 0.5, -1, -1, -1]
    for tensor in [
      Tensor("c", [2, 1, 1], .floats([0.5, -1])), Tensor("c", [1, 2, 1, 1], .floats([0.5, -1])),
      Tensor("c", [2, 1, 3], .floats(full)), Tensor("c", [1, 2, 1, 3], .floats(full)),
    ] {
      var model = model([Self.cast])
      model.tensors[0] = tensor
      #expect(try thresholds(network(model)).first?.thresholds == [[0.5, -1]])
    }
    var model = model([Self.cast])
    model.tensors[0] = Tensor("c", [], .floats([0.25]))
    #expect(try thresholds(network(model)).first?.thresholds == [[0.25, 0.25]])
  }

  /// The layer belongs to the comparison, however often and through whatever it is read.
  @Test func spikesThatAreReadTwiceAreOneLayer() throws {
    let network = try network(
      model([
        Node("Cast", ["t"], "f", ["to": .integer(1)]), Node("Identity", ["f"], "i"),
        Node("Add", ["f", "i"], "y"),
      ]))
    #expect(thresholds(network).count == 1)
    #expect(network.evaluate(Self.values)[network.output] == [0, 0, 2, 0, 0, 2])
  }

  // MARK: Integers

  /// (q − zero point) · scale in float32, along the axis.
  @Test func dequantizesConstants() throws {
    func values(
      _ tensor: Tensor, _ scales: Tensor, _ zeros: Tensor? = nil, axis: Int? = nil
    ) throws -> [Float] {
      let inputs = ["q", "s"] + (zeros == nil ? [] : ["z"])
      let network = try network(
        Model(
          [1, 2], [tensor, scales] + (zeros.map { [$0] } ?? []),
          [
            Node("DequantizeLinear", inputs, "w", axis.map { ["axis": .integer($0)] } ?? [:]),
            Node("MatMul", ["x", "w"], "y"),
          ]))
      guard case .dense(let layer) = network.nodes[1].operation else { return [] }
      return layer.weights
    }
    let signed = Tensor("q", [2, 3], .raw([127, 129, 0, 1, 255, 128], type: 3))
    let scale = Tensor("s", [], .floats([0.1]))
    // Weights are stored one row an output: the columns of the tensor.
    #expect(
      try values(signed, scale)
        == [127, 1, -127, -1, 0, -128].map { (q: Float) in q * 0.1 })
    #expect(
      try values(signed, Tensor("s", [2], .floats([1, 0.5])), axis: 0)
        == [127, 0.5, -127, -0.5, 0, -64])
    #expect(
      try values(signed, Tensor("s", [3], .floats([1, 2, 4]))) == [127, 1, -254, -2, 0, -512])
    let unsigned = Tensor("q", [2, 3], .packedInt32s([0, 255, 128, 1, 2, 3], type: 2))
    #expect(
      try values(unsigned, scale, Tensor("z", [], .raw([128], type: 2)))
        == [-128, -127, 127, -126, 0, -125].map { (q: Float) in q * 0.1 })
    let nibbles = Tensor("q", [2, 3], .raw([0x97, 0x0F, 0x81], type: 22))
    #expect(
      try values(nibbles, Tensor("s", [], .floats([1]))) == [7, 0, -7, 1, -1, -8])
    let typed = Tensor("q", [2, 3], .packedInt32s([0x97, 0x0F, 0x81], type: 21))
    #expect(try values(typed, Tensor("s", [1], .floats([1]))) == [7, 0, 9, 1, 15, 8])
  }

  @Test func keepsTheIntegersOfQuantizedWeights() throws {
    let limits = ["int8-17": 127, "int8dual-17": 127, "uint8-13": 127, "int4-21": 7]
    for (name, limit) in limits {
      let network = try fixture("spikes-\(name)")
      for node in network.nodes {
        guard case .convolution(let layer) = node.operation else { continue }
        let row = layer.weights.count / layer.outputChannels
        for channel in 0..<layer.outputChannels {
          let weights = layer.weights[channel * row..<(channel + 1) * row]
          let step = (weights.map(abs).max() ?? 0) / Float(limit)
          for weight in weights { #expect(abs(weight / step - (weight / step).rounded()) < 1e-4) }
        }
      }
    }
  }
}
