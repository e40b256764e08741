import SpikeletNetwork

/// A deployment: which network, how it is converted, and what it may cost.
///
/// docs/configuration.md describes every key. `init` gives the defaults: the best known combination.
public struct Configuration: Sendable, Equatable {
  public var name = ""
  /// The ONNX file, relative to the configuration.
  public var network = ""
  /// Which output of the network holds the class scores, where it has several.
  public var output: String?
  /// The activation statistics, relative to the configuration. A network whose thresholds were
  /// trained needs none.
  public var calibration = ""
  /// The data set that the network was trained on.
  public var dataset = ""
  /// The board that the model is meant for: `boards/<board>.json`, which `Board` looks for.
  public var board: String?
  public var input = Input()
  public var conversion = Conversion()
  public var quantization = Quantization()
  public var readOut = OutputScores.potential
  /// Nil for the network's own number where it has one, otherwise the default.
  public var requestedTimesteps: Int?
  public var requestedMaximumTimesteps: Int?
  public var exit = Exit()
  public var budgets = Budgets()

  public init() {}

  public var timesteps: Int {
    get { requestedTimesteps ?? 8 }
    set { requestedTimesteps = newValue }
  }

  public var maximumTimesteps: Int {
    get { requestedMaximumTimesteps ?? max(255, timesteps) }
    set { requestedMaximumTimesteps = newValue }
  }

  /// A pixel p of channel c enters the network as (p / scale − mean[c]) / std[c].
  public struct Input: Sendable, Equatable {
    public var mode = InputCoding.Mode.direct
    public var scale = 255.0
    /// One value a channel; empty for zeros.
    public var mean: [Double] = []
    /// One value a channel; empty for ones.
    public var std: [Double] = []
    /// Selects the stream of Poisson input.
    public var seed: UInt64 = 0

    public init() {}
  }

  public struct Conversion: Sendable, Equatable {
    /// λ is this percentile of a layer's activations over the calibration set; 100 is the maximum.
    public var percentile = 99.5
    public var granularity = Granularity.channel
    public var normalization = Normalization.weights
    public var initialPotential = InitialPotential.half
    public var reset = Reset.soft
    public var leak = Leak()
    public var averagePooling = AveragePooling.sum
    public var maxPooling = SpikeMaximum.countMaximum
    /// The keys that the file gives.
    var givenKeys: Set<String> = []

    public init() {}
  }

  public enum Granularity: String, Sendable, CaseIterable { case channel, layer }

  /// The two special cases of current normalization (Wu et al. 2022): which side carries λ.
  public enum Normalization: String, Sendable, CaseIterable { case weights, thresholds }

  public enum InitialPotential: String, Sendable, CaseIterable { case half, zero }

  public enum AveragePooling: String, Sendable, CaseIterable { case sum, spiking }

  public struct Quantization: Sendable, Equatable {
    /// 8, 4 or 16.
    public var weightBits = 8
    /// 16 or 32; nil lets the overflow proof choose for each layer.
    public var membraneBits: Int?

    public init() {}
  }

  /// Limits in bytes; a build that exceeds one fails.
  public struct Budgets: Sendable, Equatable {
    public var maximumArenaBytes: Int?
    public var maximumModelBytes: Int?

    public init() {}
  }
}
