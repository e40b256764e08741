/// How fast one core of this machine can add rows of weights at best.
///
/// The inner loop of a gather and nothing else: rows of 64 weights of 8 bits, which lie in the nearest
/// cache, are widened and added to 64 sums of 16 bits in registers. What a layer of synapses reaches of
/// that is its share of the ideal; lists, potentials and slower caches take the rest.
enum GatherPeak {
  private static let rows = 256

  /// Additions a nanosecond: the best of some short rounds, so that other programs matter little.
  static func measure() -> Double {
    let weights = (0..<rows * 64).map { Int8(truncatingIfNeeded: $0 &* 73) }
    let list = (0..<2048).map { UInt16($0 * 151 % rows) }
    var best = Double.infinity
    var sums = SIMD16<Int16>()
    for _ in 0..<30 {
      let start = ContinuousClock.now
      sums &+= add(weights, list)
      let elapsed = (ContinuousClock.now - start).components
      best = min(best, Double(elapsed.attoseconds) / 1e9)
    }
    // Who looks at the sums keeps the loop from being left out.
    return sums == SIMD16(repeating: 0x5A5A) ? 0 : Double(list.count * 64) / max(1, best)
  }

  @inline(never)
  private static func add(_ weights: [Int8], _ list: [UInt16]) -> SIMD16<Int16> {
    var (a, b, c, d) = (SIMD16<Int16>(), SIMD16<Int16>(), SIMD16<Int16>(), SIMD16<Int16>())
    weights.withUnsafeBytes { weights in
      list.withUnsafeBufferPointer { list in
        for row in list {
          let offset = Int(row) &* 64
          a &+= widen(weights.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self))
          b &+= widen(weights.loadUnaligned(fromByteOffset: offset &+ 16, as: SIMD16<Int8>.self))
          c &+= widen(weights.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD16<Int8>.self))
          d &+= widen(weights.loadUnaligned(fromByteOffset: offset &+ 48, as: SIMD16<Int8>.self))
        }
      }
    }
    return a &+ b &+ c &+ d
  }

  /// Lane by lane, as the runtime does it: it becomes one instruction.
  @inline(__always)
  private static func widen(_ weights: SIMD16<Int8>) -> SIMD16<Int16> {
    var result = SIMD16<Int16>()
    for i in 0..<16 { result[i] = Int16(truncatingIfNeeded: weights[i]) }
    return result
  }
}
