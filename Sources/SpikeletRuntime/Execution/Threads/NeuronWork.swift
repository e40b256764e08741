#if !SPIKELET_WITHOUT_THREADS

  /// What is done with the potentials of a tile, some lines a part: begin, leak, or fire.
  struct NeuronWork: TeamWork {
    enum Step {
      /// Sets the initial potentials, or adds them to the current that lies there.
      case initialize(adding: Bool)
      case leak
      #if !SPIKELET_WITHOUT_RECURRENCE
        /// Adds the potentials of another layer.
        case take(Membranes)
      #endif
      case update(timestep: Int32)
    }

    let step: Step
    let layer: NeuronRecord
    let tile: Tile
    let membranes: Membranes
    let parameters: NeuronParameters
    /// Where the tile's spikes go.
    let spikes: SpikeTarget?
    var parts = 1

    static var body: Team.Body {
      { work, part in unsafe work.assumingMemoryBound(to: NeuronWork.self).pointee.run(part) }
    }

    private var paddedChannels: Int { padded(Int(layer.channels)) }

    /// Parts that are worth their cost. A window of a fused pool lies in one of them.
    func parts(_ team: Team) -> Int {
      guard team.isEnough(tile.sites &* paddedChannels, Parts.enoughPotentials) else { return 1 }
      return min(team.threads, max(1, quotient(tile.height, spikes?.poolHeight ?? 1)))
    }

    func run(_ part: Int) {
      let lines = Parts.range(
        part, of: parts, tile.height, step: spikes?.poolHeight ?? 1, start: tile.top)
      if lines.isEmpty { return }
      let start = lines.lowerBound &* tile.width &* paddedChannels
      let tile = tile.lines(lines)
      let neurons = Neurons(layer, tile: tile)
      let part = membranes.dropping(start)
      switch step {
      case .initialize(let adding):
        neurons.initialize(part, initials: parameters.initials, adding: adding)
      case .leak: Leak(layer).update(part, count: neurons.membraneCount)
      #if !SPIKELET_WITHOUT_RECURRENCE
        case .take(let currents): neurons.take(currents.dropping(start), into: part)
      #endif
      case .update(let timestep):
        let parameters = parameters.dropping(start &* (membranes.isWide ? 4 : 2))
        let spikes = spikes?.lines(of: tile)
        neurons.update(part, parameters, spikes: spikes, timestep: timestep)
      }
    }
  }

  extension NeuronParameters {
    /// The same for potentials from a byte on.
    fileprivate func dropping(_ bytes: Int) -> NeuronParameters {
      NeuronParameters(
        initials: initials, thresholds: thresholds, resets: resets, lowerClamps: lowerClamps,
        upperClamps: upperClamps, biases: biases, current: current?.dropping(bytes))
    }
  }

#endif
