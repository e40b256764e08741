#if !SPIKELET_WITHOUT_FIRING

  /// The spikes of a single timestep: sums against one threshold a channel, and nothing else.
  ///
  ///     spike ← sum ≥ threshold, or the OR of a window of a max pool
  ///
  /// Where a model has one timestep a potential is not looked at again, so initial potential, bias and
  /// the scale of a current can all go into the threshold, once, when the model is made:
  ///
  ///     ((sum + bias + half) >> shift) + initial ≥ F    is    sum ≥ ((F − initial) << shift) − half − bias
  ///
  /// The largest sum of a window reaches a threshold exactly if any of them does, so a pool takes
  /// maxima and gathers bits once a window. Eight channels at a time; nothing is stored but spikes.
  ///
  /// **Cost** in aarch64 instructions, eight channels: 17 a site for sums of 16 bits and 19 of 32; of a
  /// pool of two by two 24 and 33 a window, that is 6 and 8 a site.
  struct Firing {
    let channels: Int
    /// Sites of a line of sums.
    let width: Int
    /// The window, which is its own stride; 1 by 1 without a pool.
    let poolHeight: Int
    let poolWidth: Int

    /// Fires some lines of windows.
    ///
    /// - Parameters:
    ///   - sums: channels last, padded to blocks of eight: `lines` · `poolHeight` lines of sites.
    ///   - thresholds: one a channel, as wide as the sums.
    ///   - map: of one threshold a channel. All bytes of its sites are written.
    ///   - line: the line of the map that the first one is.
    func fire<Scalar: MembraneScalar>(
      _ sums: Region, thresholds: ReadRegion, lines: Int, to spikes: Region, _ map: SpikeMap,
      line: Int, scalar: Scalar.Type
    ) {
      let step = padded(channels) &* MemoryLayout<Scalar>.size
      let block = MemoryLayout<Scalar.Lanes>.size
      for byte in 0..<map.siteBytes {
        let rest = channels &- byte &* 8
        let valid: UInt8 = rest >= 8 ? 255 : rest <= 0 ? 0 : 255 &>> UInt8(8 &- rest)
        if valid == 0 {
          for site in 0..<lines &* map.width {
            spikes.store(UInt8(0), (line &* map.width &+ site) &* map.siteBytes &+ byte)
          }
          continue
        }
        let threshold = thresholds.load(byte &* block, as: Scalar.Lanes.self)
        var target = line &* map.width &* map.siteBytes &+ byte
        var first = byte &* block
        for _ in 0..<lines {
          var source = first
          let end = target &+ map.width &* map.siteBytes
          while target != end {
            var most = sums.load(source, as: Scalar.Lanes.self)
            if poolHeight &* poolWidth != 1 { most = largest(sums, source, step, scalar: scalar) }
            spikes.store(Scalar.bits(Scalar.reached(most, threshold)) & valid, target)
            source &+= poolWidth &* step
            target &+= map.siteBytes
          }
          first &+= poolHeight &* width &* step
        }
      }
    }

    /// The largest sums of a window.
    @inline(__always)
    private func largest<Scalar: MembraneScalar>(
      _ sums: Region, _ offset: Int, _ step: Int, scalar: Scalar.Type
    ) -> Scalar.Lanes {
      var most = sums.load(offset, as: Scalar.Lanes.self)
      if poolHeight == 2 && poolWidth == 2 {
        let below = offset &+ width &* step
        let top = Scalar.splat(.max)
        let right = Scalar.clamp(sums.load(offset &+ step, as: Scalar.Lanes.self), most, top)
        let left = sums.load(below, as: Scalar.Lanes.self)
        let last = Scalar.clamp(sums.load(below &+ step, as: Scalar.Lanes.self), left, top)
        return Scalar.clamp(last, right, top)
      }
      var row = offset
      for _ in 0..<poolHeight {
        var site = row
        let end = row &+ poolWidth &* step
        while site != end {
          let sum = sums.load(site, as: Scalar.Lanes.self)
          most = Scalar.clamp(sum, most, Scalar.splat(.max))
          site &+= step
        }
        row &+= width &* step
      }
      return most
    }
  }

#endif
