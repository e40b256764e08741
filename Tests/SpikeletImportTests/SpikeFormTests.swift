import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Random chains of operators around a comparison: imported as what they compute, or refused.
@Suite struct SpikeFormTests {
  private static let constants: [Float] = [-1, 0, 0.5, 1, 2]
  private static let comparisons: [String: @Sendable (Float, Float) -> Bool] = [
    "Greater": { $0 > $1 }, "GreaterOrEqual": { $0 >= $1 }, "Less": { $0 < $1 },
    "LessOrEqual": { $0 <= $1 }, "Equal": { $0 == $1 },
  ]
  private static let functions: [String: @Sendable (Float, Float) -> Float] = [
    "Add": { $0 + $1 }, "Sub": { $0 - $1 }, "Mul": { $0 * $1 }, "Max": { max($0, $1) },
    "Min": { min($0, $1) },
  ]

  /// A chain, and what it makes of values below, at and above the threshold 0.25.
  private struct Chain {
    var nodes: [Node] = []
    var values: [Float] = [0, 0.25, 0.5]
    var isTruth = false
    var last: String { nodes.last?.outputs[0] ?? "x" }

    mutating func append(_ op: String, _ inputs: [String], _ to: Int? = nil) {
      nodes.append(
        Node(op, inputs, "v\(nodes.count)", to.map { ["to": .integer($0)] } ?? [:]))
    }

    mutating func compare(
      _ op: String, _ name: String, _ bound: Float, constantFirst: Bool
    ) {
      append(op, constantFirst ? [name, last] : [last, name])
      let holds = SpikeFormTests.comparisons[op]!
      values = values.map { (constantFirst ? holds(bound, $0) : holds($0, bound)) ? 1 : 0 }
      isTruth = true
    }

    mutating func extend(using generator: inout SeededRandom) {
      let index = Int.random(in: 0..<SpikeFormTests.constants.count, using: &generator)
      let (name, constant) = ("c\(index)", SpikeFormTests.constants[index])
      if isTruth {
        switch Int.random(in: 0...3, using: &generator) {
        case 0:
          append("Not", [last])
          values = values.map { 1 - $0 }
        case 1:
          append("Where", [last, name, "c1"])
          values = values.map { $0 == 1 ? constant : 0 }
          isTruth = false
        default:
          append("Cast", [last], 1)
          isTruth = false
        }
        return
      }
      switch Int.random(in: 0...4, using: &generator) {
      case 0:
        append("Relu", [last])
        values = values.map { max($0, 0) }
      case 1:
        append("Sign", [last])
        values = values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
      case 2:
        let op = SpikeFormTests.comparisons.keys.sorted().randomElement(using: &generator)!
        compare(op, name, constant, constantFirst: Bool.random(using: &generator))
      default:
        let op = SpikeFormTests.functions.keys.sorted().randomElement(using: &generator)!
        let function = SpikeFormTests.functions[op]!
        let isSwapped = Bool.random(using: &generator)
        append(op, isSwapped ? [name, last] : [last, name])
        values = values.map { isSwapped ? function(constant, $0) : function($0, constant) }
      }
    }
  }

  @Test func randomForms() throws {
    let tensors =
      Self.constants.enumerated().map { Tensor("c\($0)", [], .floats([$1])) }
      + [Tensor("th", [], .floats([0.25]))]
    var generator = SeededRandom(seed: 3)
    var counts = (imported: 0, refused: 0)
    for _ in 0..<TestScale.cases(2000) {
      var chain = Chain()
      let op = Self.comparisons.keys.sorted().randomElement(using: &generator)!
      chain.compare(op, "th", 0.25, constantFirst: Bool.random(using: &generator))
      for _ in 0..<Int.random(in: 1...5, using: &generator) { chain.extend(using: &generator) }
      if chain.isTruth { chain.append("Cast", [chain.last], 1) }
      var model = Model([1, 1, 1, 3], tensors, chain.nodes)
      model.outputs = [chain.last]
      let (low, high) = (
        min(chain.values[0], chain.values[2]), max(chain.values[0], chain.values[2])
      )
      let isStep = low != high && (low...high).contains(chain.values[1])
      let text = problems(model)
      #expect(text.isEmpty == isStep, "\(chain.nodes.map(\.op)) \(chain.values): \(text)")
      guard isStep, text.isEmpty else {
        counts.refused += 1
        continue
      }
      counts.imported += 1
      let network = try network(model)
      let spikes = network.evaluate([0, 0.25, 0.5])[network.output]
      // Between the two values, at the threshold itself, is no spike, and a note says so.
      #expect(spikes == chain.values.map { $0 == high ? high : low })
      #expect(network.notes.isEmpty == (chain.values[1] == low || chain.values[1] == high))
    }
    let least = TestScale.cases(300)
    #expect(counts.imported > least && counts.refused > least, "\(counts)")
  }
}
