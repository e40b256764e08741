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

  /// Sets every potential to its channel's initial value, or adds that to what is there.
  @inline(never)
  func initialize(_ membranes: Membranes, initials: ReadRegion, adding: Bool) {
    var channel = 0
    while channel != paddedChannels {
      let initial = Membranes.lanes(initials, channel, isWide: membranes.isWide)
      if !adding {
        membranes.fill(initial, from: channel, step: paddedChannels, to: membraneCount)
      } else {
        // Lane by lane: comparing vectors is a loop.
        var bits: Int32 = 0
        for lane in 0..<8 { bits |= initial[lane] }
        var index = bits == 0 ? membraneCount : channel
        while index < membraneCount {
          membranes.store(membranes.lanes(index) &+ initial, index)
          index &+= paddedChannels
        }
      }
      channel &+= 8
    }
  }

  #if !SPIKELET_WITHOUT_RECURRENCE
    /// Adds the potentials of another layer of the same shape, of either width.
    @inline(never)
    func take(_ currents: Membranes, into membranes: Membranes) {
      var index = 0
      while index < membraneCount {
        membranes.store(membranes.lanes(index) &+ currents.lanes(index), index)
        index &+= 8
      }
    }
  #endif

  /// Integrates bias and current, fires, resets and clamps.
  ///
  /// - Parameter spikes: where the layer's spikes go. Nil where it never fires.
  @inline(never)
  func update(
    _ membranes: Membranes, _ parameters: NeuronParameters, spikes: SpikeTarget?, timestep: Int32
  ) {
    let isWide = membranes.isWide
    if let spikes, isWide && !spikes.keepsPotentials && !spikes.merges {
      return fireOnce(membranes.region, parameters, spikes, timestep: timestep)
    }
    if let spikes, isWide && !spikes.merges {
      return fire(
        membranes.region, parameters, spikes, timestep, 0..<paddedChannels, scalar: Int32.self)
    }
    var channel = 0
    while channel < paddedChannels {
      let bias = biases(parameters, channel: channel, timestep: timestep)
      guard let spikes else {
        integrate(membranes, parameters, bias, channel: channel)
        channel &+= 8
        continue
      }
      let lanes = laneBits(channels &- channel)
      if spikes.merges && !spikes.keepsPotentials {
        let (sums, thresholds) = (membranes.region, parameters.thresholds)
        for level in 0..<levels {
          if isWide {
            fireOnce(
              sums, thresholds, spikes, level: level, bias, lanes, channel, scalar: Int32.self)
          } else {
            fireOnce(
              sums, thresholds, spikes, level: level, bias, lanes, channel, scalar: Int16.self)
          }
        }
      } else if spikes.merges {
        fireLevels(membranes, parameters, spikes, bias: bias, lanes, channel: channel)
      } else if paddedChannels == 8 {
        // Two sites of eight channels are as good as sixteen channels.
        firePairs(membranes.region, parameters, spikes, bias, bias, channel: channel)
        if spikes.columns & 1 != 0 {
          fire(
            membranes.region, parameters, spikes, timestep, channel..<paddedChannels,
            from: spikes.columns &- 1, scalar: Int16.self)
        }
      } else if channel &+ 8 < paddedChannels {
        let next = channel &+ 8
        firePairs(
          membranes.region, parameters, spikes, bias,
          biases(parameters, channel: next, timestep: timestep), channel: channel)
        channel = next
      } else {
        fire(
          membranes.region, parameters, spikes, timestep, channel..<paddedChannels,
          scalar: Int16.self)
      }
      channel &+= 8
    }
  }

  /// What timestep t ≥ 1 adds to eight channels, beside a current. A bias is spread without drift: the sum
  /// over t steps is ⌊B · t / 2^f⌋.
  @inline(never)
  func biases(
    _ parameters: NeuronParameters, channel: Int, timestep: Int32
  ) -> SIMD8<Int32> {
    guard let biases = parameters.biases else { return SIMD8() }
    let each = biases.load(channel &* 4, as: SIMD8<Int32>.self)
    let (time, shift) = (SIMD8(repeating: timestep), SIMD8(repeating: biasFractionBits))
    let sum = each &* time
    return (sum &>> shift) &- ((sum &- each) &>> shift)
  }

  /// One threshold of some blocks of eight channels, whose spikes are bytes of their own.
  ///
  /// - Parameter first: the first site of each line.
  @inline(never)
  private func fire<Scalar: MembraneScalar>(
    _ membranes: Region, _ parameters: NeuronParameters, _ spikes: SpikeTarget, _ timestep: Int32,
    _ blocks: Range<Int>, from first: Int = 0, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    let isHard = reset == .hard
    let (current, siteBytes) = (parameters.current, spikes.map.siteBytes)
    let step = paddedChannels &* size
    var channel = blocks.lowerBound
    while channel != blocks.upperBound {
      let bias = Scalar.narrow(biases(parameters, channel: channel, timestep: timestep))
      let lanes = laneBits(channels &- channel)
      let low = parameters.lowerClamps.load(channel &* size, as: Scalar.Lanes.self)
      let high = parameters.upperClamps.load(channel &* size, as: Scalar.Lanes.self)
      let threshold = parameters.thresholds.load(channel &* size, as: Scalar.Lanes.self)
      // Without a reset nothing is subtracted; a hard reset clears by masking.
      let amount =
        reset == .soft
        ? parameters.resets.load(channel &* size, as: Scalar.Lanes.self) : Scalar.splat(0)
      var line = 0
      while line < spikes.lines {
        var byte = (spikes.plainSite(tile, line: line) &+ first) &* siteBytes &+ channel / 8
        var offset = line &* tile.width &* step &+ channel &* size
        let end = offset &+ spikes.columns &* step
        offset &+= first &* step
        while offset != end {
          var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
          if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
          let fired = Scalar.reached(u, threshold)
          u = Scalar.subtract(u, Scalar.and(fired, amount))
          if isHard { u = Scalar.andNot(u, fired) }
          membranes.store(Scalar.clamp(u, low, high), offset)
          // Lanes past the last channel never reach a spike map, whatever the file says.
          spikes.region.store(Scalar.bits(fired, lanes), byte)
          byte &+= siteBytes
          offset &+= step
        }
        line &+= 1
      }
      channel &+= 8
    }
  }

  /// Bias, current and clamp of potentials that never fire.
  @inline(never)
  private func integrate(
    _ membranes: Membranes, _ parameters: NeuronParameters, _ bias: SIMD8<Int32>, channel: Int
  ) {
    let isWide = membranes.isWide
    let low = Membranes.lanes(parameters.lowerClamps, channel, isWide: isWide)
    let high = Membranes.lanes(parameters.upperClamps, channel, isWide: isWide)
    var index = channel
    for _ in 0..<tile.sites {
      var u = membranes.lanes(index) &+ bias
      if let current = parameters.current {
        u = u &+ Membranes.lanes(current, index, isWide: isWide)
      }
      membranes.store(Int32.clamp(u, low, high), index)
      index &+= paddedChannels
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
