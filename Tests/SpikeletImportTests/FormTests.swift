import Foundation
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime
import Testing

/// What Keras, ONNX Runtime's quantizer and old exporters write, besides PyTorch: the files of
/// make_form_fixtures.py, and what is refused with advice.
@Suite struct FormTests {
  /// SPIKELET_FORMS names a folder of more such files, of networks too large for the repository.
  static let all: [URL] = {
    let own = Fixture.all.filter { $0.name.hasPrefix("form-") }.map { $0.url("") }
    guard let folder = ProcessInfo.processInfo.environment["SPIKELET_FORMS"] else { return own }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return own
      + names.filter { $0.hasSuffix(".onnx") }.sorted().map {
        URL(filePath: folder).appending(path: String($0.dropLast(5)))
      }
  }()

  private func floats(_ url: URL, _ suffix: String) throws -> [Float] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: url.path + suffix)))
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
  }

  private func expectEqual(_ scores: [Float], _ expected: [Float], _ what: String) throws {
    try #require(scores.count == expected.count, "\(what)")
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for (score, value) in zip(scores, expected) {
      #expect(abs(score - value) <= 1e-4 * scale, "\(what): \(score) and \(value)")
    }
  }

  @Test func thereAreForms() {
    #expect(Fixture.all.filter { $0.name.hasPrefix("form-") }.count >= 53)
  }

  @Test(arguments: all)
  func computesWhatOnnxruntimeComputes(_ url: URL) throws {
    let network = try ONNXImporter.importNetwork(contentsOf: URL(filePath: url.path + ".onnx"))
    let input = try floats(url, ".input.f32")
    let expected = try floats(url, ".output.f32")
    try expectEqual(network.evaluate(input)[network.output], expected, "imported")
    let simple = try network.simplified()
    let scores = simple.evaluate(input)[simple.output]
    try expectEqual(scores, expected.count == 1 ? [0] + expected : expected, "simplified")
    // Nothing is left between linear layers; only what pads is left of normalizations.
    for index in simple.nodes.indices { #expect(simple.reasonAgainstPair(at: index) == nil) }
  }

  private func fixture(_ name: String) throws -> Network {
    try ONNXImporter.importNetwork(contentsOf: Fixture(name: "form-" + name).url(".onnx"))
  }

  private func kinds(_ network: Network) -> [String] {
    network.nodes.map { String("\($0.operation)".prefix { $0 != "(" }) }
  }

  /// Pixels come channel by channel, whatever the file says.
  @Test func picturesOfKerasHaveTheirChannelsFirst() throws {
    for (name, channels) in [
      ("nhwc-gray", 1), ("nhwc-rgb", 3), ("nhwc-normalized", 3), ("nhwc-reshape", 1),
      ("nhwc-perceptron-rgb", 3), ("nhwc-inputs-as-nchw-rgb", 3),
    ] {
      let shape = try fixture(name).inputShape
      #expect(shape == Shape(channels: channels, height: 8, width: 8), "\(name)")
    }
    #expect(try fixture("flat-to-map").inputShape == Shape(channels: 1, height: 8, width: 8))
    #expect(try fixture("flat").inputShape == Shape(channels: 64))
    #expect(try fixture("line").inputShape == Shape(channels: 8, height: 1, width: 12))
  }

  @Test func transpositionsTakeNoNodes() throws {
    #expect(
      kinds(try fixture("nhwc-rgb")) == [
        "input", "convolution", "relu", "maxPool", "convolution", "relu", "flatten", "dense",
      ])
  }

  @Test func normalizationsAndPairsDisappear() throws {
    for fixture in Fixture.all
    where fixture.name.hasPrefix("form-norm") || fixture.name.hasPrefix("form-pair") {
      let network = try ONNXImporter.importNetwork(contentsOf: fixture.url(".onnx")).simplified()
      let left = kinds(network).filter { $0 == "batchNormalization" }.count
      // Behind a padded convolution, an addition, or in front of a rectifier, they wait for the
      // conversion.
      let expected = [
        "form-norm-of-shared": 2, "form-norm-of-picture-padded": 1, "form-norm-after-norm-relu": 1,
      ]
      #expect(left == expected[fixture.name, default: 0], "\(fixture)")
    }
    #expect(
      kinds(try fixture("pair-dense").simplified()) == [
        "input", "flatten", "dense", "relu", "dense",
      ])
  }

  @Test func oneScoreIsOneOfTwoClasses() throws {
    for name in ["end-one-sigmoid", "end-one-score"] {
      let network = try fixture(name).simplified()
      #expect(network.outputShape == Shape(channels: 2))
      #expect(
        network.notes.count == 1 && network.notes[0].contains("class 1 is where it is above 0"))
    }
    // Scores that are no layer of weights get one.
    let pool = Node("GlobalMaxPool", ["x"], "g")
    let network = try network(Model([1, 1, 2, 2], [], [pool, Node("Flatten", ["g"], "y")]))
      .simplified()
    #expect(network.evaluate([1, 5, 2, 3])[network.output] == [0, 5])
  }

  @Test func integersOfAFileAreSaid() throws {
    for name in ["qdq", "qdq-without-relu", "qlinear", "qgemm"] {
      let network = try fixture(name)
      #expect(network.notes.count == 1)
      #expect(network.notes.first?.hasPrefix("the file rounds activations to integers") == true)
      #expect(kinds(network)[1...3] == ["convolution", "relu", "maxPool"], "\(name)")
    }
    #expect(try fixture("weights-quantized-in-graph").notes.isEmpty)
  }

  @Test func aStateThatIsLostIsSaid() throws {
    let notes = try fixture("step").notes
    #expect(notes.first?.hasPrefix("'u' adds a state of 0 before a comparison") == true)
    #expect(notes.first?.contains("spikelet.timesteps") == true)
  }
}

