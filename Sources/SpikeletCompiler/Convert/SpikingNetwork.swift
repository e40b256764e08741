import SpikeletNetwork

/// A converted network before quantization: float weights, float thresholds, spikes between layers.
///
/// Source 0 is the input, source i the output of layer i − 1. A spike is worth 1: the scale of what
/// it stands for (λ of its source, and the divisor of an average pool) is in the weights.
public struct SpikingNetwork: Sendable {
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

  /// Makes a network of all its parts.
  public init(
    name: String, input: InputCoding, inputShape: Shape, layers: [Layer], readOut: OutputScores
  ) {
    self.name = name
    self.input = input
    self.inputShape = inputShape
    self.layers = layers
    self.readOut = readOut
  }

  /// Neurons, or a max pool of spikes.
  public struct Layer: Sendable {
    /// What to call it in reports.
    public var name: String
    /// The node of the float network whose values the layer's spikes (or potentials) stand for.
    public var node: String
    /// The shape of the potentials; of a max pool the shape of its spikes.
    public var shape: Shape
    /// What it reads, at least one; a max pool exactly one.
    public var connections: [Connection]
    /// What it does with it.
    public var kind: Kind

    /// Makes a layer of all its parts.
    public init(
      name: String, node: String = "", shape: Shape, connections: [Connection], kind: Kind
    ) {
      self.name = name
      self.node = node
      self.shape = shape
      self.connections = connections
      self.kind = kind
    }
  }

  /// What a layer does.
  public enum Kind: Sendable {
    case neurons(Neurons)
    case maxPool(SpikeMaximum)
  }

  /// One value a channel, unless said otherwise.
  public struct Neurons: Sendable {
    /// Added to the potential at every timestep.
    public var bias: [Double]
    /// The thresholds of a potential, each with one value a channel, ascending in every channel.
    /// Empty for the potential read-out, which never fires.
    public var thresholds: [[Double]]
    /// Whether a potential has to exceed its threshold; otherwise it fires where it equals it, too.
    public var firesAbove: Bool
    /// Whether the thresholds were trained: the integers then decide as the real numbers would.
    /// Nothing is rounded beyond weights that do not lie on their channel's grid, no clamp ever acts,
    /// and at one timestep the bias is part of the threshold.
    public var hasTrainedThresholds: Bool
    /// What a spike does to its potential.
    public var reset: Reset
    /// What a soft reset subtracts, in thresholds: more than 1 where training subtracted the threshold
    /// after the leak.
    public var resetFactor = 1.0
    /// What a soft reset subtracts, K arrays of one value a channel, where it is no multiple of the
    /// thresholds; empty for these.
    public var amounts: [[Double]] = []
    /// The initial potential as a share of the first threshold: 0.5 is TRE of Wu et al. 2022.
    public var initialShare: Double
    /// The initial potential, where it is no share of the threshold; empty for that.
    public var initials: [Double] = []
    /// What potentials are raised to after a reset, none above 0; empty for no such floor.
    public var floors: [Double] = []
    /// Whether potentials were real numbers in training, so that whole weights are made as large as
    /// their width allows wherever something else is no whole number of them.
    public var countsFinely = false
    /// Whether the potentials are a synaptic current, which other neurons read and which never fires.
    public var isCurrent = false
    /// What potentials are counted in, where training counted them in whole numbers of it.
    public var unit: Double?
    /// What a potential loses between two timesteps.
    public var leak: Leak
    /// The activation that one spike stands for.
    public var lambda: [Double]
    /// The mean firing rate that the calibration predicts, in spikes a timestep.
    public var predictedRate: Double

    /// Makes neurons; by default thresholds are reached, not exceeded, and were not trained.
    public init(
      bias: [Double], thresholds: [[Double]], firesAbove: Bool = false,
      hasTrainedThresholds: Bool = false,
      reset: Reset, initialShare: Double, leak: Leak, lambda: [Double], predictedRate: Double
    ) {
      self.bias = bias
      self.thresholds = thresholds
      self.firesAbove = firesAbove
      self.hasTrainedThresholds = hasTrainedThresholds
      self.reset = reset
      self.initialShare = initialShare
      self.leak = leak
      self.lambda = lambda
      self.predictedRate = predictedRate
    }
  }

  /// Synapses from one source, seen through an optional sum pool, to one layer.
  public struct Connection: Sendable {
    /// 0 is the input, i the output of layer i − 1. What does not run before the layer is read as the
    /// timestep before has left it: nothing at the first one.
    public var source: Int
    /// The sum pool that the source is seen through; nil for none.
    public var pool: Window?
    /// The source's shape after the pool.
    public var pooledShape: Shape
    /// The weights.
    public var synapses: Synapses
    /// How many weights of the network one weight may be the sum of: the sites of an average pool
    /// after the convolution, which has become a part of it.
    public var foldedPoolArea: Int

    /// Makes a connection of all its parts.
    public init(
      source: Int, pool: Window?, pooledShape: Shape, synapses: Synapses, foldedPoolArea: Int = 1
    ) {
      self.source = source
      self.pool = pool
      self.pooledShape = pooledShape
      self.synapses = synapses
      self.foldedPoolArea = foldedPoolArea
    }
  }

  /// The weights of a connection, in the order that follows its kind.
  public enum Synapses: Sendable {
    /// Weights `[output][input within its group][kernel row][kernel column]`.
    case convolution(window: Window, groups: Int, weights: [Double])
    /// Weights `[output][input]`, inputs in the order channel, row, column.
    case dense(weights: [Double])
    /// One weight a channel, site to site.
    case channelwise(weights: [Double])
    /// The window of a max pool: the connection's own pool.
    case maxPool
    /// The potentials of a layer that never fires, site to site: a synaptic current.
    case potentials

    /// The number of weights; none of a max pool and of potentials.
    var weightCount: Int {
      switch self {
      case .convolution(_, _, let weights), .dense(let weights), .channelwise(let weights):
        weights.count
      case .maxPool, .potentials: 0
      }
    }
  }
}

extension SpikingNetwork.Neurons {
  /// False for the potential read-out.
  public var fires: Bool { !thresholds.isEmpty }

  /// What a spike of a threshold subtracts from its potential under a soft reset.
  public func amount(_ threshold: Int, channel: Int) -> Double {
    amounts.isEmpty ? thresholds[threshold][channel] * resetFactor : amounts[threshold][channel]
  }

  /// What the potential of a channel begins with.
  public func initial(channel: Int) -> Double {
    initials.isEmpty ? initialShare * (thresholds.first?[channel] ?? 0) : initials[channel]
  }
}

extension SpikingNetwork.Layer {
  /// The shape of the layer's spike map: all channels of the first threshold, then all channels of
  /// the second, and so on.
  public var spikeShape: Shape {
    guard case .neurons(let neurons) = kind else { return shape }
    return Shape(
      channels: shape.channels * max(1, neurons.thresholds.count), height: shape.height,
      width: shape.width)
  }
}

extension SpikingNetwork {
  /// The shape of a source's map: 0 is the input, i the output of layer i − 1.
  public func sourceShape(_ source: Int) -> Shape {
    source == 0 ? inputShape : layers[source - 1].spikeShape
  }
}
