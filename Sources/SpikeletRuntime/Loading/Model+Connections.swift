extension Model {
  /// Checks one connection against its source, its layer and its weights.
  func validateConnection(
    _ index: Int32, _ layer: LayerRecord, _ layerIndex: Int32, _ layerKind: LayerKind,
    _ chain: inout Chain
  ) throws(SpikeletError) {
    let connection = connection(Int(index))
    guard let kind = ConnectionKind(rawValue: connection.kind), kind.isBuilt,
      (kind == .maxPool) == (layerKind == .maxPool)
    else {
      throw SpikeletError(.unsupported, .connectionKind, index: index, given: connection.kind)
    }
    guard connection.reserved == 0, kind == .convolution || connection.window == .init() else {
      throw SpikeletError(.notEmpty, .connectionKind, index: index)
    }
    try validateSource(connection, kind, index, layer, layerIndex, &chain)
    if isDirect(connection), kind == .maxPool {
      throw SpikeletError(.unsupported, .connectionSource, index: index)
    }
    let source = map(Int(connection.source))
    try validatePool(connection, index, source)
    switch kind {
    case .convolution: try validateConvolution(connection, index, source, layer)
    case .dense:
      guard layer.height == 1, layer.width == 1 else {
        throw SpikeletError(.mismatch, .kernel, index: index, needed: 1, given: layer.height)
      }
    case .channelwise, .maxPool:
      guard source.channels == Int(layer.channels), connection.pooledHeight == layer.height,
        connection.pooledWidth == layer.width
      else { throw SpikeletError(.mismatch, .pool, index: index, given: layer.channels) }
    case .potentials:
      #if !SPIKELET_WITHOUT_RECURRENCE
        // Read neuron by neuron: the same shape, and no pool.
        let other = self.layer(Int(connection.source &- 1))
        guard other.channels == layer.channels, connection.pooledHeight == layer.height,
          connection.pooledWidth == layer.width, PoolView(connection).isIdentity
        else { throw SpikeletError(.mismatch, .pool, index: index, given: layer.channels) }
      #endif
    }
    try validateWeights(connection, kind, index, layer, layerIndex, &chain)
  }

  /// Checks what a connection reads: what ran before its layer in the same timestep, or what the
  /// timestep before has left. The connections of a layer are in the order of their sources.
  private func validateSource(
    _ connection: ConnectionRecord, _ kind: ConnectionKind, _ index: Int32, _ layer: LayerRecord,
    _ layerIndex: Int32, _ chain: inout Chain
  ) throws(SpikeletError) {
    let source = connection.source
    #if SPIKELET_WITHOUT_RECURRENCE
      guard source >= 0, source <= layerIndex else {
        throw SpikeletError(.unsupported, .connectionSource, index: index, given: source)
      }
    #else
      try Self.count(source, 0, header.layerCount, .connectionSource, index: index)
      // Only neurons keep what they have fired, and only where there is a timestep before. A current is
      // always that of the same timestep.
      let isLate = source > layerIndex
      if isLate || kind == .potentials {
        guard keepsState, kind != .maxPool, source > 0, !isMaxPool(Int(source &- 1)),
          !isLate || kind != .potentials
        else { throw SpikeletError(.unsupported, .connectionSource, index: index, given: source) }
        try validateShape(self.layer(Int(source &- 1)), source &- 1)
      }
      // Who fires is read by its spikes, who does not by its potentials.
      guard (map(Int(source)).channels == 0) == (kind == .potentials) else {
        throw SpikeletError(.mismatch, .connectionSource, index: index, given: source)
      }
    #endif
    let isFirst = index == layer.firstConnection
    let before = isFirst ? -1 : self.connection(Int(index &- 1)).source
    guard before < source || !isDirect(connection) else {
      throw SpikeletError(
        .unsupported, .layerConnections, index: layerIndex, needed: 1, given: 2)
    }
    guard before <= source else {
      throw SpikeletError(.mismatch, .connectionSource, index: index, needed: before, given: source)
    }
    #if !SPIKELET_WITHOUT_RECURRENCE
      // Potentials outlive every timestep, whoever reads them.
      if kind == .potentials { return }
      if isLate {
        let claimed = neurons(Int(source &- 1)).lateReader
        guard claimed >= 1, claimed <= layerIndex &+ 1 else {
          throw SpikeletError(
            .mismatch, .lateReader, index: source &- 1, needed: layerIndex &+ 1, given: claimed)
        }
        if claimed == layerIndex &+ 1, before < source { chain.confirmedReaders &+= 1 }
        return
      }
    #endif
    let claimed = source == 0 ? header.inputLastReader : self.layer(Int(source &- 1)).lastReader
    guard claimed > layerIndex else {
      throw SpikeletError(
        .mismatch, .lastReader, index: source &- 1, needed: layerIndex &+ 1, given: claimed)
    }
    if claimed == layerIndex &+ 1, before < source { chain.confirmedReaders &+= 1 }
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
      (Size(c.poolHeight) * c.poolWidth * 255).value != nil
    else { throw SpikeletError(.outOfRange, .pool, index: index, needed: maximum) }
    // The last window must begin inside the source.
    guard let lastRow = (Size(c.pooledHeight &- 1) * c.poolStrideHeight).value,
      let lastColumn = (Size(c.pooledWidth &- 1) * c.poolStrideWidth).value,
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
    let w = c.window
    guard (1...maximum).contains(w.height), (1...maximum).contains(w.width),
      (1...maximum).contains(w.strideHeight), (1...maximum).contains(w.strideWidth),
      (0...maximum).contains(w.paddingTop), (0...maximum).contains(w.paddingLeft)
    else { throw SpikeletError(.outOfRange, .kernel, index: index, needed: maximum) }
    guard w.groups >= 1, layer.channels % w.groups == 0, Int32(source.channels) % w.groups == 0
    else {
      throw SpikeletError(
        .mismatch, .groups, index: index, needed: layer.channels, given: w.groups)
    }
    // A window may lie in the padding altogether, but its position must be a number.
    let lastRow = Size(layer.height &- 1) * w.strideHeight + Size(w.height)
    let lastColumn = Size(layer.width &- 1) * w.strideWidth + Size(w.width)
    guard lastRow.value != nil, lastColumn.value != nil else {
      throw SpikeletError(.outOfRange, .kernel, index: index)
    }
  }

  /// Checks kernel, order, width and number of the weights, and that they lie where those of the
  /// connection before end: no weight of the file belongs to two connections, or to none.
  private func validateWeights(
    _ c: ConnectionRecord, _ kind: ConnectionKind, _ index: Int32, _ layer: LayerRecord,
    _ layerIndex: Int32, _ chain: inout Chain
  ) throws(SpikeletError) {
    if kind == .maxPool || (kind == .potentials && kind.isBuilt) {
      let words = c.kernel | c.weightOrder | c.weightBits | c.listRows
      guard words | c.weightsOffset | c.weightsBytes == 0 else {
        throw SpikeletError(.notEmpty, .weights, index: index)
      }
      return
    }
    guard let kernel = SynapseKernel(rawValue: c.kernel), kernel.isBuilt else {
      throw SpikeletError(.unsupported, .synapseKernel, index: index, given: c.kernel)
    }
    let order = kernel.weightOrder.rawValue
    guard c.weightOrder == order else {
      throw SpikeletError(
        .mismatch, .weightOrder, index: index, needed: order, given: c.weightOrder)
    }
    let membraneBits = neurons(Int(layerIndex)).membraneBits
    let isKnown =
      kind == .channelwise
      ? c.weightBits == membraneBits
      : c.weightBits == 8 || c.weightBits == 4 || c.weightBits == 16
    guard isKnown else {
      throw SpikeletError(
        .unsupported, .weightBits, index: index, needed: kind == .channelwise ? membraneBits : 8,
        given: c.weightBits)
    }
    guard suits(kernel, c, of: neurons(Int(layerIndex))) else {
      throw SpikeletError(.mismatch, .synapseKernel, index: index, given: c.kernel)
    }
    let layout = weightLayout(c, of: layer)
    let size = layout.size
    guard let bytes = size.value, bytes == c.weightsBytes else {
      throw SpikeletError(
        .mismatch, .weights, index: index, needed: size.value ?? -1, given: c.weightsBytes)
    }
    let start = chain.weightsEnd.aligned(to: ModelFormat.sectionAlignment)
    chain.weightsEnd = start + size
    guard start == c.weightsOffset, chain.weightsEnd.fits(header.weightsBytes) else {
      throw SpikeletError(
        .outOfBounds, .weights, index: index, needed: start.value ?? -1, given: c.weightsOffset)
    }
    guard layout.hasCleanPadding(weights(c)) else {
      throw SpikeletError(.notEmpty, .weights, index: index)
    }
  }
}
