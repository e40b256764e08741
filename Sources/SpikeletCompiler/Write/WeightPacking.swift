import SpikeletRuntime

/// Lays a connection's weights out as the kernels read them: where each lies, the runtime's
/// `WeightLayout` says.
struct WeightPacking {
  private let layout: WeightLayout
  private var bytes: [UInt8]

  /// The bytes of a connection's weights.
  static func pack(_ connection: IntegerNetwork.Connection, _ layout: WeightLayout) -> [UInt8] {
    var packing = WeightPacking(layout)
    switch connection.synapses {
    case .convolution(let window, _, let weights, _):
      packing.taps { input, output, y, x in
        let plane = output * (layout.inputs / layout.groups) + input
        return weights[(plane * window.kernelHeight + y) * window.kernelWidth + x]
      }
    case .dense(let weights, _):
      let shape = connection.pooledShape
      packing.taps { input, output, y, x in
        weights[output * shape.count + (input * shape.height + y) * shape.width + x]
      }
    case .channelwise(let weights): packing.store(weights, at: 0)
    case .maxPool: break
    }
    return packing.bytes
  }

  private init(_ layout: WeightLayout) {
    self.layout = layout
    bytes = [UInt8](repeating: 0, count: Int(layout.size.value ?? 0))
  }

  /// Stores the row of every tap of every input channel.
  ///
  /// - Parameter weight: the weight from an input channel, counted within its group, to an output
  ///   channel at a tap.
  private mutating func taps(
    _ weight: (_ input: Int, _ output: Int, _ row: Int, _ column: Int) -> Int
  ) {
    let inputs = layout.inputs / layout.groups
    let outputs = layout.outputs / layout.groups
    var row = [Int](repeating: 0, count: outputs)
    for input in 0..<layout.inputs {
      let (group, own) = input.quotientAndRemainder(dividingBy: inputs)
      for y in 0..<layout.kernelHeight {
        for x in 0..<layout.kernelWidth {
          for output in 0..<outputs { row[output] = weight(own, group * outputs + output, y, x) }
          store(row, at: layout.offset(input: input, row: y, column: x))
        }
      }
    }
  }

  /// Stores a row; what pads it stays 0. Of two 4-bit weights in a byte the first is the low half.
  private mutating func store(_ row: [Int], at offset: Int) {
    for (index, weight) in row.enumerated() {
      if layout.bits == 4 {
        bytes[offset + index / 2] |= UInt8(weight & 15) << (index % 2 * 4)
        continue
      }
      for byte in 0..<layout.bits / 8 {
        bytes[offset + index * layout.bits / 8 + byte] = UInt8(
          truncatingIfNeeded: weight >> (8 * byte))
      }
    }
  }
}
