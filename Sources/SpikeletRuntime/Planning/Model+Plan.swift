/// The buffers that a model needs: their sizes come from the kernels' own shapes, their lifetimes
/// from the connections. The compiler plans with these functions and the loader checks with them.
extension Model {
  /// Whether a layer's membranes and counters outlive a timestep.
  var keepsState: Bool { header.maximumTimesteps > 1 }

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

  /// The max pool that runs inside a layer, if there is one.
  func fusedPool(behind index: Int) -> (layer: LayerRecord, window: PoolView)? {
    guard index &+ 1 < layerCount else { return nil }
    let next = layer(index &+ 1)
    guard next.kind == LayerKind.maxPool.rawValue, next.isFused != 0 else { return nil }
    return (next, PoolView(connection(Int(next.firstConnection))))
  }

  /// Whether all potentials of a layer are there after it has run: not where it runs in bands, nor
  /// where a fused pool leaves out what no window covers.
  public func keepsPotentials(layer index: Int) -> Bool {
    let layer = layer(index)
    return layer.kind == LayerKind.neurons.rawValue && isWhole(layer)
      && fusedPool(behind: index) == nil
  }

  /// Whether a layer runs in one band.
  func isWhole(_ layer: LayerRecord) -> Bool {
    layer.bandRows == layer.height && layer.bandColumns == layer.width
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

  /// Whether any connection of a layer turns pixels into a current.
  func hasDirectInput(_ layer: LayerRecord) -> Bool {
    for c in 0..<Int(layer.connectionCount)
    where isDirect(connection(Int(layer.firstConnection) &+ c)) { return true }
    return false
  }

  /// Checks that every layer has the buffers that it needs and no others, that they lie inside the
  /// arena, and that no two that are alive at once overlap.
  func validatePlan() throws(SpikeletError) {
    let alignment = ModelFormat.bufferAlignment
    guard header.arenaBytes >= 0, header.arenaBytes <= Int32.max &- alignment else {
      throw SpikeletError(.outOfRange, .arenaBytes, given: header.arenaBytes)
    }
    var expected: Int32 = 0
    for index in -1..<layerCount {
      let i = Int32(truncatingIfNeeded: index)
      for kind in Self.firstBufferKind...Self.lastBufferKind {
        guard let kind = BufferKind(rawValue: kind) else { continue }
        try expect(kind, i, &expected)
      }
    }
    guard expected == header.bufferCount else {
      throw SpikeletError(.mismatch, .bufferCount, needed: expected, given: header.bufferCount)
    }
    try validateOverlaps()
  }

  private static var firstBufferKind: Int32 { BufferKind.inputSpikes.rawValue }
  private static var lastBufferKind: Int32 { BufferKind.scores.rawValue }

  /// Whether a layer (none for the input) has a buffer of this kind.
  @inline(never)
  package func needs(_ kind: BufferKind, layer index: Int32) -> Bool {
    guard index != ModelFormat.none else { return kind == .inputSpikes && inputMode != .direct }
    let layer = layer(Int(index))
    let isNeurons = layer.kind == LayerKind.neurons.rawValue
    switch kind {
    case .inputSpikes: return false
    case .spikes: return layer.thresholdCount > 0 && fusedPool(behind: Int(index)) == nil
    case .membrane: return isNeurons
    case .current: return isNeurons && keepsState && hasDirectInput(layer)
    case .counts: return layer.counterBits > 0
    case .scores: return index == header.layerCount &- 1 && readOut == .count
    }
  }

  /// The word that refers to a buffer.
  private func reference(_ kind: BufferKind, layer index: Int32) -> Int32 {
    guard index != ModelFormat.none else {
      return kind == .inputSpikes ? header.inputBuffer : ModelFormat.none
    }
    let layer = layer(Int(index))
    switch kind {
    case .inputSpikes: return ModelFormat.none
    case .spikes: return layer.spikeBuffer
    case .membrane: return layer.membraneBuffer
    case .current: return layer.currentBuffer
    case .counts: return layer.countBuffer
    case .scores:
      return index == header.layerCount &- 1 ? header.scoreBuffer : ModelFormat.none
    }
  }

  private func field(_ kind: BufferKind) -> SpikeletError.Field {
    switch kind {
    case .inputSpikes: .inputBuffer
    case .spikes: .spikeBuffer
    case .membrane: .membraneBuffer
    case .current: .currentBuffer
    case .counts: .countBuffer
    case .scores: .scoreBuffer
    }
  }

  /// Checks one reference to a buffer. The buffers are listed layer by layer, the input first, and
  /// for each layer in the order of their kinds.
  @inline(never)
  private func expect(
    _ kind: BufferKind, _ layer: Int32, _ next: inout Int32
  ) throws(SpikeletError) {
    let isNeeded = needs(kind, layer: layer)
    let reference = reference(kind, layer: layer)
    let needed = isNeeded ? next : ModelFormat.none
    guard reference == needed, next < header.bufferCount || !isNeeded else {
      throw SpikeletError(.mismatch, field(kind), index: layer, needed: needed, given: reference)
    }
    guard isNeeded else { return }
    let record = buffer(Int(next))
    guard record.kind == kind.rawValue, record.layer == layer else {
      throw SpikeletError(
        .mismatch, .bufferKind, index: next, needed: kind.rawValue, given: record.kind)
    }
    let size = requiredBytes(kind, layer: layer)
    guard record.bytes == size else {
      throw SpikeletError(.mismatch, .bufferRange, index: next, needed: size, given: record.bytes)
    }
    guard record.offset >= 0, record.offset % ModelFormat.bufferAlignment == 0,
      let end = checkedSum(record.offset, size), end <= header.arenaBytes
    else {
      throw SpikeletError(
        .outOfBounds, .bufferRange, index: next, needed: header.arenaBytes, given: record.offset)
    }
    let life = requiredLifetime(kind, layer: layer)
    guard record.firstUse == life.first, record.lastUse == life.last else {
      throw SpikeletError(
        .mismatch, .bufferLifetime, index: next, needed: life.last, given: record.lastUse)
    }
    next &+= 1
  }

  private func validateOverlaps() throws(SpikeletError) {
    for i in 0..<bufferCount {
      let a = buffer(i)
      for j in 0..<i {
        let b = buffer(j)
        let together = a.firstUse <= b.lastUse && b.firstUse <= a.lastUse
        let shared = a.offset < b.offset &+ b.bytes && b.offset < a.offset &+ a.bytes
        guard !(together && shared) else {
          throw SpikeletError(
            .overlap, .bufferRange, index: Int32(truncatingIfNeeded: i),
            needed: b.offset &+ b.bytes, given: a.offset)
        }
      }
    }
  }
}
