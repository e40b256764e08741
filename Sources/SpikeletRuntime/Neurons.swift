/// The neuron update of one layer: bias, current, fire, reset, clamp, one block of eight channels at
/// a time over all sites.
struct Neurons {
  let channels: Int
  let sites: Int
  let paddedChannels: Int
  let map: SpikeMap
  let fires: Bool
  let reset: ResetRule
  let biasFractionBits: Int32

  init(_ layer: LayerRecord) {
    channels = Int(layer.channels)
    sites = Int(layer.height) &* Int(layer.width)
    paddedChannels = padded(channels)
    map = SpikeMap(channels: channels, height: Int(layer.height), width: Int(layer.width))
    fires = layer.thresholdCount > 0
    reset = ResetRule(rawValue: layer.reset) ?? .none
    biasFractionBits = layer.biasFractionBits
  }

  /// Membranes in scalars. Grouped convolutions add whole blocks of lanes only inside a group, so
  /// no slack is needed behind the last site.
  var membraneCount: Int { sites &* paddedChannels }

  /// The bias of timestep `t` ≥ 1, spread without drift: the sum over t steps is ⌊B·t / 2^f⌋.
  @inline(__always)
  static func bias(_ bias: Int32, timestep: Int32, fractionBits: Int32) -> Int32 {
    ((bias &* timestep) &>> fractionBits) &- ((bias &* (timestep &- 1)) &>> fractionBits)
  }

  /// Sets every potential to its channel's initial value, or adds that to what is there.
  func initialize(_ membranes: Membranes, initials: ReadRegion, adding: Bool) {
    for block in 0..<paddedChannels / 8 {
      var initial = SIMD8<Int32>()
      for lane in 0..<8 {
        let channel = block &* 8 &+ lane
        initial[lane] =
          membranes.isWide
          ? initials.load(channel &* 4, as: Int32.self)
          : Int32(initials.load(channel &* 2, as: Int16.self))
      }
      var index = block &* 8
      for _ in 0..<sites {
        membranes.store(adding ? membranes.lanes(index) &+ initial : initial, index)
        index &+= paddedChannels
      }
    }
  }

  /// Integrates bias and current, fires, resets and clamps.
  ///
  /// - Parameter spikes: the layer's spike map; every byte of it is written. Nil where it never fires.
  func update<Scalar: MembraneScalar>(
    _ membranes: Region, _ parameters: NeuronParameters, spikes: Region?, timestep: Int32,
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
      guard fires, let spikes else {
        integrate(membranes, current, bias, low, high, block, scalar: scalar)
        continue
      }
      let threshold = parameters.thresholds.load(channel &* size, as: Scalar.Lanes.self)
      // Without a reset nothing is subtracted; a hard reset clears by masking.
      let amount =
        reset == .soft
        ? parameters.resets.load(channel &* size, as: Scalar.Lanes.self) : Scalar.splat(0)
      // Lanes past the last channel never reach a spike map, whatever the file says.
      let valid: UInt8 = channels &- channel >= 8 ? 255 : 255 &>> UInt8(8 &- (channels &- channel))
      var offset = channel &* size
      for site in 0..<sites {
        var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
        if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
        let fired = Scalar.reached(u, threshold)
        u = Scalar.subtract(u, Scalar.and(fired, amount))
        if reset == .hard { u = Scalar.andNot(u, fired) }
        membranes.store(Scalar.clamp(u, low, high), offset)
        spikes.store(Scalar.bits(fired) & valid, site &* map.siteBytes &+ block)
        offset &+= paddedChannels &* size
      }
    }
    if fires, let spikes { clearPadding(spikes) }
  }

  /// Bias, current and clamp of potentials that never fire.
  @inline(__always)
  private func integrate<Scalar: MembraneScalar>(
    _ membranes: Region, _ current: ReadRegion?, _ bias: Scalar.Lanes, _ low: Scalar.Lanes,
    _ high: Scalar.Lanes, _ block: Int, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    for site in 0..<sites {
      let offset = (site &* paddedChannels &+ block &* 8) &* size
      var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
      if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
      membranes.store(Scalar.clamp(u, low, high), offset)
    }
  }

  /// Zeroes the bytes of each site behind its last block, which no block writes.
  private func clearPadding(_ spikes: Region) {
    let used = paddedChannels / 8
    guard used < map.siteBytes else { return }
    for site in 0..<sites {
      for byte in used..<map.siteBytes {
        spikes.store(UInt8(0), site &* map.siteBytes &+ byte)
      }
    }
  }
}

/// The per-channel parameters of a layer, each as wide as its membranes.
struct NeuronParameters {
  let thresholds: ReadRegion
  let resets: ReadRegion
  let lowerClamps: ReadRegion
  let upperClamps: ReadRegion
  /// `Int32` each; nil where the current already holds them.
  let biases: ReadRegion?
  /// A constant current for every potential, or nil.
  let current: ReadRegion?
}
