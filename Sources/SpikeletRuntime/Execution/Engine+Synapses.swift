/// What the spikes or the pixels of one source cause in a tile, by the kernel that the connection names.
extension Engine {
  /// Adds what spikes cause.
  ///
  /// - Parameter listed: the first row of the source that the tiles before have not listed.
  @inline(never)
  @_lifetime(self: copy self)
  mutating func addSpikes(
    of connection: ConnectionRecord, _ input: ReadRegion, _ layer: NeuronRecord, _ tile: Tile,
    _ target: Membranes, _ listed: inout Int
  ) {
    #if !SPIKELET_WITHOUT_GATHER
      if connection.kernel == SynapseKernel.gather.rawValue {
        gather(connection, input, layer, tile, target, &listed)
        return
      }
    #endif
    scatter(connection, input, zeroPoints: nil, layer, tile, target)
  }

  #if !SPIKELET_WITHOUT_GATHER
    @inline(never)
    @_lifetime(self: copy self)
    private mutating func gather(
      _ connection: ConnectionRecord, _ input: ReadRegion, _ layer: NeuronRecord, _ tile: Tile,
      _ target: Membranes, _ listed: inout Int
    ) {
      guard let scratch = region(layer.layer.scratchBuffer) else { return }
      let gather = model.gather(connection, of: layer, tile)
      let view = InputView(
        connection, source: model.map(Int(connection.source)), values: input, zeroPoints: nil)
      // The ring keeps the rows of the tile before, but where another connection writes over them.
      let rows = gather.sourceRows
      let isAlone = layer.connectionCount == 1
      let first = isAlone ? min(max(rows.lowerBound, listed), rows.upperBound) : rows.lowerBound
      gather.list.list(first..<rows.upperBound, of: view, into: scratch)
      listed = rows.upperBound
      let weights = model.weights(connection)
      let operations = gather.add(scratch, weights, to: target.region, isWide: target.isWide)
      synapticOperations.add(operations)
    }
  #endif

  /// Adds what pixels cause.
  @inline(never)
  @_lifetime(self: copy self)
  mutating func addPixels(
    of connection: ConnectionRecord, _ input: ReadRegion, zeroPoints: ReadRegion,
    _ layer: NeuronRecord, _ tile: Tile, _ target: Membranes
  ) {
    #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
      if connection.kernel == SynapseKernel.pictureBlocks.rawValue {
        addPictureBlocks(connection, input, zeroPoints: zeroPoints, layer, tile, target)
        return
      }
    #endif
    #if !SPIKELET_WITHOUT_GRAY_LINES
      if connection.kernel == SynapseKernel.grayLines.rawValue {
        addGrayLines(connection, input, zeroPoints: zeroPoints, layer, tile, target)
        return
      }
    #endif
    scatter(connection, input, zeroPoints: zeroPoints, layer, tile, target)
  }

  #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
    @inline(never)
    @_lifetime(self: copy self)
    private mutating func addPictureBlocks(
      _ connection: ConnectionRecord, _ input: ReadRegion, zeroPoints: ReadRegion,
      _ layer: NeuronRecord, _ tile: Tile, _ target: Membranes
    ) {
      guard let scratch = region(layer.layer.scratchBuffer) else { return }
      let blocks = model.pictureBlocks(connection, of: layer, tile)
      blocks.add(
        input, zeroPoints: zeroPoints, model.weights(connection), scratch: scratch, to: target)
    }
  #endif

  #if !SPIKELET_WITHOUT_GRAY_LINES
    @inline(never)
    @_lifetime(self: copy self)
    private mutating func addGrayLines(
      _ connection: ConnectionRecord, _ input: ReadRegion, zeroPoints: ReadRegion,
      _ layer: NeuronRecord, _ tile: Tile, _ target: Membranes
    ) {
      guard let scratch = region(layer.layer.scratchBuffer) else { return }
      let lines = model.grayLines(connection, of: layer, tile)
      let weights = model.weights(connection)
      let zeroPoint = zeroPoints.load(0, as: UInt8.self)
      if target.isWide {
        lines.add(
          input, zeroPoint: zeroPoint, weights, scratch: scratch, to: target.region,
          scalar: Int32.self)
      } else {
        lines.add(
          input, zeroPoint: zeroPoint, weights, scratch: scratch, to: target.region,
          scalar: Int16.self)
      }
    }
  #endif

  @inline(never)
  @_lifetime(self: copy self)
  private mutating func scatter(
    _ connection: ConnectionRecord, _ input: ReadRegion, zeroPoints: ReadRegion?,
    _ layer: NeuronRecord, _ tile: Tile, _ target: Membranes
  ) {
    let weights = Weights(model.weights(connection), bits: connection.weightBits)
    let source = model.map(Int(connection.source))
    let shape = Convolution(connection, source: source, layer: layer, tile: tile)
    let view = InputView(connection, source: source, values: input, zeroPoints: zeroPoints)
    if target.isWide {
      shape.scatter(view, weights, to: target.region, &synapticOperations, scalar: Int32.self)
    } else {
      shape.scatter(view, weights, to: target.region, &synapticOperations, scalar: Int16.self)
    }
  }
}
