import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// What the compiler decided for each layer, and what it cost.
package struct BuildReport: Sendable {
  package var build: Compiler.Build
  package var summary: ModelSummary

  package init(_ build: Compiler.Build) throws {
    self.build = build
    summary = ModelSummary(
      try ModelFile(bytes: build.bytes, name: build.configuration.name))
  }

  /// How the model runs.
  package var plan: ModelPlan {
    get throws {
      ModelPlan(try ModelFile(bytes: build.bytes, name: build.configuration.name))
    }
  }

  /// The report that `spikelet build` prints.
  package var text: String {
    [
      summary.heading, conversionTable, summary.memoryTable, summary.fileTable, budgetLine,
      boardLine, notes,
    ].compactMap { $0 }.joined(separator: "\n\n")
  }

  private var conversionTable: String {
    var table = TextTable(
      [
        "layer", "λ", "weight scale", "threshold", "accumulator", "width", "saturated", "rate",
      ], right: [5, 6, 7])
    for layer in build.integer.layers {
      guard case .neurons(let neurons) = layer.kind else {
        table.add([layer.name, "–", "–", "–", "–", "–", "–", "–"])
        continue
      }
      table.add([
        layer.name, isTrained ? "–" : range(neurons.lambda), range(neurons.weightScales),
        neurons.fires
          ? neurons.thresholds.map { ($0.min()!...$0.max()!).text }.joined(separator: ", ") : "–",
        neurons.potentialRange.text, "int\(neurons.membraneBits)",
        neurons.saturatedWeights.grouped,
        neurons.fires && !isTrained ? neurons.predictedRate.fixed(4) : "–",
      ])
    }
    return table.text
  }

  /// Whether the thresholds were trained: there is no λ and nothing that predicts a rate.
  private var isTrained: Bool { !build.source.thresholdNodes.isEmpty }

  private var notes: String? {
    build.notes.isEmpty
      ? nil : build.notes.map { "note: \($0)".printable.wrapped() }.joined(separator: "\n")
  }

  private func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "–" }
    return low == high ? low.brief : "\(low.brief)…\(high.brief)"
  }

  private var boardLine: String? {
    guard let board = build.board else { return nil }
    let share = Double(summary.arenaBytes + summary.modelBytes) / Double(board.availableBytes)
    return """
      on \(board.name) (\(board.target), \(board.processor)): \
      \((share * 100).fixed(2)) % of \(board.availableBytes.grouped) bytes; \
      the arena fits \(board.home(ofBytes: summary.arenaBytes)), \
      the model \(board.home(ofBytes: summary.modelBytes))
      """
  }

  private var budgetLine: String {
    let budgets = build.configuration.budgets
    let arena = budgets.maximumArenaBytes.map { "arena ≤ \($0.grouped)" }
    let model = budgets.maximumModelBytes.map { "model ≤ \($0.grouped)" }
    let limits = [arena, model].compactMap { $0 }
    return limits.isEmpty ? "no budget" : "within budget: " + limits.joined(separator: ", ")
  }

  package var json: JSONValue {
    var layers: [JSONValue] = []
    for layer in build.integer.layers {
      guard case .neurons(let neurons) = layer.kind else {
        layers.append(.object(["name": .string(layer.name), "kind": .string("maxPool")]))
        continue
      }
      layers.append(
        .object([
          "name": .string(layer.name), "kind": .string("neurons"),
          "lambda": .array(neurons.lambda.map { .number($0) }),
          "weightScales": .array(neurons.weightScales.map { .number($0) }),
          "thresholds": .array(neurons.thresholds.flatMap { $0 }.map { .integer($0) }),
          "thresholdCount": .integer(neurons.thresholds.count),
          "lowestPotential": .integer(neurons.potentialRange.lowerBound),
          "highestPotential": .integer(neurons.potentialRange.upperBound),
          "membraneBits": .integer(neurons.membraneBits),
          "currentShift": .integer(neurons.currentShift),
          "biasFractionBits": .integer(neurons.biasFractionBits),
          "saturatedWeights": .integer(neurons.saturatedWeights),
          "predictedFiringRate": .number(neurons.predictedRate),
        ]))
    }
    return .object([
      "summary": summary.json, "layers": .array(layers),
      "notes": .array(build.notes.map { .string($0) }),
    ])
  }
}
