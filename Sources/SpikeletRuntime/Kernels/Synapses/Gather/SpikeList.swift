#if !SPIKELET_WITHOUT_GATHER

  /// The spikes of some rows of a source, listed once a timestep for every tap and every channel that
  /// reads them.
  ///
  /// A row's list holds column · `columnStep` + channel · `channelStep` of each spike, the number of its
  /// row of weights (see `GatherLayout`), columns ascending; a channel that has spiked n times in a window
  /// of a sum pool is listed n times. Before the spikes lie starts: where the list of each column begins,
  /// `left` + 1 of them for column 0, and `right` + 1 times where the last one ends. So the spikes below a
  /// row of a kernel are one run of the list, also beside the map.
  ///
  ///     row:  [start of column −left] … [start of column width + right] [spike] …      UInt16 each
  ///
  /// A start counts from the row's first start. Rows follow one another in a ring: row y lies in slot
  /// y mod `rows`, so that a layer which runs in bands lists each row once and keeps only those that a
  /// kernel still reaches.
  ///
  /// Cost in aarch64 instructions: about 10 a site and a word of 32 channels, 25 in a pool of two by two
  /// sites, and 7 a spike.
  struct SpikeList {
    let channels: Int
    let height: Int
    let width: Int
    /// Columns beside the map that windows reach.
    let left: Int
    let right: Int
    let columnStep: Int
    let channelStep: Int
    /// The rows of the ring.
    let rows: Int
    /// The sites of a window of the sum pool.
    let area: Int

    /// - Parameters:
    ///   - height: rows of the source, after its sum pool.
    ///   - width: columns of the source, after its sum pool.
    ///   - left: the padding of the kernel.
    ///   - right: what the last window reaches over the last column, at least 0.
    ///   - area: the sites of a window of the sum pool, 1 without one.
    ///   - rows: the rows that the ring holds; `height` where all are listed at once.
    init(
      _ layout: GatherLayout, height: Int, width: Int, left: Int, right: Int, area: Int, rows: Int
    ) {
      channels = layout.inputChannels
      self.height = height
      self.width = width
      self.rows = rows
      self.left = left
      self.right = right
      (columnStep, channelStep) = (layout.columnStep, layout.channelStep)
      self.area = area
    }

    /// The starts of a row.
    private var starts: Int { left &+ width &+ 1 &+ right }

    /// Bytes of one row: its starts and the most spikes that it can have.
    var rowBytes: Int { (starts &+ channels &* width &* area) &* 2 }

    /// The bytes of the ring.
    var byteCount: Int { rows &* rowBytes }

    /// The scratch that a list needs, whatever fires.
    var size: Size { (starting + entries) * 2 * Size(rows) }

    private var starting: Size { Size(left) + Size(width) + Size(1) + Size(right) }
    private var entries: Size { Size(channels) * Size(width) * Size(area) }

    /// Whether every start and every entry of a row fits 16 bits. Asked before a list is planned.
    var fits: Bool {
      let entriesEnd =
        channelStep == 1
        ? Size(channels) * Size(width) : Size(channels) * Size(channelStep) + Size(width)
      return (starting + entries).fits(65_535) && entriesEnd.fits(65_535) && size.value != nil
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
      let end = slot &+ starts &* 2
      for i in 0..<left { append(start: end &- slot, to: lists, at: slot &+ i &* 2) }
      let start = slot &+ left &* 2
      let last =
        input.isPlain
        ? listPlain(row: y, of: input, into: lists, slot, start: start, end: end)
        : listSums(row: y, of: input, into: lists, slot, start: start, end: end)
      for i in width...width &+ right {
        append(start: last &- slot, to: lists, at: start &+ i &* 2)
      }
    }

    /// The entry of channel 0 in column 0: entries that count down reach 0 in the last column.
    private var firstEntry: Int { columnStep < 0 ? width &- 1 : 0 }

    /// A row of a spike map; returns where its list ends.
    @inline(never)
    private func listPlain(
      row y: Int, of input: InputView, into lists: Region, _ slot: Int, start: Int, end: Int
    ) -> Int {
      let spikes = input.values
      let siteBytes = input.source.siteBytes
      let (channelStep, columnStep) = (channelStep, columnStep)
      var (start, end, first) = (start, end, firstEntry)
      var site = y &* width &* siteBytes
      let last = site &+ width &* siteBytes
      while site != last {
        append(start: end &- slot, to: lists, at: start)
        start &+= 2
        if siteBytes < 4 {
          let bits = Self.short(spikes, site, siteBytes)
          end = append(bits, first, channelStep, times: 1, to: lists, at: end)
          site &+= siteBytes
        } else {
          var channel = first
          let next = site &+ siteBytes
          while site != next {
            let bits = spikes.load(site, as: UInt32.self)
            end = append(bits, channel, channelStep, times: 1, to: lists, at: end)
            channel &+= channelStep &* 32
            site &+= 4
          }
        }
        first &+= columnStep
      }
      return end
    }

    /// A row of the sums of a pool; returns where its list ends.
    @inline(never)
    private func listSums(
      row y: Int, of input: InputView, into lists: Region, _ slot: Int, start: Int, end: Int
    ) -> Int {
      let (siteBytes, words) = (input.source.siteBytes, input.source.wordsPerSite)
      let below = input.source.width &* siteBytes
      var (start, end, first) = (start, end, firstEntry)
      var site = y &* 2 &* below
      for x in 0..<width {
        append(start: end &- slot, to: lists, at: start)
        start &+= 2
        var channel = first
        for word in 0..<words {
          var sums: InputView.Word
          if input.isQuad {
            sums = Self.quad(input.values, site &+ word &* 4, siteBytes, below)
          } else {
            sums = input.word(y, x, word: word)
            if !input.hasCounts {
              end = appendCounted(sums, input, y, x, word, first, to: lists, at: end)
              sums = InputView.Word(ones: 0, twos: 0, fours: 0)
            }
          }
          end = append(sums.ones, channel, channelStep, times: 1, to: lists, at: end)
          if sums.twos | sums.fours != 0 {
            end = append(sums.twos, channel, channelStep, times: 2, to: lists, at: end)
            end = append(sums.fours, channel, channelStep, times: 4, to: lists, at: end)
          }
          channel &+= channelStep &* 32
        }
        first &+= columnStep
        site &+= siteBytes &* 2
      }
      return end
    }

    /// How often each channel of a word has spiked in two rows of two sites.
    @inline(__always)
    private static func quad(
      _ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int, _ below: Int
    ) -> InputView.Word {
      let a: UInt32
      let b: UInt32
      let c: UInt32
      let d: UInt32
      if siteBytes < 4 {
        a = short(spikes, offset, siteBytes)
        b = short(spikes, offset &+ siteBytes, siteBytes)
        c = short(spikes, offset &+ below, siteBytes)
        d = short(spikes, offset &+ below &+ siteBytes, siteBytes)
      } else {
        a = spikes.load(offset, as: UInt32.self)
        b = spikes.load(offset &+ siteBytes, as: UInt32.self)
        c = spikes.load(offset &+ below, as: UInt32.self)
        d = spikes.load(offset &+ below &+ siteBytes, as: UInt32.self)
      }
      let (ab, cd) = (a & b, c & d)
      return InputView.Word(
        ones: a ^ b ^ c ^ d, twos: ab ^ cd ^ ((a ^ b) & (c ^ d)), fours: ab & cd)
    }

    /// A site of one or two bytes.
    @inline(__always)
    private static func short(_ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int) -> UInt32 {
      siteBytes == 1
        ? UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt8.self))
        : UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt16.self))
    }

    @inline(__always)
    private func append(start bytes: Int, to lists: Region, at offset: Int) {
      lists.store(UInt16(truncatingIfNeeded: bytes &>> 1), offset)
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
      _ bits: UInt32, _ first: Int, _ step: Int, times: Int, to lists: Region, at offset: Int
    ) -> Int {
      var (bits, end) = (bits, offset)
      while bits != 0 {
        let entry = UInt16(truncatingIfNeeded: first &+ bits.trailingZeroBitCount &* step)
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
          lists.store(UInt16(truncatingIfNeeded: first &+ channel &* channelStep), end)
          end &+= 2
        }
      }
      return end
    }
  }

#endif
