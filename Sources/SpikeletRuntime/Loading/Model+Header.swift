extension Model {
  /// Checks that a file is a model of this version, before any other word is looked at.
  static func validateVersion(_ bytes: RawSpan) throws(SpikeletError) {
    let size = Int32(truncatingIfNeeded: bytes.byteCount)
    guard bytes.byteCount >= 8 else {
      throw SpikeletError(.tooShort, .file, needed: 8, given: size)
    }
    let region = ReadRegion(bytes, offset: 0, count: 8)
    guard region.load(0, as: UInt32.self) == ModelFormat.magic else {
      throw SpikeletError(.wrongMagic, .file)
    }
    let version = region.load(4, as: UInt32.self)
    guard version == ModelFormat.version else {
      throw SpikeletError(
        .unsupportedVersion, .file, needed: Int32(bitPattern: ModelFormat.version),
        given: Int32(bitPattern: version))
    }
    guard bytes.byteCount >= MemoryLayout<ModelHeader>.size else {
      throw SpikeletError(
        .tooShort, .file, needed: Int32(MemoryLayout<ModelHeader>.size), given: size)
    }
  }

  /// Checks size, checksum, the section table and the header's own values.
  func validateHeader() throws(SpikeletError) {
    guard Size(bytes.byteCount) == header.totalBytes else {
      throw SpikeletError(
        .wrongSize, .file, needed: header.totalBytes,
        given: Int32(truncatingIfNeeded: bytes.byteCount))
    }
    try validateChecksum()
    try validateSections()
    try Self.count(header.workers, 1, ModelFormat.maximumWorkers, .workers)
    try validateInput()
    try Self.count(header.maximumTimesteps, 1, ModelFormat.maximumTimesteps, .timesteps)
    try Self.count(header.timesteps, 1, header.maximumTimesteps, .timesteps)
    guard ReadOut(rawValue: header.readOut) != nil else {
      throw SpikeletError(.unsupported, .readOut, given: header.readOut)
    }
    #if SPIKELET_WITHOUT_LOOKS
      guard header.mirrorLooks == 0 else {
        throw SpikeletError(.unsupported, .mirrorLooks, given: header.mirrorLooks)
      }
    #else
      let canMirror = header.inputMode == InputMode.direct.rawValue && header.maximumTimesteps == 2
      try Self.count(header.mirrorLooks, 0, canMirror ? 1 : 0, .mirrorLooks)
    #endif
    guard header.reserved.areEmpty else { throw SpikeletError(.notEmpty, .file) }
  }

  private func validateChecksum() throws(SpikeletError) {
    // The checksum covers every byte after its own word.
    let start = 16
    let region = ReadRegion(bytes, offset: start, count: bytes.byteCount &- start)
    var checksum = CRC32()
    checksum.update(region)
    guard checksum.value == header.checksum else {
      throw SpikeletError(
        .wrongChecksum, .file, needed: Int32(bitPattern: header.checksum),
        given: Int32(bitPattern: checksum.value))
    }
  }

  /// The sections lie in a fixed order, each at the first multiple of 64 after the one before, and
  /// the last one ends the file: there is one layout for given sizes, so nothing can overlap.
  private func validateSections() throws(SpikeletError) {
    try Self.count(header.layerCount, 1, ModelFormat.maximumLayers, .layerCount)
    try Self.count(header.connectionCount, 1, ModelFormat.maximumConnections, .connectionCount)
    try Self.count(header.bufferCount, 1, ModelFormat.maximumBuffers, .bufferCount)
    var end = Size(MemoryLayout<ModelHeader>.size)
    let layers = Size(header.layerCount) * Size(MemoryLayout<NeuronRecord>.size)
    let connections = Size(header.connectionCount) * Size(MemoryLayout<ConnectionRecord>.size)
    let buffers = Size(header.bufferCount) * Size(MemoryLayout<BufferRecord>.size)
    try section(0, header.layersOffset, layers, &end)
    try section(1, header.connectionsOffset, connections, &end)
    try section(2, header.buffersOffset, buffers, &end)
    try section(3, header.parametersOffset, Size(header.parametersBytes), &end)
    try section(4, header.weightsOffset, Size(header.weightsBytes), &end)
    try section(5, header.namesOffset, Size(header.namesBytes), &end)
    try section(6, header.provenanceOffset, Size(header.provenanceBytes), &end)
    guard end == header.totalBytes else {
      throw SpikeletError(
        .wrongSize, .section, needed: end.value ?? -1, given: header.totalBytes)
    }
  }

  // Static: it needs no model, and is called often.
  @inline(never)
  static func count(
    _ value: Int32, _ low: Int32, _ high: Int32, _ field: SpikeletError.Field, index: Int32 = -1
  ) throws(SpikeletError) {
    guard value >= low, value <= high else {
      throw SpikeletError(
        .outOfRange, field, index: index, needed: value < low ? low : high, given: value)
    }
  }

  @inline(never)
  private func section(
    _ index: Int32, _ offset: Int32, _ size: Size, _ end: inout Size
  ) throws(SpikeletError) {
    let start = end.aligned(to: ModelFormat.sectionAlignment)
    guard start == offset else {
      throw SpikeletError(
        .outOfBounds, .section, index: index, needed: start.value ?? -1, given: offset)
    }
    end = start + size
    guard end.fits(header.totalBytes) else {
      throw SpikeletError(
        .outOfBounds, .section, index: index, needed: header.totalBytes, given: size.value ?? -1)
    }
  }

  private func validateInput() throws(SpikeletError) {
    guard let mode = InputMode(rawValue: header.inputMode) else {
      throw SpikeletError(.unsupported, .inputMode, given: header.inputMode)
    }
    let maximum = ModelFormat.maximumExtent
    try Self.count(header.inputChannels, 1, maximum, .inputShape)
    try Self.count(header.inputHeight, 1, maximum, .inputShape)
    try Self.count(header.inputWidth, 1, maximum, .inputShape)
    // Poisson draws and spike maps index pixels and bytes with 31 bits.
    let pixels = Size(header.inputChannels) * header.inputHeight * header.inputWidth
    guard (pixels * 4).value != nil, map(0).size.value != nil else {
      throw SpikeletError(.outOfRange, .inputShape)
    }
    guard mode == .poisson || header.poissonSeedLow | header.poissonSeedHigh == 0 else {
      throw SpikeletError(.notEmpty, .inputMode)
    }
    guard mode == .direct else {
      guard header.zeroPointsOffset == ModelFormat.none else {
        throw SpikeletError(.notEmpty, .zeroPoints, given: header.zeroPointsOffset)
      }
      return
    }
    let size = Size(header.inputChannels) * 4
    try parameterRange(header.zeroPointsOffset, size, .zeroPoints, index: -1)
    let points = parameters(header.zeroPointsOffset, count: Int(header.inputChannels) &* 4)
    for channel in 0..<Int(header.inputChannels) {
      try Self.count(points.load(channel &* 4, as: Int32.self), 0, 255, .zeroPoints)
    }
  }

  /// Checks that `size` bytes at `offset` lie inside the parameters, at a multiple of 4.
  @inline(never)
  func parameterRange(
    _ offset: Int32, _ size: Size, _ field: SpikeletError.Field, index: Int32
  ) throws(SpikeletError) {
    guard offset >= 0, offset & 3 == 0 else {
      throw SpikeletError(.misaligned, field, index: index, needed: 4, given: offset)
    }
    guard (Size(offset) + size).fits(header.parametersBytes) else {
      throw SpikeletError(
        .outOfBounds, field, index: index, needed: header.parametersBytes, given: offset)
    }
  }

  /// Checks that a name lies inside the names.
  @inline(never)
  func nameRange(
    _ offset: Int32, _ count: Int32, _ field: SpikeletError.Field, index: Int32
  ) throws(SpikeletError) {
    guard offset >= 0, (Size(offset) + Size(count)).fits(header.namesBytes) else {
      throw SpikeletError(
        .outOfBounds, field, index: index, needed: header.namesBytes, given: offset)
    }
  }

  /// Checks that there is a name for each class, or none at all.
  func validateClassNames() throws(SpikeletError) {
    try nameRange(header.classNamesOffset, header.classNamesBytes, .classNames, index: -1)
    let text = classNames
    guard text.byteCount > 0 else {
      guard header.classNamesOffset == 0 else {
        throw SpikeletError(.notEmpty, .classNames, given: header.classNamesOffset)
      }
      return
    }
    let region = ReadRegion(text, offset: 0, count: text.byteCount)
    var lines: Int32 = 0
    for index in 0..<region.count where region.load(index, as: UInt8.self) == 10 { lines &+= 1 }
    guard Int(lines) == classCount, region.load(region.count &- 1, as: UInt8.self) == 10 else {
      throw SpikeletError(
        .mismatch, .classNames, needed: Int32(truncatingIfNeeded: classCount), given: lines)
    }
  }
}
