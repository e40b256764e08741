#if !SPIKELET_WITHOUT_PICTURE_BLOCKS

  /// Rows of a picture with the zero point beside the map, the columns of a row by phase (column mod
  /// stride): the pixels that a column of the kernel meets in neighbouring windows lie side by side.
  ///
  ///     line:  [first] [end]      Int16 each
  ///            [pixels of one phase, from the first window's on: `length` bytes]
  ///
  /// A row of the source is one line for each channel and phase. Pixels outside `first` ..< `end` are
  /// blank; where all are, both are 0. Rows lie in a ring of
  /// as many as the kernel has.
  struct PictureRows {
    let channels: Int
    let height: Int
    let width: Int
    let kernelHeight: Int
    let kernelWidth: Int
    let stride: Int
    /// The distance from the first window to the source's first column; may be negative.
    let left: Int
    /// Windows side by side.
    let windows: Int

    /// Pixels of a line: what whole blocks of windows touch.
    private let length: Int
    /// Bytes of a line, a multiple of four.
    let lineBytes: Int
    /// The bytes of the ring. Behind it lies a list of lines, 12 bytes each.
    let ringBytes: Int

    init(
      channels: Int, height: Int, width: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
      left: Int, windows: Int
    ) {
      (self.channels, self.height, self.width) = (channels, height, width)
      (self.kernelHeight, self.kernelWidth) = (kernelHeight, kernelWidth)
      (self.stride, self.left, self.windows) = (stride, left, windows)
      length = padded(windows) &+ (kernelWidth &- 1) / stride
      lineBytes = (length &+ 7) & ~3
      ringBytes = kernelHeight &* channels &* stride &* lineBytes
    }

    /// The scratch that ring and list need.
    var size: Size {
      Size(kernelHeight) * Size(channels) * Size(stride) * (Size(lineBytes) + Size(12))
    }

    /// Whether all places of a line fit 16 bits. Asked before a ring is planned.
    var fits: Bool { length <= 32_767 && size.value != nil }

    /// The byte offset of a row.
    @inline(__always)
    func slot(_ y: Int) -> Int { y % kernelHeight &* channels &* stride &* lineBytes }

    /// The columns of the kernel of a phase.
    @inline(never)
    func columns(_ phase: Int) -> Int { (kernelWidth &- phase &+ stride &- 1) / stride }

    /// Writes one row of every channel.
    @inline(never)
    func write(row y: Int, of picture: ReadRegion, zeroPoints: ReadRegion, to rows: Region) {
      var line = slot(y)
      var row = y &* width
      let (lineBytes, length) = (lineBytes, length)
      for channel in 0..<channels {
        let zero = zeroPoints.load(channel &* 4, as: UInt8.self)
        for phase in 0..<stride {
          let (first, end) = write(
            phase: phase, of: picture, row, zero: zero, to: rows, line &+ 4, length)
          rows.store(Int16(truncatingIfNeeded: first), line)
          rows.store(Int16(truncatingIfNeeded: end), line &+ 2)
          line &+= lineBytes
        }
        row &+= width &* height
      }
    }

    /// Writes a line; returns where its first pixel lies that is not blank and where its last one ends, or
    /// up to three pixels before and behind.
    @inline(__always)
    private func write(
      phase: Int, of picture: ReadRegion, _ row: Int, zero: UInt8, to rows: Region, _ line: Int,
      _ length: Int
    ) -> (first: Int, end: Int) {
      var (first, end) = (0, 0)
      let zeros = UInt32(truncatingIfNeeded: zero) &* 0x0101_0101
      var x = phase &- left
      var i = 0
      while i < length {
        var pixels = zeros
        if stride == 1 && x >= 0 && x &+ 4 <= width {
          pixels = picture.load(row &+ x, as: UInt32.self)
          x &+= 4
        } else if stride == 1 && (x &+ 4 <= 0 || x >= width) {
          x &+= 4
        } else {
          var shift: UInt32 = 0
          while shift != 32 {
            if x >= 0 && x < width {
              let pixel = UInt32(truncatingIfNeeded: picture.load(row &+ x, as: UInt8.self) ^ zero)
              pixels ^= pixel &<< shift
            }
            x &+= stride
            shift &+= 8
          }
        }
        rows.store(pixels, line &+ i)
        if pixels != zeros {
          if end == 0 { first = i }
          end = i &+ 4
        }
        i &+= 4
      }
      return (first, end)
    }
  }

#endif
