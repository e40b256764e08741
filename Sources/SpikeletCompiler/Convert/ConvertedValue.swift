import SpikeletNetwork

/// What a node's values are in the spiking network: spikes of some layers, or a current.
enum ConvertedValue {
  case spikes([Segment])
  case current(Current)

  /// The spikes of one layer (or the input), possibly sum-pooled, as consecutive channels of a node.
  struct Segment {
    /// 0 is the input, i the output of layer i − 1.
    var source: Int
    var pool: Window?
    /// The shape after the pool.
    var shape: Shape
    /// What one spike at a pooled site is worth, a channel each.
    var scale: [Double]
    /// What the value is without spikes, a channel each; not zero only where it was shifted.
    var offset: [Double]
    /// The smallest and largest value, averages included.
    var range: ClosedRange<Double>
    /// Whether a normalization has changed what spikes stand for.
    var isNormalized = false

    var isNonnegative: Bool { range.lowerBound >= 0 }
  }

  /// A sum of weighted spikes that has not become spikes itself.
  struct Current {
    /// The node that the layer will be named after.
    var name: String
    var shape: Shape
    /// Weights in units of the node's values.
    var connections: [SpikingNetwork.Connection]
    var bias: [Double]
    /// The largest value that one spike of any source stands for.
    var inputScale: Double
    /// True when no term can be negative, so that a rectifier would change nothing.
    var isNonnegative: Bool
  }
}
