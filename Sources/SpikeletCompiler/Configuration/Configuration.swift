import SpikeletNetwork

/// A deployment: which network, how it is converted, and what it may cost.
///
/// docs/configuration.md describes every key. `init` gives the defaults: the best known combination.
public struct Configuration: Sendable, Equatable {
  /// What the model is called.
  public var name = ""
  /// The file of the network, ONNX or NIR, relative to the configuration.
  public var network = ""
  /// Which output of the network holds the class scores, where it has several.
  public var output: String?
  /// The activation statistics, relative to the configuration. A network whose thresholds were
  /// trained needs none.
  public var calibration = ""
  /// The data set that the network was trained on.
  public var dataset = ""
  /// The names of the classes, in the network's order; empty for those of the calibration's
  /// pictures.
  public var classNames: [String] = []
  /// The board that the model is meant for: `boards/<board>.json`, which `Board` looks for.
  public var board: String?
  /// What a pixel is worth, and how it reaches the first layer.
  public var input = Input()
  /// How a network of rectifiers becomes a spiking one.
  public var conversion = Conversion()
  /// The widths of weights and potentials.
  public var quantization = Quantization()
  /// How a graph of NIR is read: the answers to what its file leaves open. Nil for the literal ones,
  /// and for networks of other formats.
  public var nir: NeuronSemantics?
  /// What the class scores are.
  public var readOut = OutputScores.potential
  /// Nil for the network's own number where it has one, otherwise the default.
  public var requestedTimesteps: Int?
  /// Nil for 255, or for the timesteps where they are more.
  public var requestedMaximumTimesteps: Int?
  /// When an inference ends early.
  public var exit = Exit()
  /// What the model may cost.
  public var budgets = Budgets()
  /// The machine whose instructions count; nil for that of the board, or aarch64.
  public var target: CostTarget?
  /// How often neurons fire, or where that is written.
  public var firing = Firing.assumed
  /// A kernel to run wherever it suits, by the name that reports use; no file says so, it is for
  /// measurements.
  public var preferredKernel: String?

  /// The defaults, without a network.
  public init() {}

  /// The timesteps of an inference, 1…65,535; 8 unless requested.
  public var timesteps: Int {
    get { requestedTimesteps ?? 8 }
    set { requestedTimesteps = newValue }
  }

  /// The most timesteps that the model can be asked for, 1…65,535.
  public var maximumTimesteps: Int {
    get { requestedMaximumTimesteps ?? max(255, timesteps) }
    set { requestedMaximumTimesteps = newValue }
  }

  /// The timesteps of a run, each look at the picture being one, and the most there can be.
  public var runTimesteps: (usual: Int, most: Int) {
    input.looksAtMirror ? (2, 2) : (timesteps, maximumTimesteps)
  }

  /// A pixel p of channel c enters the network as (p / scale − mean[c]) / std[c].
  public struct Input: Sendable, Equatable {
    /// How pixels reach the first layer.
    public var mode = InputCoding.Mode.direct
    /// What a pixel is divided by.
    public var scale = 255.0
    /// One value a channel, or one for all; empty for zeros.
    public var mean: [Double] = []
    /// One value a channel, or one for all; empty for ones.
    public var std: [Double] = []
    /// Selects the stream of Poisson input.
    public var seed: UInt64 = 0
    /// How events become frames, in the mode of events.
    public var events: EventBinning?
    /// Whether a network of one timestep looks a second time, at the picture's mirror image.
    public var looksAtMirror = false

    /// Pixels divided by 255, as a direct current.
    public init() {}

    /// What is subtracted from the pixels of a channel.
    func mean(of channel: Int) -> Double { Self.value(mean, channel, otherwise: 0) }

    /// What they are divided by then.
    func std(of channel: Int) -> Double { Self.value(std, channel, otherwise: 1) }

    private static func value(_ list: [Double], _ channel: Int, otherwise: Double) -> Double {
      list.count > 1 ? list[channel] : list.first ?? otherwise
    }
  }

  /// The options of a conversion; a network with trained thresholds takes hardly any.
  public struct Conversion: Sendable, Equatable {
    /// λ is this percentile of a layer's activations over the calibration set; 100 is the maximum.
    public var percentile = 99.5
    /// Whether each channel has a λ of its own.
    public var granularity = Granularity.channel
    /// Whether weights or thresholds carry λ.
    public var normalization = Normalization.weights
    /// What a potential begins with.
    public var initialPotential = InitialPotential.half
    /// What a spike does to its potential.
    public var reset = Reset.soft
    /// What potentials lose between timesteps.
    public var leak = Leak()
    /// How average pools are computed.
    public var averagePooling = AveragePooling.sum
    /// How max pools of spikes decide.
    public var maxPooling = SpikeMaximum.countMaximum
    /// The keys that the file gives.
    var givenKeys: Set<String> = []

    /// The best known combination.
    public init() {}
  }

  /// Where a λ belongs to.
  public enum Granularity: String, Sendable, CaseIterable { case channel, layer }

  /// The two special cases of current normalization (Wu et al. 2022): which side carries λ.
  public enum Normalization: String, Sendable, CaseIterable { case weights, thresholds }

  /// What a potential begins with: half of the first threshold, or nothing.
  public enum InitialPotential: String, Sendable, CaseIterable { case half, zero }

  /// A sum that the consumer of the pool looks through, or neurons that count.
  public enum AveragePooling: String, Sendable, CaseIterable { case sum, spiking }

  /// The widths of weights and potentials.
  public struct Quantization: Sendable, Equatable {
    /// 8, 4 or 16.
    public var weightBits = 8
    /// 16 or 32; nil lets the overflow proof choose for each layer.
    public var membraneBits: Int?

    /// 8-bit weights, and potentials as wide as they must be.
    public init() {}
  }

  /// What a configuration says of firing rates: they choose kernels and change no result.
  public enum Firing: Sendable, Equatable {
    /// Nothing: `FiringRates.assumedRate`.
    case assumed
    /// Spikes a neuron and timestep, one for each map of spikes in order, the last for the rest.
    case given([Double])
    /// The file that `spikelet calibrate` writes, relative to the configuration.
    case file(String)
  }

  /// Limits; a build that exceeds one fails.
  public struct Budgets: Sendable, Equatable {
    /// The largest arena; nil for any.
    public var maximumArenaBytes: Int?
    /// The largest model file; nil for any.
    public var maximumModelBytes: Int?
    /// The most instructions of a picture; nil for any.
    public var maximumInstructions: Int?
    /// The most microseconds of a picture on the board, whose rate must be known; nil for any.
    public var maximumMicroseconds: Double?
    /// The pictures that the two above are for; nil for the rare ones where rates were measured,
    /// otherwise the typical ones.
    public var load: Load?
    /// How the arena of a model of one timestep is chosen; nil for `fastest` within a limit, and for
    /// `balanced` without one.
    public var arena: ArenaChoice?

    /// No limits.
    public init() {}
  }

  /// Which pictures an estimate of instructions is for.
  public enum Load: String, Sendable, CaseIterable {
    /// The mean picture.
    case typical
    /// Every map fires as in the one of a thousand timesteps that fires most.
    case rare
    /// Everything fires: no picture takes more.
    case worst
  }

  /// What an arena is worth in instructions.
  public enum ArenaChoice: String, Sendable, CaseIterable {
    /// It grows, within its limit, while twice as much of it saves a tenth of the instructions.
    case balanced
    /// As small as it can be.
    case smallest
    /// As large as the fastest plan within its limit needs.
    case fastest
  }
}
