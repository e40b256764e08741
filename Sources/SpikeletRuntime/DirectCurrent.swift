/// The constant current that a picture injects into one layer: weights times pixels, once an image.
///
/// `current = (Σ weight · (pixel − zero point) + bias + half) >> shift`, where `half` is 2^(shift−1),
/// or 0 at shift 0: rounding half up. The sum fits 32 bits and the result the membrane's width; the
/// loader proves both. Pixels equal to the zero point cost nothing.
struct DirectCurrent {
  let input: ReadRegion
  /// One `Int32` a channel.
  let zeroPoints: ReadRegion
  let inputChannels: Int
  let inputHeight: Int
  let inputWidth: Int
  let pool: PoolView
  let weights: Weights
  /// One `Int32` a channel, padded to whole blocks.
  let biases: ReadRegion
  let shift: Int32
  /// Where the current goes.
  let target: Membranes

  /// The sum of a pooled site's pixels, each minus the channel's zero point.
  @inline(__always)
  private func value(_ channel: Int, _ y: Int, _ x: Int) -> Int32 {
    let zero = zeroPoints.load(channel &* 4, as: Int32.self)
    let plane = channel &* inputHeight
    if pool.isIdentity {
      let offset = (plane &+ y) &* inputWidth &+ x
      return Int32(truncatingIfNeeded: input.load(offset, as: UInt8.self)) &- zero
    }
    var sum: Int32 = 0
    for row in pool.rows(y, of: inputHeight) {
      for column in pool.columns(x, of: inputWidth) {
        let offset = (plane &+ row) &* inputWidth &+ column
        sum &+= Int32(truncatingIfNeeded: input.load(offset, as: UInt8.self)) &- zero
      }
    }
    return sum
  }

  /// Adds `value` times up to eight weights of the row at a byte offset.
  @inline(__always)
  private func accumulate(_ value: Int32, row: Int, length: Int, sums: inout SIMD8<Int32>) {
    guard length >= 8 else {
      for lane in 0..<length { sums[lane] &+= Int32(weights.weight(row, index: lane)) &* value }
      return
    }
    let lanes = weights.lanes8(row)
    if pool.area == 1 {
      // |weight| ≤ 128 and |pixel − zero point| ≤ 255: the product fits 16 bits.
      let products = Int16.widen(lanes) &* SIMD8(repeating: Int16(truncatingIfNeeded: value))
      for lane in 0..<8 { sums[lane] &+= Int32(products[lane]) }
    } else {
      sums &+= Int32.widen(lanes) &* SIMD8(repeating: value)
    }
  }

  /// Rounds up to eight sums to the current's scale and stores them.
  @inline(__always)
  private func store(_ sums: SIMD8<Int32>, index: Int, lanes: Int) {
    let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
    let rounded = (sums &+ SIMD8(repeating: half)) &>> SIMD8(repeating: shift)
    if lanes == 8 {
      target.store(rounded, index)
    } else {
      for lane in 0..<lanes { target.store(rounded[lane], index &+ lane) }
    }
  }

  /// The biases of up to eight channels.
  @inline(__always)
  private func initialSums(_ channel: Int, lanes: Int) -> SIMD8<Int32> {
    var sums = SIMD8<Int32>()
    for lane in 0..<lanes { sums[lane] = biases.load((channel &+ lane) &* 4, as: Int32.self) }
    return sums
  }

  /// The current of a convolution of the picture, a tile of sixteen columns at a time.
  ///
  /// Within a tile every pixel is looked at once for each kernel row, and costs nothing more where
  /// it is at the zero point, as most of a digit's picture is.
  func convolve(_ shape: Convolution) {
    let groupOutputs = shape.outputChannels / shape.groups
    for y in 0..<shape.outputHeight {
      var x = 0
      while x < shape.outputWidth {
        let columns = min(Self.tile, shape.outputWidth &- x)
        let site = (y &* shape.outputWidth &+ x) &* shape.paddedChannels
        for group in 0..<shape.groups {
          var first = 0
          while first < shape.rowLength {
            let lanes = min(8, shape.rowLength &- first)
            let channel = group &* groupOutputs &+ first
            var sums = InlineArray<16, SIMD8<Int32>>(
              repeating: initialSums(channel, lanes: lanes))
            addRows(shape, y: y, x: x, columns: columns, group, first, lanes, &sums)
            for column in 0..<columns {
              store(
                sums[column], index: site &+ column &* shape.paddedChannels &+ channel,
                lanes: lanes)
            }
            first &+= 8
          }
        }
        x &+= columns
      }
    }
    clearTails(shape)
  }

