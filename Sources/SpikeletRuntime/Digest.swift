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
  /// then its spikes (one byte each), in the order channel, row, column.
  ///
  /// Equal digests of every layer at every timestep are the meaning of bit-exact. Valid until the
  /// next layer runs.
  public func digest(layer index: Int) -> (high: UInt32, low: UInt32) {
    let layer = model.layer(index)
    let (channels, height, width) = (Int(layer.channels), Int(layer.height), Int(layer.width))
    var hash = FNV1a()
    if layer.membraneBuffer != ModelFormat.none {
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width {
            let u = UInt32(
              bitPattern: potential(layer: index, channel: channel, row: row, column: column))
            hash.add(UInt8(truncatingIfNeeded: u))
            hash.add(UInt8(truncatingIfNeeded: u &>> 8))
            hash.add(UInt8(truncatingIfNeeded: u &>> 16))
            hash.add(UInt8(truncatingIfNeeded: u &>> 24))
          }
        }
      }
    }
    if layer.spikeBuffer != ModelFormat.none {
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width {
            hash.add(spike(source: index &+ 1, channel: channel, row: row, column: column) ? 1 : 0)
          }
        }
      }
    }
    return hash.value
  }
}
