/// The weights of a connection: 8 bits each, or 16, or two 4-bit weights a byte, the first in the low
/// half.
///
/// The compiler writes −127…127, −32,767…32,767 and −7…7; every bit pattern is valid.
struct Weights {
  let region: ReadRegion
  let bits: Int

  init(_ region: ReadRegion, bits: Int32) {
    self.region = region
    self.bits = Int(bits)
  }

  /// The bytes of a row of `count` weights. Rows of 4-bit weights begin at whole bytes.
  @inline(__always)
  static func rowBytes(_ count: Int, bits: Int) -> Int { (count &* bits &+ 7) &>> 3 }

  @inline(__always)
  func rowBytes(_ count: Int) -> Int { Self.rowBytes(count, bits: bits) }

  /// Eight weights at a byte offset.
  @inline(__always)
  func lanes8(_ offset: Int) -> SIMD8<Int16> {
    if bits == 8 { return Int16.widen(region.load(offset, as: SIMD8<Int8>.self)) }
    if bits == 16 { return region.load(offset, as: SIMD8<Int16>.self) }
    let pairs = region.load(offset, as: SIMD4<Int8>.self)
    var result = SIMD8<Int8>()
    result.evenHalf = (pairs &<< 4) &>> 4
    result.oddHalf = pairs &>> 4
    return Int16.widen(result)
  }

  /// Sixteen weights at a byte offset.
  @inline(__always)
  func lanes16(_ offset: Int) -> SIMD16<Int16> {
    if bits == 8 { return Int16.widen(region.load(offset, as: SIMD16<Int8>.self)) }
    if bits == 16 { return region.load(offset, as: SIMD16<Int16>.self) }
    let pairs = region.load(offset, as: SIMD8<Int8>.self)
    var result = SIMD16<Int8>()
    result.evenHalf = (pairs &<< 4) &>> 4
    result.oddHalf = pairs &>> 4
    return Int16.widen(result)
  }

  /// The weight at position `index` of the row at a byte offset.
  @inline(__always)
  func weight(_ offset: Int, index: Int) -> Int16 {
    if bits == 8 { return Int16(region.load(offset &+ index, as: Int8.self)) }
    if bits == 16 { return region.load(offset &+ index &* 2, as: Int16.self) }
    let pair = region.load(offset &+ index / 2, as: Int8.self)
    return Int16(index & 1 == 0 ? (pair &<< 4) &>> 4 : pair &>> 4)
  }
}
