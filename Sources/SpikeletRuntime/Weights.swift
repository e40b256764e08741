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

/// Adds rows of weights to consecutive membranes, `count` times: one row to each of some lines.
///
/// This is where nearly all work is done, so the loops over rows of 8-bit weights are here, sixteen at a
/// time; the rest goes to `addRowTails`.
///
/// - Parameters:
///   - row: the byte offset of the first line's row.
///   - rowStep: bytes from one line's row back to the next line's.
///   - start: the index of the first line's first potential.
///   - lineStep: potentials from one line to the next.
///   - length: weights of a row: any number; multiples of 8 are fastest.
///   - count: how often a row is added; negative to subtract it.
@inline(never)
func addRows<Scalar: MembraneScalar>(
  _ weights: Weights, row: Int, rowStep: Int, to membranes: Region, start: Int, lineStep: Int,
  lines: Int, length: Int, count: Int32, scalar: Scalar.Type
) {
  let times = Int16(truncatingIfNeeded: count)
  let blocks = weights.bits == 8 && Int32(times) == count ? length & ~7 : 0
  let size = MemoryLayout<Scalar>.size
  let wide = MemoryLayout<Scalar.WideLanes>.size
  // First the blocks of all lines, so that nothing is kept for a call that hardly ever comes.
  var (line, first) = (row, start)
  for _ in 0..<(blocks == 0 ? 0 : lines) {
    var weight = line
    var target = first &* size
    let end = line &+ (blocks & ~15)
    if times == 1 {
      while weight != end {
        let w = weights.region.load(weight, as: SIMD16<Int8>.self)
        let u = membranes.load(target, as: Scalar.WideLanes.self)
        membranes.store(Scalar.add(u, Scalar.widen(w)), target)
        weight &+= 16
        target &+= wide
      }
    } else {
      while weight != end {
        let w = Int16.widen(weights.region.load(weight, as: SIMD16<Int8>.self))
        let u = membranes.load(target, as: Scalar.WideLanes.self)
        membranes.store(Scalar.add(u, Scalar.product(w, times)), target)
        weight &+= 16
        target &+= wide
      }
    }
    if blocks & 8 != 0 {
      let w = Int16.widen(weights.region.load(weight, as: SIMD8<Int8>.self))
      let u = membranes.load(target, as: Scalar.Lanes.self)
      membranes.store(Scalar.add(u, Scalar.product(w, times)), target)
    }
    line &-= rowStep
    first &+= lineStep
  }
  if blocks != length {
    addRowTails(
      weights, row: row, rowStep: rowStep, to: membranes, start: start, lineStep: lineStep,
      lines: lines, from: blocks, length: length, count: count, scalar: scalar)
  }
}

/// What `addRows` leaves: 4-bit and 16-bit weights, factors of more than 16 bits, and the ends of rows
/// that are no multiple of eight.
@inline(never)
private func addRowTails<Scalar: MembraneScalar>(
  _ weights: Weights, row: Int, rowStep: Int, to membranes: Region, start: Int, lineStep: Int,
  lines: Int, from first: Int, length: Int, count: Int32, scalar: Scalar.Type
) {
  let size = MemoryLayout<Scalar>.size
  let step = weights.rowBytes(16)
  var rest = count
  repeat {
    // Factors of 16 bits multiply and widen in one instruction; more are hardly ever needed.
    let times = Int16(clamping: rest)
    var (row, start) = (row, start)
    for _ in 0..<lines {
      var i = first
      var offset = (start &+ i) &* size
      var weight = row &+ weights.rowBytes(i)
      while i &+ 16 <= length {
        let w = Scalar.product(weights.lanes16(weight), times)
        membranes.store(Scalar.add(membranes.load(offset, as: Scalar.WideLanes.self), w), offset)
        i &+= 16
        offset &+= 16 &* size
        weight &+= step
      }
      if i &+ 8 <= length {
        let w = Scalar.product(weights.lanes8(weight), times)
        membranes.store(Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), w), offset)
        i &+= 8
        offset &+= 8 &* size
      }
      while i < length {
        let w = Scalar(truncatingIfNeeded: weights.weight(row, index: i))
        let sum = membranes.load(offset, as: Scalar.self) &+ w &* Scalar(truncatingIfNeeded: times)
        membranes.store(sum, offset)
        i &+= 1
        offset &+= size
      }
      row &-= rowStep
      start &+= lineStep
    }
    rest &-= Int32(times)
  } while rest != 0
}
