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
      let threshold = parameters.thresholds.load(channel &* size, as: Scalar.Lanes.self)
      // Without a reset nothing is subtracted; a hard reset clears by masking.
      let amount =
        reset == .soft
        ? parameters.resets.load(channel &* size, as: Scalar.Lanes.self) : Scalar.splat(0)
      // Lanes past the last channel never reach a spike map, whatever the file says.
      let valid: UInt8 = channels &- channel >= 8 ? 255 : 255 &>> UInt8(8 &- (channels &- channel))
      for line in 0..<spikes.lines {
        var site = spikes.site(tile, line: line)
        var offset = (line &* tile.width &* paddedChannels &+ channel) &* size
        if spikes.merges && !spikes.keepsPotentials {
          fireOnce(
            membranes, parameters, spikes, bias: bias, valid: valid, site: site, offset: offset,
            channel: channel, scalar: scalar)
          continue
        }
        if spikes.merges {
          fireLevels(
            membranes, parameters, spikes, bias: bias, valid: valid, site: site, offset: offset,
            channel: channel, scalar: scalar)
          continue
        }
        for _ in 0..<spikes.columns {
          var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
          if let current { u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self)) }
          let fired = Scalar.reached(u, threshold)
          u = Scalar.subtract(u, Scalar.and(fired, amount))
          if reset == .hard { u = Scalar.andNot(u, fired) }
          membranes.store(Scalar.clamp(u, low, high), offset)
          spikes.region.store(Scalar.bits(fired) & valid, site &* spikes.map.siteBytes &+ block)
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

/// Where the spikes of a tile go: the layer's own map, or that of the max pool which reads it.
///
/// In a model of one timestep a max pool is OR. A pool that runs inside the layer whose spikes it
/// reads has no map between the two: every spike is merged into the site of its window.
struct SpikeTarget {
  let region: Region
  let map: SpikeMap
  /// The window, which is its own stride; 1 × 1 without a pool.
  let poolHeight: Int
  let poolWidth: Int
  /// Whether several bits meet in one byte, so that a byte cannot just be stored.
  let merges: Bool
  /// Whether a potential is looked at again once its neuron has fired.
  let keepsPotentials: Bool
  /// The lines of sites to walk over and the sites of each. What no window covers is left out.
  let lines: Int
  let columns: Int

  init(
    _ region: Region, map: SpikeMap, pool: PoolView?, layer: NeuronRecord, tile: Tile,
    keepsPotentials: Bool
  ) {
    self.region = region
    self.keepsPotentials = keepsPotentials
    self.map = map
    poolHeight = pool?.kernelHeight ?? 1
    poolWidth = pool?.kernelWidth ?? 1
    merges = pool != nil || layer.thresholdCount > 1
    if pool == nil && tile.width == map.width {
      (lines, columns) = (1, tile.sites)
    } else {
      lines = max(0, min(tile.height, map.height &* poolHeight &- tile.top))
      columns = max(0, min(tile.width, map.width &* poolWidth &- tile.left))
    }
  }

  /// Zeroes the map, where a tile does not write all of its bytes.
  func clear() {
    guard merges || (map.channels &+ 7) / 8 < map.siteBytes else { return }
    for i in 0..<map.byteCount { region.store(UInt8(0), i) }
  }

  /// The site of the map that the first neuron of a line belongs to.
  @inline(__always)
  func site(_ tile: Tile, line: Int) -> Int {
    (tile.top &+ line) / poolHeight &* map.width &+ tile.left / poolWidth
  }

  /// Adds the spikes of channels from `channel` on to those of a site: of 25 or fewer, or of 32 from a
  /// whole byte on.
  @inline(__always)
  func merge(_ bits: UInt32, site: Int, channel: Int) {
    var rest = bits &<< UInt32(truncatingIfNeeded: channel & 7)
    var byte = site &* map.siteBytes &+ channel / 8
    // A second byte exists where a spike lies in it.
    while rest != 0 {
      region.store(region.load(byte, as: UInt8.self) | UInt8(truncatingIfNeeded: rest), byte)
      rest &>>= 8
      byte &+= 1
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
