/// The generator behind the bundled digits: SplitMix64, integers only, the same on every machine.
package struct DigitRandom {
  private var state: UInt64

  /// Starts the sequence of one digit; label and seed together choose it.
  package init(label: Int, seed: UInt32) {
    state = UInt64(seed) << 8 | UInt64(truncatingIfNeeded: label & 0xFF)
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0 ..< `bound`, which is at most 2³¹.
  package mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
  }

  /// A number in `range`, all alike.
  package mutating func uniform(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// A number in -`extent` … `extent`, small ones more often: the mean of two.
  package mutating func spread(_ extent: Int) -> Int {
    (uniform(-extent...extent) + uniform(-extent...extent)) / 2
  }
}
