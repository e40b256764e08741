#if !SPIKELET_WITHOUT_THREADS

  extension Engine {
    /// The constant current of a picture, its lines cut into parts.
    @inline(never)
    @_lifetime(self: copy self)
    mutating func injectCurrent(
      _ team: Team, _ layer: NeuronRecord, _ tile: Tile, _ picture: ReadRegion, _ membranes: Region
    ) {
      let connection = model.connection(Int(layer.firstConnection))
      let current = DirectCurrent(layer)
      let buffer = region(layer.currentBuffer)
      let target = Membranes(buffer ?? membranes, bits: layer.membraneBits)
      // Sums that are wider than the current lie in the membranes, some lines at a time. Where the current
      // lies there as well, a part would round into sums of another one: they are rounded afterwards.
      let isSplit = current.isWide && !target.isWide
      let sums = Membranes(isSplit ? membranes : target.region, bits: current.isWide ? 32 : 16)
      let isRoundedLater = isSplit && buffer == nil
      let rows = isSplit ? model.sumRows(layer) : tile.height
      let step = tile.width &* current.paddedChannels
      var line = 0
      while line < tile.height {
        let lines = line..<min(line &+ rows, tile.height)
        let start = line &* step
        let part = tile.lines(lines)
        var work = CurrentWork(
          kernel: kernel(connection, layer, part, picture), current: current,
          picture: picture, zeroPoints: zeroPoints, weights: model.weights(connection),
          biases: biases(layer), width: tile.width, height: lines.count,
          // Sums as wide as the current are not split, and then this is the only round.
          sums: sums,
          target: current.shift > 0 && !isRoundedLater ? target.dropping(start) : nil)
        let products =
          Size(Int32(truncatingIfNeeded: part.sites)) * paddedSize(layer.channels)
          * connection.window.height * connection.window.width * model.header.inputChannels
        // Products that cannot be counted are enough.
        let amount = Int(products.value ?? Int32.max)
        work.parts =
          team.isEnough(amount, Parts.enoughProducts) ? min(team.threads, lines.count) : 1
        team.run(&work, parts: work.parts)
        if isRoundedLater {
          current.round(sums, into: target, start: start, sites: part.sites)
        }
        line &+= rows
      }
    }

    /// The kernel of the connection for some lines of a tile.
    private mutating func kernel(
      _ connection: ConnectionRecord, _ layer: NeuronRecord, _ tile: Tile, _ picture: ReadRegion
    ) -> CurrentWork.Kernel {
      #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
        if connection.kernel == SynapseKernel.pictureBlocks.rawValue,
          let scratch = region(layer.layer.scratchBuffer)
        {
          let first = min(model.firstOwnScratch, arena.byteCount)
          let further = Region(&arena, offset: first, count: arena.byteCount &- first)
          return .pictureBlocks(
            model.pictureBlocks(connection, of: layer, tile),
            OwnScratch(
              planned: scratch, workers: Int(model.header.workers), further: further,
              furtherBytes: model.ownScratch))
        }
      #endif
      #if !SPIKELET_WITHOUT_GRAY_LINES
        if connection.kernel == SynapseKernel.grayLines.rawValue {
          return .grayLines(
            model.grayLines(
              connection, of: layer, tile, zeroPoint: zeroPoints.load(0, as: UInt8.self)))
        }
      #endif
      let source = model.map(Int(connection.source))
      return .scatter(
        Convolution(connection, source: source, layer: layer, tile: tile),
        InputView(connection, source: source, values: picture, zeroPoints: zeroPoints),
        Weights(model.weights(connection), bits: connection.weightBits))
    }
  }

#endif
