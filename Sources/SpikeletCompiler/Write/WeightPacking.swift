import SpikeletNetwork

/// Lays weights out as the kernels read them.
enum WeightPacking {
  /// The bytes of a connection's weights.
  static func pack(
    _ connection: IntegerNetwork.Connection, channels: Int, membraneBits: Int
  ) -> [UInt8] {
    switch connection.synapses {
    case .convolution(let window, let groups, let weights, let bits):
      return convolution(
        weights, window, groups: groups, inputs: connection.pooledShape.channels,
        outputs: channels, bits: bits)
    case .dense(let weights, let bits):
      return dense(weights, shape: connection.pooledShape, outputs: channels, bits: bits)
    case .channelwise(let weights):
      var bytes: [UInt8] = []
      for channel in 0..<padded(channels) {
        let weight = channel < channels ? weights[channel] : 0
        if membraneBits == 16 {
          bytes.append(littleEndian: Int16(weight))
        } else {
          bytes.append(littleEndian: Int32(weight))
        }
      }
      return bytes
    case .maxPool: return []
    }
  }

  static func padded(_ channels: Int) -> Int { (channels + 7) / 8 * 8 }

  /// The order of a kernel row's columns: those of one phase of the stride side by side, the last first.
  /// What one input adds to neighbouring sites is then one run of weights.
  private static func columns(_ window: Window) -> [Int] {
    (0..<window.strideWidth).flatMap { phase in
      stride(from: phase, to: window.kernelWidth, by: window.strideWidth).reversed()
    }
  }

  /// `[input channel][kernel row][kernel column, ordered][output channel]`
  private static func convolution(
    _ weights: [Int], _ window: Window, groups: Int, inputs: Int, outputs: Int, bits: Int
  ) -> [UInt8] {
    let groupInputs = inputs / groups
    let groupOutputs = outputs / groups
    let length = groups == 1 ? padded(outputs) : groupOutputs
    let columns = columns(window)
    var bytes: [UInt8] = []
    for input in 0..<inputs {
      let group = input / groupInputs
      for ky in 0..<window.kernelHeight {
        for kx in columns {
          var row = [Int](repeating: 0, count: length)
          for output in 0..<groupOutputs {
            let plane = (group * groupOutputs + output) * groupInputs + input % groupInputs
            row[output] = weights[(plane * window.kernelHeight + ky) * window.kernelWidth + kx]
          }
          append(row, bits: bits, to: &bytes)
        }
      }
    }
    return bytes
  }

  /// `[row][column][input channel][output channel]`
  private static func dense(
    _ weights: [Int], shape: Shape, outputs: Int, bits: Int
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        for channel in 0..<shape.channels {
          let input = (channel * shape.height + y) * shape.width + x
          var row = [Int](repeating: 0, count: padded(outputs))
          for output in 0..<outputs { row[output] = weights[output * shape.count + input] }
          append(row, bits: bits, to: &bytes)
        }
      }
    }
    return bytes
  }

  private static func append(_ row: [Int], bits: Int, to bytes: inout [UInt8]) {
    switch bits {
    case 16: for weight in row { bytes.append(littleEndian: Int16(weight)) }
    case 8: for weight in row { bytes.append(UInt8(bitPattern: Int8(weight))) }
    default:
      for i in stride(from: 0, to: row.count, by: 2) {
        let second = i + 1 < row.count ? row[i + 1] : 0
        bytes.append(UInt8(row[i] & 15 | (second & 15) << 4))
      }
    }
  }
}

extension [UInt8] {
  mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
