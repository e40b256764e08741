#if !SPIKELET_WITHOUT_THREADS

  /// A layer whose tiles are cut into parts for the threads of a team.
  ///
  /// What one thread does to a tile one step after the other (`run` in Engine+Layers.swift), a team does
  /// step by step together: each step is cut where no part needs another one's result, and is over when
  /// all of them are. Steps with little to do are not cut.
  extension Engine {
    @inline(never)
    @_lifetime(self: copy self)
    mutating func run(
      _ team: Team, _ layer: NeuronRecord, _ index: Int, _ tile: Tile, _ input: Span<UInt8>,
      _ buffer: Region, _ spikes: SpikeTarget?, _ isDirect: Bool, _ parameters: NeuronParameters,
      _ listed: inout Int
    ) {
      let membranes = Membranes(buffer, bits: layer.membraneBits)
      func work(_ step: NeuronWork.Step) -> NeuronWork {
        NeuronWork(
          step: step, layer: layer, tile: tile, membranes: membranes, parameters: parameters,
          spikes: spikes)
      }
      let timestep = timestep(of: index)
      if timestep == 1 {
        if isDirect { injectCurrent(team, layer, tile, picture(input), buffer) }
        let isCurrentInPlace = isDirect && layer.currentBuffer == ModelFormat.none
        run(team, work(.initialize(adding: isCurrentInPlace)))
      } else if LeakRule(rawValue: layer.leak) != LeakRule.none {
        run(team, work(.leak))
      }
      for c in 0..<Int(layer.connectionCount) {
        let connection = model.connection(Int(layer.firstConnection) &+ c)
        if model.isDirect(connection) || (timestep == 1 && model.isLate(connection, in: index)) {
          continue
        }
        guard let values = self.spikes(Int(connection.source)) else {
          #if !SPIKELET_WITHOUT_RECURRENCE
            if let currents = potentials(connection) { run(team, work(.take(currents))) }
          #endif
          continue
        }
        addSpikes(team, of: connection, values, layer, tile, membranes, &listed)
      }
      #if !SPIKELET_WITHOUT_RECURRENCE
        if tile.top &+ tile.left == 0, let spikes { spikes.clear() }
      #endif
      run(team, work(.update(timestep: Int32(truncatingIfNeeded: timestep))))
    }

    private func run(_ team: Team, _ work: NeuronWork) {
      var work = work
      work.parts = work.parts(team)
      team.run(&work, parts: work.parts)
    }

    @inline(never)
    @_lifetime(self: copy self)
    private mutating func addSpikes(
      _ team: Team, of connection: ConnectionRecord, _ input: ReadRegion, _ layer: NeuronRecord,
      _ tile: Tile, _ target: Membranes, _ listed: inout Int
    ) {
      #if !SPIKELET_WITHOUT_GATHER
        if connection.kernel == SynapseKernel.gather.rawValue {
          gather(team, connection, input, layer, tile, target, &listed)
          return
        }
      #endif
      let source = model.map(Int(connection.source))
      var work = ScatterWork(
        convolution: Convolution(connection, source: source, layer: layer, tile: tile),
        view: InputView(connection, source: source, values: input, zeroPoints: nil),
        weights: Weights(model.weights(connection), bits: connection.weightBits),
        membranes: target)
      work.parts = work.parts(team)
      synapticOperations.add(team.count(&work, parts: work.parts))
    }

    #if !SPIKELET_WITHOUT_GATHER
      @inline(never)
      @_lifetime(self: copy self)
      private mutating func gather(
        _ team: Team, _ connection: ConnectionRecord, _ input: ReadRegion, _ layer: NeuronRecord,
        _ tile: Tile, _ target: Membranes, _ listed: inout Int
      ) {
        guard let scratch = region(layer.layer.scratchBuffer) else { return }
        let gather = model.gather(connection, of: layer, tile)
        let view = InputView(
          connection, source: model.map(Int(connection.source)), values: input, zeroPoints: nil)
        let weights = model.weights(connection)
        let lines = gather.linesAtOnce
        // As one thread does it.
        let isShort = gather.isShort
        let isKept =
          layer.layer.connectionCount == 1 && !isShort
          && (tile.width == Int(layer.width) || lines >= tile.height)
        var next = isKept ? listed : 0
        var line = 0
        while line < tile.height {
          let count = min(lines, tile.height &- line)
          let rows = gather.sourceRows(line, count)
          var first = min(max(rows.lowerBound, next), rows.upperBound)
          repeat {
            let end = isShort ? min(first &+ gather.list.rows, rows.upperBound) : rows.upperBound
            var listing = ListWork(
              list: gather.list, view: view, lists: scratch, rows: first..<end)
            listing.parts = listing.parts(team)
            team.run(&listing, parts: listing.parts)
            var adding = GatherWork(
              gather: gather, lists: scratch, weights: weights, membranes: target, line: line,
              count: count, rows: isShort ? first..<end : rows)
            first = end
            let parts = adding.cut(team)
            if parts > 1 {
              synapticOperations.add(team.count(&adding, parts: parts))
            } else {
              synapticOperations.add(
                gather.add(
                  line: line, count: count, rows: adding.rows, scratch, weights, to: target))
            }
          } while first != rows.upperBound
          next = isKept ? first : 0
          line &+= count
        }
        listed = next
      }
    #endif
  }

#endif
