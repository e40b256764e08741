/// The decay of a potential U between two timesteps, in whole numbers.
public struct Leak: Hashable, Sendable {
  /// How what is left of a potential is computed.
  public enum Rule: Hashable, Sendable, CaseIterable {
    /// All of it is left.
    case none
    /// U − (U >> shift).
    case shift
    /// (U · multiplier) >> shift, rounded down.
    case multiplyFloor
    /// (U · multiplier) / 2^shift, rounded toward zero.
    case multiplyTowardZero
  }

  /// How what is left of a potential is computed.
  public var rule: Rule
  /// The multiplier of the two multiplying rules, 0…2^shift; 0 for the others.
  public var multiplier: Int
  /// 1…15; 0 without a leak.
  public var shift: Int

  /// Makes a leak; without arguments, none.
  public init(rule: Rule = .none, multiplier: Int = 0, shift: Int = 0) {
    self.rule = rule
    self.multiplier = multiplier
    self.shift = shift
  }

  /// What is left of a potential after one timestep, unrounded: 0…1.
  public var factor: Double {
    switch rule {
    case .none: 1
    case .shift: 1 - 1 / Double(1 << shift)
    case .multiplyFloor, .multiplyTowardZero: Double(multiplier) / Double(1 << shift)
    }
  }
}
