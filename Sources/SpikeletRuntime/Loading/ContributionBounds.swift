/// What one timestep adds to the potentials of eight channels, at least and at most: the two sums that
/// the overflow proof is made of.
///
/// A timestep adds to a potential, in any order, some of its weights times spike counts, a bias and
/// a current. No partial sum exceeds the potential before plus the sum of all positive
/// contributions, nor falls below it minus all negative ones. Before a timestep the potential lies
/// within the clamps, and also within its initial value plus or minus (T − 1) such sums. The tighter
/// of the two, plus one more timestep, has to fit. Wrap-around then never happens, so sums may be
/// formed in any order, by any kernel.
package struct ContributionBounds {
  /// The smallest and largest sum of what one timestep adds, a lane a channel.
  package var low: SIMD8<Int32> = .zero
  package var high: SIMD8<Int32> = .zero

  /// Puts in the sums of one channel.
  @inline(never)
  mutating func set(_ lane: Int, low: Int32, high: Int32) {
    self.low[lane] = low
    self.high[lane] = high
  }

  /// The range of the potentials of one channel, or nil when it does not fit `bits`.
  ///
  /// - Parameters:
  ///   - floorAfterFire: the lowest potential right after a reset.
  package static func potentialRange(
    lowest: Int32, highest: Int32, initial: Int32, floorAfterFire: Int32, lowerClamp: Int32,
    upperClamp: Int32, timesteps: Int32, bits: Int32
  ) -> (low: Int32, high: Int32)? {
    let up = max(highest, 0)
    let down = min(lowest, 0)
    var before = upperClamp
    if let growth = checkedProduct(up, timesteps &- 1),
      let sum = checkedSum(max(initial, 0), growth)
    {
      before = min(before, sum)
    }
    guard let high = checkedSum(max(before, initial), up) else { return nil }
    let start = min(min(initial, 0), floorAfterFire)
    before = lowerClamp
    if let growth = checkedProduct(down, timesteps &- 1), let sum = checkedSum(start, growth) {
      before = max(before, sum)
    }
    guard let low = checkedSum(min(before, start), down) else { return nil }
    // One value is given up at the bottom, so that a negation never overflows.
    let limit: Int32 = bits == 16 ? 32767 : Int32.max
    return high <= limit && low >= 0 &- limit ? (low, high) : nil
  }
}
