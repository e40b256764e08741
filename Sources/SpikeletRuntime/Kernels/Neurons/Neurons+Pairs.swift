/// Sixteen potentials of 16 bits at a time: two blocks of eight channels, or one of two sites.
extension Neurons {
  /// What the update of eight channels needs, in registers.
  struct Block {
    let bias: SIMD8<Int16>
    let low: SIMD8<Int16>
    let high: SIMD8<Int16>
    let threshold: SIMD8<Int16>
    /// What a soft reset subtracts.
    let amount: SIMD8<Int16>

    @inline(__always)
    init(_ neurons: Neurons, _ parameters: NeuronParameters, _ bias: SIMD8<Int32>, channel: Int) {
      self.bias = Int16.narrow(bias)
      low = parameters.lowerClamps.load(channel &* 2, as: SIMD8<Int16>.self)
      high = parameters.upperClamps.load(channel &* 2, as: SIMD8<Int16>.self)
      threshold = parameters.thresholds.load(channel &* 2, as: SIMD8<Int16>.self)
      amount =
        neurons.reset == .soft
        ? parameters.resets.load(channel &* 2, as: SIMD8<Int16>.self) : SIMD8()
    }

    /// The potentials after they have fired.
    ///
    /// - Parameter hard: all ones where who fires begins at 0 again.
    @inline(__always)
    func reset(
      _ u: SIMD8<Int16>, _ fired: SIMD8<Int16>, _ hard: SIMD8<Int16>
    ) -> SIMD8<Int16> {
      Int16.clamp(u &- (fired & ((u & hard) | amount)), low, high)
    }
  }

  /// Updates sixteen channels of all sites; where there are eight, two sites at a time.
  @inline(never)
  func firePairs(
    _ membranes: Region, _ parameters: NeuronParameters, _ spikes: SpikeTarget,
    _ bias: SIMD8<Int32>, _ nextBias: SIMD8<Int32>, channel: Int
  ) {
    let isSitePair = paddedChannels == 8
    let next = isSitePair ? channel : channel &+ 8
    // The spikes of the first eight are the lower byte of what is stored, those of the others the upper.
    let lanes = Int16.widen(laneBits(channels &- channel))
    let nextLanes = Int16.widen(laneBits(channels &- next)) &<< 8
    let hard = SIMD8<Int16>(repeating: reset == .hard ? -1 : 0)
    let a = Block(self, parameters, bias, channel: channel)
    let b = Block(self, parameters, nextBias, channel: next)
    let (map, current) = (spikes.region, parameters.current)
    let siteStep = isSitePair ? 2 : spikes.map.siteBytes
    let step = isSitePair ? 32 : paddedChannels &* 2
    let turns = isSitePair ? spikes.columns / 2 : spikes.columns
    var line = 0
    while line < spikes.lines {
      var byte = spikes.plainSite(tile, line: line) &* spikes.map.siteBytes &+ channel / 8
      var offset = (line &* tile.width &* paddedChannels &+ channel) &* 2
      let end = offset &+ turns &* step
      while offset != end {
        var (added, nextAdded) = (a.bias, b.bias)
        if let current {
          added = current.load(offset, as: SIMD8<Int16>.self)
          nextAdded = current.load(offset &+ 16, as: SIMD8<Int16>.self)
        }
        let u = membranes.load(offset, as: SIMD8<Int16>.self) &+ added
        let v = membranes.load(offset &+ 16, as: SIMD8<Int16>.self) &+ nextAdded
        let (fired, nextFired) = (Int16.reached(u, a.threshold), Int16.reached(v, b.threshold))
        membranes.store(a.reset(u, fired, hard), offset)
        membranes.store(b.reset(v, nextFired, hard), offset &+ 16)
        map.store(Int16.joined((fired & lanes) | (nextFired & nextLanes)), byte)
        byte &+= siteStep
        offset &+= step
      }
      line &+= 1
    }
  }
}
