/// Neurons of a single timestep whose potentials nothing looks at again: sums against thresholds, and
/// spikes.
extension Neurons {
  /// Merges the spikes of one threshold of eight channels into the map.
  @inline(never)
  func fireOnce<Scalar: MembraneScalar>(
    _ sums: Region, _ thresholds: ReadRegion, _ spikes: SpikeTarget, level: Int,
    _ biases: SIMD8<Int32>, _ lanes: SIMD8<UInt8>, _ channel: Int, scalar: Scalar.Type
  ) {
    let table = (level &* paddedChannels &+ channel) &* MemoryLayout<Scalar>.size
    let bias = Scalar.narrow(biases)
    let threshold = thresholds.load(table, as: Scalar.Lanes.self)
    // The threshold above, where a spike is one-hot and does not reach it.
    let hasNext = isOneHot && level &+ 1 < levels
    var next = threshold
    if hasNext {
      next = thresholds.load(
        table &+ paddedChannels &* MemoryLayout<Scalar>.size, as: Scalar.Lanes.self)
    }
    let map = spikes.region
    let siteBytes = spikes.map.siteBytes
    let step = paddedChannels &* MemoryLayout<Scalar>.size
    let position = level &* channels &+ channel
    let shift = UInt32(truncatingIfNeeded: position & 7)
    let firstRest = spikes.poolWidth &- tile.left % spikes.poolWidth
    var line = 0
    while line < spikes.lines {
      var byte = spikes.site(tile, line: line) &* siteBytes &+ position &>> 3
      var offset = line &* tile.width &* step &+ channel &* MemoryLayout<Scalar>.size
      let end = offset &+ spikes.columns &* step
      var rest = firstRest
      while offset != end {
        let u = Scalar.add(sums.load(offset, as: Scalar.Lanes.self), bias)
        var bits = UInt32(
          truncatingIfNeeded: Scalar.bits(Scalar.reached(u, threshold), lanes))
        if bits != 0 {
          // Who has reached a threshold has reached those below it.
          if hasNext {
            bits ^= UInt32(truncatingIfNeeded: Scalar.bits(Scalar.reached(u, next), lanes))
          }
          bits &<<= shift
          map.store(map.load(byte, as: UInt8.self) | UInt8(truncatingIfNeeded: bits), byte)
          // The next byte exists where a spike lies in it.
          if bits > 255 {
            map.store(
              map.load(byte &+ 1, as: UInt8.self) | UInt8(truncatingIfNeeded: bits &>> 8),
              byte &+ 1)
          }
        }
        offset &+= step
        rest &-= 1
        if rest == 0 {
          rest = spikes.poolWidth
          byte &+= siteBytes
        }
      }
      line &+= 1
    }
  }

  /// Stores the spikes of the only threshold of sums of 32 bits, sixteen channels at a time.
  @inline(never)
  func fireOnce(
    _ sums: Region, _ parameters: NeuronParameters, _ spikes: SpikeTarget, timestep: Int32
  ) {
    var channel = 0
    while channel < paddedChannels {
      // The last block of an odd number goes with the one before it, once more.
      channel = min(channel, max(0, paddedChannels &- 16))
      let bias = biases(parameters, channel: channel, timestep: timestep)
      let next = paddedChannels == 8 ? channel : channel &+ 8
      firePairsOnce(
        sums, parameters.thresholds, spikes, bias,
        biases(parameters, channel: next, timestep: timestep), channel)
      channel &+= 16
    }
  }

  /// The same of sixteen channels of all sites; where there are eight, of two sites at a time. Each eight
  /// are a byte that nothing else writes.
  @inline(never)
  private func firePairsOnce(
    _ sums: Region, _ thresholds: ReadRegion, _ spikes: SpikeTarget, _ bias: SIMD8<Int32>,
    _ nextBias: SIMD8<Int32>, _ channel: Int
  ) {
    let isSitePair = paddedChannels == 8
    let next = isSitePair ? channel : channel &+ 8
    let lanes = PairBits(laneBits(channels &- channel), laneBits(channels &- next))
    let threshold = thresholds.load(channel &* 4, as: SIMD8<Int32>.self)
    let nextThreshold = thresholds.load(next &* 4, as: SIMD8<Int32>.self)
    let map = spikes.region
    let siteStep = isSitePair ? 2 : spikes.map.siteBytes
    let step = isSitePair ? 64 : paddedChannels &* 4
    let turns = isSitePair ? spikes.columns / 2 : spikes.columns
    let hasLast = isSitePair && spikes.columns & 1 != 0
    var line = 0
    while line < spikes.lines {
      var byte = spikes.plainSite(tile, line: line) &* spikes.map.siteBytes &+ channel / 8
      var offset = (line &* tile.width &* paddedChannels &+ channel) &* 4
      let end = offset &+ turns &* step
      while offset != end {
        let u = sums.load(offset, as: SIMD8<Int32>.self) &+ bias
        let v = sums.load(offset &+ 32, as: SIMD8<Int32>.self) &+ nextBias
        map.store(
          lanes.joined(Int32.reached(u, threshold), Int32.reached(v, nextThreshold)), byte)
        byte &+= siteStep
        offset &+= step
      }
      if hasLast {
        let u = sums.load(offset, as: SIMD8<Int32>.self) &+ bias
        map.store(Int32.bits(Int32.reached(u, threshold), laneBits(channels)), byte)
      }
      line &+= 1
    }
  }
}

/// The bits of twice eight lanes: those of the first eight are a byte, those of the others the one above.
private struct PairBits {
  #if arch(arm)
    // Words: a sum of lanes is many instructions there, and so are lanes that become narrower.
    typealias Lanes = SIMD8<Int32>
  #else
    typealias Lanes = SIMD8<Int16>
  #endif
  let first: Lanes
  let second: Lanes

  @inline(__always)
  init(_ first: SIMD8<UInt8>, _ second: SIMD8<UInt8>) {
    var (low, high) = (Lanes(), Lanes())
    for i in 0..<8 {
      low[i] = Lanes.Scalar(truncatingIfNeeded: first[i])
      high[i] = Lanes.Scalar(truncatingIfNeeded: second[i]) &<< 8
    }
    (self.first, self.second) = (low, high)
  }

  /// The bits of those lanes where two masks are all ones.
  @inline(__always)
  func joined(_ fired: SIMD8<Int32>, _ next: SIMD8<Int32>) -> Int16 {
    #if arch(arm)
      let kept = (fired & first) | (next & second)
      let four = kept.lowHalf | kept.highHalf
      let two = four.lowHalf | four.highHalf
      return Int16(truncatingIfNeeded: two[0] | two[1])
    #else
      return Int16.joined((Int16.narrow(fired) & first) | (Int16.narrow(next) & second))
    #endif
  }
}
