import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// How a graph of NIR was read: every answer to what its file leaves open, and what became of each
/// node of neurons, with the error of making whole numbers of it.
package struct InterpretationReport: Sendable {
  private let interpretation: Network.Interpretation
  private let build: Compiler.Build

  package init(_ interpretation: Network.Interpretation, _ build: Compiler.Build) {
    self.interpretation = interpretation
    self.build = build
  }

  private var semantics: NeuronSemantics { interpretation.semantics }

  /// Whether a switch was given by hand.
  private func isGiven(_ key: String) -> Bool { semantics.given.contains(key) }

  /// A paragraph of switches, a table of neurons, and how they come to their errors.
  package var text: String {
    let version = interpretation.version
    let switches = NeuronSemantics.keys.map { key in
      "\(key) \(semantics.text(key) ?? "")" + (isGiven(key) ? " (given)" : "")
    }
    let head =
      "NIR\(version.isEmpty ? "" : " \(version)"), profile \(semantics.profile): "
      + switches.joined(separator: ", ")
    guard !interpretation.neurons.isEmpty else { return head.printable.wrapped() }
    var table = TextTable(
      ["neurons", "type", "leak", "as", "error", "takes in", "threshold", "as", "error"],
      right: [2, 4, 5, 6, 8])
    for neuron in interpretation.neurons {
      let whole = wholeThreshold(neuron)
      if let synapse = neuron.synapse {
        table.add([
          "\(neuron.name), current", neuron.type, synapse.factor.short,
          synapse.leak.map { "\($0.multiplier)/2^\($0.shift)" } ?? "", percent(synapse.leakError),
          span(synapse.gain), "", "", "",
        ])
      }
      table.add([
        neuron.name, neuron.type, neuron.factor < 1 ? neuron.factor.short : "none",
        neuron.leak.map { "\($0.multiplier)/2^\($0.shift)" } ?? "", percent(neuron.leakError),
        span(neuron.gain), neuron.threshold.map(span) ?? "never", whole?.text ?? "",
        percent(whole?.error),
      ])
    }
    let legend = """
      leak: what is left after a timestep; error: of what is lost. Thresholds are in units of the \
      current, a potential divided by what it takes in of one.
      """
    return head.printable.wrapped() + "\n\n" + table.text + "\n" + legend.wrapped()
  }

  private func percent(_ error: Double?) -> String {
    guard let error else { return "" }
    if error == 0 { return "0" }
    return abs(error) < 5e-5 ? "< 0.01 %" : "\((error * 100).fixed(2)) %"
  }

  private func span(_ range: ClosedRange<Double>) -> String {
    range.lowerBound == range.upperBound
      ? range.lowerBound.short : "\(range.lowerBound.short)–\(range.upperBound.short)"
  }

  /// The first threshold of the channel where a whole number is farthest from it, and by what share.
  private func wholeThreshold(
    _ neuron: Network.Interpretation.Neuron
  ) -> (text: String, error: Double)? {
    guard
      let index = build.spiking.layers.firstIndex(where: { $0.node == neuron.name }),
      case .neurons(let real) = build.spiking.layers[index].kind,
      case .neurons(let whole) = build.integer.layers[index].kind,
      let thresholds = real.thresholds.first, let numbers = whole.thresholds.first
    else { return nil }
    var worst: (text: String, error: Double)?
    for channel in thresholds.indices {
      // Where it has to be exceeded, the whole number is one more than what it stands for.
      let unit = whole.weightScales[channel]
      let exact = thresholds[channel] / unit
      let stands = Double(numbers[channel]) - (real.firesAbove ? 1 : 0)
      guard exact != 0 else { continue }
      let error = stands / exact - 1
      if worst == nil || abs(error) > abs(worst?.error ?? 0) {
        worst = ("\(numbers[channel])", error)
      }
    }
    return worst
  }

  package var json: JSONValue {
    var switches: [String: JSONValue] = ["profile": .string(semantics.profile)]
    for key in NeuronSemantics.keys { switches[key] = .string(semantics.text(key) ?? "") }
    return .object([
      "version": .string(interpretation.version),
      "semantics": .object(switches),
      "given": .array(semantics.given.sorted().map { .string($0) }),
      "neurons": .array(
        interpretation.neurons.map { neuron in
          .object([
            "name": .string(neuron.name), "type": .string(neuron.type),
            "parameters": .string(neuron.parameters), "leak": .number(neuron.factor),
            "integerLeak": .number(neuron.integerFactor),
            "leakError": neuron.leakError.map { .number($0) } ?? .null,
            "gain": .array([.number(neuron.gain.lowerBound), .number(neuron.gain.upperBound)]),
            "threshold": neuron.threshold.map {
              .array([.number($0.lowerBound), .number($0.upperBound)])
            } ?? .null,
            "thresholdError": wholeThreshold(neuron).map { .number($0.error) } ?? .null,
            "synapse": neuron.synapse.map { synapse in
              .object([
                "leak": .number(synapse.factor), "integerLeak": .number(synapse.integerFactor),
                "leakError": synapse.leakError.map { .number($0) } ?? .null,
                "gain": .array([
                  .number(synapse.gain.lowerBound), .number(synapse.gain.upperBound),
                ]),
              ])
            } ?? .null,
          ])
        }),
    ])
  }
}

extension Double {
  /// Six digits at most.
  fileprivate var short: String {
    let text = "\(Double(Float(self)) == self ? "\(Float(self))" : "\(self)")"
    guard text.count > 9, self != 0 else { return text }
    var scale = 1.0
    while abs(self) * scale < 1e5, scale < 1e12 { scale *= 10 }
    return "\((self * scale).rounded() / scale)"
  }
}
