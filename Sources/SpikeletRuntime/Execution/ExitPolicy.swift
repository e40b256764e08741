/// When an inference ends before its last timestep.
///
/// The policy looks at the scores after the read-out of each timestep from `minimumTimestep` on; the
/// first timestep at which it holds is the last. It never changes a score.
///
/// The four criteria are ours, after the idea of Chen et al. 2021, to stop a converted network as soon
/// as its output is certain; the lead of the best class per timestep is the rule of Wu et al. 2023
/// ("Top-K cutoff"). docs/semantics.md defines them.
public struct ExitPolicy: Equatable, Sendable {
  public enum Kind: Int32, Sendable {
    /// Runs every timestep.
    case none = 0
    /// The largest score leads the second by at least `parameter`.
    case margin = 1
    /// The largest score is at least `parameter`.
    case count = 2
    /// The prediction was the same at the last `parameter` timesteps, this one included, and leads by
    /// at least `minimumMargin`.
    case stable = 3
    /// The largest score leads the second by at least the timestep's own entry of a table of
    /// `parameter` margins; behind the table's end the last entry counts.
    case marginPerStep = 4
  }

  public var kind: Kind
  public var parameter: Int32
  /// For `stable` alone: the lead that it demands as well; 0 demands none.
  public var minimumMargin: Int32
  public var minimumTimestep: Int32

  public init(
    _ kind: Kind, parameter: Int32 = 0, minimumMargin: Int32 = 0, minimumTimestep: Int32 = 1
  ) {
    self.kind = kind
    self.parameter = parameter
    self.minimumMargin = minimumMargin
    self.minimumTimestep = minimumTimestep
  }

  /// An entry of a table that no run reaches: the timestep never ends an inference.
  public static var never: Int32 { Int32.max }
}

/// Follows the read-outs of one inference, timestep by timestep, and says when its policy ends it.
///
/// The state is two words; the engine keeps it for a run, and so may a caller that steps by hand.
public struct ExitMonitor: Sendable {
  public let policy: ExitPolicy
  private var prediction: Int32 = -1
  private var streak: Int32 = 0

  public init(_ policy: ExitPolicy) { self.policy = policy }

  /// Whether the inference ends after timestep `timestep`. Call it once for every timestep, in order.
  ///
  /// - Parameter demand: the timestep's entry of the table; other criteria do not look at it.
  @inline(never)
  public mutating func ends(after timestep: Int32, _ ranking: Ranking, demand: Int32) -> Bool {
    streak = ranking.prediction == prediction ? streak &+ 1 : 1
    prediction = ranking.prediction
    guard timestep >= policy.minimumTimestep else { return false }
    var margin = policy.parameter
    switch policy.kind {
    case .none: return false
    case .count: return ranking.best >= policy.parameter
    case .margin: break
    case .stable:
      guard streak >= policy.parameter else { return false }
      margin = policy.minimumMargin
    case .marginPerStep:
      guard demand != ExitPolicy.never else { return false }
      margin = demand
    }
    // The difference of two 32-bit scores may not fit 32 bits; the sum of the smaller and the
    // demanded margin overflows only when the margin cannot be reached.
    let (needed, overflow) = ranking.second.addingReportingOverflow(margin)
    return !overflow && ranking.best >= needed
  }
}
