extension Model {
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
