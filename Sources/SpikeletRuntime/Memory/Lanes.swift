/// The integer type of a layer's membrane potentials, with the vector operations of the kernels.
///
/// The operations are requirements, implemented once for each concrete width, because the generic
/// SIMD operators of the standard library may stay loops over lanes where they are not specialized.
protocol MembraneScalar: FixedWidthInteger, SignedInteger, BitwiseCopyable {
  /// Eight potentials.
  associatedtype Lanes: BitwiseCopyable
  /// Sixteen potentials: two registers at once hide the latency of in-order cores.
  associatedtype WideLanes: BitwiseCopyable

  static func splat(_ value: Self) -> Lanes
  static func add(_ a: Lanes, _ b: Lanes) -> Lanes
  static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes
  static func add(_ a: WideLanes, _ b: WideLanes) -> WideLanes
  static func clamp(_ a: Lanes, _ low: Lanes, _ high: Lanes) -> Lanes
  /// All ones where `a ≥ b`, zeros elsewhere.
  static func reached(_ a: Lanes, _ b: Lanes) -> Lanes
  static func and(_ a: Lanes, _ b: Lanes) -> Lanes
  static func andNot(_ a: Lanes, _ mask: Lanes) -> Lanes
  /// Sign-extends sixteen weights.
  static func widen(_ weights: SIMD16<Int8>) -> WideLanes
  /// Weights times a count of spikes or the value of a pixel, modulo the width: the proof holds for
  /// the sums that these go into.
  static func product(_ weights: SIMD16<Int16>, _ count: Int16) -> WideLanes
  static func product(_ weights: SIMD8<Int16>, _ count: Int16) -> Lanes
  /// The low bits of eight 32-bit sums; the loader has proven that they fit.
  static func narrow(_ sums: SIMD8<Int32>) -> Lanes
  static func lengthen(_ a: Lanes) -> SIMD8<Int32>
  /// A byte of the bits of those lanes where a mask is all ones, and not all zeros (`laneBits`).
  static func bits(_ mask: Lanes, _ bits: SIMD8<UInt8>) -> UInt8
}

extension Int16: MembraneScalar {
  typealias Lanes = SIMD8<Int16>
  typealias WideLanes = SIMD16<Int16>

  @inline(__always) static func splat(_ value: Int16) -> Lanes { Lanes(repeating: value) }
  @inline(__always) static func add(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { a &- b }
  @inline(__always) static func add(_ a: WideLanes, _ b: WideLanes) -> WideLanes { a &+ b }
  @inline(__always) static func clamp(_ a: Lanes, _ low: Lanes, _ high: Lanes) -> Lanes {
    let raised = a.replacing(with: low, where: a .< low)
    return raised.replacing(with: high, where: raised .> high)
  }
  @inline(__always) static func reached(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes.zero.replacing(with: Lanes(repeating: -1), where: a .>= b)
  }
  @inline(__always) static func and(_ a: Lanes, _ b: Lanes) -> Lanes { a & b }
  @inline(__always) static func andNot(_ a: Lanes, _ mask: Lanes) -> Lanes { a & ~mask }

  // Written lane by lane and always inlined, widening folds into `saddw` or `pmovsxbw`; the
  // standard `init(truncatingIfNeeded:)` may stay an out-of-line call.
  @inline(__always) static func widen(_ weights: SIMD8<Int8>) -> Lanes {
    var result = Lanes()
    for i in 0..<8 { result[i] = Int16(truncatingIfNeeded: weights[i]) }
    return result
  }
  @inline(__always) static func widen(_ weights: SIMD16<Int8>) -> WideLanes {
    var result = WideLanes()
    for i in 0..<16 { result[i] = Int16(truncatingIfNeeded: weights[i]) }
    return result
  }
  @inline(__always) static func widen(_ counts: SIMD8<UInt8>) -> Lanes {
    var result = Lanes()
    for i in 0..<8 { result[i] = Int16(truncatingIfNeeded: counts[i]) }
    return result
  }
  /// The bits of all lanes, no two of which have the same, in one number.
  @inline(__always) static func joined(_ a: Lanes) -> Int16 {
    #if arch(arm)
      // A sum of lanes is many instructions there, and words are few.
      let words = asWords(a)
      let two = words.lowHalf | words.highHalf
      let word = two[0] | two[1]
      return Int16(truncatingIfNeeded: word | word &>> 16)
    #else
      return a[0] &+ a[1] &+ a[2] &+ a[3] &+ a[4] &+ a[5] &+ a[6] &+ a[7]
    #endif
  }
  /// The low bytes.
  @inline(__always) static func shorten(_ a: Lanes) -> SIMD8<UInt8> {
    var result = SIMD8<UInt8>()
    for i in 0..<8 { result[i] = UInt8(truncatingIfNeeded: a[i]) }
    return result
  }
  @inline(__always) static func product(_ weights: WideLanes, _ count: Int16) -> WideLanes {
    weights &* WideLanes(repeating: count)
  }
  @inline(__always) static func product(_ weights: Lanes, _ count: Int16) -> Lanes {
    weights &* Lanes(repeating: count)
  }
  @inline(__always) static func narrow(_ sums: SIMD8<Int32>) -> Lanes {
    var result = Lanes()
    for i in 0..<8 { result[i] = Int16(truncatingIfNeeded: sums[i]) }
    return result
  }
  @inline(__always) static func lengthen(_ a: Lanes) -> SIMD8<Int32> {
    var result = SIMD8<Int32>()
    for i in 0..<8 { result[i] = Int32(a[i]) }
    return result
  }
  @inline(__always) static func bits(_ mask: Lanes, _ bits: SIMD8<UInt8>) -> UInt8 {
    #if arch(arm)
      return UInt8(truncatingIfNeeded: joined(mask & widen(bits)))
    #else
      var bytes = SIMD8<UInt8>()
      for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: mask[i]) }
      let kept = bytes & bits
      return kept[0] &+ kept[1] &+ kept[2] &+ kept[3] &+ kept[4] &+ kept[5] &+ kept[6] &+ kept[7]
    #endif
  }
}

