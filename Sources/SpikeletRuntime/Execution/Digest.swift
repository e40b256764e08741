/// 64-bit FNV-1a, kept as two words so that 32-bit Arm needs no 64-bit conversions.
struct FNV1a {
  private var low: UInt32 = 0x8422_2325
  private var high: UInt32 = 0xCBF2_9CE4

  /// The two halves of the digest.
  var value: (high: UInt32, low: UInt32) { (high, low) }

  /// Multiplies by the prime 2^40 + 0x1B3 after mixing one byte in.
  @inline(__always)
  mutating func add(_ byte: UInt8) {
    let mixed = low ^ UInt32(truncatingIfNeeded: byte)
    let product = mixed.multipliedFullWidth(by: 0x1B3)
    high = (high &* 0x1B3) &+ product.high &+ (mixed &<< 8)
    low = product.low
  }
}

extension Engine {
  /// The digest of a layer after it ran: 64-bit FNV-1a over its potentials (32-bit little-endian),
  /// then its spikes (one byte each), in the order channel, row, column. What a model of one timestep
  /// does not keep takes no part: the potentials of a layer that runs in bands or has a fused max
  /// pool, and the spikes of the latter.
  ///
  /// Equal digests of every layer at every timestep are the meaning of bit-exact. Valid until the
  /// next layer runs.
  public func digest(layer index: Int) -> (high: UInt32, low: UInt32) {
    let map = model.map(index &+ 1)
    var hash = FNV1a()
    if model.keepsPotentials(layer: index), case let layer = model.neurons(index),
      let buffer = readRegion(layer.membraneBuffer)
    {
      let stride = padded(Int(layer.channels))
      for channel in 0..<Int(layer.channels) {
        for site in 0..<map.sites {
          let position = site &* stride &+ channel
          var u =
            layer.membraneBits == 16
            ? Int32(buffer.load(position &* 2, as: Int16.self))
            : buffer.load(position &* 4, as: Int32.self)
          for _ in 0..<4 {
            hash.add(UInt8(truncatingIfNeeded: u))
            u &>>= 8
          }
        }
      }
    }
    if let spikes = readRegion(model.layer(index).spikeBuffer) {
      for channel in 0..<map.channels {
        for site in 0..<map.sites {
          hash.add(map.spike(spikes, site: site, channel) ? 1 : 0)
        }
      }
    }
    return hash.value
  }
}
