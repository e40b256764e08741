/// The buffers that a model needs: their sizes come from the kernels' own shapes, their lifetimes
/// from who reads what. The compiler plans with these functions and the loader checks with them.
extension RecordSource where Self: ~Escapable {
  /// Whether a layer (none for the input) has a buffer of this kind.
  @inline(never)
  package func needs(_ kind: BufferKind, layer index: Int32) -> Bool {
    guard index != ModelFormat.none else {
      return kind == .inputSpikes
        && (header.inputMode != InputMode.direct.rawValue || looksAtMirror)
    }
    let layer = layer(Int(index))
    let isNeurons = layer.kind == LayerKind.neurons.rawValue
    switch kind {
    case .inputSpikes: return false
    case .spikes: return layer.spikeChannels > 0 && !isPooled(Int(index))
    case .membrane: return isNeurons
    case .current: return isNeurons && keepsState && hasDirectInput(layer)
    case .counts: return !isNeurons && maxPool(Int(index)).counterBits > 0
    case .scores:
      return index == header.layerCount &- 1 && header.readOut == ReadOut.count.rawValue
    case .scratch:
      return isNeurons && scratchBytes(neurons(Int(index))) != Size(Int32(0))
    }
  }

  /// The bytes that a buffer of `kind`, which is needed, has for `layer` (none for the input).
  package func requiredBytes(_ kind: BufferKind, layer index: Int32) -> Size {
    if kind == .inputSpikes {
      return looksAtMirror
        ? Size(header.inputChannels) * header.inputHeight * header.inputWidth : map(0).size
    }
    switch kind {
    case .inputSpikes: return .tooLarge
    case .spikes: return map(Int(index) &+ 1).size
    case .membrane:
      let neurons = neurons(Int(index))
      let size = potentials(neurons) * (neurons.membraneBits / 8)
      guard hasDirectInput(neurons.layer), DirectCurrent(neurons).isWide else { return size }
      // Sums of 32 bits: of all potentials, or of as many rows as fit but at least one.
      let rows = keepsState ? 1 : neurons.tileRows
      let sums = Size(rows) * neurons.tileColumns * paddedSize(neurons.channels) * 4
      return .maximum(size, sums)
    case .current:
      let neurons = neurons(Int(index))
      return potentials(neurons) * (neurons.membraneBits / 8)
    case .counts:
      let pool = maxPool(Int(index))
      let source = map(Int(connection(Int(pool.firstConnection)).source))
      return Size(source.height) * Size(source.width) * Size(source.channels)
        * (pool.counterBits / 8)
    case .scores: return Size(layer(Int(index)).channels) * 4
    case .scratch: return scratchBytes(neurons(Int(index))) * header.workers
    }
  }

  /// The potentials that exist at once, padding included.
  private func potentials(_ neurons: NeuronRecord) -> Size {
    Size(neurons.tileRows) * neurons.tileColumns * paddedSize(neurons.channels)
  }

  /// What the kernels of a layer need for one worker, one connection after the other.
  private func scratchBytes(_ layer: NeuronRecord) -> Size {
    var size = Size(Int32(0))
    for c in 0..<layer.connectionCount {
      size = .maximum(size, scratchBytes(connection(Int(layer.firstConnection &+ c)), of: layer))
    }
    return size
  }

  /// The rows of a layer's direct current that are summed in its membranes at a time, when sums are
  /// wider than potentials: half of them where the current has a buffer of its own.
  func sumRows(_ neurons: NeuronRecord) -> Int {
    max(1, Int(keepsState ? neurons.tileRows / 2 : neurons.tileRows))
  }

  /// The slots of a timestep in which a buffer holds something.
  package func requiredLifetime(_ kind: BufferKind, layer index: Int32) -> (
    first: Int32, last: Int32
  ) {
    let own = index &+ 1
    switch kind {
    case .inputSpikes: return (0, header.inputLastReader)
    case .spikes:
      // A fused pool's spikes come from the layer before it.
      let isPool = isMaxPool(Int(index))
      let isFused = isPool && maxPool(Int(index)).isFused != 0
      #if !SPIKELET_WITHOUT_RECURRENCE
        if !isPool, neurons(Int(index)).lateReader != 0 { return (0, header.layerCount) }
      #endif
      return (isFused ? own &- 1 : own, layer(Int(index)).lastReader)
    case .membrane where !keepsState:
      // The read-out's potentials are the scores: they last to the end of the timestep, and from one
      // look to the next.
      let isLast = index == header.layerCount &- 1
      return isLast ? (looksAtMirror ? 0 : own, header.layerCount) : (own, own)
    case .scratch: return (own, own)
    case .membrane, .current, .counts, .scores: return (0, header.layerCount)
    }
  }
}