extension Int32: MembraneScalar {
  typealias Lanes = SIMD8<Int32>
  typealias WideLanes = SIMD16<Int32>

  @inline(__always) static func splat(_ value: Int32) -> Lanes { Lanes(repeating: value) }
  @inline(__always) static func add(_ a: Lanes, _ b: Lanes) -> Lanes { a &+ b }
  @inline(__always) static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { a &- b }
  @inline(__always) static func add(_ a: WideLanes, _ b: WideLanes) -> WideLanes { a &+ b }
  @inline(__always) static func clamp(_ a: Lanes, _ low: Lanes, _ high: Lanes) -> Lanes {
    let raised = a.replacing(with: low, where: a .< low)
    return raised.replacing(with: high, where: raised .> high)
  }
  @inline(__always) static func reached(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes.zero.replacing(with: Lanes(repeating: -1), where: a .>= b)
  }
  @inline(__always) static func and(_ a: Lanes, _ b: Lanes) -> Lanes { a & b }
  @inline(__always) static func andNot(_ a: Lanes, _ mask: Lanes) -> Lanes { a & ~mask }
  @inline(__always) static func widen(_ weights: SIMD16<Int8>) -> WideLanes {
    var result = WideLanes()
    for i in 0..<16 { result[i] = Int32(truncatingIfNeeded: weights[i]) }
    return result
  }
  @inline(__always) static func product(
    _ weights: SIMD16<Int16>, _ count: Int16
  ) -> WideLanes {
    var result = WideLanes()
    for i in 0..<16 { result[i] = Int32(weights[i]) &* Int32(count) }
    return result
  }
  @inline(__always) static func product(_ weights: SIMD8<Int16>, _ count: Int16) -> Lanes {
    var result = Lanes()
    for i in 0..<8 { result[i] = Int32(weights[i]) &* Int32(count) }
    return result
  }
  @inline(__always) static func narrow(_ sums: SIMD8<Int32>) -> Lanes { sums }
  @inline(__always) static func lengthen(_ a: Lanes) -> SIMD8<Int32> { a }
  @inline(__always) static func bits(_ mask: Lanes, _ bits: SIMD8<UInt8>) -> UInt8 {
    #if arch(arm)
      var kept = SIMD8<Int32>()
      for i in 0..<8 { kept[i] = Int32(truncatingIfNeeded: bits[i]) }
      kept &= mask
      let four = kept.lowHalf | kept.highHalf
      let two = four.lowHalf | four.highHalf
      return UInt8(truncatingIfNeeded: two[0] | two[1])
    #else
      var bytes = SIMD8<UInt8>()
      for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: mask[i]) }
      let kept = bytes & bits
      return kept[0] &+ kept[1] &+ kept[2] &+ kept[3] &+ kept[4] &+ kept[5] &+ kept[6] &+ kept[7]
    #endif
  }
}
