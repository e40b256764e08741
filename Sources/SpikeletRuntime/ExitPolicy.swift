/// When an inference ends before its last timestep.
///
/// The policy looks at the scores after the read-out of each timestep from `minimumTimestep` on; the
/// first timestep at which it holds is the last. It never changes a score.
public struct ExitPolicy: Equatable, Sendable {
  public enum Kind: Int32, Sendable {
    /// Runs every timestep.
    case none = 0
    /// Ends when the largest score leads the second by at least `parameter`.
    case margin = 1
  }

  public var kind: Kind
  public var parameter: Int32
  public var minimumTimestep: Int32

  public init(_ kind: Kind, parameter: Int32 = 0, minimumTimestep: Int32 = 1) {
    self.kind = kind
    self.parameter = parameter
    self.minimumTimestep = minimumTimestep
  }

  /// Throws when no run could mean anything by the policy.
  func validate(maximumTimesteps: Int32) throws(SpikeletError) {
    guard minimumTimestep >= 1, minimumTimestep <= maximumTimesteps else {
      throw SpikeletError(
        .outOfRange, .exitPolicy, needed: maximumTimesteps, given: minimumTimestep)
    }
    guard kind == .none ? parameter == 0 : parameter >= 1 else {
      throw SpikeletError(.outOfRange, .exitPolicy, needed: 1, given: parameter)
    }
  }

  /// Whether the inference ends after timestep `timestep` with these two best scores.
  @inline(__always)
  func holds(best: Int32, second: Int32, timestep: Int32) -> Bool {
    guard timestep >= minimumTimestep else { return false }
    switch kind {
    case .none: return false
    case .margin:
      // The difference of two 32-bit scores may not fit 32 bits; the sum of the smaller and the
      // demanded margin overflows only when the margin cannot be reached.
      let (needed, overflow) = second.addingReportingOverflow(parameter)
      return !overflow && best >= needed
    }
  }
}
