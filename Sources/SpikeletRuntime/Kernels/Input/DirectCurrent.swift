/// The constant current that a picture injects into one layer: weights times pixels, once a picture.
///
/// `current = (Σ weight · (pixel − zero point) + bias + half) >> shift`, where `half` is 2^(shift−1),
/// or 0 at shift 0: rounding half up. The sum fits 32 bits and the result the membrane's width; the
/// loader proves both. Pixels equal to the zero point cost nothing, as most of a digit's do.
struct DirectCurrent {
  let shift: Int32
  /// Whether the sums have 32 bits. Without a shift they are as wide as the current: what the sum
  /// loses on its way past 16 bits comes back, because the result fits.
  let isWide: Bool
  let paddedChannels: Int

  init(_ layer: NeuronRecord) {
    shift = layer.currentShift
    isWide = layer.membraneBits == 32 || shift > 0
    paddedChannels = padded(Int(layer.channels))
  }

  /// Sets every sum to its channel's bias, which is part of the current before it is rounded, and half of
  /// the current's unit.
  @inline(never)
  func begin(_ sums: Membranes, biases: ReadRegion, sites: Int) {
    let half: Int32 = shift > 0 ? 1 &<< (shift &- 1) : 0
    var first = 0
    while first != paddedChannels {
      let bias = biases.load(first &* 4, as: SIMD8<Int32>.self) &+ SIMD8(repeating: half)
      sums.fill(bias, from: first, step: paddedChannels, to: sites &* paddedChannels)
      first &+= 8
    }
  }

  /// Brings sums of 32 bits, half of a unit included, to the current's scale.
  ///
  /// - Parameters:
  ///   - start: the index of the first current. Sums and currents may begin at the same address:
  ///     a current never lies after its sum.
  @inline(never)
  func round(_ sums: Membranes, into currents: Membranes, start: Int, sites: Int) {
    let (sums, end) = (sums.region, sites &* paddedChannels)
    let shifts = SIMD8(repeating: shift)
    let pairs = currents.isWide ? 0 : end & ~15
    var index = 0
    // Two blocks are loaded before one is stored, which may lie where they lay.
    while index != pairs {
      let sum = sums.load(index &* 4, as: SIMD8<Int32>.self)
      let next = sums.load(index &* 4 &+ 32, as: SIMD8<Int32>.self)
      currents.region.store(Int16.narrow(sum &>> shifts), (start &+ index) &* 2)
      currents.region.store(Int16.narrow(next &>> shifts), (start &+ index) &* 2 &+ 16)
      index &+= 16
    }
    while index != end {
      let sum = sums.load(index &* 4, as: SIMD8<Int32>.self)
      currents.store(sum &>> shifts, start &+ index)
      index &+= 8
    }
  }
}
