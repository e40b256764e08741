import Foundation
import SpikeletCompiler

/// The rules that a calibration and a sweep try, made from the margins and scores of a trace.
package struct ExitCandidates: Sendable {
  let trace: DecisionTrace
  /// Values of one number; levels of a table.
  package var resolution = 64
  /// Margins and scores are taken from so many timesteps.
  static let earlyTimesteps = 6

  /// The last timestep that a rule of one number may begin at.
  package var latestBeginning = 3

  package init(_ trace: DecisionTrace) { self.trace = trace }

  /// The rules of a criterion, from the laxest to the strictest.
  package func rules(of kind: ExitCriterion) -> [ExitRule] {
    switch kind {
    case .margin: oneNumber(quantiles(margin)) { .margin($0) }
    case .count:
      oneNumber(quantiles { trace.decision($0, after: $1).ranking.best }) { .count($0) }
    case .stable: stable
    case .marginPerStep: levels.map { ExitRule(.marginPerStep(margins(level: $0))) }
    }
  }

  private func oneNumber(
    _ values: [Int], _ condition: (Int) -> ExitRule.Condition
  ) -> [ExitRule] {
    (1...min(latestBeginning, trace.timesteps)).flatMap { first in
      values.map { ExitRule(condition($0), minimumTimestep: first) }
    }
  }

  /// The lead of a picture after a timestep, as far as a model file can state it.
  private func margin(_ image: Int, _ timestep: Int) -> Int {
    min(trace.margin(image, after: timestep), Int(Int32.max))
  }

  /// Every number of timesteps from 2 on (one alone would be `margin`), with a few minimum margins, 0
  /// among them.
  private var stable: [ExitRule] {
    let margins = quantiles(count: 12, margin)
    return (2..<max(3, trace.timesteps)).flatMap { steps in
      ([0] + margins).map {
        ExitRule(.stable(timesteps: steps, margin: $0))
      }
    }
  }

  /// Values that cut the pictures of the first timesteps, where nearly all leave, into equal shares;
  /// then the largest value of all. At least 1 each.
  private func quantiles(count: Int? = nil, _ value: (Int, Int) -> Int) -> [Int] {
    var values: [Int] = []
    var largest = 1
    for image in 0..<trace.images {
      for t in 1...trace.timesteps {
        let one = value(image, t)
        largest = max(largest, one)
        if t <= Self.earlyTimesteps { values.append(one) }
      }
    }
    values.sort()
    let steps = values.isEmpty ? 0 : count ?? resolution
    var chosen = (0..<steps).map { max(1, values[$0 * values.count / steps]) }
    chosen.append(largest)
    return chosen.indices.filter { $0 == 0 || chosen[$0] != chosen[$0 - 1] }.map { chosen[$0] }
  }

  /// Shares of harmed pictures, from 2 % down to one in 100,000, and none.
  private var levels: [Double] {
    (0..<resolution).map { 0.02 * pow(0.0005, Double($0) / Double(resolution - 1)) } + [0]
  }

  /// The table of a level, see `ExitCalibrator`.
  package func margins(level: Double) -> [Int?] {
    let last = trace.timesteps
    var running = Array(0..<trace.images)
    var table: [Int?] = []
    for t in 1..<max(1, last) {
      let margin = smallestMargin(running, after: t, level: level)
      table.append(margin)
      guard let margin else { continue }
      running.removeAll { trace.margin($0, after: t) >= margin }
    }
    return table.isEmpty ? [nil] : table
  }

  /// The smallest margin at which at most a share `level` of the pictures that would leave is harmed.
  private func smallestMargin(_ images: [Int], after t: Int, level: Double) -> Int? {
    let sorted = images.map { (margin: trace.margin($0, after: t), image: $0) }
      .sorted { $0.margin > $1.margin }
    var harmed = 0
    var best: Int?
    for (index, entry) in sorted.enumerated() {
      guard entry.margin >= 1, entry.margin < Int(Int32.max) else { continue }
      if !trace.isRight(entry.image, after: t), trace.isRight(entry.image, after: trace.timesteps) {
        harmed += 1
      }
      // Pictures of equal margins leave together.
      let isLast = index + 1 == sorted.count || sorted[index + 1].margin != entry.margin
      if isLast, Double(harmed) <= level * Double(index + 1) { best = entry.margin }
    }
    return best
  }
}
