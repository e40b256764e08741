import CBoardPlatform

/// The distribution of latencies in memory of a fixed size, however many there are.
///
/// Values below 128 ticks are counted exactly, larger ones in 64 classes for each power of two, so a
/// quantile is right to 0.8 %. The largest value is exact.
struct LatencyHistogram: ~Copyable {
  private var counts: Memory
  private var total: UInt32 = 0
  private(set) var largest: UInt32 = 0

  /// 128 exact values, then 64 classes for each of the 25 larger powers of two.
  private static var classCount: Int { 128 &+ 25 &* 64 }

  init() throws(BoardError) {
    counts = try Memory(byteCount: Self.classCount &* 4)
  }

  mutating func add(_ ticks: UInt32) {
    let index = Self.index(ticks)
    var bytes = counts.mutableBytes
    let before = unsafe bytes.unsafeLoad(fromByteOffset: index &* 4, as: UInt32.self)
    bytes.storeBytes(of: before &+ 1, toByteOffset: index &* 4, as: UInt32.self)
    total &+= 1
    largest = max(largest, ticks)
  }

  /// The value that the given share of all values, in hundredths, does not exceed.
  func quantile(_ percent: UInt32) -> UInt32 {
    let rank = max(1, platform_ratio(total, percent, 100))
    var seen: UInt32 = 0
    for index in 0..<Self.classCount {
      let count = unsafe counts.bytes.unsafeLoad(fromByteOffset: index &* 4, as: UInt32.self)
      seen &+= count
      if seen >= rank { return min(largest, Self.middle(index)) }
    }
    return largest
  }

  private static func index(_ ticks: UInt32) -> Int {
    guard ticks >= 128 else { return Int(ticks) }
    let exponent = 31 &- ticks.leadingZeroBitCount
    let mantissa = Int(ticks &>> UInt32(truncatingIfNeeded: exponent &- 6)) &- 64
    return 128 &+ (exponent &- 7) &* 64 &+ mantissa
  }

  private static func middle(_ index: Int) -> UInt32 {
    guard index >= 128 else { return UInt32(truncatingIfNeeded: index) }
    let shift = UInt32(truncatingIfNeeded: (index &- 128) / 64 &+ 1)
    let mantissa = UInt32(truncatingIfNeeded: (index &- 128) % 64 &+ 64)
    return mantissa &<< shift &+ (1 &<< (shift &- 1))
  }
}

/// 64-bit FNV-1a over every picture's timesteps and scores, as the host's `eval` computes it.
struct ScoresDigest {
  private var low: UInt32 = 0x8422_2325
  private var high: UInt32 = 0xCBF2_9CE4

  var value: (high: UInt32, low: UInt32) { (high, low) }

  /// Adds a value as four little-endian bytes.
  mutating func add(_ value: Int32) {
    var rest = UInt32(bitPattern: value)
    for _ in 0..<4 {
      // The prime is 2^40 + 0x1B3.
      let mixed = low ^ (rest & 0xFF)
      let product = mixed.multipliedFullWidth(by: 0x1B3)
      high = (high &* 0x1B3) &+ product.high &+ (mixed &<< 8)
      low = product.low
      rest &>>= 8
    }
  }
}
