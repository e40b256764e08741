#if !SPIKELET_WITHOUT_GATHER

  /// The spikes of some rows of a source, listed once a timestep for every tap and every channel that
  /// reads them.
  ///
  /// A row's list holds column · `columnStep` + channel · `channelStep` of each spike, the number of its
  /// row of weights (see `GatherLayout`), columns ascending. Before the spikes lie starts: where the list of
  /// each column begins, `left` + 1 of them for column 0, and `right` + 1 times where the last one ends. So
  /// the spikes below a row of a kernel are one run of the list, also beside the map.
  ///
  ///     row:  [start of column −left] … [start of column width + right] [spike] …      UInt16 each
  ///
  /// A start counts from the row's first start. Of a sum pool an entry has the spikes of its window in its
  /// three upper bits (a channel of more than 7 is listed several times), and the number of spikes before
  /// each column follows on the starts. Rows follow one another in a ring: row y lies in slot
  /// y mod `rows`, so that a layer which runs in bands lists each row once and keeps only those that a
  /// kernel still reaches.
  ///
  /// Cost in aarch64 instructions: about 10 a site and a word of 32 channels, and 7 a spike; in a pool of
  /// two by two sites 15, where any has spiked 40 more and for each channel that has 8.
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

    /// The number of a row of weights in an entry that has a count.
    static var mask: UInt16 { 0x1FFF }
    static var countShift: UInt16 { 13 }

    /// Whether entries have counts.
    let isCounted: Bool
    /// Entries of a channel at a site.
    private let entriesEach: Int
    /// The starts of a row.
    private let starts: Int
    /// From the start of a column to the number of spikes before it.
    let countsOffset: Int
    /// Bytes of one row: its starts, counts and the most entries that it can have.
    let rowBytes: Int

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
      isCounted = area != 1
      entriesEach = isCounted ? quotient(area &+ 6, 7) : 1
      starts = left &+ width &+ 1 &+ right
      countsOffset = isCounted ? starts &* 2 : 0
      rowBytes = starts &* 2 &+ countsOffset &+ channels &* width &* entriesEach &* 2
    }

    /// The scratch that a list needs, whatever fires.
    var size: Size { words * 2 * Size(rows) }

    /// The words of a row.
    private var words: Size {
      let starting = Size(left) + Size(width) + Size(1) + Size(right)
      return starting * (isCounted ? 2 : 1) + Size(channels) * Size(width) * Size(entriesEach)
    }

    /// Whether every start, every count and every entry of a row fits 16 bits. Asked before a list is
    /// planned.
    var fits: Bool {
      let entriesEnd =
        channelStep == 1
        ? Size(channels) * Size(width) : Size(channels) * Size(channelStep) + Size(width)
      return words.fits(65_535) && (Size(channels) * Size(width) * Size(area)).fits(65_535)
        && entriesEnd.fits(isCounted ? Int32(Self.mask) : 65_535) && size.value != nil
    }

    /// Where a row's last start lies, after that of its slot.
    var lastStart: Int { (starts &- 1) &* 2 }

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
      let counts = countsOffset
      let end = slot &+ starts &* 2 &+ counts
      for i in 0..<left {
        append(start: end &- slot, to: lists, at: slot &+ i &* 2)
        if counts != 0 { lists.store(UInt16(0), slot &+ counts &+ i &* 2) }
      }
      let start = slot &+ left &* 2
      var (last, spikes) = (end, 0)
      if input.isPlain {
        last = listPlain(row: y, of: input, into: lists, slot, start: start, end: end)
      } else if input.isQuad && input.source.siteBytes < 4 {
        (last, spikes) = listPairs(row: y, of: input, into: lists, slot, start: start, end: end)
      } else if input.isQuad {
        (last, spikes) = listQuads(row: y, of: input, into: lists, slot, start: start, end: end)
      } else {
        (last, spikes) = listSums(row: y, of: input, into: lists, slot, start: start, end: end)
      }
      for i in width...width &+ right {
        append(start: last &- slot, to: lists, at: start &+ i &* 2)
        if counts != 0 {
          lists.store(UInt16(truncatingIfNeeded: spikes), start &+ counts &+ i &* 2)
        }
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
          let bits = SpikeMap.short(spikes, site, siteBytes)
          end = append(bits, first, channelStep, to: lists, at: end)
          site &+= siteBytes
        } else {
          var channel = first
          let next = site &+ siteBytes
          while site != next {
            let bits = spikes.load(site, as: UInt32.self)
            end = append(bits, channel, channelStep, to: lists, at: end)
            channel &+= channelStep &* 32
            site &+= 4
          }
        }
        first &+= columnStep
      }
      return end
    }

    /// A row of the sums of two by two sites of one or two bytes; returns where its list ends, and its
    /// spikes.
    @inline(never)
    private func listPairs(
      row y: Int, of input: InputView, into lists: Region, _ slot: Int, start: Int, end: Int
    ) -> (end: Int, spikes: Int) {
      let values = input.values
      let siteBytes = input.source.siteBytes
      let below = input.source.width &* siteBytes
      let (counts, channelStep, columnStep) = (countsOffset, channelStep, columnStep)
      let shift = UInt32(truncatingIfNeeded: siteBytes &* 8)
      let mask: UInt32 = (1 &<< shift) &- 1
      var (start, end, first, spikes) = (start, end, firstEntry, 0)
      var site = y &* 2 &* below
      let last = site &+ width &* 2 &* siteBytes
      while site != last {
        append(start: end &- slot, to: lists, at: start)
        lists.store(UInt16(truncatingIfNeeded: spikes), start &+ counts)
        start &+= 2
        let upper = SpikeMap.pair(values, site, siteBytes)
        let lower = SpikeMap.pair(values, site &+ below, siteBytes)
        site &+= siteBytes &* 2
        if upper | lower != 0 {
          let sums = InputView.Word(upper & mask, upper &>> shift, lower & mask, lower &>> shift)
          append(sums, first, channelStep, to: lists, at: &end, &spikes)
        }
        first &+= columnStep
      }
      return (end, spikes)
    }

    /// The same of sites of whole words, few channels of which spike.
    @inline(never)
    private func listQuads(
      row y: Int, of input: InputView, into lists: Region, _ slot: Int, start: Int, end: Int
    ) -> (end: Int, spikes: Int) {
      let values = input.values
      let siteBytes = input.source.siteBytes
      let below = input.source.width &* siteBytes
      let channelStep = channelStep
      var (start, end, first, spikes) = (start, end, firstEntry, 0)
      var site = y &* 2 &* below
      let last = site &+ width &* 2 &* siteBytes
      while site != last {
        append(start: end &- slot, to: lists, at: start)
        lists.store(UInt16(truncatingIfNeeded: spikes), start &+ countsOffset)
        start &+= 2
        var channel = first
        let next = site &+ siteBytes
        repeat {
          let sums = InputView.Word(
            values.load(site, as: UInt32.self), values.load(site &+ siteBytes, as: UInt32.self),
            values.load(site &+ below, as: UInt32.self),
            values.load(site &+ below &+ siteBytes, as: UInt32.self))
          var bits = sums.active
          while bits != 0 {
            let bit = bits.trailingZeroBitCount
            bits &= bits &- 1
            let count = sums.count(bit)
            spikes &+= count
            let entry = channel &+ bit &* channelStep
            lists.store(
              UInt16(truncatingIfNeeded: entry | count &<< Int(Self.countShift)), end)
            end &+= 2
          }
          channel &+= channelStep &* 32
          site &+= 4
        } while site != next
        site &+= siteBytes
        first &+= columnStep
      }
      return (end, spikes)
    }

    /// Lists each channel of four sites' sums, those that have spiked once before those that have twice
    /// and so on: what a count costs is not paid by each entry.
    @inline(__always)
    private func append(
      _ sums: InputView.Word, _ first: Int, _ step: Int, to lists: Region, at end: inout Int,
      _ spikes: inout Int
    ) {
      let one: Int = 1 &<< Int(Self.countShift)
      let start = end
      let once = append(sums.ones & ~sums.twos, first &+ one, step, to: lists, at: start)
      let twice = append(sums.twos & ~sums.ones, first &+ 2 &* one, step, to: lists, at: once)
      let thrice = append(sums.ones & sums.twos, first &+ 3 &* one, step, to: lists, at: twice)
      end = append(sums.fours, first &+ 4 &* one, step, to: lists, at: thrice)
      spikes &+= (4 &* end &- thrice &- twice &- once &- start) &>> 1
    }

    /// A row of the sums of any pool; returns where its list ends, and its spikes.
    @inline(never)
    private func listSums(
      row y: Int, of input: InputView, into lists: Region, _ slot: Int, start: Int, end: Int
    ) -> (end: Int, spikes: Int) {
      var (end, first, spikes) = (end, firstEntry, 0)
      for x in 0..<width {
        append(start: end &- slot, to: lists, at: start &+ x &* 2)
        if isCounted {
          lists.store(UInt16(truncatingIfNeeded: spikes), start &+ countsOffset &+ x &* 2)
        }
        for word in 0..<input.source.wordsPerSite {
          let sums = input.word(y, x, word: word)
          var bits = sums.active
          while bits != 0 {
            let channel = word &* 32 &+ bits.trailingZeroBitCount
            bits &= bits &- 1
            let entry = UInt16(truncatingIfNeeded: first &+ channel &* channelStep)
            var count = Int(input.value(sums, y, x, channel))
            spikes &+= count
            // A window of one site that strides has no counts.
            while count > 0 {
              let part = UInt16(truncatingIfNeeded: min(count, 7))
              lists.store(isCounted ? entry | part &<< Self.countShift : entry, end)
              end &+= 2
              count &-= 7
            }
          }
        }
        first &+= columnStep
      }
      return (end, spikes)
    }

    @inline(__always)
    private func append(start bytes: Int, to lists: Region, at offset: Int) {
      lists.store(UInt16(truncatingIfNeeded: bytes &>> 1), offset)
    }

    /// Lists each channel of a word; returns where the list ends then.
    @inline(__always)
    private func append(
      _ bits: UInt32, _ first: Int, _ step: Int, to lists: Region, at offset: Int
    ) -> Int {
      var (bits, end) = (bits, offset)
      while bits != 0 {
        let entry = UInt16(truncatingIfNeeded: first &+ bits.trailingZeroBitCount &* step)
        bits &= bits &- 1
        lists.store(entry, end)
        end &+= 2
      }
      return end
    }
  }

#endif
