/// Max pooling of spike maps.
///
/// Count maximum: a window fires at t iff the largest spike count of its inputs rose at t. Each
/// count grows by at most one a step, so the largest does too, and the pooled count equals the
/// maximum of the counts at every timestep: exact, without ties, and OR at T = 1. The largest count
/// rises exactly when an input spikes whose count, before this step, was the largest.
///
/// Gated (Rueckauer et al. 2017): the window passes the current spike of the input with the largest
/// count, this step's spike included, the first of equals in row-major order.
///
/// Any: OR at every timestep, without counters.
///
/// Eight channels of a window are looked at side by side, and only where one of them spikes. Windows
/// that share no site count their spikes on the way. The counters of a site are as many as its
/// channels: what is loaded behind them belongs to the next site, and is stored as it was.
///
/// **Cost** in aarch64 instructions: about 45 for a window of two by two sites where nothing spikes;
/// otherwise 100 more for each eight channels.
struct MaxPool {
  let source: SpikeMap
  let window: PoolView
  let output: SpikeMap
  let rule: MaxPoolRule
  /// Whether the counters have 16 bits.
  let isWide: Bool

  init(_ connection: ConnectionRecord, source: SpikeMap, pool: MaxPoolRecord) {
    self.source = source
    window = PoolView(connection)
    output = SpikeMap(
      channels: Int(pool.channels), height: Int(pool.height), width: Int(pool.width))
    rule = MaxPoolRule(rawValue: pool.rule) ?? .countMaximum
    isWide = pool.counterBits == 16
  }

  /// One timestep. Without counters (the rule `any`, or a model of one timestep) the pool is OR.
  func update(_ spikes: ReadRegion, counters: Region?, into result: Region, first: Bool) {
    if first, let counters { counters.clear() }
    let counts = counters.map { Counters(region: $0, spikes: spikes, pool: self) }
    // The gate looks at the counts after this step, the maximum at those before it.
    if let counts, !counts.isOnTheWay, counts.isGated { counts.add() }
    let (siteBytes, words) = (source.siteBytes, source.wordsPerSite)
    let rowBytes = source.width &* siteBytes
    // Two narrow sites side by side are one word.
    let shift = UInt32(truncatingIfNeeded: siteBytes &* 8)
    let mask: UInt32 = (1 &<< (shift & 31)) &- 1
    var site = 0
    for y in 0..<output.height {
      let rows = window.rows(y, of: source.height)
      for x in 0..<output.width {
        let columns = window.columns(x, of: source.width)
        let place = Window(
          first: rows.lowerBound &* source.width &+ columns.lowerBound, rows: rows.count,
          columns: columns.count)
        var word = 0
        repeat {
          var candidates: UInt32 = 0
          var line = place.first &* siteBytes &+ word &* 4
          var rest = place.rows
          if siteBytes < 4 && place.columns == 2 {
            while rest != 0 {
              candidates |= SpikeMap.pair(spikes, line, siteBytes)
              line &+= rowBytes
              rest &-= 1
            }
            candidates = (candidates | candidates &>> shift) & mask
          }
          while rest != 0 {
            var (offset, left) = (line, place.columns)
            while left != 0 {
              candidates |= SpikeMap.word(spikes, offset, siteBytes)
              offset &+= siteBytes
              left &-= 1
            }
            line &+= rowBytes
            rest &-= 1
          }
          if candidates != 0, let counts {
            candidates = counts.fire(place, word: word, candidates)
          }
          output.setWord(candidates, result, site: site, word: word)
          word &+= 1
        } while word != words
        site &+= 1
      }
    }
    if let counts, !counts.isOnTheWay, !counts.isGated { counts.add() }
  }

  /// The sites of a window that exist.
  private struct Window {
    let first: Int
    let rows: Int
    let columns: Int
  }

  /// How often each neuron of the source has spiked.
  private struct Counters {
    let region: Region
    let spikes: ReadRegion
    let channels: Int
    let sites: Int
    let width: Int
    let siteBytes: Int
    let isWide: Bool
    let isGated: Bool
    /// Whether no two windows share a site, so that each counts its own.
    let isOnTheWay: Bool

    @inline(__always)
    init(region: Region, spikes: ReadRegion, pool: MaxPool) {
      (self.region, self.spikes) = (region, spikes)
      (channels, sites) = (pool.source.channels, pool.source.sites)
      (width, siteBytes) = (pool.source.width, pool.source.siteBytes)
      isWide = pool.isWide
      isGated = pool.rule == .gated
      isOnTheWay =
        pool.window.strideHeight >= pool.window.kernelHeight
        && pool.window.strideWidth >= pool.window.kernelWidth
    }

