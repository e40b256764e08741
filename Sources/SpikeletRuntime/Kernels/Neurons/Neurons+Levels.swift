/// Neurons whose spikes are not just stored: those of several thresholds, or with a pool after them.
extension Neurons {
  /// The update of a line of sites whose spikes are not just stored: those of several thresholds, or
  /// of a layer with a fused pool.
  @inline(never)
  func fireLevels<Scalar: MembraneScalar>(
    _ membranes: Region, _ parameters: NeuronParameters, _ spikes: SpikeTarget,
    bias: Scalar.Lanes, valid: UInt8, site: Int, offset: Int, channel: Int, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    var (site, offset) = (site, offset)
    var phase = tile.left % spikes.poolWidth
    // The spikes of all levels of a few channels go to the map together.
    let isGathered = channels <= 8 && levels &* channels <= 32
    for _ in 0..<spikes.columns {
      var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
      if let current = parameters.current {
        u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self))
      }
      var higher: UInt8 = 0
      var gathered: UInt32 = 0
      var subtracted = Scalar.splat(0)
      var fired = Scalar.splat(0)
      // From the highest threshold down: who has crossed one has crossed those below it.
      var level = levels &- 1
      while level >= 0 {
        let index = (level &* paddedChannels &+ channel) &* size
        let reached = Scalar.reached(u, parameters.thresholds.load(index, as: Scalar.Lanes.self))
        if reset == .soft {
          let amount = parameters.resets.load(index, as: Scalar.Lanes.self)
          subtracted = Scalar.add(
            subtracted, Scalar.andNot(Scalar.and(reached, amount), fired))
        }
        fired = reached
        let bits = Scalar.bits(reached) & valid
        let coded = UInt32(truncatingIfNeeded: isOneHot ? bits ^ higher : bits)
        let position = level &* channels &+ channel
        if isGathered {
          gathered |= coded &<< UInt32(truncatingIfNeeded: position)
        } else {
          spikes.merge(coded, site: site, channel: position)
        }
        higher = bits
        level &-= 1
      }
      if isGathered { spikes.merge(gathered, site: site, channel: 0) }
      if spikes.keepsPotentials {
        u = Scalar.subtract(u, subtracted)
        if reset == .hard { u = Scalar.andNot(u, fired) }
        let clamped = Scalar.clamp(
          u, parameters.lowerClamps.load(channel &* size, as: Scalar.Lanes.self),
          parameters.upperClamps.load(channel &* size, as: Scalar.Lanes.self))
        membranes.store(clamped, offset)
      }
      offset &+= paddedChannels &* size
      phase &+= 1
      if phase == spikes.poolWidth { (phase, site) = (0, site &+ 1) }
    }
  }

  /// The same where no potential is looked at again: one threshold after the other.
  @inline(never)
  func fireOnce<Scalar: MembraneScalar>(
    _ membranes: Region, _ parameters: NeuronParameters, _ spikes: SpikeTarget,
    bias: Scalar.Lanes, valid: UInt8, site: Int, offset: Int, channel: Int, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    let siteBytes = spikes.map.siteBytes
    for level in 0..<levels {
      let threshold = parameters.thresholds.load(
        (level &* paddedChannels &+ channel) &* size, as: Scalar.Lanes.self)
      // A one-hot spike is one that does not reach the next threshold.
      let hasNext = isOneHot && level &+ 1 < levels
      let next = parameters.thresholds.load(
        ((hasNext ? level &+ 1 : level) &* paddedChannels &+ channel) &* size,
        as: Scalar.Lanes.self)
      let position = level &* channels &+ channel
      let shift = UInt32(truncatingIfNeeded: position & 7)
      var byte = site &* siteBytes &+ position &>> 3
      var offset = offset
      var rest = spikes.poolWidth &- tile.left % spikes.poolWidth
      for _ in 0..<spikes.columns {
        var u = Scalar.add(membranes.load(offset, as: Scalar.Lanes.self), bias)
        if let current = parameters.current {
          u = Scalar.add(u, current.load(offset, as: Scalar.Lanes.self))
        }
        var fired = Scalar.reached(u, threshold)
        if hasNext { fired = Scalar.andNot(fired, Scalar.reached(u, next)) }
        let bits = UInt32(truncatingIfNeeded: Scalar.bits(fired) & valid) &<< shift
        if bits != 0 {
          spikes.region.store(
            spikes.region.load(byte, as: UInt8.self) | UInt8(truncatingIfNeeded: bits), byte)
          // The next byte exists where a spike lies in it.
          if bits > 255 {
            spikes.region.store(
              spikes.region.load(byte &+ 1, as: UInt8.self)
                | UInt8(truncatingIfNeeded: bits &>> 8), byte &+ 1)
          }
        }
        offset &+= paddedChannels &* size
        rest &-= 1
        if rest == 0 {
          rest = spikes.poolWidth
          byte &+= siteBytes
        }
      }
    }
  }
}
