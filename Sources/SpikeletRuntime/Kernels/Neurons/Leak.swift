/// The decay of a layer's potentials between two timesteps.
///
/// The rounding is part of the rule and of the file. A shift and a floor round toward minus infinity:
/// under `U − (U >> k)` a positive potential below 2^k no longer decays, a negative one always does.
/// Rounding toward zero, as Loihi does, treats both signs alike.
struct Leak {
  let rule: LeakRule
  let multiplier: Int32
  let shift: Int32

  init(_ layer: NeuronRecord) {
    rule = LeakRule(rawValue: layer.leak) ?? .none
    multiplier = layer.leakMultiplier
    shift = layer.leakShift
  }

  /// Applies the rule to one potential.
  @inline(__always)
  func apply(_ u: Int32) -> Int32 {
    switch rule {
    case .none: return u
    case .shift: return u &- (u &>> shift)
    case .multiplyFloor: return Self.multiply(u, multiplier, shift)
    case .multiplyTowardZero:
      return u < 0
        ? 0 &- Self.multiply(0 &- u, multiplier, shift) : Self.multiply(u, multiplier, shift)
    }
  }

  /// ⌊u · m / 2^n⌋ for 0 ≤ m ≤ 2^n, 1 ≤ n ≤ 15, without a 64-bit value: u = 2^16·a + b.
  ///
  /// a·m is at most 2^15·2^15 = 2^30 and b·m below 2^31, so neither product overflows 32 bits.
  /// a·m·2^16 / 2^n is a whole number because n ≤ 16, so only b·m / 2^n rounds.
  @inline(__always)
  private static func multiply(_ u: Int32, _ m: Int32, _ n: Int32) -> Int32 {
    let high = u &>> 16
    let low = UInt32(truncatingIfNeeded: u & 0xFFFF)
    let lowPart = (low &* UInt32(truncatingIfNeeded: m)) &>> UInt32(truncatingIfNeeded: n)
    return ((high &* m) &<< (16 &- n)) &+ Int32(truncatingIfNeeded: lowPart)
  }

  func update(_ membranes: Membranes, count: Int) {
    guard rule != .none else { return }
    for i in 0..<count { membranes.store(apply(membranes.load(i)), i) }
  }
}
