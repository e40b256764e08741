/// The spikes of some rows of a source, listed once a timestep for every tap and every channel that
/// reads them.
///
/// A row's list holds column · channels + channel of each spike, columns ascending; a channel that has
/// spiked n times in a window of a sum pool is listed n times. Before the spikes lie starts: where the
/// list of each column begins, `left` + 1 of them for column 0, and `right` + 1 times where the last one
/// ends. So the spikes below a row of a kernel are one run of the list, also beside the map.
///
///     row:  [start of column −left] … [start of column width + right] [spike] …      UInt16 each
///
/// A start counts from the row's first start. Rows follow one another in a ring: row y lies in slot
/// y mod `rows`, so that a layer which runs in bands lists each row once and keeps only those that a
/// kernel still reaches.
///
/// Cost: about 12 instructions a word of 32 channels and 6 a spike.
struct SpikeList {
  let channels: Int
  let height: Int
  let width: Int
  /// Columns beside the map that windows reach.
  let left: Int
  let right: Int
  /// The rows of the ring.
  let rows: Int
  /// The most spikes of one row.
  let capacity: Int

  /// - Parameters:
  ///   - channels: of the source.
  ///   - height: rows of the source, after its sum pool.
  ///   - width: columns of the source, after its sum pool.
  ///   - left: the padding of the kernel.
  ///   - right: what the last window reaches over the last column, at least 0.
  ///   - area: the sites of a window of the sum pool, 1 without one.
  ///   - rows: the rows that the ring holds; `height` where all are listed at once.
  init(
    channels: Int, height: Int, width: Int, left: Int = 0, right: Int = 0, area: Int, rows: Int
  ) {
    self.channels = channels
    self.height = height
    self.width = width
    self.left = left
    self.right = right
    self.rows = rows
    capacity = channels &* width &* area
  }

  /// The starts of a row.
  private var starts: Int { left &+ width &+ 1 &+ right }

  /// Bytes of one row: its starts and the most spikes that it can have.
  var rowBytes: Int { (starts &+ capacity) &* 2 }

  /// The scratch that a list needs, whatever fires.
  var byteCount: Int { rows &* rowBytes }

  /// Whether every start and every spike of a row fits 16 bits. Checked before a list is planned;
  /// the factors are extents of a map and a window, so nothing wraps here.
  static func fits(
    channels: Int32, width: Int32, left: Int32 = 0, right: Int32 = 0, area: Int32
  ) -> Bool {
    let (sites, wraps) = width.multipliedReportingOverflow(by: channels)
    let (spikes, wrapsToo) = sites.multipliedReportingOverflow(by: area)
    return !wraps && !wrapsToo && spikes <= 65_534 &- width &- left &- right
  }

  /// The byte offset of the slot of a row.
  @inline(__always)
  func slot(_ y: Int) -> Int { (rows == height ? y : y % rows) &* rowBytes }

  /// Lists some rows of the source.
  func list(_ rows: Range<Int>, of input: InputView, into lists: Region) {
    var y = rows.lowerBound
    while y < rows.upperBound {
      list(row: y, of: input, into: lists, at: slot(y))
      y &+= 1
    }
  }

  @inline(never)
  @_optimize(speed)
  private func list(row y: Int, of input: InputView, into lists: Region, at slot: Int) {
    let source = input.source
    let (siteBytes, words) = (source.siteBytes, source.wordsPerSite)
    // Bytes from a site to the next one that a window begins at, and to the one below.
    let step = input.isQuad ? siteBytes &* 2 : siteBytes
    let below = source.width &* siteBytes
    var site = y &* source.width &* step
    var end = slot &+ starts &* 2
    var start = slot
    for _ in 0..<left { start = append(start: end &- slot, to: lists, at: start) }
    var first = 0
    for x in 0..<width {
      start = append(start: end &- slot, to: lists, at: start)
      var word = 0
      repeat {
        var spikes: InputView.Word
        let channel = first &+ word &* 32
        if input.isPlain {
          let bits = Self.word(input.values, site &+ word &* 4, siteBytes)
          spikes = InputView.Word(ones: bits, twos: 0, fours: 0)
        } else if input.isQuad {
          let offset = site &+ word &* 4
          spikes = InputView.Word(
            sum: Self.word(input.values, offset, siteBytes),
            Self.word(input.values, offset &+ siteBytes, siteBytes),
            Self.word(input.values, offset &+ below, siteBytes),
            Self.word(input.values, offset &+ below &+ siteBytes, siteBytes))
        } else {
          spikes = input.word(y, x, word: word)
          if !input.hasCounts {
            end = appendCounted(spikes, input, y, x, word, first, to: lists, at: end)
            spikes = InputView.Word(ones: 0, twos: 0, fours: 0)
          }
        }
        end = append(spikes.ones, channel, times: 1, to: lists, at: end)
        if spikes.twos | spikes.fours != 0 {
          end = append(spikes.twos, channel, times: 2, to: lists, at: end)
          end = append(spikes.fours, channel, times: 4, to: lists, at: end)
        }
        word &+= 1
      } while word < words
      first &+= channels
      site &+= step
    }
    for _ in 0...right { start = append(start: end &- slot, to: lists, at: start) }
  }

  @inline(__always)
  private func append(start bytes: Int, to lists: Region, at offset: Int) -> Int {
    lists.store(UInt16(truncatingIfNeeded: bytes &>> 1), offset)
    return offset &+ 2
  }

  /// A word of a site at a byte offset; a site of one or two bytes is one short word.
  @inline(__always)
  private static func word(_ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int) -> UInt32 {
    switch siteBytes {
    case 1: UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt8.self))
    case 2: UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt16.self))
    default: spikes.load(offset, as: UInt32.self)
    }
  }

  /// Lists each channel of a word, some times over; returns where the list ends then.
  @inline(__always)
  private func append(
    _ bits: UInt32, _ first: Int, times: Int, to lists: Region, at offset: Int
  ) -> Int {
    var (bits, end) = (bits, offset)
    while bits != 0 {
      let entry = UInt16(truncatingIfNeeded: first &+ bits.trailingZeroBitCount)
      bits &= bits &- 1
      for _ in 0..<times {
        lists.store(entry, end)
        end &+= 2
      }
    }
    return end
  }

  /// The same for windows of more than seven sites.
  @inline(never)
  private func appendCounted(
    _ spikes: InputView.Word, _ input: InputView, _ y: Int, _ x: Int, _ word: Int, _ first: Int,
    to lists: Region, at offset: Int
  ) -> Int {
    var (bits, end) = (spikes.active, offset)
    while bits != 0 {
      let channel = word &* 32 &+ bits.trailingZeroBitCount
      bits &= bits &- 1
      for _ in 0..<input.value(spikes, y, x, channel) {
        lists.store(UInt16(truncatingIfNeeded: first &+ channel), end)
        end &+= 2
      }
    }
    return end
  }
}

extension InputView.Word {
  /// How many of four sites have spiked, for each channel.
  @inline(__always)
  fileprivate init(sum a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
    let (ab, cd) = (a & b, c & d)
    self.init(ones: a ^ b ^ c ^ d, twos: ab ^ cd ^ ((a ^ b) & (c ^ d)), fours: ab & cd)
  }
}
