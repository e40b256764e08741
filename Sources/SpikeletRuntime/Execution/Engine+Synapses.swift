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
      let weights = model.weights(connection)
      let lines = gather.linesAtOnce
      // The ring keeps rows from tile to tile, but where another connection writes over them, or where
      // tiles lie side by side and each needs more rows than there are.
      let isShort = gather.isShort
      let isKept =
        layer.layer.connectionCount == 1 && !isShort
        && (tile.width == Int(layer.width) || lines >= tile.height)
      var next = isKept ? listed : 0
      var operations = 0
      var line = 0
      while line < tile.height {
        let count = min(lines, tile.height &- line)
        let rows = gather.sourceRows(line, count)
        var first = min(max(rows.lowerBound, next), rows.upperBound)
        repeat {
          let end = isShort ? min(first &+ gather.list.rows, rows.upperBound) : rows.upperBound
          gather.list.list(first..<end, of: view, into: scratch)
          operations &+= gather.add(
            line: line, count: count, rows: isShort ? first..<end : rows, scratch, weights,
            to: target)
          first = end
        } while first != rows.upperBound
        next = isKept ? first : 0
        line &+= count
      }
      listed = next
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
    private func addGrayLines(
      _ connection: ConnectionRecord, _ input: ReadRegion, zeroPoints: ReadRegion,
      _ layer: NeuronRecord, _ tile: Tile, _ target: Membranes
    ) {
      let lines = model.grayLines(
        connection, of: layer, tile, zeroPoint: zeroPoints.load(0, as: UInt8.self))
      lines.add(input, model.weights(connection), to: target)
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
    shape.scatter(view, weights, to: target, &synapticOperations)
  }
}
