import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// When the pictures of an evaluation ended, beside the same pictures run to the end.
package struct ExitReport: Sendable {
  package let rule: ExitRule
  /// What the engine did.
  package let statistics: ExitStatistics
  /// The same pictures run to the last timestep.
  package let full: ExitStatistics
  /// The lower bound, see `DecisionTrace.oracle`.
  package let oracle: ExitStatistics

  /// - Parameters:
  ///   - result: an evaluation with the rule.
  ///   - trace: the decisions of the same pictures without an exit.
  package init(rule: ExitRule, result: EvaluationResult, trace: DecisionTrace) {
    precondition(result.images == trace.images && result.timesteps == trace.timesteps)
    self.rule = rule
    var statistics = ExitStatistics(timesteps: trace.timesteps)
    for (outcome, label) in zip(result.outcomes, result.dataset.labels) {
      statistics.add(
        timestep: outcome.timesteps, isRight: outcome.prediction == Int(label),
        synapticOperations: outcome.synapticOperations)
    }
    self.statistics = statistics
    full = trace.statistics(fixed: trace.timesteps)
    oracle = trace.oracle
  }

  /// The share of synaptic operations that the exit saves, 0…1.
  package var savedOperations: Double {
    full.synapticOperations == 0
      ? 0 : 1 - Double(statistics.synapticOperations) / Double(full.synapticOperations)
  }

  /// - Parameter showsOracle: adds the lower bound.
  package func text(showsOracle: Bool) -> String {
    let last = full.exits.count
    var lines = [
      "exit                 \(rule)",
      "                     mean \(statistics.meanTimesteps.fixed(2)), median "
        + "\(statistics.medianTimestep), 99 % by timestep \(statistics.p99Timestep); "
        + "\((savedOperations * 100).fixed(1)) % of the synaptic operations saved",
      "                     \((full.accuracy * 100).fixed(2)) % with all \(last) timesteps",
    ]
    if showsOracle {
      lines.append(
        "oracle               \((oracle.accuracy * 100).fixed(2)) % at "
          + "\(oracle.meanTimesteps.fixed(2)) timesteps: no exit can be earlier and as right")
    }
    return lines.joined(separator: "\n") + "\n\n" + histogram
  }

  /// One line for each timestep at which pictures end.
  private var histogram: String {
    var table = TextTable(["timestep", "pictures", "right", ""], right: [0, 1, 2])
    let longest = statistics.exits.max() ?? 1
    for (index, count) in statistics.exits.enumerated() where count > 0 {
      let right = Double(statistics.rights[index]) / Double(count)
      let bar = Int((Double(count) / Double(longest) * 40).rounded(.up))
      table.add([
        "\(index + 1)", count.grouped, "\((right * 100).fixed(2)) %",
        String(repeating: "█", count: bar),
      ])
    }
    return table.text
  }

  /// The stable machine-readable form.
  package var json: JSONValue {
    func summary(_ value: ExitStatistics) -> JSONValue {
      .object([
        "correct": .integer(value.correct), "accuracy": .number(value.accuracy),
        "meanTimesteps": .number(value.meanTimesteps),
        "synapticOperationsPerImage": .number(value.synapticOperationsPerImage),
      ])
    }
    var document = summary(statistics)
    document["rule"] = .string("\(rule)")
    document["medianTimestep"] = .integer(statistics.medianTimestep)
    document["p99Timestep"] = .integer(statistics.p99Timestep)
    document["exits"] = .array(statistics.exits.map { .integer($0) })
    document["rights"] = .array(statistics.rights.map { .integer($0) })
    document["savedOperations"] = .number(savedOperations)
    document["full"] = summary(full)
    document["oracle"] = summary(oracle)
    return document
  }
}
