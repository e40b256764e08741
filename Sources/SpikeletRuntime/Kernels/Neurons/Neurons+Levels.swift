/// Neurons of several thresholds whose potentials are kept.
extension Neurons {
  /// The update of eight channels whose spikes are not just stored. One code for both widths: what
  /// several thresholds need several times over is more than widening a potential.
  @inline(never)
  func fireLevels(
    _ membranes: Membranes, _ parameters: NeuronParameters, _ spikes: SpikeTarget,
    bias: SIMD8<Int32>, _ lanes: SIMD8<UInt8>, channel: Int
  ) {
    var line = 0
    while line < spikes.lines {
      fireLevels(
        membranes, parameters, spikes, bias: bias, lanes, site: spikes.site(tile, line: line),
        index: line &* tile.width &* paddedChannels &+ channel, channel: channel)
      line &+= 1
    }
  }

  /// The same of a line of sites.
  @inline(__always)
  private func fireLevels(
    _ membranes: Membranes, _ parameters: NeuronParameters, _ spikes: SpikeTarget,
    bias: SIMD8<Int32>, _ lanes: SIMD8<UInt8>, site: Int, index: Int, channel: Int
  ) {
    let isWide = membranes.isWide
    var (site, index) = (site, index)
    // The spikes of all levels of a few channels go to the map together.
    let isGathered = channels <= 8 && levels &* channels <= 32
    let low = Membranes.lanes(parameters.lowerClamps, channel, isWide: isWide)
    let high = Membranes.lanes(parameters.upperClamps, channel, isWide: isWide)
    var column = 0
    while column < spikes.columns {
      var u = membranes.lanes(index) &+ bias
      if let current = parameters.current {
        u = u &+ Membranes.lanes(current, index, isWide: isWide)
      }
      var higher: UInt8 = 0
      var gathered: UInt32 = 0
      var subtracted = SIMD8<Int32>()
      var fired = SIMD8<Int32>()
      // From the highest threshold down: who has crossed one has crossed those below it.
      var level = levels &- 1
      while level >= 0 {
        let table = level &* paddedChannels &+ channel
        let threshold = Membranes.lanes(parameters.thresholds, table, isWide: isWide)
        let reached = Int32.reached(u, threshold)
        if reset == .soft {
          let amount = Membranes.lanes(parameters.resets, table, isWide: isWide)
          subtracted = subtracted &+ Int32.andNot(Int32.and(reached, amount), fired)
        }
        fired = reached
        let bits = Int32.bits(reached, lanes)
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
      u = u &- subtracted
      if reset == .hard { u = Int32.andNot(u, fired) }
      membranes.store(Int32.clamp(u, low, high), index)
      index &+= paddedChannels
      site &+= 1
      column &+= 1
    }
  }
}
