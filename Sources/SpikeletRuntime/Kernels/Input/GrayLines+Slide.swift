#if !SPIKELET_WITHOUT_GRAY_LINES

  extension GrayLines {
    /// A run of pixels against a row of the kernel where a site has eight channels and sums have 32 bits.
    ///
    /// Neighbouring pixels reach four of their five sites together, so the sums of five sites stay in
    /// registers while the pixels pass by: for each a site is stored and another one loaded.
    struct Slide {
      private let picture: ReadRegion
      private let sums: Region
      private let end: Int
      private let zero: Int32
      private var pixel: Int
      /// The first of the sites that are in registers.
      private var target: Int
      private let a: SIMD8<Int32>
      private let b: SIMD8<Int32>
      private let c: SIMD8<Int32>
      private let d: SIMD8<Int32>
      private let e: SIMD8<Int32>

      /// Begins a run; there must be a pixel.
      @inline(__always)
      init(_ run: Run, zero: Int32) {
        (picture, sums, self.zero) = (run.picture, run.sums.region, zero)
        (pixel, end, target) = (run.pixel, run.end, run.target)
        let (weights, first) = (run.weights, run.weight)
        a = Int16.lengthen(Int16.widen(weights.load(first, as: SIMD8<Int8>.self)))
        b = Int16.lengthen(Int16.widen(weights.load(first &+ 8, as: SIMD8<Int8>.self)))
        c = Int16.lengthen(Int16.widen(weights.load(first &+ 16, as: SIMD8<Int8>.self)))
        d = Int16.lengthen(Int16.widen(weights.load(first &+ 24, as: SIMD8<Int8>.self)))
        e = Int16.lengthen(Int16.widen(weights.load(first &+ 32, as: SIMD8<Int8>.self)))
      }

      /// Adds to all sums of the run.
      @inline(__always)
      mutating func add() {
        var (p, q, r, s, t) = (load(0), load(1), load(2), load(3), load(4))
        while true {
          if step(&p, &q, &r, &s, &t) { return }
          if step(&q, &r, &s, &t, &p) { return }
          if step(&r, &s, &t, &p, &q) { return }
          if step(&s, &t, &p, &q, &r) { return }
          if step(&t, &p, &q, &r, &s) { return }
        }
      }

      @inline(__always)
      private func load(_ site: Int) -> SIMD8<Int32> {
        sums.load(target &+ site &* 32, as: SIMD8<Int32>.self)
      }

      /// Adds a pixel and goes on to the next; returns whether there is none, and stores what is left.
      @inline(__always)
      private mutating func step(
        _ p: inout SIMD8<Int32>, _ q: inout SIMD8<Int32>, _ r: inout SIMD8<Int32>,
        _ s: inout SIMD8<Int32>, _ t: inout SIMD8<Int32>
      ) -> Bool {
        let value = SIMD8(
          repeating: Int32(truncatingIfNeeded: picture.load(pixel, as: UInt8.self)) &- zero)
        pixel &+= 1
        p &+= a &* value
        q &+= b &* value
        r &+= c &* value
        s &+= d &* value
        t &+= e &* value
        sums.store(p, target)
        target &+= 32
        if pixel != end {
          p = load(4)
          return false
        }
        sums.store(q, target)
        sums.store(r, target &+ 32)
        sums.store(s, target &+ 64)
        sums.store(t, target &+ 96)
        return true
      }
    }
  }

#endif
