#if !SPIKELET_WITHOUT_GATHER && arch(x86_64) && canImport(CVectorPairs)
  internal import CVectorPairs

  // What a gather does otherwise on x86-64 with AVX2: rows of entries with counts two at a time. The sums
  // are the same.

  extension GatherLanes32 {
    @inline(__always) mutating func add(counted entries: Gather.Entries) {
      var spike = entries.start
      if entries.end &- spike > 2 {
        var sums = PairSums(self)
        repeat {
          sums.add(entries.weights, EntryPair(entries, spike, step: Self.step), lane: 0)
          spike &+= 4
        } while entries.end &- spike > 2
        self = sums.lanes
      }
      if spike != entries.end { add(counted: entries, spike, step: Self.step) }
    }
  }

  extension GatherLanes64 {
    @inline(__always) mutating func add(counted entries: Gather.Entries) {
      add(counted: entries, step: Self.step)
    }

    @inline(__always)
    fileprivate mutating func add(counted entries: Gather.Entries, step: Int) {
      var spike = entries.start
      if entries.end &- spike > 2 {
        var (first, second) = (PairSums(low), PairSums(high))
        repeat {
          let pair = EntryPair(entries, spike, step: step)
          first.add(entries.weights, pair, lane: 0)
          second.add(entries.weights, pair, lane: 32)
          spike &+= 4
        } while entries.end &- spike > 2
        (low, high) = (first.lanes, second.lanes)
      }
      if spike != entries.end { add(counted: entries, spike, step: step) }
    }
  }

  extension GatherSites {
    @inline(__always) mutating func add(counted entries: Gather.Entries) {
      lanes.add(counted: entries, step: Self.step)
    }
  }

  /// Two entries with counts, as one word of the list.
  private struct EntryPair {
    /// Where their rows of weights lie.
    let first: Int
    let second: Int
    let counts: SIMD32<Int8>

    @inline(__always)
    init(_ entries: Gather.Entries, _ spike: Int, step: Int) {
      let both = entries.lists.load(spike, as: UInt32.self)
      let mask = UInt32(SpikeList.mask)
      first = entries.base &+ Int(truncatingIfNeeded: both & mask) &* step
      second = entries.base &+ Int(truncatingIfNeeded: both &>> 16 & mask) &* step
      counts = vector_pairs_counts(both)
    }
  }

  /// Sums of 32 lanes in the order in which those of two rows come out: lanes 0…7 and 16…23, the others.
  private struct PairSums {
    private var low: SIMD16<Int16>
    private var high: SIMD16<Int16>

    @inline(__always) init(_ lanes: GatherLanes32) {
      low = vector_pairs_first_halves(lanes.a, lanes.b)
      high = vector_pairs_second_halves(lanes.a, lanes.b)
    }

    /// The lanes in their order.
    @inline(__always) var lanes: GatherLanes32 {
      GatherLanes32(
        a: vector_pairs_first_halves(low, high), b: vector_pairs_second_halves(low, high))
    }

    /// Adds 32 lanes of two rows of 8-bit weights, each as often as its count says.
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ pair: EntryPair, lane: Int) {
      let first = weights.load(pair.first &+ lane, as: SIMD32<Int8>.self)
      let second = weights.load(pair.second &+ lane, as: SIMD32<Int8>.self)
      low &+= vector_pairs_low(first, second, pair.counts)
      high &+= vector_pairs_high(first, second, pair.counts)
    }
  }

#endif
