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
  let shift: Int32

  /// The sum of a pooled site's pixels, each minus the channel's zero point.
  @inline(__always)
  func value(_ channel: Int, _ y: Int, _ x: Int) -> Int32 {
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

  /// Rounds eight sums to the current's scale and stores them.
  @inline(__always)
  func store<Scalar: MembraneScalar>(
    _ sums: SIMD8<Int32>, _ current: Region, index: Int, scalar: Scalar.Type
  ) {
    let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
    let rounded = (sums &+ SIMD8(repeating: half)) &>> SIMD8(repeating: shift)
    current.store(Scalar.narrow(rounded), index &* MemoryLayout<Scalar>.size)
  }

  /// Adds `value` times a row of up to eight weights to `sums`.
  @inline(__always)
  func accumulate<Format: WeightFormat>(
    _ value: Int32, _ weights: ReadRegion, row: Int, length: Int, sums: inout SIMD8<Int32>,
    format: Format.Type
  ) {
    guard length >= 8 else {
      for lane in 0..<length {
        sums[lane] &+= Int32(Format.weight(weights, row, index: lane)) &* value
      }
      return
    }
    let lanes = Format.lanes8(weights, row)
    if pool.area == 1 {
      // |weight| ≤ 128 and |pixel − zero point| ≤ 255: the product fits 16 bits.
      let products = Int16.widen(lanes) &* SIMD8(repeating: Int16(truncatingIfNeeded: value))
      for lane in 0..<8 { sums[lane] &+= Int32(products[lane]) }
    } else {
      sums &+= Int32.widen(lanes) &* SIMD8(repeating: value)
    }
  }

  /// The current of a convolution of the picture.
  func convolve<Scalar: MembraneScalar, Format: WeightFormat>(
    _ shape: Convolution, weights: ReadRegion, biases: ReadRegion, into current: Region,
    format: Format.Type, scalar: Scalar.Type
  ) {
    let groupOutputs = shape.outputChannels / shape.groups
    for y in 0..<shape.outputHeight {
      for x in 0..<shape.outputWidth {
        let site = (y &* shape.outputWidth &+ x) &* shape.paddedChannels
        for group in 0..<shape.groups {
          var first = 0
          let length = shape.rowLength
          while first < length {
            var sums = SIMD8<Int32>()
            let channel = group &* groupOutputs &+ first
            let lanes = min(8, length &- first)
            for lane in 0..<lanes {
              sums[lane] = biases.load((channel &+ lane) &* 4, as: Int32.self)
            }
            addTaps(
              shape, weights, y: y, x: x, group: group, first: first, lanes: lanes, sums: &sums,
              format: format)
            storeLanes(sums, current, index: site &+ channel, lanes: lanes, scalar: scalar)
            first &+= 8
          }
        }
        clearTail(current, site: site, shape: shape, scalar: scalar)
      }
    }
  }

  @inline(__always)
  private func addTaps<Format: WeightFormat>(
    _ shape: Convolution, _ weights: ReadRegion, y: Int, x: Int, group: Int, first: Int, lanes: Int,
    sums: inout SIMD8<Int32>, format: Format.Type
  ) {
    let groupInputs = inputChannels / shape.groups
    let rowBytes = Format.rowBytes(shape.rowLength)
    let top = y &* shape.strideHeight &- shape.paddingTop
    let left = x &* shape.strideWidth &- shape.paddingLeft
    let firstRow = max(0, 0 &- top)
    let firstColumn = max(0, 0 &- left)
    let lastColumn = min(shape.kernelWidth, pool.width &- left)
    for channel in group &* groupInputs..<(group &+ 1) &* groupInputs {
      let plane = channel &* shape.planeBytes(format) &+ Format.rowBytes(first)
      for ky in firstRow..<max(firstRow, min(shape.kernelHeight, pool.height &- top)) {
        let kernelRow = plane &+ (ky &* shape.kernelWidth &+ shape.kernelWidth &- 1) &* rowBytes
        var kx = firstColumn
        while kx < lastColumn {
          let pixel = value(channel, top &+ ky, left &+ kx)
          if pixel != 0 {
            accumulate(
              pixel, weights, row: kernelRow &- kx &* rowBytes, length: lanes, sums: &sums,
              format: format)
          }
          kx &+= 1
        }
      }
    }
  }

  /// Stores whole blocks at once and the lanes of a group's last block one by one.
  @inline(__always)
  private func storeLanes<Scalar: MembraneScalar>(
    _ sums: SIMD8<Int32>, _ current: Region, index: Int, lanes: Int, scalar: Scalar.Type
  ) {
    if lanes == 8 {
      store(sums, current, index: index, scalar: scalar)
    } else {
      let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
      for lane in 0..<lanes {
        let rounded = (sums[lane] &+ half) &>> shift
        current.store(
          Scalar(truncatingIfNeeded: rounded), (index &+ lane) &* MemoryLayout<Scalar>.size)
      }
    }
  }

  /// Zeroes the lanes behind the last channel of a grouped convolution.
  @inline(__always)
  private func clearTail<Scalar: MembraneScalar>(
    _ current: Region, site: Int, shape: Convolution, scalar: Scalar.Type
  ) {
    guard shape.groups > 1 else { return }
    for channel in shape.outputChannels..<shape.paddedChannels {
      current.store(Scalar(0), (site &+ channel) &* MemoryLayout<Scalar>.size)
    }
  }

  /// The current of a dense layer on the picture.
  func multiply<Scalar: MembraneScalar, Format: WeightFormat>(
    _ shape: Dense, weights: ReadRegion, biases: ReadRegion, into current: Region,
    format: Format.Type, scalar: Scalar.Type
  ) {
    let rowBytes = Format.rowBytes(shape.paddedChannels)
    var first = 0
    while first < shape.paddedChannels {
      var sums = biases.load(first &* 4, as: SIMD8<Int32>.self)
      var row = Format.rowBytes(first)
      for y in 0..<pool.height {
        for x in 0..<pool.width {
          for channel in 0..<inputChannels {
            let pixel = value(channel, y, x)
            if pixel != 0 {
              accumulate(pixel, weights, row: row, length: 8, sums: &sums, format: format)
            }
            row &+= rowBytes
          }
        }
      }
      store(sums, current, index: first, scalar: scalar)
      first &+= 8
    }
  }

  /// The current of one weight a channel, site to site.
  func scale<Scalar: MembraneScalar>(
    _ shape: Channelwise, weights: ReadRegion, biases: ReadRegion, into current: Region,
    scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
    for y in 0..<pool.height {
      for x in 0..<pool.width {
        let site = (y &* pool.width &+ x) &* shape.paddedChannels
        for channel in 0..<shape.paddedChannels {
          var sum = biases.load(channel &* 4, as: Int32.self)
          if channel < inputChannels {
            let weight = weights.load(channel &* size, as: Scalar.self)
            sum &+= Int32(truncatingIfNeeded: weight) &* value(channel, y, x)
          }
          let rounded = (sum &+ half) &>> shift
          current.store(Scalar(truncatingIfNeeded: rounded), (site &+ channel) &* size)
        }
      }
    }
  }
}
