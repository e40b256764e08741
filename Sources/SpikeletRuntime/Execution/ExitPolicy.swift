/// When an inference ends before its last timestep.
///
/// A policy looks at the scores after the read-out of every timestep; the first timestep at which it
/// holds is the last. It never changes a score. Timesteps count from 1; `from` is the first one that
/// may end an inference.
///
/// The criteria are ours, after the idea of Chen et al. 2021, to stop a converted network as soon as
/// its output is certain; a margin for each timestep is the rule of Wu et al. 2023 ("Top-K cutoff").
/// docs/semantics.md defines them.
public enum ExitPolicy: Equatable, Sendable {
  /// Runs every timestep.
  case none
  /// The largest score leads the second by at least a margin: 1…`Model.highestMargin`.
  case margin(Int, from: Int = 1)
  /// The largest score is at least a number: 1…`Model.highestScore`.
  case count(Int, from: Int = 1)
  /// The prediction was the same at the last so many timesteps, this one included, and leads by at
  /// least `margin`, where that is above 0.
  case stable(Int, margin: Int = 0, from: Int = 1)
  /// The largest score leads the second by at least the timestep's own entry of a table of margins:
  /// the model's, or one that the caller gives. After the table's end its last entry counts.
  case marginPerTimestep(from: Int = 1)

  /// An entry of a table that no run reaches: its timestep never ends an inference.
  public static var never: Int { Int(Int32.max) }

  /// The first timestep that may end an inference.
  public var firstTimestep: Int {
    switch self {
    case .none: 1
    case .margin(_, let first), .count(_, let first), .stable(_, _, let first),
      .marginPerTimestep(let first):
      first
    }
  }
}

/// Follows the read-outs of one inference, timestep by timestep, and says when its policy ends it.
///
/// The engine keeps one for a run, and so may a caller that steps by hand.
public struct ExitMonitor: Sendable {
  /// The policy that ends the inference.
  public let policy: ExitPolicy
  private var prediction = -1
  private var streak = 0

  /// Begins an inference.
  public init(_ policy: ExitPolicy) { self.policy = policy }

  /// Whether the inference ends after a timestep. Call it once for every timestep, in order.
  ///
  /// - Parameters:
  ///   - timestep: the timestep that has run, counted from 1.
  ///   - ranking: the scores after it.
  ///   - demand: the timestep's entry of the table; other policies do not look at it.
  @inline(never)
  public mutating func ends(after timestep: Int, _ ranking: Ranking, demand: Int) -> Bool {
    streak = ranking.prediction == prediction ? streak &+ 1 : 1
    prediction = ranking.prediction
    guard timestep >= policy.firstTimestep else { return false }
    switch policy {
    case .none: return false
    case .count(let score, _): return ranking.best >= score
    case .margin(let margin, _): return ranking.leads(by: margin)
    case .stable(let timesteps, let margin, _):
      return streak >= timesteps && ranking.leads(by: margin)
    case .marginPerTimestep: return demand != ExitPolicy.never && ranking.leads(by: demand)
    }
  }
}

extension Ranking {
  /// Whether the best class leads the second by at least a margin.
  ///
  /// The difference of two 32-bit scores may not fit a word of 32 bits; the sum of the smaller score
  /// and the margin overflows only where the margin cannot be reached.
  func leads(by margin: Int) -> Bool {
    let (needed, overflow) = second.addingReportingOverflow(margin)
    return !overflow && best >= needed
  }
}
