extension Model {
  /// Checks one connection against its source, its layer and its weights.
  func validateConnection(
    _ connection: ConnectionRecord, _ index: Int32, _ layer: LayerRecord, _ layerIndex: Int32,
    _ layerKind: LayerKind
  ) throws(SpikeletError) {
    guard let kind = ConnectionKind(rawValue: connection.kind),
      (kind == .maxPool) == (layerKind == .maxPool)
    else {
      throw SpikeletError(.unsupported, .connectionKind, index: index, given: connection.kind)
    }
    // Layers read only what ran before them in the same timestep.
    guard connection.source >= 0, connection.source <= layerIndex else {
      throw SpikeletError(
        .outOfRange, .connectionSource, index: index, needed: layerIndex, given: connection.source)
    }
    if isDirect(connection), kind == .maxPool {
      throw SpikeletError(.unsupported, .connectionSource, index: index)
    }
    let source = map(Int(connection.source))
    try validatePool(connection, index, source)
    switch kind {
    case .convolution: try validateConvolution(connection, index, source, layer)
    case .dense: try validateDense(connection, index, source, layer)
    case .channelwise: try validateChannelwise(connection, index, source, layer)
    case .maxPool:
      guard source.channels == Int(layer.channels), connection.pooledHeight == layer.height,
        connection.pooledWidth == layer.width
      else { throw SpikeletError(.mismatch, .pool, index: index, given: layer.channels) }
      try weightSize(connection, index, 0)
    }
  }

  @inline(never)
  private func validatePool(
    _ c: ConnectionRecord, _ index: Int32, _ source: SpikeMap
  ) throws(SpikeletError) {
    let maximum = ModelFormat.maximumExtent
    guard (1...maximum).contains(c.poolHeight), (1...maximum).contains(c.poolWidth),
      (1...maximum).contains(c.poolStrideHeight), (1...maximum).contains(c.poolStrideWidth),
      (0..<c.poolHeight).contains(c.poolPaddingTop), (0..<c.poolWidth).contains(c.poolPaddingLeft),
      (1...maximum).contains(c.pooledHeight), (1...maximum).contains(c.pooledWidth),
      checkedProduct(c.poolHeight, c.poolWidth, 255) != nil
    else { throw SpikeletError(.outOfRange, .pool, index: index, needed: maximum) }
    // The last window must begin inside the source.
    guard let lastRow = checkedProduct(c.pooledHeight &- 1, c.poolStrideHeight),
      let lastColumn = checkedProduct(c.pooledWidth &- 1, c.poolStrideWidth),
      Int(lastRow &- c.poolPaddingTop) < source.height,
      Int(lastColumn &- c.poolPaddingLeft) < source.width
    else { throw SpikeletError(.mismatch, .pool, index: index) }
    if c.poolHeight == 1, c.poolWidth == 1, c.poolStrideHeight == 1, c.poolStrideWidth == 1 {
      guard Int(c.pooledHeight) == source.height, Int(c.pooledWidth) == source.width else {
        throw SpikeletError(.mismatch, .pool, index: index)
      }
    }
  }

  private func validateConvolution(
    _ c: ConnectionRecord, _ index: Int32, _ source: SpikeMap, _ layer: LayerRecord
  ) throws(SpikeletError) {
    let maximum = ModelFormat.maximumExtent
    guard (1...maximum).contains(c.kernelHeight), (1...maximum).contains(c.kernelWidth),
      (1...maximum).contains(c.strideHeight), (1...maximum).contains(c.strideWidth),
      (0...maximum).contains(c.paddingTop), (0...maximum).contains(c.paddingLeft)
    else { throw SpikeletError(.outOfRange, .kernel, index: index, needed: maximum) }
    guard c.groups >= 1, layer.channels % c.groups == 0, Int32(source.channels) % c.groups == 0
    else {
      throw SpikeletError(
        .mismatch, .groups, index: index, needed: layer.channels, given: c.groups)
    }
    // A window may lie in the padding altogether, but its position must be a number.
    guard let lastRow = checkedProduct(layer.height &- 1, c.strideHeight),
      let lastColumn = checkedProduct(layer.width &- 1, c.strideWidth),
      checkedSum(lastRow, c.kernelHeight) != nil, checkedSum(lastColumn, c.kernelWidth) != nil
    else { throw SpikeletError(.outOfRange, .kernel, index: index) }
    try validateRows(
      c, index, source, layer,
      rows: checkedProduct(Int32(source.channels), c.kernelHeight, c.kernelWidth))
  }

  private func validateDense(
    _ c: ConnectionRecord, _ index: Int32, _ source: SpikeMap, _ layer: LayerRecord
  ) throws(SpikeletError) {
    guard layer.height == 1, layer.width == 1 else {
      throw SpikeletError(.mismatch, .kernel, index: index, needed: 1, given: layer.height)
    }
    try validateRows(
      c, index, source, layer,
      rows: checkedProduct(Int32(source.channels), c.pooledHeight, c.pooledWidth))
  }

  private func validateChannelwise(
    _ c: ConnectionRecord, _ index: Int32, _ source: SpikeMap, _ layer: LayerRecord
  ) throws(SpikeletError) {
    guard source.channels == Int(layer.channels), c.pooledHeight == layer.height,
      c.pooledWidth == layer.width
    else { throw SpikeletError(.mismatch, .pool, index: index, given: layer.channels) }
    guard c.weightBits == layer.membraneBits else {
      throw SpikeletError(
        .mismatch, .weightBits, index: index, needed: layer.membraneBits, given: c.weightBits)
    }
    try weightSize(
      c, index, WeightLayout(c, inputs: source.channels, outputs: Int(layer.channels)).byteCount)
  }

  /// Checks the width of the weights, that their number fits 32 bits before it is formed, and that
  /// the file has as many.
  private func validateRows(
    _ c: ConnectionRecord, _ index: Int32, _ source: SpikeMap, _ layer: LayerRecord, rows: Int32?
  ) throws(SpikeletError) {
    guard c.weightBits == 8 || c.weightBits == 4 || c.weightBits == 16 else {
      throw SpikeletError(.unsupported, .weightBits, index: index, needed: 8, given: c.weightBits)
    }
    guard let rows, checkedProduct(rows, (layer.channels &+ 7) & ~7) != nil else {
      throw SpikeletError(.outOfRange, .weights, index: index)
    }
    let layout = WeightLayout(c, inputs: source.channels, outputs: Int(layer.channels))
    try weightSize(c, index, layout.byteCount)
  }

  @inline(never)
  private func weightSize(
    _ c: ConnectionRecord, _ index: Int32, _ bytes: Int
  ) throws(SpikeletError) {
    let size = Int32(truncatingIfNeeded: bytes)
    guard c.weightsBytes == size else {
      throw SpikeletError(.mismatch, .weights, index: index, needed: size, given: c.weightsBytes)
    }
    guard c.weightsOffset >= 0, let end = checkedSum(c.weightsOffset, size),
      end <= header.weightsBytes
    else {
      throw SpikeletError(
        .outOfBounds, .weights, index: index, needed: header.weightsBytes, given: c.weightsOffset)
    }
  }
}