/// Thresholds that are subtracted, as snnTorch has them.
@Suite struct SubtractedThresholdTests {
  private func model(_ op: String, timesteps: Int) -> Model {
    let entry = #"{"reset": "subtract"}"#
    var model = Model(
      [1, 2],
      [
        Tensor("w", [2, 3]), Tensor("b", [3], .floats([0.1, 0.2, 0.3])), Tensor("v", [3, 2]),
        Tensor("th", [], .floats([0.5])), Tensor("zero", [], .floats([0])),
      ],
      [
        Node("Gemm", ["x", "w", "b"], "m"), Node(op, ["m", "th"], "u"),
        Node("Greater", ["u", "zero"], "g"), Node("Cast", ["g"], "s", ["to": .integer(1)]),
        Node("MatMul", ["s", "v"], "y"),
      ])
    if timesteps > 1 {
      model.metadata = [
        ("spikelet.timesteps", "\(timesteps)"), ("spikelet.neurons.node_g", entry),
      ]
    }
    return model
  }

  private func threshold(_ network: Network) -> Float? {
    network.nodes.lazy.compactMap {
      if case .threshold(let layer) = $0.operation { layer.thresholds[0][0] } else { nil }
    }.first
  }

  @Test func aDifferenceThatIsComparedWithZero() throws {
    #expect(threshold(try network(model("Sub", timesteps: 4))) == 0.5)
    // A sum is a bias, which acts at every timestep.
    #expect(threshold(try network(model("Add", timesteps: 4))) == 0)
  }
}

/// Files of other kinds are called by their names.
@Suite struct FileKindTests {
  private func zip(_ member: String) -> [UInt8] {
    [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26) + Array(member.utf8)
  }

