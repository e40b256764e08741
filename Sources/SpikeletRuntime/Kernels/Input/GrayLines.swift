#if !SPIKELET_WITHOUT_GRAY_LINES

  /// The first layer's sums for a gray picture that is mostly blank, and few channels: a digit.
  ///
  ///     sum ← sum + Σ weight · (pixel − zero point)
  ///
  /// A row of the kernel, up to 40 weights of all its columns and channels, is kept in registers while
  /// the pixels of a row pass by, from the first to the last that is not blank; each that is not
  /// multiplies all of them and adds to the run of sums that it reaches.
  ///
  /// Weights have 8 bits and lie as `[kernel row][kernel column, the last first][channel, padded to
  /// eight]`, each row padded with zeros to 40. The stride is 1.
  ///
  /// **Ranges.** A pixel less its zero point is −255…255; sums wrap and come back, as the proof holds for
  /// the result.
  ///
  /// **Cost** in aarch64 instructions: 28 for a pixel and a row of the kernel where sums have 32 bits (10
  /// multiply and add 40 pairs, 10 load and store sums), 17 where a site has eight channels (`Slide`), 50
  /// for each pair of rows. No scratch, and of a row only its ends are looked for once more in every tile:
  /// low tiles cost little more than whole maps.
  struct GrayLines {
    let height: Int
    let width: Int
    let kernelHeight: Int
    let kernelWidth: Int
    /// The distance from the first window to the source's first row and column; may be negative.
    var top: Int
    let left: Int
    var outputHeight: Int
    let outputWidth: Int
    /// Padded to a multiple of eight.
    let outputChannels: Int
    let zeroPoint: UInt8

    /// A run of pixels of one row against one row of the kernel: where each begins, and the sum that the
    /// first pixel's run of weights begins at.
    struct Run {
      let picture: ReadRegion
      var pixel: Int
      var end: Int
      let weights: ReadRegion
      var weight: Int
      let sums: Membranes
      var target: Int

      /// The same pixels against the row of the kernel before this one, a line of sums further down.
      @inline(__always)
      mutating func moveDown(_ lineBytes: Int) {
        weight &-= WeightLayout.grayLanes
        target &+= lineBytes
      }
    }

    /// Whether registers have room for five sites beside the weights: 32-bit Arm has half as many.
    private static var slides: Bool {
      #if arch(arm)
        return false
      #else
        return true
      #endif
    }

    /// Adds to all sums, which lie channels last, padded to blocks of eight.
    func add(_ picture: ReadRegion, _ weights: ReadRegion, to sums: Membranes) {
      let siteBytes = sums.isWide ? outputChannels &* 4 : outputChannels &* 2
      let lineBytes = outputWidth &* siteBytes
      // The columns that lie in any window, and of these those whose whole run of 40 lanes does.
      let shift = kernelWidth &- 1 &- left
      let span = quotient(WeightLayout.grayLanes &+ outputChannels &- 1, outputChannels)
      let begin = min(max(0, 0 &- left), width)
      let end = max(begin, min(width, outputWidth &+ shift))
      let first = max(begin, shift)
      let last = min(end, outputWidth &- span &+ 1 &+ shift)
      var y = max(0, 0 &- top)
      let rows = min(height, outputHeight &+ kernelHeight &- 1 &- top)
      while y < rows {
        let (from, to) = seen(picture, row: y &* width, from: begin, to: end)
        var line = max(0, y &+ top &- kernelHeight &+ 1)
        let lines = from == to ? line : min(outputHeight, y &+ top &+ 1)
        var edges = Run(
          picture: picture, pixel: y &* width &+ from, end: y &* width &+ to, weights: weights,
          weight: (y &+ top &- line) &* WeightLayout.grayLanes, sums: sums,
          target: line &* lineBytes &+ (from &- shift) &* siteBytes)
        let hasEdges = from < first || to > last
        var run = edges
        if hasEdges {
          let skipped = max(0, first &- from)
          run.pixel &+= skipped
          run.target &+= skipped &* siteBytes
          run.end = min(run.end, y &* width &+ last)
        }
        while line < lines {
          if hasEdges { addEdges(edges, line &* lineBytes, lineBytes, siteBytes) }
          if run.pixel < run.end {
            if Self.slides && siteBytes == 32 && sums.isWide {
              slide(run)
            } else if sums.isWide {
              add(run, siteBytes, scalar: Int32.self)
            } else {
              add(run, siteBytes, scalar: Int16.self)
            }
          }
          edges.moveDown(lineBytes)
          run.moveDown(lineBytes)
          line &+= 1
        }
        y &+= 1
      }
    }

    /// The columns of a row from the first pixel that is not blank to the last: none where all are.
    @inline(never)
    private func seen(
      _ picture: ReadRegion, row: Int, from start: Int, to end: Int
    ) -> (from: Int, to: Int) {
      let size = MemoryLayout<UInt>.size
      let blank = UInt.max / 255 &* UInt(truncatingIfNeeded: zeroPoint)
      var (from, to) = (row &+ start, row &+ end)
      while from &+ size <= to {
        let others = picture.load(from, as: UInt.self) ^ blank
        if others != 0 {
          from &+= others.trailingZeroBitCount / 8
          break
        }
        from &+= size
      }
      while from < to && picture.load(from, as: UInt8.self) == zeroPoint { from &+= 1 }
      while from &+ size <= to {
        let others = picture.load(to &- size, as: UInt.self) ^ blank
        if others != 0 {
          to &-= others.leadingZeroBitCount / 8
          break
        }
        to &-= size
      }
      while from < to && picture.load(to &- 1, as: UInt8.self) == zeroPoint { to &-= 1 }
      return (from &- row, to &- row)
    }

    @inline(__always)
    private func slide(_ run: Run) {
      var slide = Slide(run, zero: Int32(truncatingIfNeeded: zeroPoint))
      slide.add()
    }

    /// Pixels whose run of sums lies in the line.
    @inline(never)
    private func add<Scalar: MembraneScalar>(_ run: Run, _ siteBytes: Int, scalar: Scalar.Type) {
      let (picture, sums, end) = (run.picture, run.sums.region, run.end)
      let (weights, weight) = (run.weights, run.weight)
      var (pixel, target) = (run.pixel, run.target)
      let zero = Int16(truncatingIfNeeded: zeroPoint)
      let a = Int16.widen(weights.load(weight, as: SIMD8<Int8>.self))
      let b = Int16.widen(weights.load(weight &+ 8, as: SIMD8<Int8>.self))
      let c = Int16.widen(weights.load(weight &+ 16, as: SIMD8<Int8>.self))
      let d = Int16.widen(weights.load(weight &+ 24, as: SIMD8<Int8>.self))
      let e = Int16.widen(weights.load(weight &+ 32, as: SIMD8<Int8>.self))
      let block = MemoryLayout<Scalar.Lanes>.size
      while pixel < end {
        let value = Int16(truncatingIfNeeded: picture.load(pixel, as: UInt8.self)) &- zero
        if value != 0 {
          Self.add(a, value, to: sums, target, scalar: scalar)
          Self.add(b, value, to: sums, target &+ block, scalar: scalar)
          Self.add(c, value, to: sums, target &+ 2 &* block, scalar: scalar)
          Self.add(d, value, to: sums, target &+ 3 &* block, scalar: scalar)
          Self.add(e, value, to: sums, target &+ 4 &* block, scalar: scalar)
        }
        pixel &+= 1
        target &+= siteBytes
      }
    }

    /// Of a run those pixels some of whose windows do not exist, or whose run of sums ends within the 40
    /// lanes from the end of the line.
    @inline(never)
    private func addEdges(_ run: Run, _ line: Int, _ lineBytes: Int, _ siteBytes: Int) {
      let (sums, size) = (run.sums, run.sums.isWide ? 4 : 2)
      var (pixel, first) = (run.pixel, run.target)
      while pixel < run.end {
        let value =
          Int32(truncatingIfNeeded: run.picture.load(pixel, as: UInt8.self))
          &- Int32(truncatingIfNeeded: zeroPoint)
        var target = first
        var weight = run.weight
        let isInside =
          target >= line && target &+ WeightLayout.grayLanes &* size <= line &+ lineBytes
        pixel &+= 1
        first &+= siteBytes
        if value == 0 || isInside { continue }
        let last = weight &+ kernelWidth &* outputChannels
        while weight != last {
          if target >= line && target < line &+ lineBytes {
            let lanes = Int16.widen(run.weights.load(weight, as: SIMD8<Int8>.self))
            let index = target / size
            sums.store(
              sums.lanes(index) &+ Int16.lengthen(lanes) &* SIMD8(repeating: value), index)
          }
          target &+= 8 &* size
          weight &+= 8
        }
      }
    }

    @inline(__always)
    private static func add<Scalar: MembraneScalar>(
      _ weights: SIMD8<Int16>, _ value: Int16, to sums: Region, _ target: Int,
      scalar: Scalar.Type
    ) {
      let sum = sums.load(target, as: Scalar.Lanes.self)
      sums.store(Scalar.add(sum, Scalar.product(weights, value)), target)
    }
  }

#endif
