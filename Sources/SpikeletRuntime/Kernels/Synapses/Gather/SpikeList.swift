/// The spikes of some rows of a source, listed once a timestep for every tap and every channel that
/// reads them.
///
/// A row's list holds column · channels + channel of each spike, columns ascending; a spike that lies
/// in a window of a sum pool n times over is listed n times. Before the spikes lie width + 1 starts:
/// where the list of each column begins, and where the last one ends. So the spikes below a row of a
/// kernel, whatever its width, stride or padding, are one run of the list.
///
///     row:  [start of column 0] … [start of column width] [spike] [spike] …      UInt16 each
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
  /// The rows of the ring.
  let rows: Int
  /// The most spikes of one row.
  let capacity: Int

  /// - Parameters:
  ///   - channels: of the source.
  ///   - height: rows of the source, after its sum pool.
  ///   - width: columns of the source, after its sum pool.
  ///   - area: the sites of a window of the sum pool, 1 without one.
  ///   - rows: the rows that the ring holds; `height` where all are listed at once.
  init(channels: Int, height: Int, width: Int, area: Int, rows: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    self.rows = rows
    capacity = channels &* width &* area
  }

  /// Bytes of one row: its starts and the most spikes that it can have.
  var rowBytes: Int { (width &+ 1 &+ capacity) &* 2 }

  /// The scratch that a list needs, whatever fires.
  var byteCount: Int { rows &* rowBytes }

  /// Whether every start and every spike of a row fits 16 bits. Checked before a list is planned;
  /// the factors are extents of a map and a window, so nothing wraps here.
  static func fits(channels: Int32, width: Int32, area: Int32) -> Bool {
    let (sites, wraps) = width.multipliedReportingOverflow(by: channels)
    let (spikes, wrapsToo) = sites.multipliedReportingOverflow(by: area)
    return !wraps && !wrapsToo && spikes <= 65_535 &- width &- 1
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
  private func list(row y: Int, of input: InputView, into lists: Region, at slot: Int) {
    let words = input.source.wordsPerSite
    var end = slot &+ (width &+ 1) &* 2
    var first = 0
    for x in 0..<width {
      lists.store(UInt16(truncatingIfNeeded: (end &- slot) &>> 1), slot &+ x &* 2)
      var word = 0
      repeat {
        let spikes = input.word(y, x, word: word)
        if spikes.active != 0 {
          let channel = first &+ word &* 32
          if input.hasCounts || input.isPlain {
            end = append(spikes.ones, channel, times: 1, to: lists, at: end)
            if spikes.twos | spikes.fours != 0 {
              end = append(spikes.twos, channel, times: 2, to: lists, at: end)
              end = append(spikes.fours, channel, times: 4, to: lists, at: end)
            }
          } else {
            end = appendCounted(spikes, input, y, x, word, first, to: lists, at: end)
          }
        }
        word &+= 1
      } while word < words
      first &+= channels
    }
    lists.store(UInt16(truncatingIfNeeded: (end &- slot) &>> 1), slot &+ width &* 2)
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
