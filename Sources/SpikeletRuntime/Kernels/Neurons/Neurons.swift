/// The neuron update of one tile of a layer: bias, current, fire, reset, clamp, one block of eight
/// channels at a time over all sites.
struct Neurons {
  let channels: Int
  let tile: Tile
  let paddedChannels: Int
  let levels: Int
  let isOneHot: Bool
  let reset: ResetRule
  let biasFractionBits: Int32

  init(_ layer: NeuronRecord, tile: Tile) {
    channels = Int(layer.channels)
    self.tile = tile
    paddedChannels = padded(channels)
    levels = Int(layer.thresholdCount)
    isOneHot = layer.spikeCoding == SpikeCoding.oneHot.rawValue
    reset = ResetRule(rawValue: layer.reset) ?? .none
    biasFractionBits = layer.biasFractionBits
  }

  /// Membranes in scalars. Grouped convolutions add whole blocks of lanes only inside a group, so
  /// no slack is needed after the last site.
  var membraneCount: Int { tile.sites &* paddedChannels }

  /// The bias of timestep `t` ≥ 1, spread without drift: the sum over t steps is ⌊B·t / 2^f⌋.
  @inline(__always)
  static func bias(_ bias: Int32, timestep: Int32, fractionBits: Int32) -> Int32 {
    ((bias &* timestep) &>> fractionBits) &- ((bias &* (timestep &- 1)) &>> fractionBits)
  }

  /// Sets every potential to its channel's initial value, or adds that to what is there.
  func initialize(_ membranes: Membranes, initials: ReadRegion, adding: Bool) {
    for block in 0..<paddedChannels / 8 {
      let initial =
        membranes.isWide
        ? initials.load(block &* 32, as: SIMD8<Int32>.self)
        : Int16.lengthen(initials.load(block &* 16, as: SIMD8<Int16>.self))
      if adding && initial == .zero { continue }
      var index = block &* 8
      for _ in 0..<tile.sites {
        membranes.store(adding ? membranes.lanes(index) &+ initial : initial, index)
        index &+= paddedChannels
      }
    }
  }

  /// Integrates bias and current, fires, resets and clamps.
  ///
  /// - Parameter spikes: where the layer's spikes go. Nil where it never fires.
  func update<Scalar: MembraneScalar>(
    _ membranes: Region, _ parameters: NeuronParameters, spikes: SpikeTarget?, timestep: Int32,
    scalar: Scalar.Type
  ) {
    let current = parameters.current
    let size = MemoryLayout<Scalar>.size
    for block in 0..<paddedChannels / 8 {
      let channel = block &* 8
      var bias = Scalar.splat(0)
      if let biases = parameters.biases {
        var sums = SIMD8<Int32>()
        for lane in 0..<8 {
          sums[lane] = Neurons.bias(
            biases.load((channel &+ lane) &* 4, as: Int32.self), timestep: timestep,
            fractionBits: biasFractionBits)
        }
        bias = Scalar.narrow(sums)
      }
      let low = parameters.lowerClamps.load(channel &* size, as: Scalar.Lanes.self)
      let high = parameters.upperClamps.load(channel &* size, as: Scalar.Lanes.self)
      guard let spikes else {
        integrate(membranes, current, bias, low, high, block, scalar: scalar)
        continue
      }
      let lanes = laneBits(channels &- channel)
      if !spikes.keepsPotentials {
        for level in 0..<levels {
          let table = Thresholds<Scalar>(self, level: level) {
            parameters.thresholds.load(
              ($0 &* paddedChannels &+ channel) &* size, as: Scalar.Lanes.self)
          }
          fireOnce(membranes, spikes, table, bias: bias, lanes, channel: channel)
        }
        continue
      }
      let threshold = parameters.thresholds.load(channel &* size, as: Scalar.Lanes.self)
      // Without a reset nothing is subtracted; a hard reset clears by masking.
      let amount =
        reset == .soft
        ? parameters.resets.load(channel &* size, as: Scalar.Lanes.self) : Scalar.splat(0)
      var line = 0
      while line < spikes.lines {
        var site = spikes.site(tile, line: line)
        let index = line &* tile.width &* paddedChannels &+ channel
        var offset = index &* size
        line &+= 1
        if spikes.merges {
          fireLevels(
            Membranes(membranes, bits: Int32(size &* 8)), parameters, spikes,
            bias: Scalar.lengthen(bias), lanes, site: site, index: index, channel: channel)
          continue
        }
        let end = offset &+ spikes.columns &* paddedChannels &* size
        while offset != end {
          var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
          if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
          let fired = Scalar.reached(u, threshold)
          u = Scalar.subtract(u, Scalar.and(fired, amount))
          if reset == .hard { u = Scalar.andNot(u, fired) }
          membranes.store(Scalar.clamp(u, low, high), offset)
          // Lanes past the last channel never reach a spike map, whatever the file says.
          spikes.region.store(
            Scalar.bits(fired, lanes), site &* spikes.map.siteBytes &+ block)
          site &+= 1
          offset &+= paddedChannels &* size
        }
      }
    }
  }

  /// Bias, current and clamp of potentials that never fire.
  @inline(__always)
  private func integrate<Scalar: MembraneScalar>(
    _ membranes: Region, _ current: ReadRegion?, _ bias: Scalar.Lanes, _ low: Scalar.Lanes,
    _ high: Scalar.Lanes, _ block: Int, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    for site in 0..<tile.sites {
      let offset = (site &* paddedChannels &+ block &* 8) &* size
      var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
      if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
      membranes.store(Scalar.clamp(u, low, high), offset)
    }
  }
}

/// The per-channel parameters of a layer, each as wide as its membranes.
struct NeuronParameters {
  let initials: ReadRegion
  /// All channels of the first threshold, then all of the second, and so on.
  let thresholds: ReadRegion
  let resets: ReadRegion
  let lowerClamps: ReadRegion
  let upperClamps: ReadRegion
  /// `Int32` each; nil where the current already holds them.
  let biases: ReadRegion?
  /// A constant current for every potential, or nil.
  let current: ReadRegion?
}