  @Test func areSaidWhatTheyAre() {
    let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]
    let cases: [(bytes: [UInt8], text: String, advice: String)] = [
      (
        Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8),
        "this is a Git LFS pointer", "git lfs pull"
      ),
      (hdf5, "this is an HDF5 file, such as a Keras network (.h5)", "tf2onnx"),
      (
        [28, 0, 0, 0] + Array("TFL3".utf8) + [0, 0], "a TensorFlow Lite file (.tflite)", "--tflite"
      ),
      (zip("archive/data.pkl"), "PyTorch's .pt and .pth files", "torch.onnx.export"),
      (zip("metadata.json"), "a Keras archive (.keras)", "model.export"),
      (zip("arr_0.npy"), "a NumPy archive (.npz)", "ONNX file"),
      ([0x80, 2, 0x8A, 0x0A, 0x6C], "a Python pickle", "torch.onnx.export"),
      ([0x1F, 0x8B, 8, 0], "compressed with gzip", "unpack"),
      ([0x93] + Array("NUMPY".utf8), "a NumPy array (.npy)", "ONNX file"),
      (Array("SPKL0000".utf8), "a compiled model", "compiled from"),
      ([40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\":1}   ".utf8), "a safetensors file", "ONNX"),
      (Array("\n<!DOCTYPE html><html>".utf8), "a web page or XML", "download"),
      (Array("{\"name\": \"net\"}".utf8), "this is JSON", "ONNX file"),
    ]
    for (bytes, text, advice) in cases {
      let message = problems(bytes: bytes)
      #expect(message.contains(text) && message.contains(advice), "\(message)")
    }
    #expect(problems(bytes: Array("Hello, world".utf8)).contains("not an ONNX file, or a damaged"))
  }
}

/// Forms that have no exact equivalent, each with what to do about it.
@Suite struct FormRefusalTests {
  private let matrix = Tensor("w", [4, 2])

  private func check(_ reason: String, _ tensors: [Tensor], _ nodes: [Node], _ extents: [Int]) {
    let text = problems(Model(extents, tensors, nodes))
    #expect(text.contains(reason), "\(reason) is not in: \(text)")
    #expect(!text.contains(" problems\n"), "\(text)")
  }

  @Test func activations() {
    for (op, advice) in [
      ("LeakyRelu", "train the network with ReLU"), ("Sigmoid", "train the network with ReLU"),
      ("Gelu", "replace it by ReLU, train on for a few epochs"),
      ("HardSwish", "replace it by ReLU, train on for a few epochs"),
      ("Floor", "for an activation in steps, export the network with ReLU in its place"),
    ] {
      check(
        "'node_a' (\(op)): the operator is not supported; \(advice)", [matrix],
        [Node(op, ["x"], "a"), Node("MatMul", ["a", "w"], "y")], [1, 4])
    }
  }

  @Test func endings() {
    let scores = Node("MatMul", ["x", "w"], "s")
    let one = Tensor("one", [4, 1])
    let single = Node("MatMul", ["x", "one"], "s")
    let constants = [
      matrix, one, Tensor("minus", [], .floats([-2])), Tensor("two", [2], .floats([1, 2])),
      Tensor("half", [], .floats([0.5])),
    ]
    let softmax = Node("Softmax", ["s"], "t")
    let cases: [(String, [Node])] = [
      ("is over one score, of which it always makes 1", [single, Node("Softmax", ["s"], "y")]),
      ("is never below 0, so that the one score", [single, Node("Exp", ["s"], "y")]),
      (
        "something else than 0.5", [single, Node("HardSigmoid", ["s"], "y", ["beta": .float(0.2)])]
      ),
      ("its slope is -1.0", [scores, Node("HardSigmoid", ["s"], "y", ["alpha": .float(-1)])]),
      ("takes the logarithm of scores that may be negative", [scores, Node("Log", ["s"], "y")]),
      ("takes the root of scores", [scores, Node("Sqrt", ["s"], "y")]),
      (
        "changes the order of the scores after 'node_t'",
        [scores, softmax, Node("Mul", ["t", "minus"], "y")]
      ),
      ("changes the order of the scores", [scores, softmax, Node("Sub", ["half", "t"], "y")]),
      (
        "changes the order of the scores",
        [single, Node("Sigmoid", ["s"], "t"), Node("Add", ["t", "half"], "y")]
      ),
      ("which may only be at the end", [scores, softmax, Node("Mul", ["t", "two"], "y")]),
      ("is not over the class scores (axis 0", [scores, Node("ArgMax", ["s"], "y")]),
    ]
    for (reason, nodes) in cases { check(reason, constants, nodes, [1, 4]) }
  }

