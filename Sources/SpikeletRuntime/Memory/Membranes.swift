/// A layer's potentials (or currents) of either width, one at a time.
///
/// For code that is not worth a copy for each width: what runs once a picture, or touches few
/// neurons. The hot kernels are generic over `MembraneScalar` instead.
struct Membranes {
  let region: Region
  let isWide: Bool

  init(_ region: Region, bits: Int32) {
    self.region = region
    isWide = bits == 32
  }

  @inline(__always)
  func load(_ index: Int) -> Int32 {
    isWide
      ? region.load(index &* 4, as: Int32.self) : Int32(region.load(index &* 2, as: Int16.self))
  }

  @inline(__always)
  func store(_ value: Int32, _ index: Int) {
    if isWide {
      region.store(value, index &* 4)
    } else {
      region.store(Int16(truncatingIfNeeded: value), index &* 2)
    }
  }

  /// Eight values of a table that is as wide as potentials.
  @inline(__always)
  static func lanes(_ table: ReadRegion, _ index: Int, isWide: Bool) -> SIMD8<Int32> {
    isWide
      ? table.load(index &* 4, as: SIMD8<Int32>.self)
      : Int16.lengthen(table.load(index &* 2, as: SIMD8<Int16>.self))
  }

  /// Eight values side by side.
  @inline(__always)
  func lanes(_ index: Int) -> SIMD8<Int32> {
    isWide
      ? region.load(index &* 4, as: SIMD8<Int32>.self)
      : Int16.lengthen(region.load(index &* 2, as: SIMD8<Int16>.self))
  }

  /// Stores eight values side by side.
  @inline(__always)
  func store(_ values: SIMD8<Int32>, _ index: Int) {
    if isWide {
      region.store(values, index &* 4)
    } else {
      region.store(Int16.narrow(values), index &* 2)
    }
  }

  /// Stores the same eight values again and again.
  ///
  /// - Parameter step: from one to the next.
  @inline(never)
  func fill(_ values: SIMD8<Int32>, from first: Int, step: Int, to last: Int) {
    if isWide {
      fill(values, first &* 4, step &* 4, last &* 4)
    } else {
      fill(Int16.narrow(values), first &* 2, step &* 2, last &* 2)
    }
  }

  @inline(__always)
  private func fill<Values: BitwiseCopyable>(
    _ values: Values, _ first: Int, _ step: Int, _ last: Int
  ) {
    let region = region
    var offset = first
    // Of a layer of eight channels all potentials lie side by side.
    let size = MemoryLayout<Values>.size
    let fours = step == size && first < last ? (last &- first) & ~(4 &* size &- 1) : 0
    let end = first &+ fours
    while offset != end {
      region.store(values, offset)
      region.store(values, offset &+ size)
      region.store(values, offset &+ 2 &* size)
      region.store(values, offset &+ 3 &* size)
      offset &+= 4 &* size
    }
    while offset < last {
      region.store(values, offset)
      offset &+= step
    }
  }
}
