import SpikeletNetwork

/// A quantized network: everything that the engine computes with, as whole numbers.
public struct IntegerNetwork: Sendable {
  /// The network's name, for messages.
  public var name: String
  /// How pixels reach the first layer.
  public var input: InputCoding
  /// The shape of a picture.
  public var inputShape: Shape
  /// The layers in the order in which they run; the last one is the read-out.
  public var layers: [Layer]
  /// What the class scores are.
  public var readOut: OutputScores
  /// The timesteps of an inference unless its caller says otherwise.
  public var timesteps: Int
  /// The most timesteps for which every potential is proven to fit.
  public var maximumTimesteps: Int
  /// When an inference ends early.
  public var exit: ExitRule

  /// Whether anything but the scores outlives a timestep.
  var keepsState: Bool { maximumTimesteps > 1 && !input.looksAtMirror }

  /// Neurons, or a max pool of spikes.
  public struct Layer: Sendable {
    /// What to call it in reports.
    public var name: String
    /// The shape of the potentials; of a max pool the shape of its spikes.
    public var shape: Shape
    /// What it reads, at least one; a max pool exactly one.
    public var connections: [Connection]
    /// What it does with it.
    public var kind: Kind
  }

  /// What a layer does.
  public enum Kind: Sendable {
    case neurons(Neurons)
    case maxPool(SpikeMaximum)
  }

  /// One value a channel, in units of the channel's weight scale (times 2^currentShift where a
  /// direct current is rounded).
  public struct Neurons: Sendable {
    /// 16 or 32.
    public var membraneBits: Int
    /// How several thresholds become spikes.
    public var thresholdCoding = ThresholdCoding.thermometer
    /// What a spike does to its potential.
    public var reset: Reset
    /// What a potential loses between two timesteps.
    public var leak: Leak
    /// The thresholds of a potential, ascending in every channel; none for the potential read-out.
    public var thresholds: [[Int]]
    /// What reaching each threshold subtracts under a soft reset.
    public var resets: [[Int]]
    /// No potential is kept below this.
    public var lowerClamps: [Int]
    /// No potential is kept above this.
    public var upperClamps: [Int]
    /// What potentials begin with.
    public var initials: [Int]
    /// With `biasFractionBits` fraction bits; unshifted where a direct current holds them.
    public var biases: [Int]
    /// The fraction bits of the biases, 0…12.
    public var biasFractionBits: Int
    /// The right shift that rounds a direct current, 0…24.
    public var currentShift: Int
    /// The proven range of every potential.
    public var potentialRange: ClosedRange<Int>
    /// What one unit of the potential is worth, in units of the current.
    public var weightScales: [Double]
    /// The activation that one spike stands for.
    public var lambda: [Double]
    /// Weights that were clipped to the largest magnitude.
    public var saturatedWeights: Int
    /// The mean firing rate that the calibration predicts, in spikes a timestep.
    public var predictedRate: Double

    /// False for the potential read-out.
    public var fires: Bool { !thresholds.isEmpty }
  }

  /// Synapses from one source, seen through an optional sum pool, to one layer.
  public struct Connection: Sendable {
    /// 0 is the input, i the output of layer i − 1.
    public var source: Int
    /// The sum pool that the source is seen through; nil for none.
    public var pool: Window?
    /// The source's shape after the pool.
    public var pooledShape: Shape
    /// The weights.
    public var synapses: Synapses
  }

  /// Weights in the orders of `SpikingNetwork.Synapses`.
  public enum Synapses: Sendable {
    case convolution(window: Window, groups: Int, weights: [Int], bits: Int)
    case dense(weights: [Int], bits: Int)
    case channelwise(weights: [Int])
    case maxPool
    /// The potentials of a layer that never fires, site to site.
    case potentials
  }
}

extension IntegerNetwork.Layer {
  /// The number of thresholds where a spike says which one was crossed last; otherwise 1.
  public var oneHotThresholds: Int {
    guard case .neurons(let neurons) = kind, neurons.thresholdCoding == .oneHot else { return 1 }
    return neurons.thresholds.count
  }
}

extension IntegerNetwork {
  /// The proven range of the potentials of a source; nil for the input and for max pools.
  func potentialRange(of source: Int) -> ClosedRange<Int>? {
    guard source > 0, case .neurons(let neurons) = layers[source - 1].kind else { return nil }
    return neurons.potentialRange
  }
}