  @Test func layouts() {
    let kernel = Tensor("k", [1, 2, 1, 1])
    let map = [1, 2, 4, 6]
    func transpose(_ permutation: [Int], _ input: String = "x", _ output: String = "t") -> Node {
      Node("Transpose", [input], output, ["perm": .integers(permutation)])
    }
    check(
      "in another order than channels, rows, columns; transpose to", [Tensor("k", [1, 4, 1, 1])],
      [Node("Relu", ["x"], "r"), transpose([0, 2, 3, 1], "r"), Node("Conv", ["t", "k"], "y")], map)
    check(
      "lie in different orders", [],
      [
        Node("Relu", ["x"], "r"), transpose([0, 1, 3, 2], "r"), Node("Add", ["r", "t"], "y"),
      ], [1, 2, 4, 4])
    check(
      "holds the scores in another order", [],
      [Node("Relu", ["x"], "r"), transpose([0, 3, 2, 1], "r", "y")], map)
    check(
      "reads 'node_r' of 48 as a map of 2×6×4; only the picture itself can be reshaped",
      [
        kernel, Tensor("s", [4], .int64s([-1, 2, 6, 4])), Tensor("f", [2], .int64s([-1, 48])),
        Tensor("d", [48, 48]),
      ],
      [
        Node("Reshape", ["x", "f"], "v"), Node("MatMul", ["v", "d"], "m"), Node("Relu", ["m"], "r"),
        Node("Reshape", ["r", "s"], "t"), Node("Conv", ["t", "k"], "y"),
      ], map)
    check(
      "which cut through channels", [Tensor("s", [3], .int64s([-1, 6, 8]))],
      [
        transpose([0, 2, 3, 1]), Node("Reshape", ["t", "s"], "r"),
        Node("Transpose", ["r"], "u", ["perm": .integers([0, 2, 1])]), Node("Relu", ["u"], "y"),
      ], [1, 3, 4, 4])
    check(
      "one value a channel", [Tensor("image", [1, 2, 4, 6])], [Node("Sub", ["x", "image"], "y")],
      map)
    for mode in ["reflect", "edge", "wrap"] {
      check(
        "pads by '\(mode)', not with zeros; train with zero padding",
        [Tensor("p", [8], .int64s([0, 0, 1, 1, 0, 0, 1, 1]))],
        [Node("Pad", ["x", "p"], "y", ["mode": .string(mode)])], map)
    }
  }

  @Test func integers() {
    let tensors = [
      matrix, Tensor("scale", [], .floats([0.5])), Tensor("other", [], .floats([0.25])),
      Tensor("two", [2], .floats([0.5, 0.5])), Tensor("zero", [], .raw([0], type: 2)),
      Tensor("long", [], .int64s([0])), Tensor("nan", [2], .floats([.nan, 1])),
    ]
    let quantized = Node("QuantizeLinear", ["x", "scale", "zero"], "q")
    let cases: [(String, [Node])] = [
      (
        "as those of 0.25 and 0",
        [quantized, Node("DequantizeLinear", ["q", "other", "zero"], "y")]
      ),
      ("has 2 scales for a value", [Node("QuantizeLinear", ["x", "two"], "y")]),
      (
        "rounds to integers of the type int64",
        [Node("QuantizeLinear", ["x", "scale", "long"], "y")]
      ),
      (
        "no finite floats",
        [Node("QuantizeLinear", ["nan", "scale", "zero"], "q"), Node("Add", ["x", "q"], "y")]
      ),
      (
        "reads values that are no integers",
        [Node("DequantizeLinear", ["x", "scale", "zero"], "y")]
      ),
      (
        "quantize it statically",
        [Node("DynamicQuantizeLinear", ["x"], "y")]
      ),
    ]
    for (reason, nodes) in cases { check(reason, tensors, nodes, [1, 4]) }
  }
}
