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
  /// Whether every window is two by two sites, side by side and whole: the usual pool.
  let isQuad: Bool
  /// Whether the source is a picture of one channel without a pool: the usual one.
  let isGray: Bool
  private let grayZero: UInt8

  init(
    _ connection: ConnectionRecord, source: SpikeMap, values: ReadRegion, zeroPoints: ReadRegion?
  ) {
    self.source = source
    self.values = values
    self.zeroPoints = zeroPoints
    pool = PoolView(connection)
    isPlain = zeroPoints == nil && pool.isIdentity
    hasCounts = zeroPoints == nil && pool.area <= 7
    isQuad =
      zeroPoints == nil && pool.kernelHeight == 2 && pool.kernelWidth == 2
      && pool.strideHeight == 2 && pool.strideWidth == 2 && pool.paddingTop &+ pool.paddingLeft == 0
      && pool.height &* 2 <= source.height && pool.width &* 2 <= source.width
    isGray = zeroPoints != nil && pool.isIdentity && source.channels == 1
    grayZero = zeroPoints.map { $0.load(0, as: UInt8.self) } ?? 0
  }

  /// What a word of a pooled site holds: bits 0, 1 and 2 of every channel's number of spikes. For
  /// pixels and larger windows a channel that is not zero has any of them.
  struct Word {
    var ones: UInt32
    var twos: UInt32
    var fours: UInt32

    var active: UInt32 { ones | twos | fours }

    /// The spikes of one channel.
    @inline(__always)
    func count(_ bit: Int) -> Int {
      let bit = UInt32(truncatingIfNeeded: bit)
      let low = (ones &>> bit) & 1 &+ ((twos &>> bit) & 1) &* 2
      return Int(truncatingIfNeeded: low &+ ((fours &>> bit) & 1) &* 4)
    }

    @inline(__always)
    init(ones: UInt32, twos: UInt32, fours: UInt32) {
      (self.ones, self.twos, self.fours) = (ones, twos, fours)
    }

    /// How often each channel has spiked at four sites.
    @inline(__always)
    init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
      let (ab, cd) = (a & b, c & d)
      (ones, fours) = (a ^ b ^ c ^ d, ab & cd)
      twos = ab ^ cd ^ ((a ^ b) & (c ^ d))
    }
  }

  /// A gray pixel, minus the zero point.
  @inline(__always)
  func gray(_ y: Int, _ x: Int) -> Int32 {
    Int32(truncatingIfNeeded: values.load(y &* source.width &+ x, as: UInt8.self))
      &- Int32(truncatingIfNeeded: grayZero)
  }

  /// The first column from `x` on whose gray pixel is not at the zero point, as most of a digit's
  /// picture is: a machine word of pixels at a time.
  @inline(__always)
  func skipBlanks(_ y: Int, from x: Int, to end: Int) -> Int {
    let row = y &* source.width
    let blanks = UInt.max / 255 &* UInt(truncatingIfNeeded: grayZero)
    var x = x
    while x &+ MemoryLayout<UInt>.size <= end {
      let others = values.load(row &+ x, as: UInt.self) ^ blanks
      if others != 0 { return x &+ others.trailingZeroBitCount / 8 }
      x &+= MemoryLayout<UInt>.size
    }
    while x < end && values.load(row &+ x, as: UInt8.self) == grayZero { x &+= 1 }
    return x
  }

  @inline(__always)
  func word(_ y: Int, _ x: Int, word: Int) -> Word {
    if isPlain {
      let bits = source.word(values, site: y &* source.width &+ x, word: word)
      return Word(ones: bits, twos: 0, fours: 0)
    }
    return sums(y, x, word: word)
  }

  /// The same where a site is a window, or a pixel.
  @inline(never)
  func sums(_ y: Int, _ x: Int, word: Int) -> Word {
    if zeroPoints != nil { return pixels(y, x, word: word) }
    if isQuad {
      let site = (y &* source.width &+ x) &* 2
      return Word(
        source.word(values, site: site, word: word),
        source.word(values, site: site &+ 1, word: word),
        source.word(values, site: site &+ source.width, word: word),
        source.word(values, site: site &+ source.width &+ 1, word: word))
    }
    let rows = pool.rows(y, of: source.height)
    let columns = pool.columns(x, of: source.width)
    // Thirty-two counters side by side: the carry of each bit goes on to the next.
    var result = Word(ones: 0, twos: 0, fours: 0)
    var site = rows.lowerBound &* source.width &+ columns.lowerBound
    for _ in 0..<rows.count {
      for column in 0..<columns.count {
        let bits = source.word(values, site: site &+ column, word: word)
        let carry = result.ones & bits
        result.ones ^= bits
        result.fours |= result.twos & carry
        result.twos ^= carry
      }
      site &+= source.width
    }
    return result
  }

  /// The value of an active channel at a pooled site: its spikes, or its pixels' sum.
  @inline(__always)
  func value(_ word: Word, _ y: Int, _ x: Int, _ channel: Int) -> Int32 {
    if isPlain { return 1 }
    if !hasCounts { return sum(y, x, channel) }
    return Int32(truncatingIfNeeded: word.count(channel & 31))
  }

  /// The channels of a word whose pixels differ from the zero point.
  @inline(never)
  private func pixels(_ y: Int, _ x: Int, word: Int) -> Word {
    var active: UInt32 = 0
    var bit: UInt32 = 1
    var channel = word &* 32
    while channel < source.channels && bit != 0 {
      if sum(y, x, channel) != 0 { active |= bit }
      bit &<<= 1
      channel &+= 1
    }
    return Word(ones: active, twos: 0, fours: 0)
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
