#if !SPIKELET_WITHOUT_GRAY_LINES

  /// The first layer's sums for a gray picture that is mostly blank, and few channels: a digit.
  ///
  ///     sum ← sum + Σ weight · (pixel − zero point)
  ///
  /// A row of the kernel, up to 40 weights of all its columns and channels, is kept in registers while
  /// the pixels of a row pass by, eight to a word; each that is not blank multiplies all of them and adds
  /// to the run of sums that it reaches.
  ///
  /// Weights have 8 bits and lie as `[kernel row][kernel column, the last first][channel, padded to
  /// eight]`, each row padded with zeros to 40. The stride is 1.
  ///
  /// **Ranges.** A pixel less its zero point is −255…255; sums wrap and come back, as the proof holds for
  /// the result.
  ///
  /// **Cost** in aarch64 instructions: 34 for a pixel and a row of the kernel where sums have 32 bits (10
  /// multiply and add 40 pairs, 10 load and store sums), 50 a row of the kernel and a row of sums. No
  /// scratch, and nothing twice: low tiles cost no more than whole maps.
  struct GrayLines {
    let height: Int
    let width: Int
    let kernelHeight: Int
    let kernelWidth: Int
    /// The distance from the first window to the source's first row and column; may be negative.
    let top: Int
    let left: Int
    let outputHeight: Int
    let outputWidth: Int
    /// Padded to a multiple of eight.
    let outputChannels: Int
    let zeroPoint: UInt8

    /// One row of the picture against one row of the kernel: where each begins, and the line of sums.
    private struct Row {
      let picture: ReadRegion
      let pixels: Int
      let weights: ReadRegion
      let weight: Int
      let sums: Region
      let line: Int
    }

    /// Adds to all sums, which lie channels last, padded to blocks of eight.
    func add<Scalar: MembraneScalar>(
      _ picture: ReadRegion, _ weights: ReadRegion, to sums: Region, scalar: Scalar.Type
    ) {
      let siteBytes = outputChannels &* MemoryLayout<Scalar>.size
      // The columns whose whole run of 40 lanes lies in the line, and those with any window.
      let shift = kernelWidth &- 1 &- left
      let span = quotient(WeightLayout.grayLanes &+ outputChannels &- 1, outputChannels)
      let begin = min(max(0, 0 &- left), width)
      let end = max(begin, min(width, outputWidth &+ shift))
      let first = min(max(begin, shift), end)
      let last = max(first, min(end, outputWidth &- span &+ 1 &+ shift))
      var line = 0
      for y in 0..<outputHeight {
        let firstRow = y &- top
        var row = max(0, firstRow)
        while row < min(height, firstRow &+ kernelHeight) {
          let job = Row(
            picture: picture, pixels: row &* width, weights: weights,
            weight: (row &- firstRow) &* WeightLayout.grayLanes, sums: sums,
            line: line &- shift &* siteBytes)
          add(job, from: first, to: last, siteBytes, scalar: scalar)
          addEdge(job, from: begin, to: first, siteBytes, scalar: scalar)
          addEdge(job, from: last, to: end, siteBytes, scalar: scalar)
          row &+= 1
        }
        line &+= outputWidth &* siteBytes
      }
    }

    /// The pixels whose run of sums lies in the line.
    @inline(never)
    private func add<Scalar: MembraneScalar>(
      _ row: Row, from start: Int, to end: Int, _ siteBytes: Int, scalar: Scalar.Type
    ) {
      let (picture, sums) = (row.picture, row.sums)
      let (weights, weight) = (row.weights, row.weight)
      let zero = Int32(truncatingIfNeeded: zeroPoint)
      let blank = UInt.max / 255 &* UInt(truncatingIfNeeded: zeroPoint)
      let a = Int16.widen(weights.load(weight, as: SIMD8<Int8>.self))
      let b = Int16.widen(weights.load(weight &+ 8, as: SIMD8<Int8>.self))
      let c = Int16.widen(weights.load(weight &+ 16, as: SIMD8<Int8>.self))
      let d = Int16.widen(weights.load(weight &+ 24, as: SIMD8<Int8>.self))
      let e = Int16.widen(weights.load(weight &+ 32, as: SIMD8<Int8>.self))
      let block = MemoryLayout<Scalar.Lanes>.size
      var pixel = row.pixels &+ start
      let stop = row.pixels &+ end
      var line = row.line &+ start &* siteBytes
      while pixel < stop {
        var size = MemoryLayout<UInt>.size
        var word: UInt
        if pixel &+ size <= stop {
          word = picture.load(pixel, as: UInt.self) ^ blank
        } else {
          size = min(4, size)
          if pixel &+ 4 <= stop {
            word =
              UInt(truncatingIfNeeded: picture.load(pixel, as: UInt32.self))
              ^ (blank & UInt(truncatingIfNeeded: UInt32.max))
          } else {
            size = 1
            word = UInt(truncatingIfNeeded: picture.load(pixel, as: UInt8.self) ^ zeroPoint)
          }
        }
        while word != 0 {
          let bit = word.trailingZeroBitCount & ~7
          let byte = (word &>> UInt(truncatingIfNeeded: bit)) & 255
          word &= ~(255 &<< UInt(truncatingIfNeeded: bit))
          let value = Int16(
            truncatingIfNeeded: Int32(truncatingIfNeeded: byte) ^ zero &- zero)
          let target = line &+ bit / 8 &* siteBytes
          Self.add(a, value, to: sums, target, scalar: scalar)
          Self.add(b, value, to: sums, target &+ block, scalar: scalar)
          Self.add(c, value, to: sums, target &+ 2 &* block, scalar: scalar)
          Self.add(d, value, to: sums, target &+ 3 &* block, scalar: scalar)
          Self.add(e, value, to: sums, target &+ 4 &* block, scalar: scalar)
        }
        pixel &+= size
        line &+= size &* siteBytes
      }
    }

    /// Pixels some of whose windows do not exist, or whose run ends within the 40 lanes from the end of
    /// the line.
    @inline(never)
    private func addEdge<Scalar: MembraneScalar>(
      _ row: Row, from start: Int, to end: Int, _ siteBytes: Int, scalar: Scalar.Type
    ) {
      let block = MemoryLayout<Scalar.Lanes>.size
      let first = row.line &+ (kernelWidth &- 1 &- left) &* siteBytes
      for x in start..<end {
        let pixel = row.picture.load(row.pixels &+ x, as: UInt8.self)
        if pixel == zeroPoint { continue }
        let value = Int16(truncatingIfNeeded: pixel) &- Int16(truncatingIfNeeded: zeroPoint)
        var target = row.line &+ x &* siteBytes
        var weight = row.weight
        for _ in 0..<kernelWidth &* outputChannels / 8 {
          if target >= first && target < first &+ outputWidth &* siteBytes {
            let lanes = Int16.widen(row.weights.load(weight, as: SIMD8<Int8>.self))
            Self.add(lanes, value, to: row.sums, target, scalar: scalar)
          }
          target &+= block
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