  private static var tile: Int { 16 }

  /// Adds every kernel row of every channel of a group to a tile of one block of lanes.
  @inline(__always)
  private func addRows(
    _ shape: Convolution, y: Int, x: Int, columns: Int, _ group: Int, _ first: Int, _ lanes: Int,
    _ sums: inout InlineArray<16, SIMD8<Int32>>
  ) {
    let groupInputs = inputChannels / shape.groups
    let rowBytes = weights.rowBytes(shape.rowLength)
    let top = y &* shape.strideHeight &- shape.paddingTop
    let left = x &* shape.strideWidth &- shape.paddingLeft
    let firstRow = max(0, 0 &- top)
    let lastRow = max(firstRow, min(shape.kernelHeight, pool.height &- top))
    // The columns of the picture that any output of the tile sees.
    let from = max(0, left)
    let reach = left &+ (columns &- 1) &* shape.strideWidth &+ shape.kernelWidth
    let to = max(from, min(pool.width, reach))
    for channel in group &* groupInputs..<(group &+ 1) &* groupInputs {
      let plane =
        channel &* shape.kernelHeight &* shape.kernelWidth &* rowBytes &+ weights.rowBytes(first)
      for ky in firstRow..<lastRow {
        let kernelRow = plane &+ (ky &* shape.kernelWidth &+ shape.kernelWidth &- 1) &* rowBytes
        for column in from..<to {
          let pixel = value(channel, top &+ ky, column)
          if pixel == 0 { continue }
          // Output o of the tile meets this pixel with tap kx = distance − o · stride.
          let distance = column &- left
          var output = max(0, distance &- shape.kernelWidth &+ 1)
          if shape.strideWidth > 1 {
            output = (output &+ shape.strideWidth &- 1) / shape.strideWidth
          }
          var kx = distance &- output &* shape.strideWidth
          while kx >= 0 && output < columns {
            accumulate(
              pixel, row: kernelRow &- kx &* rowBytes, length: lanes, sums: &sums[output])
            output &+= 1
            kx &-= shape.strideWidth
          }
        }
      }
    }
  }

  /// Zeroes the lanes behind the last channel of a grouped convolution, which no row writes.
  private func clearTails(_ shape: Convolution) {
    guard shape.groups > 1 else { return }
    for site in 0..<shape.outputHeight &* shape.outputWidth {
      for channel in shape.outputChannels..<shape.paddedChannels {
        target.store(0, site &* shape.paddedChannels &+ channel)
      }
    }
  }

  /// The current of a dense layer on the picture.
  func multiply(_ shape: Dense) {
    let rowBytes = weights.rowBytes(shape.paddedChannels)
    var first = 0
    while first < shape.paddedChannels {
      var sums = initialSums(first, lanes: 8)
      var row = weights.rowBytes(first)
      for y in 0..<pool.height {
        for x in 0..<pool.width {
          for channel in 0..<inputChannels {
            let pixel = value(channel, y, x)
            if pixel != 0 { accumulate(pixel, row: row, length: 8, sums: &sums) }
            row &+= rowBytes
          }
        }
      }
      store(sums, index: first, lanes: 8)
      first &+= 8
    }
  }

  /// The current of one weight a channel, site to site.
  func scale(_ shape: Channelwise) {
    for y in 0..<pool.height {
      for x in 0..<pool.width {
        let site = (y &* pool.width &+ x) &* shape.paddedChannels
        for channel in 0..<shape.paddedChannels {
          var sums = initialSums(channel, lanes: 1)
          if channel < inputChannels {
            sums[0] &+= shape.weight(weights.region, channel) &* value(channel, y, x)
          }
          store(sums, index: site &+ channel, lanes: 1)
        }
      }
    }
  }
}
