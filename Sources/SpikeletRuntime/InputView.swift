/// A source as a connection sees it: the spikes, or the pixels, of the windows of its sum pool.
struct InputView {
  let source: SpikeMap
  let pool: PoolView
  /// The source's spike map, or the picture itself.
  let values: ReadRegion
  /// One `Int32` a channel of the picture; nil for spikes.
  let zeroPoints: ReadRegion?
  /// Whether a pooled site is a site of a spike map.
  let isPlain: Bool
  /// Whether the spikes of a window are counted for all channels of a word at once.
  let hasCounts: Bool

  init(
    _ connection: ConnectionRecord, source: SpikeMap, values: ReadRegion, zeroPoints: ReadRegion?
  ) {
    self.source = source
    self.values = values
    self.zeroPoints = zeroPoints
    pool = PoolView(connection)
    isPlain = zeroPoints == nil && pool.isIdentity
    hasCounts = zeroPoints == nil && pool.area <= 7
  }

  /// What a word of a pooled site holds.
  struct Word {
    /// The channels that are not zero: those with a spike in the window, or with pixels that differ
    /// from the zero point.
    var active: UInt32
    /// Bits 0, 1 and 2 of every channel's number of spikes.
    var counts: SIMD4<UInt32>
  }

  @inline(__always)
  func word(_ y: Int, _ x: Int, word: Int) -> Word {
    isPlain
      ? Word(
        active: source.word(values, site: y &* source.width &+ x, word: word),
        counts: SIMD4(1, 0, 0, 0))
      : window(y, x, word: word)
  }

  /// The value of an active channel at a pooled site: its spikes, or its pixels' sum.
  @inline(__always)
  func value(_ word: Word, _ y: Int, _ x: Int, _ channel: Int) -> Int32 {
    if isPlain { return 1 }
    if !hasCounts { return sum(y, x, channel) }
    let bits = word.counts &>> SIMD4(repeating: UInt32(truncatingIfNeeded: channel & 31)) & 1
    return Int32(truncatingIfNeeded: bits[0] &+ bits[1] &* 2 &+ bits[2] &* 4)
  }

  @inline(never)
  private func window(_ y: Int, _ x: Int, word: Int) -> Word {
    if zeroPoints != nil {
      var active: UInt32 = 0
      let first = word &* 32
      for channel in first..<max(first, min(first &+ 32, source.channels))
      where sum(y, x, channel) != 0 {
        active |= 1 &<< UInt32(truncatingIfNeeded: channel &- first)
      }
      return Word(active: active, counts: .zero)
    }
    // Thirty-two counters side by side: the carry of each bit goes on to the next.
    var (ones, twos, fours): (UInt32, UInt32, UInt32) = (0, 0, 0)
    let columns = pool.columns(x, of: source.width)
    for row in pool.rows(y, of: source.height) {
      for column in columns {
        let bits = source.word(values, site: row &* source.width &+ column, word: word)
        let carry = ones & bits
        ones ^= bits
        fours |= twos & carry
        twos ^= carry
      }
    }
    return Word(active: ones | twos | fours, counts: SIMD4(ones, twos, fours, 0))
  }

  /// The sum of a channel over a window: of spikes, or of pixels, each minus the zero point.
  @inline(never)
  private func sum(_ y: Int, _ x: Int, _ channel: Int) -> Int32 {
    let columns = pool.columns(x, of: source.width)
    var sum: Int32 = 0
    var count: Int32 = 0
    for row in pool.rows(y, of: source.height) {
      for column in columns {
        if zeroPoints != nil {
          let pixel = (channel &* source.height &+ row) &* source.width &+ column
          sum &+= Int32(truncatingIfNeeded: values.load(pixel, as: UInt8.self))
          count &+= 1
        } else if source.spike(values, site: row &* source.width &+ column, channel) {
          sum &+= 1
        }
      }
    }
    guard let zeroPoints else { return sum }
    return sum &- count &* zeroPoints.load(channel &* 4, as: Int32.self)
  }
}
