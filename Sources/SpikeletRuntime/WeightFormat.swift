/// How a weight row lies in the file.
protocol WeightFormat {
  /// The bytes of a row of `count` weights. Rows of 4-bit weights begin at whole bytes.
  static func rowBytes(_ count: Int) -> Int
  static func lanes8(_ weights: ReadRegion, _ offset: Int) -> SIMD8<Int8>
  static func lanes16(_ weights: ReadRegion, _ offset: Int) -> SIMD16<Int8>
  /// The weight at position `index` of the row at `offset`.
  static func weight(_ weights: ReadRegion, _ offset: Int, index: Int) -> Int8
}

/// One weight a byte; the compiler writes −127…127.
enum EightBitWeights: WeightFormat {
  @inline(__always) static func rowBytes(_ count: Int) -> Int { count }
  @inline(__always) static func lanes8(_ weights: ReadRegion, _ offset: Int) -> SIMD8<Int8> {
    weights.load(offset, as: SIMD8<Int8>.self)
  }
  @inline(__always) static func lanes16(_ weights: ReadRegion, _ offset: Int) -> SIMD16<Int8> {
    weights.load(offset, as: SIMD16<Int8>.self)
  }
  @inline(__always)
  static func weight(_ weights: ReadRegion, _ offset: Int, index: Int) -> Int8 {
    weights.load(offset &+ index, as: Int8.self)
  }
}

/// Two weights a byte, the first in the low half; the compiler writes −7…7.
enum FourBitWeights: WeightFormat {
  @inline(__always) static func rowBytes(_ count: Int) -> Int { (count &+ 1) / 2 }
  @inline(__always) static func lanes8(_ weights: ReadRegion, _ offset: Int) -> SIMD8<Int8> {
    let pairs = weights.load(offset, as: SIMD4<Int8>.self)
    var result = SIMD8<Int8>()
    result.evenHalf = (pairs &<< 4) &>> 4
    result.oddHalf = pairs &>> 4
    return result
  }
  @inline(__always) static func lanes16(_ weights: ReadRegion, _ offset: Int) -> SIMD16<Int8> {
    let pairs = weights.load(offset, as: SIMD8<Int8>.self)
    var result = SIMD16<Int8>()
    result.evenHalf = (pairs &<< 4) &>> 4
    result.oddHalf = pairs &>> 4
    return result
  }
  @inline(__always)
  static func weight(_ weights: ReadRegion, _ offset: Int, index: Int) -> Int8 {
    let pair = weights.load(offset &+ index / 2, as: Int8.self)
    return index & 1 == 0 ? (pair &<< 4) &>> 4 : pair &>> 4
  }
}

/// Adds a row of weights to consecutive membranes, `count` times.
///
/// - Parameters:
///   - row: the byte offset of the row in `weights`.
///   - membranes: `start` is the index of the first potential.
///   - length: any number; multiples of 16 are fastest.
///   - count: how often the row is added, 1 or more.
@inline(__always)
func addRow<Scalar: MembraneScalar, Format: WeightFormat>(
  _ weights: ReadRegion, row: Int, to membranes: Region, start: Int, length: Int, count: Int,
  format: Format.Type, scalar: Scalar.Type
) {
  let size = MemoryLayout<Scalar>.size
  var i = 0
  if count == 1 {
    while i &+ 16 <= length {
      let offset = (start &+ i) &* size
      let w = Scalar.widen(Format.lanes16(weights, row &+ Format.rowBytes(i)))
      let u = membranes.load(offset, as: Scalar.WideLanes.self)
      membranes.store(Scalar.add(u, w), offset)
      i &+= 16
    }
  } else {
    let times = Scalar(truncatingIfNeeded: count)
    while i &+ 16 <= length {
      let offset = (start &+ i) &* size
      let w = Scalar.widen(Format.lanes16(weights, row &+ Format.rowBytes(i)), times: times)
      let u = membranes.load(offset, as: Scalar.WideLanes.self)
      membranes.store(Scalar.add(u, w), offset)
      i &+= 16
    }
  }
  if i &+ 8 <= length {
    let offset = (start &+ i) &* size
    let times = Scalar(truncatingIfNeeded: count)
    let w = Scalar.widen(Format.lanes8(weights, row &+ Format.rowBytes(i)), times: times)
    membranes.store(Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), w), offset)
    i &+= 8
  }
  while i < length {
    let offset = (start &+ i) &* size
    let w = Scalar(truncatingIfNeeded: Format.weight(weights, row, index: i))
    let u = membranes.load(offset, as: Scalar.self)
    membranes.store(u &+ w &* Scalar(truncatingIfNeeded: count), offset)
    i &+= 1
  }
}
