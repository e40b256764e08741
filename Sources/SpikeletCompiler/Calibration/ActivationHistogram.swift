/// The distribution of a channel's activations, in bins of equal relative width.
///
/// A bin is a value's exponent and the eight highest bits of its fraction: 0.4 % wide at most, from
/// 2^−20 to 2^20. Counts are whole numbers, so histograms of parts of a data set add up to the same
/// result in any order, whatever the number of threads. Values at or below 2^−20, zeros and negative
/// ones count in bin 0.
public struct ActivationHistogram: Sendable, Equatable {
  private static let lowestExponent: UInt32 = 127 - 20
  private static let binsPerOctave = 256
  private static let binCount = 40 * binsPerOctave + 1

  private var counts = [Int](repeating: 0, count: binCount)
  /// The number of values counted.
  public private(set) var total = 0
  /// The largest value counted, 0 where none was above 0.
  public private(set) var maximum: Float = 0

  /// An empty histogram.
  public init() {}

  /// Counts one value.
  public mutating func add(_ value: Float) {
    total += 1
    guard value > 0 else {
      counts[0] += 1
      return
    }
    maximum = max(maximum, value)
    let offset = Int(value.bitPattern >> 15) - Int(Self.lowestExponent << 8)
    counts[offset < 0 ? 0 : min(offset + 1, Self.binCount - 1)] += 1
  }

  /// Adds the counts of another histogram.
  public mutating func merge(_ other: ActivationHistogram) {
    for i in counts.indices { counts[i] += other.counts[i] }
    total += other.total
    maximum = max(maximum, other.maximum)
  }

  /// The bins that hold values, with how many.
  package var filled: [(bin: Int, count: Int)] {
    counts.indices.lazy.filter { counts[$0] > 0 }.map { ($0, counts[$0]) }
  }

  /// The bins of every histogram.
  package static var bins: Int { binCount }

  /// Puts values back that `filled` and `maximum` told of.
  ///
  /// - Returns: false for a bin or a count that no histogram has.
  package mutating func restore(bin: Int, count: Int) -> Bool {
    guard counts.indices.contains(bin), count > 0, count <= 1 << 56 - total else { return false }
    counts[bin] += count
    total += count
    return true
  }

  /// Puts back the largest value.
  package mutating func restore(maximum: Float) { self.maximum = max(self.maximum, maximum) }

  /// The upper edge of a bin.
  private static func edge(_ bin: Int) -> Double {
    guard bin > 0 else { return 0 }
    return Double(Float(bitPattern: (lowestExponent << 23) + UInt32(bin) << 15))
  }

  /// The smallest bin edge that at least `percentile` percent of all values do not exceed, and the
  /// mean of all values clipped there. 100 gives the exact maximum.
  public func statistics(percentile: Double) -> (value: Double, clippedMean: Double) {
    guard total > 0 else { return (0, 0) }
    let needed = percentile / 100 * Double(total)
    var seen = 0
    var bin = 0
    while bin < Self.binCount - 1 {
      seen += counts[bin]
      if Double(seen) >= needed { break }
      bin += 1
    }
    let value = percentile >= 100 ? Double(maximum) : min(Self.edge(bin), Double(maximum))
    var sum = 0.0
    for i in 1..<Self.binCount where counts[i] > 0 {
      let middle = (Self.edge(i - 1) + Self.edge(i)) / 2
      sum += Double(counts[i]) * min(middle, value)
    }
    return (value, sum / Double(total))
  }

  /// The statistics at every stored percentile.
  public var channel: Calibration.Channel {
    let all = Calibration.percentiles.map { statistics(percentile: $0) }
    return Calibration.Channel(
      values: all.map(\.value), clippedMeans: all.map(\.clippedMean))
  }
}
