#if !SPIKELET_WITHOUT_PICTURE_BLOCKS

  /// Sums of eight channels for each of some neighbouring windows: as many as there are registers for.
  struct PictureBlock {
    private var a = SIMD8<Int32>()
    private var b = SIMD8<Int32>()
    private var c = SIMD8<Int32>()
    private var d = SIMD8<Int32>()
    #if !arch(arm)
      private var e = SIMD8<Int32>()
      private var f = SIMD8<Int32>()
      private var g = SIMD8<Int32>()
      private var h = SIMD8<Int32>()
    #endif

    #if arch(arm)
      typealias Pixels = SIMD4<Int16>

      /// Pixels less their zero point.
      @inline(__always)
      static func pixels(_ region: Region, _ offset: Int, _ zero: Int16) -> Pixels {
        let bytes = region.load(offset, as: SIMD4<UInt8>.self)
        var result = Pixels()
        for i in 0..<4 { result[i] = Int16(truncatingIfNeeded: bytes[i]) }
        return result &- Pixels(repeating: zero)
      }
    #else
      typealias Pixels = SIMD8<Int16>

      /// Pixels less their zero point.
      @inline(__always)
      static func pixels(_ region: Region, _ offset: Int, _ zero: Int16) -> Pixels {
        let bytes = region.load(offset, as: SIMD8<UInt8>.self)
        var result = Pixels()
        for i in 0..<8 { result[i] = Int16(truncatingIfNeeded: bytes[i]) }
        return result &- Pixels(repeating: zero)
      }
    #endif

    static var windows: Int { Pixels.scalarCount }

    /// Adds the weights of each channel, times one pixel of each window.
    @inline(__always)
    mutating func add(_ weights: SIMD8<Int16>, _ pixels: Pixels) {
      a &+= Self.product(weights, pixels[0])
      b &+= Self.product(weights, pixels[1])
      c &+= Self.product(weights, pixels[2])
      d &+= Self.product(weights, pixels[3])
      #if !arch(arm)
        e &+= Self.product(weights, pixels[4])
        f &+= Self.product(weights, pixels[5])
        g &+= Self.product(weights, pixels[6])
        h &+= Self.product(weights, pixels[7])
      #endif
    }

    // One multiplication by a lane of a register: the factor stays a vector until it is widened.
    @inline(__always)
    private static func product(_ weights: SIMD8<Int16>, _ pixel: Int16) -> SIMD8<Int32> {
      let factor = SIMD8<Int16>(repeating: pixel)
      var result = SIMD8<Int32>()
      for i in 0..<8 { result[i] = Int32(weights[i]) &* Int32(factor[i]) }
      return result
    }

    /// Adds the sums of the first `count` windows to those in memory, `step` apart.
    @inline(__always)
    func add(to sums: Membranes, _ index: Int, step: Int, count: Int) {
      sums.store(sums.lanes(index) &+ a, index)
      if count == 1 { return }
      sums.store(sums.lanes(index &+ step) &+ b, index &+ step)
      if count == 2 { return }
      sums.store(sums.lanes(index &+ 2 &* step) &+ c, index &+ 2 &* step)
      if count == 3 { return }
      sums.store(sums.lanes(index &+ 3 &* step) &+ d, index &+ 3 &* step)
      #if !arch(arm)
        if count == 4 { return }
        sums.store(sums.lanes(index &+ 4 &* step) &+ e, index &+ 4 &* step)
        if count == 5 { return }
        sums.store(sums.lanes(index &+ 5 &* step) &+ f, index &+ 5 &* step)
        if count == 6 { return }
        sums.store(sums.lanes(index &+ 6 &* step) &+ g, index &+ 6 &* step)
        if count == 7 { return }
        sums.store(sums.lanes(index &+ 7 &* step) &+ h, index &+ 7 &* step)
      #endif
    }
  }

#endif
