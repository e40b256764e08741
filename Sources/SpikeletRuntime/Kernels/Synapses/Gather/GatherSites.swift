#if !SPIKELET_WITHOUT_GATHER

  /// Four sites of sixteen channels.
  struct GatherSites: GatherLanes {
    var lanes = GatherLanes64()

    static var count: Int { 64 }
    static var step: Int { 16 }
    @inline(__always) init() {}
    @inline(__always) init(_ region: Region, _ offset: Int) {
      lanes = GatherLanes64(region, offset)
    }
    @inline(__always) func store(_ region: Region, _ offset: Int) { lanes.store(region, offset) }
    @inline(__always) mutating func add(_ weights: ReadRegion, _ offset: Int) {
      lanes.add(weights, offset)
    }
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>) {
      lanes.add(weights, offset, times: times)
    }
    @inline(__always) func add(to region: Region, _ offset: Int) { lanes.add(to: region, offset) }

    /// Each eight bytes are a site: its lanes 0…7 in the low halves, 8…15 in the high ones.
    typealias Nibbles = GatherLanes64.Nibbles

    static var noNibbles: Nibbles { Nibbles() }
    @inline(__always)
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles) {
      GatherLanes64.add(weights, offset, to: &nibbles)
    }
    @inline(__always)
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8
    ) {
      GatherLanes64.add(weights, offset, to: &nibbles, times: times)
    }
    @inline(__always) mutating func add(_ nibbles: Nibbles, rows: Int) {
      lanes.subtract(Int16(truncatingIfNeeded: rows &* 8))
      let (first, second) = (nibbles.first, nibbles.second)
      lanes.low.a &+= Int16.widen(first.low.lowHalf, first.high.lowHalf)
      lanes.low.b &+= Int16.widen(first.low.highHalf, first.high.highHalf)
      lanes.high.a &+= Int16.widen(second.low.lowHalf, second.high.lowHalf)
      lanes.high.b &+= Int16.widen(second.low.highHalf, second.high.highHalf)
    }
  }

#endif
