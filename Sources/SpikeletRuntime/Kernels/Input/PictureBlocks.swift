#if !SPIKELET_WITHOUT_PICTURE_BLOCKS

  /// The first layer's sums: weights times the pixels of a picture, eight channels of eight windows in
  /// registers at a time (of four windows on 32-bit Arm).
  ///
  ///     sum ← sum + Σ weight · (pixel − zero point)
  ///
  /// For each column of the kernel eight pixels and the weights of eight channels are loaded; each
  /// pixel then multiplies all eight weights at once. A row of the kernel below which all
  /// pixels are blank is passed over: most of a digit's picture is.
  ///
  /// Weights have 8 bits and lie as
  /// `[block of eight channels][kernel row][input channel][kernel column][channel of the block]`,
  /// the columns of a row ordered by phase (column mod stride).
  ///
  /// **Ranges.** A pixel less its zero point is −255…255; sums have 32 bits, as the proof has them, and
  /// go to 16-bit sums modulo 2^16 where the proof holds for the result.
  ///
  /// **Cost** in aarch64 instructions: 21 for a column of the kernel (16 of them multiply and add 64
  /// pairs), 20 for a row of the kernel, 130 for a block where anything is to be added.
  struct PictureBlocks {
    let rows: PictureRows
    let strideHeight: Int
    /// The distance from the first window to the source's first row; may be negative.
    var top: Int
    var outputHeight: Int
    let outputChannels: Int

    /// The bytes of all weights.
    var weightBytes: Int {
      padded(outputChannels) &* rows.kernelHeight &* rows.channels &* rows.kernelWidth
    }

    /// Adds to all sums.
    ///
    /// - Parameters:
    ///   - scratch: `rows.size` bytes.
    ///   - sums: channels last, padded to blocks of eight, `rows.windows` by `outputHeight` of them.
    func add(
      _ picture: ReadRegion, zeroPoints: ReadRegion, _ weights: ReadRegion, scratch: Region,
      to sums: Membranes
    ) {
      var written = 0
      var firstRow = 0 &- top
      var line = 0
      for _ in 0..<outputHeight {
        let low = max(0, firstRow)
        let end = min(rows.height, firstRow &+ rows.kernelHeight)
        written = max(written, low)
        while written < end {
          rows.write(row: written, of: picture, zeroPoints: zeroPoints, to: scratch)
          written &+= 1
        }
        if low < end {
          addLine(
            weights, zeroPoints, scratch, to: sums, at: line, rows: low..<end, of: firstRow)
        }
        firstRow &+= strideHeight
        line &+= rows.windows &* padded(outputChannels)
      }
    }

    /// A line of windows, of which some rows lie in the source.
    @inline(never)
    private func addLine(
      _ weights: ReadRegion, _ zeroPoints: ReadRegion, _ scratch: Region, to sums: Membranes,
      at line: Int, rows source: Range<Int>, of firstRow: Int
    ) {
      let step = padded(outputChannels)
      let blockBytes = weightBytes / (step / 8)
      let seen = rows.ringBytes
      var x = 0
      while x < rows.windows {
        let end = find(x, zeroPoints, scratch, source, firstRow)
        var weight = 0
        var index = line &+ x &* step
        while end != seen && weight != weightBytes {
          var block = PictureBlock()
          var item = seen
          repeat {
            var tap = Int(scratch.load(item, as: Int32.self)) &+ weight
            var pixels = Int(scratch.load(item &+ 4, as: Int32.self))
            let last = pixels &+ Int(scratch.load(item &+ 8, as: Int16.self))
            let zero = scratch.load(item &+ 10, as: Int16.self)
            repeat {
              block.add(
                Int16.widen(weights.load(tap, as: SIMD8<Int8>.self)),
                PictureBlock.pixels(scratch, pixels, zero))
              pixels &+= 1
              tap &+= 8
            } while pixels != last
            item &+= 12
          } while item != end
          block.add(
            to: sums, index, step: step, count: min(PictureBlock.windows, rows.windows &- x))
          index &+= 8
          weight &+= blockBytes
        }
        x &+= PictureBlock.windows
      }
    }

    /// Lists the lines of pixels that are not blank for all windows of a block: where its weights and its
    /// pixels begin, its columns and its zero point. Returns where the list ends.
    @inline(never)
    private func find(
      _ x: Int, _ zeroPoints: ReadRegion, _ scratch: Region, _ source: Range<Int>, _ firstRow: Int
    ) -> Int {
      var end = rows.ringBytes
      var slot = rows.slot(source.lowerBound)
      var weight = (source.lowerBound &- firstRow) &* rows.channels &* rows.kernelWidth &* 8
      let (stride, lineBytes, ringBytes) = (rows.stride, rows.lineBytes, rows.ringBytes)
      let zeroBytes = rows.channels &* 4
      var columns = stride == 1 ? rows.kernelWidth : rows.columns(0)
      var (zero, phase) = (0, 0)
      var rest = source.count &* rows.channels &* stride
      while rest != 0 {
        // Of the columns those that meet a pixel which is not blank in one of the windows.
        let first = Int(scratch.load(slot, as: Int16.self)) &- x
        let low = max(0, first &- PictureBlock.windows &+ 1)
        let high = min(columns, Int(scratch.load(slot &+ 2, as: Int16.self)) &- x)
        if low < high {
          scratch.store(Int32(truncatingIfNeeded: weight &+ low &* 8), end)
          scratch.store(Int32(truncatingIfNeeded: slot &+ 4 &+ x &+ low), end &+ 4)
          scratch.store(Int16(truncatingIfNeeded: high &- low), end &+ 8)
          scratch.store(zeroPoints.load(zero, as: Int16.self), end &+ 10)
          end &+= 12
        }
        weight &+= columns &* 8
        slot &+= lineBytes
        if slot == ringBytes { slot = 0 }
        rest &-= 1
        if stride != 1 {
          phase &+= 1
          if phase == stride { phase = 0 }
          columns = rows.columns(phase)
          if phase != 0 { continue }
        }
        zero &+= 4
        if zero == zeroBytes { zero = 0 }
      }
      return end
    }
  }

#endif
