import SpikeletSupport

/// The random numbers behind the bundled digits: integers only, the same on every machine.
package struct DigitRandom {
  private var random: SeededRandom

  /// Starts the sequence of one digit; label and seed together choose it.
  package init(label: Int, seed: UInt32) {
    random = SeededRandom(seed: UInt64(seed) << 8 | UInt64(truncatingIfNeeded: label & 0xFF))
  }

  /// A number in 0 ..< `bound`, which is at most 2³¹.
  package mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((random.next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
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
