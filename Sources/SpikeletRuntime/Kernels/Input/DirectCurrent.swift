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

  /// Sets every sum to its channel's bias, which is part of the current before it is rounded.
  func begin(_ sums: Membranes, biases: ReadRegion, sites: Int) {
    var index = 0
    for _ in 0..<sites {
      for channel in 0..<paddedChannels / 8 {
        sums.store(biases.load(channel &* 32, as: SIMD8<Int32>.self), index)
        index &+= 8
      }
    }
  }

  /// Rounds the sums to the current's scale.
  ///
  /// - Parameters:
  ///   - start: the index of the first current. Sums and currents may begin at the same address:
  ///     a current never lies after its sum.
  func round(_ sums: Membranes, into currents: Membranes, start: Int, sites: Int) {
    let half: Int32 = 1 &<< (shift &- 1)
    var index = 0
    while index < sites &* paddedChannels {
      let raised = sums.lanes(index) &+ SIMD8(repeating: half)
      currents.store(raised &>> SIMD8(repeating: shift), start &+ index)
      index &+= 8
    }
  }
}
