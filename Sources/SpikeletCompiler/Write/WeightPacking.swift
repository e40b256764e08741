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
    case .channelwise(let weights):
      for (channel, weight) in weights.enumerated() {
        packing.store(
          weight, at: layout.position(output: channel, input: channel, row: 0, column: 0))
      }
    case .maxPool, .potentials: break
    }
    return packing.bytes
  }

  private init(_ layout: WeightLayout) {
    self.layout = layout
    bytes = [UInt8](repeating: layout.blank, count: Int(layout.size.value ?? 0))
  }

  /// Stores the weights of every tap of every input channel.
  ///
  /// - Parameter weight: the weight from an input channel, counted within its group, to an output
  ///   channel at a tap.
  private mutating func taps(
    _ weight: (_ input: Int, _ output: Int, _ row: Int, _ column: Int) -> Int
  ) {
    let inputs = layout.inputs / layout.groups
    let outputs = layout.outputs / layout.groups
    for output in 0..<layout.outputs {
      let group = output / outputs
      for input in 0..<inputs {
        for y in 0..<layout.kernelHeight {
          for x in 0..<layout.kernelWidth {
            store(
              weight(input, output, y, x),
              at: layout.position(
                output: output, input: group * inputs + input, row: y, column: x))
          }
        }
      }
    }
  }

  /// Stores a weight; what no weight lies in stays as it is.
  private mutating func store(_ weight: Int, at place: (byte: Int, bit: Int)) {
    if layout.bits == 4 {
      let nibble = UInt8((layout.isRaised ? weight + 8 : weight) & 15)
      bytes[place.byte] = bytes[place.byte] & ~(15 << place.bit) | nibble << place.bit
      return
    }
    for byte in 0..<layout.bits / 8 {
      bytes[place.byte + byte] = UInt8(truncatingIfNeeded: weight >> (8 * byte))
    }
  }
}
