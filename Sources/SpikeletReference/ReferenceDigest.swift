extension IntegerInterpreter {
  /// The digest of a layer at this timestep: 64-bit FNV-1a over its potentials (32-bit
  /// little-endian) and then its spikes (one byte each), in the order channel, row, column; without
  /// the potentials of a layer that does not keep them, and the spikes of one with a fused max pool.
  public func digest(layer: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for u in keptPotentials(layer) {
      let word = UInt32(truncatingIfNeeded: u)
      for shift in [0, 8, 16, 24] { add(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
    }
    for s in keptSpikes(layer) { add(UInt8(s)) }
    return hash
  }

  /// The potentials of a layer, if the engine keeps them until it has run.
  public func keptPotentials(_ layer: Int) -> [Int] {
    model.layers[layer].keepsPotentials ? potentials[layer] : []
  }

  /// The spikes of a layer, if the engine stores them.
  public func keptSpikes(_ layer: Int) -> [Int] {
    let isFused = layer + 1 < model.layers.count && model.layers[layer + 1].isFused
    return isFused ? [] : spikes[layer + 1]
  }
}
