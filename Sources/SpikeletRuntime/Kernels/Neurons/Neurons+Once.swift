/// Neurons of a single timestep whose potentials nothing looks at again: sums against thresholds, and
/// spikes.
extension Neurons {
  /// One threshold of eight channels.
  struct Thresholds<Scalar: MembraneScalar> {
    let level: Int
    let threshold: Scalar.Lanes
    /// The threshold above, where a spike is one-hot and does not reach it.
    let next: Scalar.Lanes
    let hasNext: Bool

    @inline(__always)
    init(_ neurons: Neurons, level: Int, _ load: (_ level: Int) -> Scalar.Lanes) {
      self.level = level
      hasNext = neurons.isOneHot && level &+ 1 < neurons.levels
      threshold = load(level)
      next = hasNext ? load(level &+ 1) : threshold
    }
  }

  /// Merges the spikes of one threshold of eight channels into the map.
  @inline(never)
  func fireOnce<Scalar: MembraneScalar>(
    _ sums: Region, _ spikes: SpikeTarget, _ level: Thresholds<Scalar>, bias: Scalar.Lanes,
    _ lanes: SIMD8<UInt8>, channel: Int
  ) {
    let (threshold, next, map) = (level.threshold, level.next, spikes.region)
    let siteBytes = spikes.map.siteBytes
    let step = paddedChannels &* MemoryLayout<Scalar>.size
    let position = level.level &* channels &+ channel
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
          if level.hasNext {
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
}
