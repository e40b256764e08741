extension IntegerInterpreter {
  /// The digest of a layer at this timestep: 64-bit FNV-1a over its potentials (32-bit
  /// little-endian) and then its spikes (one byte each), in the order channel, row, column; without
  /// the potentials of a layer that does not keep them, and the spikes of one with a fused max pool.
  public func digest(layer: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for u in model.layers[layer].keepsPotentials ? potentials[layer] : [] {
      let word = UInt32(truncatingIfNeeded: u)
      for shift in [0, 8, 16, 24] { add(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
    }
    let isFused = layer + 1 < model.layers.count && model.layers[layer + 1].isFused
    for s in isFused ? [] : spikes[layer + 1] { add(UInt8(s)) }
    return hash
  }
}
