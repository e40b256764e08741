import SpikeletCompiler
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletSupport

/// A first configuration for a network, and what was guessed in it.
package struct ConfigurationDraft: Sendable {
  package let rehearsal: Rehearsal
  package let evidence: PixelEvidence
  /// The data set's name; empty for none.
  package let dataset: String
  /// How the configuration names the network's file.
  package let networkPath: String

  package init(
    rehearsal: Rehearsal, evidence: PixelEvidence, dataset: String, networkPath: String
  ) {
    self.rehearsal = rehearsal
    self.evidence = evidence
    self.dataset = dataset
    self.networkPath = networkPath
  }

  /// Whether λ has to be found, by `spikelet calibrate`.
  package var needsCalibration: Bool { rehearsal.build.source.thresholdNodes.isEmpty }

  /// Whether pictures have to become spikes.
  private var needsRates: Bool { !rehearsal.build.source.delayedNames.isEmpty }

  /// Whether the network's file leaves open how its neurons are computed.
  private var isOpen: Bool { rehearsal.build.source.interpretation != nil }

  /// What was guessed, a sentence each.
  package var comments: [String] {
    var lines: [String] = []
    switch (evidence.source, evidence.better) {
    case (.accuracy(let pictures), let better):
      let figure = (better ?? evidence.findings.first)?.figure ?? 0
      let name = better?.mapping.name ?? "0…1"
      lines.append(
        "input: pixels as \(name): \((figure * 100).fixed(1)) % of \(pictures) training pictures "
          + "are right in the float network; check that this is what you know of it")
    case (.normalization, let better?):
      lines.append(
        "input: pixels as \(better.mapping.name), guessed from the first batch normalization; check "
          + "it with spikelet eval --float")
    case (.normalization, nil):
      lines.append("input: pixels as 0…1; the first batch normalization does not contradict")
    case (.none, _):
      lines.append(
        "input: pixels as 0…1, because nothing says otherwise; give the mean and std that the "
          + "network was trained with, if it was, and check with spikelet eval --float")
    }
    if needsRates {
      lines.append(
        "input.mode: rate, because spikes come back to layers that read the picture; events do as "
          + "well")
    }
    if needsCalibration {
      lines.append("timesteps: 8, a good beginning; more are slower and a little more accurate")
    }
    if isOpen {
      lines.append(
        "nir: a graph of NIR does not say how it was computed; name what wrote it (docs/nir.md)")
      lines.append("timesteps: 8; a graph of NIR does not say how many it was trained with")
    }
    if dataset.isEmpty {
      lines.append("dataset: unknown; give your pictures with --data, or name a known set here")
    }
    return lines
  }

  /// The file.
  package var text: String {
    let configuration = rehearsal.build.configuration
    func quoted(_ text: String) -> String {
      JSONValue.string(text).text.filter { $0 != "\n" }
    }
    var members = [
      "  \"comment\": [\n" + comments.map { "    \(quoted($0))" }.joined(separator: ",\n")
        + "\n  ]",
      "  \"name\": \(quoted(configuration.name))", "  \"network\": \(quoted(networkPath))",
    ]
    if needsCalibration { members.append("  \"calibration\": \"calibration.json\"") }
    if !dataset.isEmpty { members.append("  \"dataset\": \(quoted(dataset))") }
    if let board = configuration.board { members.append("  \"board\": \(quoted(board))") }
    if needsCalibration || isOpen { members.append("  \"timesteps\": 8") }
    if isOpen, let semantics = configuration.nir ?? rehearsal.build.source.interpretation?.semantics
    {
      let switches = NeuronSemantics.keys.filter { semantics.given.contains($0) }.map { key in
        ", \(quoted(key)): \(quoted(semantics.text(key) ?? ""))"
      }
      members.append(
        "  \"nir\": {\"profile\": \(quoted(semantics.profile))\(switches.joined())}")
    }
    let mode = needsRates ? "\"mode\": \"rate\"" : ""
    if let better = evidence.better {
      let keys = better.mapping.keys
      members.append(
        "  "
          + (needsRates
            ? keys.replacing("\"input\": {", with: "\"input\": {\(mode), ", maxReplacements: 1)
            : keys))
    } else if needsRates {
      members.append("  \"input\": {\(mode)}")
    }
    return "{\n" + members.joined(separator: ",\n") + "\n}\n"
  }
}
