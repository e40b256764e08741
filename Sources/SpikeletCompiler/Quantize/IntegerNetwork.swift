import SpikeletNetwork

/// A quantized network: everything that the engine computes with, as whole numbers.
public struct IntegerNetwork: Sendable {
  public var name: String
  public var input: InputCoding
  public var inputShape: Shape
  public var layers: [Layer]
  public var readOut: OutputScores
  public var timesteps: Int
  public var maximumTimesteps: Int
  public var exit: ExitRule

  public struct Layer: Sendable {
    public var name: String
    public var shape: Shape
    public var connections: [Connection]
    public var kind: Kind
  }

  public enum Kind: Sendable {
    case neurons(Neurons)
    case maxPool(SpikeMaximum)
  }

  /// One value a channel, in units of the channel's weight scale (times 2^currentShift where a
  /// direct current is rounded).
  public struct Neurons: Sendable {
    public var membraneBits: Int
    /// How several thresholds become spikes.
    public var thresholdCoding = ThresholdCoding.thermometer
    public var reset: Reset
    public var leak: Leak
    /// The thresholds of a potential, ascending in every channel; none for the potential read-out.
    public var thresholds: [[Int]]
    /// What reaching each threshold subtracts under a soft reset.
    public var resets: [[Int]]
    public var lowerClamps: [Int]
    public var upperClamps: [Int]
    public var initials: [Int]
    /// With `biasFractionBits` fraction bits; unshifted where a direct current holds them.
    public var biases: [Int]
    public var biasFractionBits: Int
    public var currentShift: Int
    /// The proven range of every potential.
    public var potentialRange: ClosedRange<Int>
    /// What one unit of the potential is worth, in units of the current.
    public var weightScales: [Double]
    public var lambda: [Double]
    /// Weights that were clipped to the largest magnitude.
    public var saturatedWeights: Int
    public var predictedRate: Double

    /// False for the potential read-out.
    public var fires: Bool { !thresholds.isEmpty }
  }

  public struct Connection: Sendable {
    public var source: Int
    public var pool: Window?
    public var pooledShape: Shape
    public var synapses: Synapses
  }

  /// Weights in the orders of `SpikingNetwork.Synapses`.
  public enum Synapses: Sendable {
    case convolution(window: Window, groups: Int, weights: [Int], bits: Int)
    case dense(weights: [Int], bits: Int)
    case channelwise(weights: [Int])
    case maxPool
  }
}

extension IntegerNetwork.Layer {
  /// The number of thresholds where a spike says which one was crossed last; otherwise 1.
  public var oneHotLevels: Int {
    guard case .neurons(let neurons) = kind, neurons.thresholdCoding == .oneHot else { return 1 }
    return neurons.thresholds.count
  }
}
