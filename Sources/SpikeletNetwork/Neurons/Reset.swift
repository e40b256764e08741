/// What a spike does to the potential that caused it.
public enum Reset: Hashable, Sendable, CaseIterable {
  /// Nothing: the potential is kept.
  case none
  /// The largest threshold that was reached is subtracted.
  case soft
  /// The potential becomes zero.
  case hard
}
