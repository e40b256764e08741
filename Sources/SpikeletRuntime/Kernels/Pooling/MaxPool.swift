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

  /// The counters: one for each neuron of the source.
  var counterCount: Int { source.sites &* source.channels }

  @inline(__always)
  private func counter(_ counters: Region, _ index: Int) -> UInt32 {
    isWide
      ? UInt32(truncatingIfNeeded: counters.load(index &* 2, as: UInt16.self))
      : UInt32(truncatingIfNeeded: counters.load(index, as: UInt8.self))
  }

  @inline(__always)
  private func setCounter(_ value: UInt32, _ counters: Region, _ index: Int) {
    if isWide {
      counters.store(UInt16(truncatingIfNeeded: value), index &* 2)
    } else {
      counters.store(UInt8(truncatingIfNeeded: value), index)
    }
  }

  /// One timestep. Without counters (the rule `any`, or a model of one timestep) the pool is OR.
  func update(_ spikes: ReadRegion, counters: Region?, into result: Region, first: Bool) {
    if first, let counters {
      for i in 0..<counterCount { setCounter(0, counters, i) }
    }
    // The gate looks at the counts after this step, the maximum at those before it.
    if rule == .gated, let counters { count(spikes, counters) }
    for y in 0..<output.height {
      let rows = window.rows(y, of: source.height)
      for x in 0..<output.width {
        let columns = window.columns(x, of: source.width)
        for word in 0..<source.wordsPerSite {
          var candidates: UInt32 = 0
          for row in rows {
            for column in columns {
              candidates |= source.word(spikes, site: row &* source.width &+ column, word: word)
            }
          }
          var bits = candidates
          if let counters {
            bits = 0
            while candidates != 0 {
              let bit = candidates.trailingZeroBitCount
              candidates &= candidates &- 1
              if fires(spikes, counters, rows, columns, word: word, bit: bit) {
                bits |= 1 &<< UInt32(truncatingIfNeeded: bit)
              }
            }
          }
          output.setWord(bits, result, site: y &* output.width &+ x, word: word)
        }
      }
    }
    if rule == .countMaximum, let counters { count(spikes, counters) }
  }

  /// Whether the input with the largest count spiked.
  @inline(never)
  private func fires(
    _ spikes: ReadRegion, _ counters: Region, _ rows: Range<Int>, _ columns: Range<Int>, word: Int,
    bit: Int
  ) -> Bool {
    let channel = word &* 32 &+ bit
    let shift = UInt32(truncatingIfNeeded: bit)
    var largest: UInt32 = 0
    var largestSpiked = false
    var isFirst = true
    for row in rows {
      for column in columns {
        let site = row &* source.width &+ column
        let value = counter(counters, site &* source.channels &+ channel)
        let spiked = (source.word(spikes, site: site, word: word) &>> shift) & 1 == 1
        if isFirst || value > largest {
          largest = value
          largestSpiked = spiked
        } else if value == largest && rule == .countMaximum {
          largestSpiked = largestSpiked || spiked
        }
        isFirst = false
      }
    }
    return largestSpiked
  }

  /// Adds this timestep's spikes to the counters.
  @inline(never)
  private func count(_ spikes: ReadRegion, _ counters: Region) {
    for site in 0..<source.sites {
      for word in 0..<source.wordsPerSite {
        var bits = source.word(spikes, site: site, word: word)
        while bits != 0 {
          let channel = word &* 32 &+ bits.trailingZeroBitCount
          bits &= bits &- 1
          let index = site &* source.channels &+ channel
          setCounter(counter(counters, index) &+ 1, counters, index)
        }
      }
    }
  }
}
