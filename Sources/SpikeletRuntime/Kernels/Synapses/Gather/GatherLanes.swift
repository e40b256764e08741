#if !SPIKELET_WITHOUT_GATHER

  /// The sums of one tile of output channels: 16 bits a lane, in registers while a site's spikes pass by.
  ///
  /// Operations are requirements with one implementation for each width, as `MembraneScalar`'s are and
  /// for the same reason. An instance of the kernel is made for each width, and for nothing else.
  protocol GatherLanes: BitwiseCopyable {
    /// Lanes of 4-bit weights, unpacked: 8 bits each, so sums of at most 17 rows.
    associatedtype Nibbles: BitwiseCopyable

    static var count: Int { get }
    /// Lanes from one row of weights to the next.
    static var step: Int { get }
    /// All zero.
    init()
    init(_ region: Region, _ offset: Int)
    func store(_ region: Region, _ offset: Int)
    /// Adds one row of 8-bit weights.
    mutating func add(_ weights: ReadRegion, _ offset: Int)
    /// Adds one row of 8-bit weights, some times over. Eight bits times eight bits is one instruction on
    /// both Arm targets, if the number has no more.
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>)
    /// Adds the row of 8-bit weights of each entry.
    mutating func add(plain entries: Gather.Entries)
    /// The same of entries with counts, each as often as its count says.
    mutating func add(counted entries: Gather.Entries)
    /// Adds the sums of some rows of 4-bit weights, each plus 8.
    mutating func add(_ nibbles: Nibbles, rows: Int)
    /// Adds them to 32-bit sums.
    func add(to region: Region, _ offset: Int)

    static var noNibbles: Nibbles { get }
    /// Adds one row of 4-bit weights, each plus 8, lane by lane modulo 256.
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles)
    /// The same, some times over.
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8)
  }

  // One row at a time.
  extension GatherLanes {
    @inline(__always) mutating func add(plain entries: Gather.Entries) {
      var spike = entries.start
      repeat {
        add(plain: entries, spike)
        spike &+= 2
      } while spike != entries.end
    }

    @inline(__always) mutating func add(counted entries: Gather.Entries) {
      var spike = entries.start
      repeat {
        add(counted: entries, spike, step: Self.step)
        spike &+= 2
      } while spike != entries.end
    }

    /// Adds the row of one entry.
    @inline(__always) mutating func add(plain entries: Gather.Entries, _ spike: Int) {
      let entry = Int(entries.lists.load(spike, as: UInt16.self))
      add(entries.weights, entries.base &+ entry &* Self.step)
    }

    /// Adds the row of one entry with a count.
    ///
    /// - Parameter step: lanes from one row of weights to the next.
    @inline(__always)
    mutating func add(counted entries: Gather.Entries, _ spike: Int, step: Int) {
      let word = entries.lists.load(spike, as: UInt16.self)
      add(
        entries.weights, entries.base &+ Int(word & SpikeList.mask) &* step,
        times: countLanes(word &>> SpikeList.countShift))
    }
  }

  struct GatherLanes8: GatherLanes {
    var a = SIMD8<Int16>()

    static var count: Int { 8 }
    static var step: Int { 8 }
    @inline(__always) init() {}
    @inline(__always) init(_ region: Region, _ offset: Int) {
      a = region.load(offset, as: SIMD8<Int16>.self)
    }
    @inline(__always)
    func store(_ region: Region, _ offset: Int) { region.store(a, offset) }
    @inline(__always) mutating func add(_ weights: ReadRegion, _ offset: Int) {
      a &+= Int16.widen(weights.load(offset, as: SIMD8<Int8>.self))
    }
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>) {
      a &+= Int16.widen(weights.load(offset, as: SIMD8<Int8>.self)) &* Int16.widen(times)
    }
    @inline(__always) mutating func subtract(_ value: Int16) {
      a &-= SIMD8(repeating: value)
    }
    @inline(__always)
    func add(to region: Region, _ offset: Int) {
      region.store(region.load(offset, as: SIMD8<Int32>.self) &+ Int16.lengthen(a), offset)
    }

    // Four bytes a half: a word is a register of four lanes.
    typealias Nibbles = SIMD2<UInt32>

    static var noNibbles: Nibbles { Nibbles() }
    @inline(__always)
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles) {
      let pairs = weights.load(offset, as: UInt32.self)
      nibbles[0] &+= pairs & 0x0F0F_0F0F
      nibbles[1] &+= (pairs &>> 4) & 0x0F0F_0F0F
    }
    @inline(__always)
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8
    ) {
      let pairs = weights.load(offset, as: UInt32.self)
      let factor = UInt32(truncatingIfNeeded: times)
      nibbles[0] &+= (pairs & 0x0F0F_0F0F) &* factor
      nibbles[1] &+= ((pairs &>> 4) & 0x0F0F_0F0F) &* factor
    }
    @inline(__always) mutating func add(_ nibbles: Nibbles, rows: Int) {
      subtract(Int16(truncatingIfNeeded: rows &* 8))
      for i in 0..<4 {
        let shift = UInt32(truncatingIfNeeded: i &* 8)
        a[i] &+= Int16(truncatingIfNeeded: (nibbles[0] &>> shift) & 255)
        a[i &+ 4] &+= Int16(truncatingIfNeeded: (nibbles[1] &>> shift) & 255)
      }
    }
  }

  struct GatherLanes16: GatherLanes {
    var a = SIMD16<Int16>()

    static var count: Int { 16 }
    static var step: Int { 16 }
    @inline(__always) init() {}
    @inline(__always) init(_ region: Region, _ offset: Int) {
      a = region.load(offset, as: SIMD16<Int16>.self)
    }
    @inline(__always)
    func store(_ region: Region, _ offset: Int) { region.store(a, offset) }
    @inline(__always) mutating func add(_ weights: ReadRegion, _ offset: Int) {
      a &+= Int16.widen(weights.load(offset, as: SIMD16<Int8>.self))
    }
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>) {
      let factor = Int16.widen(SIMD16(lowHalf: times, highHalf: times))
      a &+= Int16.widen(weights.load(offset, as: SIMD16<Int8>.self)) &* factor
    }
    @inline(__always) mutating func subtract(_ value: Int16) {
      a &-= SIMD16(repeating: value)
    }
    @inline(__always)
    func add(to region: Region, _ offset: Int) {
      region.store(region.load(offset, as: SIMD16<Int32>.self) &+ Int16.lengthen(a), offset)
    }

    typealias Nibbles = SIMD16<UInt8>

    static var noNibbles: Nibbles { Nibbles() }
    @inline(__always)
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles) {
      let pairs = weights.load(offset, as: SIMD8<UInt8>.self)
      nibbles.lowHalf &+= pairs & SIMD8(repeating: 15)
      nibbles.highHalf &+= pairs &>> 4
    }
    @inline(__always)
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8
    ) {
      let pairs = weights.load(offset, as: SIMD8<UInt8>.self)
      let factor = SIMD8(repeating: times)
      nibbles.lowHalf &+= (pairs & SIMD8(repeating: 15)) &* factor
      nibbles.highHalf &+= (pairs &>> 4) &* factor
    }
    @inline(__always) mutating func add(_ nibbles: Nibbles, rows: Int) {
      subtract(Int16(truncatingIfNeeded: rows &* 8))
      a &+= Int16.widen(nibbles)
    }
  }

  struct GatherLanes32: GatherLanes {
    var a = SIMD16<Int16>()
    var b = SIMD16<Int16>()

    static var count: Int { 32 }
    static var step: Int { 32 }
    @inline(__always) init() {}
    @inline(__always) init(a: SIMD16<Int16>, b: SIMD16<Int16>) {
      self.a = a
      self.b = b
    }
    @inline(__always) init(_ region: Region, _ offset: Int) {
      a = region.load(offset, as: SIMD16<Int16>.self)
      b = region.load(offset &+ 32, as: SIMD16<Int16>.self)
    }
    @inline(__always) func store(_ region: Region, _ offset: Int) {
      region.store(a, offset)
      region.store(b, offset &+ 32)
    }
    @inline(__always) mutating func add(_ weights: ReadRegion, _ offset: Int) {
      a &+= Int16.widen(weights.load(offset, as: SIMD16<Int8>.self))
      b &+= Int16.widen(weights.load(offset &+ 16, as: SIMD16<Int8>.self))
    }
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>) {
      let factor = Int16.widen(SIMD16(lowHalf: times, highHalf: times))
      a &+= Int16.widen(weights.load(offset, as: SIMD16<Int8>.self)) &* factor
      b &+= Int16.widen(weights.load(offset &+ 16, as: SIMD16<Int8>.self)) &* factor
    }
    @inline(__always) mutating func subtract(_ value: Int16) {
      a &-= SIMD16(repeating: value)
      b &-= SIMD16(repeating: value)
    }
    @inline(__always)
    func add(to region: Region, _ offset: Int) {
      let low = region.load(offset, as: SIMD16<Int32>.self)
      let high = region.load(offset &+ 64, as: SIMD16<Int32>.self)
      region.store(low &+ Int16.lengthen(a), offset)
      region.store(high &+ Int16.lengthen(b), offset &+ 64)
    }

    struct Nibbles: BitwiseCopyable {
      var low = SIMD16<UInt8>()
      var high = SIMD16<UInt8>()
    }

    static var noNibbles: Nibbles { Nibbles() }
    @inline(__always)
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles) {
      let pairs = weights.load(offset, as: SIMD16<UInt8>.self)
      nibbles.low &+= pairs & SIMD16(repeating: 15)
      nibbles.high &+= pairs &>> 4
    }
    @inline(__always)
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8
    ) {
      let pairs = weights.load(offset, as: SIMD16<UInt8>.self)
      let factor = SIMD16(repeating: times)
      nibbles.low &+= (pairs & SIMD16(repeating: 15)) &* factor
      nibbles.high &+= (pairs &>> 4) &* factor
    }
    @inline(__always) mutating func add(_ nibbles: Nibbles, rows: Int) {
      subtract(Int16(truncatingIfNeeded: rows &* 8))
      a &+= Int16.widen(nibbles.low)
      b &+= Int16.widen(nibbles.high)
    }
  }

  struct GatherLanes64: GatherLanes {
    var low = GatherLanes32()
    var high = GatherLanes32()

    static var count: Int { 64 }
    static var step: Int { 64 }
    @inline(__always) init() {}
    @inline(__always) init(_ region: Region, _ offset: Int) {
      low = GatherLanes32(region, offset)
      high = GatherLanes32(region, offset &+ 64)
    }
    @inline(__always) func store(_ region: Region, _ offset: Int) {
      low.store(region, offset)
      high.store(region, offset &+ 64)
    }
    @inline(__always) mutating func add(_ weights: ReadRegion, _ offset: Int) {
      low.add(weights, offset)
      high.add(weights, offset &+ 32)
    }
    @inline(__always)
    mutating func add(_ weights: ReadRegion, _ offset: Int, times: SIMD8<Int8>) {
      low.add(weights, offset, times: times)
      high.add(weights, offset &+ 32, times: times)
    }
    @inline(__always) mutating func subtract(_ value: Int16) {
      low.subtract(value)
      high.subtract(value)
    }
    @inline(__always)
    func add(to region: Region, _ offset: Int) {
      low.add(to: region, offset)
      high.add(to: region, offset &+ 128)
    }

    /// Bytes 0…15 of a row and bytes 16…31, each in two halves: lanes 0…15 and 32…47, 16…31 and 48…63.
    struct Nibbles: BitwiseCopyable {
      var first = GatherLanes32.Nibbles()
      var second = GatherLanes32.Nibbles()
    }

    static var noNibbles: Nibbles { Nibbles() }
    @inline(__always)
    static func add(_ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles) {
      GatherLanes32.add(weights, offset, to: &nibbles.first)
      GatherLanes32.add(weights, offset &+ 16, to: &nibbles.second)
    }
    @inline(__always)
    static func add(
      _ weights: ReadRegion, _ offset: Int, to nibbles: inout Nibbles, times: UInt8
    ) {
      GatherLanes32.add(weights, offset, to: &nibbles.first, times: times)
      GatherLanes32.add(weights, offset &+ 16, to: &nibbles.second, times: times)
    }
    @inline(__always) mutating func add(_ nibbles: Nibbles, rows: Int) {
      subtract(Int16(truncatingIfNeeded: rows &* 8))
      low.a &+= Int16.widen(nibbles.first.low)
      low.b &+= Int16.widen(nibbles.second.low)
      high.a &+= Int16.widen(nibbles.first.high)
      high.b &+= Int16.widen(nibbles.second.high)
    }
  }

  extension Int16 {
    @inline(__always)
    static func widen(_ low: SIMD8<UInt8>, _ high: SIMD8<UInt8>) -> SIMD16<Int16> {
      widen(SIMD16(lowHalf: low, highHalf: high))
    }
    @inline(__always) fileprivate static func widen(_ bytes: SIMD16<UInt8>) -> SIMD16<Int16> {
      var result = SIMD16<Int16>()
      for i in 0..<16 { result[i] = Int16(truncatingIfNeeded: bytes[i]) }
      return result
    }
    @inline(__always) fileprivate static func lengthen(_ a: SIMD16<Int16>) -> SIMD16<Int32> {
      var result = SIMD16<Int32>()
      for i in 0..<16 { result[i] = Int32(truncatingIfNeeded: a[i]) }
      return result
    }
  }

#endif
