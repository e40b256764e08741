import Foundation
import SpikeletImport
import SpikeletRuntime
import Testing

/// Files and graphs that are broken, rather than not supported.
@Suite struct FileErrorTests {
  static let relu = Node("Relu", ["x"], "y")

  @Test func notAModel() {
    #expect(problems(bytes: []).contains("the file is empty"))
    #expect(problems(bytes: Array("Hello, world".utf8)).contains("not an ONNX file"))
    #expect(problems(bytes: [0x89, 0x50, 0x4E, 0x47]).contains("not an ONNX file"))
    #expect(problems(bytes: [0x08, 0x08]).contains("it holds no graph"))
    #expect(problems(bytes: [0x3A, 0x7F]).contains("past the end"))
  }

  @Test func missingFiles() {
    for path in ["/nowhere/model.onnx", Fixture.folder.path] {
      #expect(throws: ImportError.self) {
        try ONNXImporter.importNetwork(contentsOf: URL(fileURLWithPath: path))
      }
    }
  }

  @Test func operatorSets() {
    var model = Model([1, 4], [], [Self.relu])
    #expect(problems(model).isEmpty)
    model.opset = 6
    #expect(problems(model).contains("operator set is 6"))
    model.opset = nil
    #expect(problems(model).contains("operator set is not given"))
  }

  @Test func outputs() {
    var model = Model([1, 4], [], [Self.relu, Node("Elu", ["y"], "z")])
    model.outputs = ["y", "z"]
    #expect(problems(model).contains("2 outputs: 'y', 'z'"))
    #expect(problems(model, output: "y").isEmpty)
    #expect(problems(model, output: "z").contains("Elu"))
    #expect(problems(model, output: "q").contains("no output 'q'"))
    model.outputs = []
    #expect(problems(model).contains("no output"))
    model.outputs = ["x"]
    #expect(problems(model).contains("there are no layers"))
    model.outputs = ["nothing"]
    #expect(problems(model).contains("which nothing in the graph produces"))
  }

  @Test(arguments: [
    ([1], "2 dimensions", false), ([1], "1 dimensions", true), ([1, 2, 3, 4, 5], "5 dim", true),
    ([1, 2, -1, 6], "leaves dimension 2 open", true), ([1, 0, 6, 6], "dimension 1 open", true),
    ([0, 2, 6, 6], "", true), ([-5, 2, 6, 6], "", true),
    ([1, 1 << 20, 1 << 20, 1], "at most 16777216 are read", true),
    ([1, 1 << 62, 1 << 62, 1 << 62], "at most 16777216 are read", true), ([-1, 2, 6, 6], "", true),
    ([8, 2, 6, 6], "", true),
  ])
  func inputExtents(_ extents: [Int], _ reason: String, _ isExpected: Bool) {
    let text = problems(Model(extents, [], [Self.relu]))
    if reason.isEmpty {
      #expect(text.isEmpty)
    } else {
      #expect(text.contains(reason) == isExpected)
    }
  }

  @Test func inputs() {
    var model = Model([1, 4], [], [Node("Add", ["x", "z"], "y")])
    #expect(problems(model).contains("reads 'z', which nothing in the graph produces"))
    model.inputs.append(("z", [1, 4]))
    #expect(problems(model).contains("2 inputs, 'x', 'z'"))
    model.nodes = [Self.relu]
    #expect(problems(model).isEmpty)
    model.inputType = 2
    #expect(problems(model).contains("type 2, not floats"))
    model.nodes = [Node("Constant", [], "y", ["value_float": .float(1)])]
    #expect(problems(model).contains("depends on no input"))
  }

  @Test func cycles() {
    let model = Model(
      [1, 4], [],
      [Node("Add", ["x", "b"], "a"), Node("Relu", ["a"], "b"), Node("Relu", ["b"], "y")])
    #expect(problems(model).contains("the graph has a cycle"))
    #expect(problems(Model([1, 4], [], [Node("Relu", ["y"], "y")])).contains("cycle"))
  }

  @Test func namesProducedTwice() {
    #expect(problems(Model([1, 4], [], [Self.relu, Self.relu])).contains("something else"))
    #expect(problems(Model([1, 4], [Tensor("y", [4])], [Self.relu])).contains("something else"))
  }

  @Test(arguments: [
    ([4], Tensor.Values.floats([1, 2, 3]), "12 bytes where its extents need 16"),
    ([4], .typedFloats([1, 2]), "2 values where its extents need 4"),
    ([-1], .floats([]), "-1 is negative"),
    ([1 << 40], .floats([]), "1099511627776 values; at most 16777216"),
    ([1 << 40, 1 << 40], .floats([]), "values; at most 16777216 are read"),
    ([1], .raw([1], type: 8), "elements of type 8"),
    ([1], .raw([1], type: 17), "elements of type 17"),
    ([4], .external(["location": "a.data"]), "no folder is given"),
    ([4], .external([:]), "without naming it"),
    ([4], .external(["location": "../a.data"]), "not below the model's folder"),
    ([4], .external(["location": "b/../../a.data"]), "not below the model's folder"),
    ([4], .external(["location": "/etc/passwd"]), "not below the model's folder"),
  ])
  func tensors(_ extents: [Int], _ values: Tensor.Values, _ reason: String) {
    let model = Model([1, 4], [Tensor("t", extents, values)], [Node("Add", ["x", "t"], "y")])
    #expect(problems(model).contains("'t' (initializer): "), "\(problems(model))")
    #expect(problems(model).contains(reason), "\(problems(model))")
  }

  @Test func externalData() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("spikelet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let values: [Float] = [9, 1, 2, 3, 4, 9]
    try Data(ProtobufWriter.raw(values)).write(to: folder.appendingPathComponent("sub/w.data"))
    func model(_ entries: [String: String]) -> Model {
      Model([1, 4], [Tensor("t", [4], .external(entries))], [Node("Add", ["x", "t"], "y")])
    }
    let good = ["location": "sub/w.data", "offset": "4", "length": "16"]
    let network = try ONNXImporter.importNetwork(
      bytes: model(good).bytes, name: "m.onnx", externalData: folder)
    #expect(network.evaluate([0, 0, 0, 0])[network.output] == [1, 2, 3, 4])
    let cases = [
      ("offset", "12", "needs 16 bytes at 12"), ("offset", "-4", "offset or length '-4'"),
      ("offset", "9223372036854775807", "needs 16 bytes"), ("offset", "1e3", "'1e3'"),
      ("length", "12", "has 12 bytes"), ("location", "none.data", "no such file"),
      ("location", "sub", "it is a folder, not a file"),
    ]
    for (key, value, reason) in cases {
      var entries = good
      entries[key] = value
      let text = problems(bytes: model(entries).bytes, externalData: folder)
      #expect(text.contains(reason), "\(text)")
    }
  }

  @Test func namesThatSteerATerminal() {
    #expect(!problems(Model([1, 4], [], [Node("\u{1B}[2J", ["x"], "y")])).contains("\u{1B}"))
  }
}
