import SpikeletNetwork
import SpikeletRuntime

/// How several thresholds become spikes.
///
/// A neuron that reaches k of its thresholds sends k spikes in the thermometer code, and the consumer
/// adds k rows of weights. In the one-hot code it sends the last of them only, and the consumer's row
/// for it is the sum of those k rows: the same potentials, bit for bit, with one addition a neuron.
public enum ThresholdCodingChoice: Sendable {
  /// One-hot where the sums cost little: see `extraBytes`.
  case automatic
  case thermometer
  /// One-hot wherever it is possible.
  case oneHot

  /// What 4-bit weights may grow by, in bytes for all consumers of a layer, when their sums need 8.
  ///
  /// A convolution's rows are few and used at every site, a dense layer's are many and used once. Of a
  /// dual-threshold LeNet-5 with 4-bit weights the second convolution's sums take 600 bytes more and
  /// spare 13 % of the instructions (armv7: 19 %), because there are fewer rows and those of 8 bits
  /// are added faster; the first dense layer's would take 24,000 bytes more and spare another 4 %.
  static let extraBytes = 4096
  /// The widest sums that are chosen unasked. Those of 8-bit weights need 16 bits: in a dual-threshold
  /// LeNet-5 they spare 17 % of the additions and take as many instructions more as that saves.
  static let widestBits = 8

  /// Chooses each layer's code and turns the consumers' weights into sums where it is one-hot.
  func apply(
    to weights: inout [Quantizer.LayerWeights], of network: SpikingNetwork
  ) -> [ThresholdCoding] {
    network.layers.indices.map { index in
      let layer = network.layers[index]
      guard case .neurons(let neurons) = layer.kind, neurons.thresholds.count > 1,
        self != .thermometer
      else { return .thermometer }
      let channels = layer.shape.channels
      var summed: [(layer: Int, connection: Int, value: IntegerNetwork.Connection)] = []
      var growth = 0
      for consumer in weights.indices {
        for (i, connection) in weights[consumer].connections.enumerated()
        where connection.source == index + 1 {
          guard
            let sums = connection.summed(
              channels: channels, outputs: network.layers[consumer].shape.channels)
          else { return .thermometer }
          guard sums.bits <= Self.widestBits || self == .oneHot else { return .thermometer }
          growth += sums.extraBytes
          summed.append((consumer, i, sums.connection))
        }
      }
      guard !summed.isEmpty, growth <= Self.extraBytes || self == .oneHot else {
        return .thermometer
      }
      for sum in summed { weights[sum.layer].connections[sum.connection] = sum.value }
      return .oneHot
    }
  }
}

extension IntegerNetwork.Connection {
  /// The connection with each threshold's weights added to those of the thresholds above it, the bits of a
  /// sum, and the bytes that this takes more; nil where the thresholds do not meet in one output or a sum
  /// does not fit.
  ///
  /// - Parameter channels: the channels of one threshold.
  fileprivate func summed(
    channels: Int, outputs: Int
  ) -> (connection: IntegerNetwork.Connection, bits: Int, extraBytes: Int)? {
    let old: [Int]
    let bits: Int
    let plane: Int
    switch synapses {
    case .convolution(let window, 1, let weights, let width):
      (old, bits, plane) = (weights, width, window.area)
    case .dense(let weights, let width):
      (old, bits, plane) = (weights, width, pooledShape.height * pooledShape.width)
    default: return nil
    }
    var weights = old
    let row = old.count / outputs
    for i in weights.indices where i % row >= channels * plane {
      weights[i] += weights[i - channels * plane]
    }
    let widest = weights.reduce(0) { max($0, abs($1)) }
    guard let newBits = [bits, 8, 16].first(where: { widest <= WeightScales.limit(bits: $0) })
    else { return nil }
    var result = self
    switch synapses {
    case .convolution(let window, let groups, _, _):
      result.synapses = .convolution(
        window: window, groups: groups, weights: weights, bits: newBits)
    default: result.synapses = .dense(weights: weights, bits: newBits)
    }
    let lanes = padded(outputs) * row
    return (result, newBits, lanes * newBits / 8 - lanes * bits / 8)
  }
}
