extension ReferenceModel.Connection {
  init(
    _ w: [Int], file: Words, weightsOffset: Int, inputs: Int, outputs: Int,
    outputWidth: Int
  ) {
    (kind, source) = (w[0], w[1])
    (poolHeight, poolWidth, poolStrideHeight, poolStrideWidth) = (w[2], w[3], w[4], w[5])
    (poolPaddingTop, poolPaddingLeft, pooledHeight, pooledWidth) = (w[6], w[7], w[8], w[9])
    (kernelHeight, kernelWidth, strideHeight, strideWidth) = (w[10], w[11], w[12], w[13])
    (paddingTop, paddingLeft, groups) = (w[14], w[15], w[16])
    kernel = w[17]
    let bits = w[19]
    weightBits = bits
    let start = weightsOffset + w[20]
    if w[18] > 1 {
      weights = []
      weights = weights(
        order: w[18], file, start: start, inputs: inputs, outputs: outputs, outputWidth: outputWidth
      )
      return
    }
    let padded = (outputs + 7) / 8 * 8
    weights = []
    func weight(row: Int, length: Int, position: Int) -> Int {
      if bits >= 8 {
        return file.values(
          start + (row * length + position) * bits / 8, count: 1, bits: bits)[0]
      }
      let byte = file.bytes[start + row * ((length + 1) / 2) + position / 2]
      let nibble = Int(position % 2 == 0 ? byte & 15 : byte >> 4)
      return nibble < 8 ? nibble : nibble - 16
    }
    switch kind {
    case 1:
      let length = groups == 1 ? padded : outputs / groups
      // Column kx lies behind all columns of smaller phases, and of its own phase the last is first.
      let places = (0..<kernelWidth).map { kx in
        (0..<kernelWidth).count {
          let (phase, own) = ($0 % strideWidth, kx % strideWidth)
          return phase < own || (phase == own && $0 > kx)
        }
      }
      for output in 0..<outputs {
        let group = output / (outputs / groups)
        for input in 0..<inputs / groups {
          for ky in 0..<kernelHeight {
            for kx in 0..<kernelWidth {
              let channel = group * (inputs / groups) + input
              let row = (channel * kernelHeight + ky) * kernelWidth + places[kx]
              let position = groups == 1 ? output : output % (outputs / groups)
              weights.append(weight(row: row, length: length, position: position))
            }
          }
        }
      }
    case 2:
      for output in 0..<outputs {
        for channel in 0..<inputs {
          for y in 0..<pooledHeight {
            for x in 0..<pooledWidth {
              let row = (y * pooledWidth + x) * inputs + channel
              weights.append(weight(row: row, length: padded, position: output))
            }
          }
        }
      }
    case 3: weights = file.values(start, count: outputs, bits: bits)
    default: break
    }
  }

  /// The weights in one of the orders 2 to 4: of a convolution of one group, or of a dense connection,
  /// which is a convolution whose kernel is the map.
  private func weights(
    order: Int, _ file: Words, start: Int, inputs: Int, outputs: Int, outputWidth: Int
  ) -> [Int] {
    let rows = kind == 2 ? pooledHeight : kernelHeight
    let columns = kind == 2 ? pooledWidth : kernelWidth
    let stride = kind == 2 ? 1 : strideWidth
    var result: [Int] = []
    for output in 0..<outputs {
      for input in 0..<inputs {
        for ky in 0..<rows {
          for kx in 0..<columns {
            switch order {
            case 2:
              result.append(
                tiled(
                  file, start, output, input, ky, kx, (inputs, outputs), (rows, columns),
                  isGrouped: outputs > 8 && outputs <= 16 && stride == 1 && outputWidth >= 4))
            case 3:
              // Columns of smaller phases come first, and in a phase they ascend.
              let place = (0..<columns).count {
                ($0 % stride, $0 / stride) < (kx % stride, kx / stride)
              }
              let line = (output / 8 * rows + ky) * inputs + input
              let offset = (line * columns + place) * 8 + output % 8
              result += file.values(start + offset, count: 1, bits: 8)
            default:
              let offset = ky * 40 + (columns - 1 - kx) * ((outputs + 7) / 8 * 8) + output
              result += file.values(start + offset, count: 1, bits: 8)
            }
          }
        }
      }
    }
    return result
  }

  /// A weight in the order of a gather.
  private func tiled(
    _ file: Words, _ start: Int, _ output: Int, _ input: Int, _ ky: Int, _ kx: Int,
    _ channels: (inputs: Int, outputs: Int), _ kernel: (rows: Int, columns: Int), isGrouped: Bool
  ) -> Int {
    // As many tiles of 64 as fit, then at most one each of 32, 16 and 8.
    var (first, lanes, rest) = (0, 64, (channels.outputs + 7) / 8 * 8)
    while true {
      while lanes > rest { lanes /= 2 }
      if output < first + lanes { break }
      first += lanes
      rest -= lanes
    }
    let width = isGrouped ? kernel.columns + 6 : kernel.columns
    let line =
      isGrouped
      ? (ky * channels.inputs + input) * width + 3 + (kernel.columns - 1 - kx)
      : (ky * width + kx) * channels.inputs + input
    // In half bytes of 4 bits, or in bytes.
    let tile = first * kernel.rows * width * channels.inputs
    if weightBits == 8 {
      return file.values(start + tile + line * lanes + output - first, count: 1, bits: 8)[0]
    }
    let (half, place) = (output - first).quotientAndRemainder(dividingBy: lanes / 2)
    let byte = file.bytes[start + (tile + line * lanes) / 2 + place]
    return Int(half == 0 ? byte & 15 : byte >> 4) - 8
  }
}