    /// Which of the channels of a word fire that have spiked in a window.
    @inline(never)
    func fire(_ window: Window, word: Int, _ candidates: UInt32) -> UInt32 {
      var (bits, block) = (UInt32(0), word &* 4)
      var (rest, shift) = (candidates, UInt32(0))
      while rest != 0 {
        if rest & 255 != 0 {
          bits |= UInt32(truncatingIfNeeded: fire(window, block: block)) &<< shift
        }
        rest &>>= 8
        shift &+= 8
        block &+= 1
      }
      return bits
    }

    /// The same of eight channels: those of which the input with the largest count has spiked.
    @inline(__always)
    private func fire(_ window: Window, block: Int) -> UInt8 {
      let last = window.first &+ (window.rows &- 1) &* width &+ window.columns &- 1
      if !isWide && last &* channels &+ block &* 8 &+ 8 <= region.count {
        return fireWhole(window, block: block)
      }
      return fireEach(window, block &* 8..<min(channels, block &* 8 &+ 8))
    }

    /// Eight counters of eight bits at a time.
    @inline(never)
    private func fireWhole(_ window: Window, block: Int) -> UInt8 {
      let (lanes, isGated, isOnTheWay) = (Self.lanes, isGated, isOnTheWay)
      let (channels, siteBytes, spikes) = (channels, siteBytes, spikes)
      var (largest, fired) = (SIMD8<Int16>(repeating: -1), SIMD8<Int16>())
      var (site, row) = (window.first, window.rows)
      repeat {
        var column = window.columns
        var index = site &* channels &+ block &* 8
        var byte = site &* siteBytes &+ block
        repeat {
          let bits = SIMD8(repeating: Int16(truncatingIfNeeded: spikes.load(byte, as: UInt8.self)))
          let spiked = Int16.reached(bits & lanes, lanes)
          var value = Int16.widen(region.load(index, as: SIMD8<UInt8>.self))
          let next = value &- spiked
          if isOnTheWay {
            region.store(Int16.shorten(next), index)
            if isGated { value = next }
          }
          // Of equal counts all are the largest, but to the gate the first is.
          let same = Int16.reached(largest, value)
          let candidate = isGated ? ~same : Int16.reached(value, largest)
          fired = (spiked & candidate) | (fired & same)
          largest.replace(with: value, where: value .> largest)
          index &+= channels
          byte &+= siteBytes
          column &-= 1
        } while column != 0
        site &+= width
        row &-= 1
      } while row != 0
      return Int16.bits(fired, laneBits(8))
    }

    /// One counter at a time: of 16 bits, or at the end of all.
    @inline(never)
    private func fireEach(_ window: Window, _ range: Range<Int>) -> UInt8 {
      if isOnTheWay && isGated { add(window, range) }
      var bits: UInt8 = 0
      for channel in range.reversed() {
        var (largest, fired) = (-1, false)
        for row in 0..<window.rows {
          for column in 0..<window.columns {
            let site = window.first &+ row &* width &+ column
            let value = counter(site &* channels &+ channel)
            let isFirst = value > largest
            if isFirst || (value == largest && !isGated) {
              fired = isSpike(site, channel) || (fired && !isFirst)
            }
            largest = max(largest, value)
          }
        }
        bits = bits &<< 1 | (fired ? 1 : 0)
      }
      if isOnTheWay && !isGated { add(window, range) }
      return bits
    }

    /// Adds a window's spikes of this timestep.
    @inline(never)
    private func add(_ window: Window, _ range: Range<Int>) {
      for row in 0..<window.rows {
        for column in 0..<window.columns {
          let site = window.first &+ row &* width &+ column
          for channel in range where isSpike(site, channel) {
            let index = site &* channels &+ channel
            let next = counter(index) &+ 1
            if isWide {
              region.store(UInt16(truncatingIfNeeded: next), index &* 2)
            } else {
              region.store(UInt8(truncatingIfNeeded: next), index)
            }
          }
        }
      }
    }

    /// The same of all sites, where windows share some.
    func add() {
      add(Window(first: 0, rows: 1, columns: sites), 0..<channels)
    }

    @inline(__always)
    private func isSpike(_ site: Int, _ channel: Int) -> Bool {
      let byte = spikes.load(site &* siteBytes &+ channel &>> 3, as: UInt8.self)
      return (byte &>> UInt8(truncatingIfNeeded: channel & 7)) & 1 == 1
    }

    @inline(__always)
    private func counter(_ index: Int) -> Int {
      isWide
        ? Int(region.load(index &* 2, as: UInt16.self)) : Int(region.load(index, as: UInt8.self))
    }

    /// The bit of each of eight channels.
    private static var lanes: SIMD8<Int16> {
      @inline(__always) get { SIMD8(1, 2, 4, 8, 16, 32, 64, 128) }
    }
  }
}
