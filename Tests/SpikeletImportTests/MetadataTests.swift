import SpikeletNetwork
import SpikeletRuntime
import Testing

/// What a file's metadata say of several timesteps, and what is wrong with them.
@Suite struct MetadataTests {
  /// Two layers of neurons, "node_a" and "node_b".
  private func model(_ metadata: [(String, String)]) -> Model {
    var model = Model(
      [1, 2], [Tensor("w", [2, 2]), Tensor("c", [], .floats([0.5]))],
      [
        Node("Greater", ["x", "c"], "a"), Node("Cast", ["a"], "s", ["to": .integer(1)]),
        Node("MatMul", ["s", "w"], "u"), Node("Greater", ["u", "c"], "b"),
        Node("Cast", ["b"], "y", ["to": .integer(1)]),
      ])
    model.metadata = metadata
    return model
  }

  private func membranes(_ metadata: [(String, String)]) throws -> [Network.Membrane?] {
    try network(model(metadata)).nodes.compactMap {
      if case .threshold(let layer) = $0.operation { layer.membrane } else { nil }
    }
  }

  @Test func readsLeakAndReset() throws {
    let metadata = [
      ("spikelet.timesteps", "5"), ("somebody.else", "{"),
      ("spikelet.neurons.node_a", #"{"reset": "zero", "leak": {"shift": 3, "multiplier": 8}}"#),
      ("spikelet.neurons.node_b", #"{"reset": "none"}"#),
    ]
    #expect(try network(model(metadata)).timesteps == 5)
    #expect(
      try membranes(metadata) == [
        .init(leak: .init(multiplier: 8, shift: 3), reset: .hard), .init(reset: .none),
      ])
  }

  @Test func aResetMayComeAfterTheLeakAndScoresMayLeak() throws {
    let metadata = [
      ("spikelet.timesteps", "5"), ("spikelet.scores", #"{"leak": {"multiplier": 3, "shift": 2}}"#),
      (
        "spikelet.neurons.node_a",
        #"{"reset": "subtract-after-leak", "leak": {"multiplier": 1, "shift": 2}}"#
      ),
      ("spikelet.neurons.node_b", #"{"reset": "subtract-after-leak"}"#),
    ]
    let membranes = try membranes(metadata).compactMap { $0 }
    #expect(membranes.map(\.reset) == [.soft, .soft])
    #expect(membranes.map(\.resetsAfterLeak) == [true, true])
    // Without a leak the order means nothing.
    #expect(membranes.map(\.resetFactor) == [4, 1])
    #expect(try network(model(metadata)).scoresLeak == .init(multiplier: 3, shift: 2))
    #expect(try network(model(Array(metadata.prefix(1) + metadata.suffix(2)))).scoresLeak == nil)
  }

  @Test func aResetAfterALeakOfEverythingAndWrongScoresAreRefused() {
    let text = problems(
      model([
        (
          "spikelet.neurons.node_a",
          #"{"reset": "subtract-after-leak", "leak": {"multiplier": 0, "shift": 2}}"#
        ),
        ("spikelet.scores", #"{"leak": {"multiplier": 5, "shift": 2}, "reset": "zero"}"#),
      ]))
    #expect(
      text.contains(
        "resets after a leak that leaves nothing; needed a leak.multiplier above 0"))
    #expect(
      text.contains(#"'spikelet.scores' (metadata): has the unknown member "reset"; known are"#))
    #expect(text.contains("'spikelet.scores' (metadata): has no leak.multiplier"))
  }

  @Test func oneTimestepNeedsNothing() throws {
    #expect(try network(model([])).timesteps == nil)
    #expect(try network(model([("spikelet.timesteps", "1")])).timesteps == 1)
    #expect(try membranes([("spikelet.timesteps", "1")]) == [nil, nil])
  }

  @Test func everyProblemIsListedAtOnce() {
    let text = problems(
      model([
        ("spikelet.timesteps", "0"), ("spikelet.steps", "3"),
        ("spikelet.neurons.missing", #"{"reset": "zero"}"#),
        ("spikelet.neurons.node_u", #"{"reset": "zero"}"#),
        ("spikelet.neurons.node_a", "{"),
        ("spikelet.neurons.node_b", #"{"reset": "hard", "leak": 0.9, "bias": 1}"#),
        ("spikelet.neurons.node_b", #"{"reset": "zero"}"#),
        ("spikelet.neurons.1", #"{"reset": 1, "leak": {"shift": 16, "multiplier": 1, "k": 2}}"#),
        ("spikelet.neurons.2", #"{"leak": {"shift": 4, "multiplier": 17}}"#),
        ("spikelet.neurons.3", #"{"reset": "zero", "leak": {"multiplier": 0.5, "shift": 8}}"#),
        ("spikelet.neurons.4", "[]"),
      ]))
    let expected = """
      model.onnx: 16 problems
      'spikelet.timesteps' (metadata): is "0", needed a whole number of 1 to 65535
      'spikelet.steps' (metadata): is an unknown key; known are spikelet.timesteps, spikelet.scores \
      and spikelet.neurons.<node>
      'spikelet.neurons.node_a' (metadata): is not valid JSON: line 1, column 2: the text ends inside an object
      'spikelet.neurons.node_b' (metadata): has the unknown member "bias"; known are leak, reset
      'spikelet.neurons.node_b' (metadata): has a leak that is neither an object nor null; write \
      {"leak": {"multiplier": 230, "shift": 8}, "reset": "subtract"}
      'spikelet.neurons.node_b' (metadata): has another reset than subtract, \
      subtract-after-leak, zero or none
      'spikelet.neurons.node_b' (metadata): is given twice
      'spikelet.neurons.1' (metadata): has the unknown member "leak.k"; known are multiplier, \
      shift
      'spikelet.neurons.1' (metadata): has no leak.shift that is a whole number of 1 to 15
      'spikelet.neurons.1' (metadata): has another reset than subtract, \
      subtract-after-leak, zero or none
      'spikelet.neurons.2' (metadata): has no leak.multiplier that is a whole number of 0 to \
      2^shift, 16
      'spikelet.neurons.2' (metadata): has no reset; needed subtract, \
      subtract-after-leak, zero or none
      'spikelet.neurons.3' (metadata): has no leak.multiplier that is a whole number of 0 to \
      2^shift, 256
      'spikelet.neurons.4' (metadata): is not an object; write {"leak": {"multiplier": 230, \
      "shift": 8}, "reset": "subtract"}
      'spikelet.neurons.missing' (metadata): names no node of the graph
      'spikelet.neurons.node_u' (metadata): names a node that compares nothing, of the operator \
      MatMul
      """
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines == expected.split(separator: "\n"))
  }

  @Test func severalTimestepsNeedAnEntryForEveryLayer() {
    let entry = #"{"reset": "zero"}"#
    let text = problems(
      model([("spikelet.timesteps", "2"), ("spikelet.neurons.node_a", entry)]))
    #expect(text.contains("has no entry spikelet.neurons.node_b in the metadata, which 2"))
    #expect(text.contains("(MatMul)") == false)
  }

  @Test func comparisonsOfOneValueMustAgree() {
    var model = Model(
      [1, 2], [Tensor("c", [], .floats([0.5])), Tensor("d", [], .floats([1]))],
      [
        Node("Greater", ["x", "c"], "a"), Node("Cast", ["a"], "s", ["to": .integer(1)]),
        Node("Greater", ["x", "d"], "b"), Node("Cast", ["b"], "t", ["to": .integer(1)]),
        Node("Concat", ["s", "t"], "y", ["axis": .integer(1)]),
      ])
    model.metadata = [
      ("spikelet.neurons.node_a", #"{"reset": "zero"}"#),
      ("spikelet.neurons.node_b", #"{"reset": "none"}"#),
    ]
    #expect(
      problems(model).contains(
        "'node_y' (Concat): has comparisons of one potential with different leaks or resets"))
  }
}
