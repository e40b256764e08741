extension Model {
  /// Checks that every layer has the buffers that it needs and no others, that they lie inside the
  /// arena, and that no two that are alive at once overlap.
  func validateBuffers() throws(SpikeletError) {
    let alignment = ModelFormat.bufferAlignment
    try Self.count(header.arenaBytes, 0, Int32.max &- alignment, .arenaBytes)
    var expected: Int32 = 0
    for index in -1..<header.layerCount {
      for kind in BufferKind.inputSpikes.rawValue...BufferKind.scratch.rawValue {
        guard let kind = BufferKind(rawValue: kind) else { continue }
        try expect(kind, index, &expected)
      }
    }
    guard expected == header.bufferCount else {
      throw SpikeletError(.mismatch, .bufferCount, needed: expected, given: header.bufferCount)
    }
    try validateOverlaps()
  }

  /// The word that refers to a buffer.
  private func reference(_ kind: BufferKind, layer index: Int32) -> Int32 {
    guard index != ModelFormat.none else {
      return kind == .inputSpikes ? header.inputBuffer : ModelFormat.none
    }
    let isPool = isMaxPool(Int(index))
    switch kind {
    case .inputSpikes: return ModelFormat.none
    case .spikes: return layer(Int(index)).spikeBuffer
    case .scratch: return layer(Int(index)).scratchBuffer
    case .membrane: return isPool ? ModelFormat.none : neurons(Int(index)).membraneBuffer
    case .current: return isPool ? ModelFormat.none : neurons(Int(index)).currentBuffer
    case .counts: return isPool ? maxPool(Int(index)).countBuffer : ModelFormat.none
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
    case .scratch: .scratchBuffer
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
    guard size == record.bytes else {
      throw SpikeletError(
        .mismatch, .bufferRange, index: next, needed: size.value ?? -1, given: record.bytes)
    }
    guard record.offset >= 0, record.offset % ModelFormat.bufferAlignment == 0,
      (Size(record.offset) + size).fits(header.arenaBytes)
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

  /// Buffers that are alive in every slot lie one after the other from the arena's beginning; the
  /// others come after them. Only those can meet, so only those are compared in pairs: each with those
  /// before it that are still alive. In a chain of layers these are few.
  private func validateOverlaps() throws(SpikeletError) {
    var end = Size(Int32(0))
    for i in 0..<bufferCount {
      let a = buffer(i)
      guard isPersistent(a) else { continue }
      let start = end.aligned(to: ModelFormat.bufferAlignment)
      guard start == a.offset else {
        throw SpikeletError(
          .overlap, .bufferRange, index: Int32(truncatingIfNeeded: i), needed: start.value ?? -1,
          given: a.offset)
      }
      end = start + Size(a.bytes)
    }
    // Those before it are dead in every later slot, too: the first slots of the list never decrease.
    var firstAlive = 0
    var slot: Int32 = 0
    // The last slot is the last word of a record; few pairs need more of it.
    let size = MemoryLayout<BufferRecord>.size
    let records = ReadRegion(
      bytes, offset: Int(header.buffersOffset), count: bufferCount &* size)
    for i in 0..<bufferCount {
      let a = buffer(i)
      if isPersistent(a) { continue }
      guard end.fits(a.offset) else {
        throw SpikeletError(
          .overlap, .bufferRange, index: Int32(truncatingIfNeeded: i), needed: end.value ?? -1,
          given: a.offset)
      }
      if a.firstUse < slot { firstAlive = 0 }
      slot = a.firstUse
      while firstAlive < i {
        let b = buffer(firstAlive)
        guard b.lastUse < slot || isPersistent(b) else { break }
        firstAlive &+= 1
      }
      for j in firstAlive..<i
      where records.load(j &* size &+ size &- 4, as: Int32.self) >= slot {
        let b = buffer(j)
        guard b.firstUse <= a.lastUse, a.offset < b.offset &+ b.bytes,
          b.offset < a.offset &+ a.bytes, !isPersistent(b)
        else { continue }
        throw SpikeletError(
          .overlap, .bufferRange, index: Int32(truncatingIfNeeded: i),
          needed: b.offset &+ b.bytes, given: a.offset)
      }
    }
  }

  private func isPersistent(_ buffer: BufferRecord) -> Bool {
    buffer.firstUse == 0 && buffer.lastUse == header.layerCount
  }
}
