import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// What a first look at a network finds: its layers, what it will cost, and what is doubtful.
package struct CheckReport: Sendable {
  package let rehearsal: Rehearsal
  package let evidence: PixelEvidence
  /// What to type next.
  package let next: [String]
  private let summary: ModelSummary

  package init(_ rehearsal: Rehearsal, _ evidence: PixelEvidence, next: [String]) throws {
    self.rehearsal = rehearsal
    self.evidence = evidence
    self.next = next
    summary = try BuildReport(rehearsal.build).summary
  }

  private var parameters: Int {
    rehearsal.build.source.nodes.reduce(0) { sum, node in
      switch node.operation {
      case .convolution(let layer): sum + layer.weights.count + layer.bias.count
      case .dense(let layer): sum + layer.weights.count + layer.bias.count
      default: sum
      }
    }
  }

  private var isTrained: Bool { !rehearsal.build.source.thresholdNodes.isEmpty }

  /// The report of `spikelet check`.
  package var text: String {
    let network = rehearsal.build.source
    let (input, classes) = (network.inputShape, network.outputShape.channels)
    let kind = isTrained ? "trained thresholds" : "rectifiers"
    let head = """
      \(network.name.printable): \(input.channels)×\(input.height)×\(input.width) pixels, \
      \(classes) \(classes == 1 ? "class" : "classes"), \(kind); it can be built
      \(parameters.grouped) parameters, \(summary.operations.dense.grouped) multiply–accumulates
      """
    let about = isTrained ? "" : "about "
    let cost = """
      to expect: \(about)\(summary.modelBytes.grouped) bytes of model, \
      \(about)\(summary.arenaBytes.grouped) bytes of arena
      """
    let notes = rehearsal.build.notes.map { "note: \($0)".printable.wrapped() }
    let steps = next.isEmpty ? "" : "next:\n" + next.map { "  \($0)" }.joined(separator: "\n")
    return [
      head.wrapped(), summary.layerTable, interpretation?.text ?? "", cost.wrapped(),
      pixels.wrapped(),
      notes.joined(separator: "\n"), steps,
    ]
    .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// What is known about the pixels.
  private var pixels: String { evidence.text ?? "pixels: as configured; nothing speaks against it" }

  /// How a graph of NIR was read; nil for other networks.
  private var interpretation: InterpretationReport? {
    rehearsal.build.source.interpretation.map { InterpretationReport($0, rehearsal.build) }
  }

  package var json: JSONValue {
    .object([
      "nir": interpretation?.json ?? .null,
      "network": .string(rehearsal.build.source.name),
      "parameters": .integer(parameters),
      "notes": .array(rehearsal.build.notes.map { .string($0) }),
      "pixels": evidence.json,
      "summary": summary.json,
    ])
  }
}

extension PixelEvidence {
  /// What the figures say, for people; nil where they say nothing against the configuration.
  package var text: String? {
    switch source {
    case .none:
      return """
        pixels: the network keeps no statistics of its input, so a missing mean or scale cannot be \
        seen; give training pictures (--data or --dataset), or look at how it was trained
        """
    case .accuracy(let pictures):
      guard let better, let given = findings.first else { return nil }
      func percent(_ share: Double) -> String { "\((share * 100).fixed(1)) %" }
      return """
        pixels: as configured, the float network has \(percent(given.figure)) of \
        \(pictures.grouped) training pictures right, with \(better.mapping.name) \
        \(percent(better.figure)); a mean or a scale is missing or wrong, set
          \(better.mapping.keys)
        """
    case .normalization:
      guard let better else { return nil }
      return """
        pixels: the first layer's batch normalization saw other values in training; \
        \(better.mapping.name) would fit better. A mean or a scale may be missing: perhaps
          \(better.mapping.keys)
        """
    }
  }

  package var json: JSONValue {
    let word =
      switch source {
      case .accuracy: "accuracy"
      case .normalization: "normalization"
      case .none: "none"
      }
    return .object([
      "from": .string(word),
      "figures": .array(
        findings.map {
          .object(["mapping": .string($0.mapping.name), "figure": .number($0.figure)])
        }
      ),
      "better": better.map { .string($0.mapping.name) } ?? .null,
    ])
  }
}
