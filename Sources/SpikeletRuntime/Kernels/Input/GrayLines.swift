#if !SPIKELET_WITHOUT_GRAY_LINES

  /// The first layer's sums for a gray picture that is mostly blank, and few channels: a digit.
  ///
  ///     sum ← sum + Σ weight · (pixel − zero point)
  ///
  /// The pixels of a row that are not blank are listed once. Then a row of the kernel, up to 40 weights
  /// of all its columns and channels, is kept in registers while the listed pixels of a row pass by; each
  /// multiplies all of them and adds to the run of sums that it reaches.
  ///
  /// Weights have 8 bits. They lie as `[kernel row][kernel column, the last first][channel, padded to
  /// eight]`, each row padded with zeros to 40. The stride is 1.
  ///
  /// **Ranges.** A pixel less its zero point is −255…255; sums wrap and come back, as the proof holds for
  /// the result.
  ///
  /// **Scratch.** For each row of the kernel the pixels of a row: 4 bytes each and 4 more.
  ///
  /// **Cost** in aarch64 instructions: 30 for a pixel and a row of the kernel where sums have 32 bits (10
  /// multiply and add 40 pairs, 10 load and store sums), 45 a row of the kernel and a row of sums, 12 to
  /// list a pixel.
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
    let outputChannels: Int

    /// Weights of a row of the kernel, with zeros behind.
    private static var lanes: Int { WeightLayout.grayLanes }

    /// Whether a row of the kernel fits. Asked before lists are planned.
    var fits: Bool {
      (Size(kernelWidth) * Size(padded(outputChannels))).fits(Int32(truncatingIfNeeded: Self.lanes))
        && size.value != nil
    }

    private var listBytes: Int { 4 &+ width &* 4 }

    /// The scratch for the lists.
    var size: Size { Size(kernelHeight) * Size(listBytes) }

    /// Adds to all sums, which lie channels last, padded to blocks of eight.
    func add<Scalar: MembraneScalar>(
      _ picture: ReadRegion, zeroPoint: UInt8, _ weights: ReadRegion, scratch: Region,
      to sums: Region, scalar: Scalar.Type
    ) {
      var listed = 0
      let lineBytes = outputWidth &* padded(outputChannels) &* MemoryLayout<Scalar>.size
      for y in 0..<outputHeight {
        let firstRow = y &- top
        var row = max(0, firstRow)
        let end = min(height, firstRow &+ kernelHeight)
        listed = max(listed, row)
        while listed < end {
          list(row: listed, of: picture, zeroPoint, into: scratch)
          listed &+= 1
        }
        while row < end {
          add(
            scratch, row % kernelHeight &* listBytes, weights,
            (row &- firstRow) &* Self.lanes, to: sums, y &* lineBytes, scalar: scalar)
          row &+= 1
        }
      }
    }

    /// Lists column and value of each pixel of a row that is not blank; before them, where they end.
    @inline(never)
    private func list(
      row y: Int, of picture: ReadRegion, _ zeroPoint: UInt8, into lists: Region
    ) {
      let start = y % kernelHeight &* listBytes
      let row = y &* width
      let blank = UInt32(truncatingIfNeeded: zeroPoint) &* 0x0101_0101
      var end = start &+ 4
      var x = 0
      while x < width {
        if x &+ 4 <= width && picture.load(row &+ x, as: UInt32.self) == blank {
          x &+= 4
          continue
        }
        let stop = min(width, x &+ 4)
        while x < stop {
          let pixel = picture.load(row &+ x, as: UInt8.self)
          if pixel != zeroPoint {
            let value =
              Int16(truncatingIfNeeded: pixel) &- Int16(truncatingIfNeeded: zeroPoint)
            lists.store(UInt16(truncatingIfNeeded: x), end)
            lists.store(value, end &+ 2)
            end &+= 4
          }
          x &+= 1
        }
      }
      lists.store(Int32(truncatingIfNeeded: end), start)
    }

    /// Adds what the listed pixels of a row give to a line of sums.
    @inline(never)
    private func add<Scalar: MembraneScalar>(
      _ lists: Region, _ list: Int, _ weights: ReadRegion, _ weight: Int, to sums: Region,
      _ line: Int, scalar: Scalar.Type
    ) {
      let end = Int(lists.load(list, as: Int32.self))
      var pixel = list &+ 4
      if pixel == end { return }
      let a = Int16.widen(weights.load(weight, as: SIMD8<Int8>.self))
      let b = Int16.widen(weights.load(weight &+ 8, as: SIMD8<Int8>.self))
      let c = Int16.widen(weights.load(weight &+ 16, as: SIMD8<Int8>.self))
      let d = Int16.widen(weights.load(weight &+ 24, as: SIMD8<Int8>.self))
      let e = Int16.widen(weights.load(weight &+ 32, as: SIMD8<Int8>.self))
      let block = MemoryLayout<Scalar.Lanes>.size
      let siteBytes = padded(outputChannels) &* MemoryLayout<Scalar>.size
      // From the column of a pixel to the first sum of the first window that it lies in.
      let first = line &+ (left &+ 1 &- kernelWidth) &* siteBytes
      let last = line &+ outputWidth &* siteBytes &- 5 &* block
      // A call in the loop would take the registers of the weights, so that clipped pixels come later.
      var isClipped = false
      repeat {
        let x = Int(lists.load(pixel, as: UInt16.self))
        let value = lists.load(pixel &+ 2, as: Int16.self)
        let target = first &+ x &* siteBytes
        pixel &+= 4
        if target < line || target > last {
          isClipped = true
          continue
        }
        Self.add(a, value, to: sums, target, scalar: scalar)
        Self.add(b, value, to: sums, target &+ block, scalar: scalar)
        Self.add(c, value, to: sums, target &+ 2 &* block, scalar: scalar)
        Self.add(d, value, to: sums, target &+ 3 &* block, scalar: scalar)
        Self.add(e, value, to: sums, target &+ 4 &* block, scalar: scalar)
      } while pixel != end
      if isClipped {
        addClipped(lists, list, weights, weight, to: sums, line, scalar: scalar)
      }
    }

    /// The pixels of a list whose windows do not all exist, or whose run ends within the 40 lanes from the
    /// end of the line.
    @inline(never)
    private func addClipped<Scalar: MembraneScalar>(
      _ lists: Region, _ list: Int, _ weights: ReadRegion, _ weight: Int, to sums: Region,
      _ line: Int, scalar: Scalar.Type
    ) {
      let listEnd = Int(lists.load(list, as: Int32.self))
      let block = MemoryLayout<Scalar.Lanes>.size
      let siteBytes = padded(outputChannels) &* MemoryLayout<Scalar>.size
      let end = line &+ outputWidth &* siteBytes
      var pixel = list &+ 4
      while pixel != listEnd {
        let x = Int(lists.load(pixel, as: UInt16.self))
        let value = lists.load(pixel &+ 2, as: Int16.self)
        var target = line &+ (left &+ 1 &- kernelWidth &+ x) &* siteBytes
        pixel &+= 4
        if target >= line && target &+ 5 &* block <= end { continue }
        var tap = weight
        let last = weight &+ kernelWidth &* padded(outputChannels)
        while tap != last {
          if target >= line && target < end {
            let w = Int16.widen(weights.load(tap, as: SIMD8<Int8>.self))
            Self.add(w, value, to: sums, target, scalar: scalar)
          }
          target &+= block
          tap &+= 8
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
