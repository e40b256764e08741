/// The buffers that a model needs: their sizes come from the kernels' own shapes, their lifetimes
/// from the connections. The compiler plans with these functions and the loader checks with them.
extension RecordSource where Self: ~Escapable {
  /// Whether a layer (none for the input) has a buffer of this kind.
  @inline(never)
  package func needs(_ kind: BufferKind, layer index: Int32) -> Bool {
    guard index != ModelFormat.none else {
      return kind == .inputSpikes && header.inputMode != InputMode.direct.rawValue
    }
    let layer = layer(Int(index))
    let isNeurons = layer.kind == LayerKind.neurons.rawValue
    switch kind {
    case .inputSpikes: return false
    case .spikes: return layer.thresholdCount > 0 && fusedPool(after: Int(index)) == nil
    case .membrane: return isNeurons
    case .current: return isNeurons && keepsState && hasDirectInput(layer)
    case .counts: return layer.counterBits > 0
    case .scores:
      return index == header.layerCount &- 1 && header.readOut == ReadOut.count.rawValue
    }
  }

  /// The bytes that a buffer of `kind` needs for `layer` (none for the encoded input).
  package func requiredBytes(_ kind: BufferKind, layer index: Int32) -> Int32 {
    if kind == .inputSpikes { return Int32(truncatingIfNeeded: map(0).byteCount) }
    let layer = layer(Int(index))
    switch kind {
    case .inputSpikes: return 0
    case .spikes: return Int32(truncatingIfNeeded: map(Int(index) &+ 1).byteCount)
    case .membrane, .current:
      let lanes = Int32(truncatingIfNeeded: padded(Int(layer.channels)))
      var size = layer.bandRows &* layer.bandColumns &* lanes &* (layer.membraneBits / 8)
      if kind == .membrane, hasDirectInput(layer), DirectCurrent(layer).isWide {
        // Sums of 32 bits: of all potentials, or of as many rows as fit but at least one.
        let rows = keepsState ? 1 : layer.bandRows
        size = max(size, rows &* layer.bandColumns &* lanes &* 4)
      }
      return size
    case .counts:
      let source = map(Int(connection(Int(layer.firstConnection)).source))
      return Int32(truncatingIfNeeded: source.sites &* source.channels) &* (layer.counterBits / 8)
    case .scores: return layer.channels &* 4
    }
  }

  /// The rows of a layer's direct current that are summed in its membranes at a time, when sums are
  /// wider than potentials: half of them where the current has a buffer of its own.
  func sumRows(_ layer: LayerRecord) -> Int {
    max(1, Int(keepsState ? layer.bandRows / 2 : layer.bandRows))
  }

  /// The slots of a timestep in which a buffer holds something.
  package func requiredLifetime(_ kind: BufferKind, layer index: Int32) -> (
    first: Int32, last: Int32
  ) {
    switch kind {
    case .inputSpikes: return (0, lastUse(ofSource: 0))
    case .spikes:
      // A fused pool's spikes come from the layer before it.
      return (index &+ 1 &- layer(Int(index)).isFused, lastUse(ofSource: index &+ 1))
    case .membrane:
      // The read-out's potentials are the scores: they last to the end of the timestep.
      return keepsState
        ? (0, header.layerCount)
        : (index &+ 1, index == header.layerCount &- 1 ? header.layerCount : index &+ 1)
    case .current, .counts, .scores: return (0, header.layerCount)
    }
  }

  /// The slot of the last layer that reads a spike map; its own slot when none does.
  private func lastUse(ofSource source: Int32) -> Int32 {
    var last = source
    for index in 0..<layerCount {
      let layer = layer(index)
      for c in 0..<Int(layer.connectionCount)
      where connection(Int(layer.firstConnection) &+ c).source == source {
        last = Int32(truncatingIfNeeded: index &+ 1)
      }
    }
    return last
  }
}
