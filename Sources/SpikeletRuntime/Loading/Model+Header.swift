extension Model {
  /// Checks size, version, checksum, the section table and the header's own values.
  func validateHeader() throws(SpikeletError) {
    guard header.magic == ModelFormat.magic else { throw SpikeletError(.wrongMagic, .file) }
    guard header.version == ModelFormat.version else {
      throw SpikeletError(
        .unsupportedVersion, .file, needed: Int32(ModelFormat.version),
        given: Int32(truncatingIfNeeded: header.version))
    }
    guard let size = Int32(exactly: bytes.byteCount), header.totalBytes == size else {
      throw SpikeletError(
        .wrongSize, .file, needed: header.totalBytes,
        given: Int32(truncatingIfNeeded: bytes.byteCount))
    }
    try validateChecksum()
    try validateSections()
    try validateInput()
    let t = header.maximumTimesteps
    guard t >= 1, t <= ModelFormat.maximumTimesteps else {
      throw SpikeletError(.outOfRange, .timesteps, needed: ModelFormat.maximumTimesteps, given: t)
    }
    guard header.timesteps >= 1, header.timesteps <= t else {
      throw SpikeletError(.outOfRange, .timesteps, needed: t, given: header.timesteps)
    }
    guard ReadOut(rawValue: header.readOut) != nil else {
      throw SpikeletError(.unsupported, .readOut, given: header.readOut)
    }
  }

  private func validateChecksum() throws(SpikeletError) {
    // The checksum covers every byte behind its own word.
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

  /// The sections lie in a fixed order, each at the first multiple of 64 behind the one before, and
  /// the last one ends the file: there is one layout for given sizes, so nothing can overlap.
  private func validateSections() throws(SpikeletError) {
    try count(header.layerCount, 1, ModelFormat.maximumLayers, .layerCount)
    try count(header.connectionCount, 1, ModelFormat.maximumConnections, .connectionCount)
    try count(header.bufferCount, 1, ModelFormat.maximumLayers &* 4, .bufferCount)
    var end = Int32(MemoryLayout<ModelHeader>.size)
    let layer = Int32(MemoryLayout<LayerRecord>.size)
    let connection = Int32(MemoryLayout<ConnectionRecord>.size)
    let buffer = Int32(MemoryLayout<BufferRecord>.size)
    try section(0, header.layersOffset, checkedProduct(header.layerCount, layer), &end)
    try section(
      1, header.connectionsOffset, checkedProduct(header.connectionCount, connection), &end)
    try section(2, header.buffersOffset, checkedProduct(header.bufferCount, buffer), &end)
    try section(3, header.parametersOffset, header.parametersBytes, &end)
    try section(4, header.weightsOffset, header.weightsBytes, &end)
    try section(5, header.namesOffset, header.namesBytes, &end)
    try section(6, header.provenanceOffset, header.provenanceBytes, &end)
    guard end == header.totalBytes else {
      throw SpikeletError(.wrongSize, .section, needed: end, given: header.totalBytes)
    }
  }

  @inline(never)
  private func count(
    _ value: Int32, _ low: Int32, _ high: Int32, _ field: SpikeletError.Field
  ) throws(SpikeletError) {
    guard value >= low, value <= high else {
      throw SpikeletError(.outOfRange, field, needed: high, given: value)
    }
  }

  @inline(never)
  private func section(
    _ index: Int32, _ offset: Int32, _ size: Int32?, _ end: inout Int32
  ) throws(SpikeletError) {
    guard let start = aligned(end, to: ModelFormat.sectionAlignment), offset == start else {
      throw SpikeletError(.outOfBounds, .section, index: index, needed: end, given: offset)
    }
    guard let size, size >= 0, let next = checkedSum(start, size), next <= header.totalBytes else {
      throw SpikeletError(
        .outOfBounds, .section, index: index, needed: header.totalBytes, given: size ?? -1)
    }
    end = next
  }

  private func validateInput() throws(SpikeletError) {
    guard let mode = InputMode(rawValue: header.inputMode) else {
      throw SpikeletError(.unsupported, .inputMode, given: header.inputMode)
    }
    for extent in 0..<3 {
      let value =
        extent == 0
        ? header.inputChannels : extent == 1 ? header.inputHeight : header.inputWidth
      try count(value, 1, ModelFormat.maximumExtent, .inputShape)
    }
    // Poisson draws and spike maps index pixels and bytes with 32 bits.
    guard let pixels = checkedProduct(header.inputChannels, header.inputHeight, header.inputWidth),
      checkedProduct(pixels, 4) != nil
    else { throw SpikeletError(.outOfRange, .inputShape) }
    let hasZeroPoints = header.zeroPointsOffset != ModelFormat.none
    guard hasZeroPoints == (mode == .direct) else { throw SpikeletError(.mismatch, .zeroPoints) }
    if hasZeroPoints {
      let size = header.inputChannels &* 4
      try parameterRange(header.zeroPointsOffset, size, .zeroPoints, index: -1)
      let points = parameters(header.zeroPointsOffset, count: Int(size))
      for channel in 0..<Int(header.inputChannels) {
        try count(points.load(channel &* 4, as: Int32.self), 0, 255, .zeroPoints)
      }
    }
  }

  /// Checks that `size` bytes at `offset` lie inside the parameters, at a multiple of 4.
  @inline(never)
  func parameterRange(
    _ offset: Int32, _ size: Int32, _ field: SpikeletError.Field, index: Int32
  ) throws(SpikeletError) {
    guard offset >= 0, offset & 3 == 0 else {
      throw SpikeletError(.misaligned, field, index: index, needed: 4, given: offset)
    }
    guard let end = checkedSum(offset, size), end <= header.parametersBytes else {
      throw SpikeletError(
        .outOfBounds, field, index: index, needed: header.parametersBytes, given: offset)
    }
  }
}
