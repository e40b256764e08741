// The model file's records. docs/model-format.md describes every field; the compiler writes
// through these same structures. All fields are 32-bit little-endian words in declaration order,
// so a record has no padding and the same layout on every machine.

#if _endian(big)
  #error("the model format is little-endian and used in place")
#endif

/// The constants of the model file format.
public enum ModelFormat {
  /// "SPKL" as the first four bytes of the file.
  public static let magic: UInt32 = 0x4C4B_5053
  /// Files with another version are refused.
  public static let version: UInt32 = 3
  /// Every section starts at a multiple of this.
  public static let sectionAlignment: Int32 = 64
  /// Every arena buffer starts at a multiple of this, and so does the arena itself.
  public static let bufferAlignment: Int32 = 16
  /// The word that stands for "no buffer", "no offset" or "no layer".
  public static let none: Int32 = -1
  /// Channels are stored in blocks of this many lanes, the last one padded.
  public static let lanes: Int32 = 8

  public static let maximumLayers: Int32 = 4096
  public static let maximumConnections: Int32 = 16384
  /// The largest channel count, height or width.
  public static let maximumExtent: Int32 = 65535
  public static let maximumTimesteps: Int32 = 65535
  /// The most thresholds a potential.
  public static let maximumThresholds: Int32 = 8
}

/// The first record of a model file: what the sections are and how an inference begins and ends.
public struct ModelHeader: BitwiseCopyable, Equatable, Sendable {
  public var magic: UInt32 = ModelFormat.magic
  public var version: UInt32 = ModelFormat.version
  /// The size of the whole file in bytes.
  public var totalBytes: Int32 = 0
  /// The CRC-32 of every byte after this word.
  public var checksum: UInt32 = 0

  public var layersOffset: Int32 = 0
  public var layerCount: Int32 = 0
  public var connectionsOffset: Int32 = 0
  public var connectionCount: Int32 = 0
  public var buffersOffset: Int32 = 0
  public var bufferCount: Int32 = 0
  /// Thresholds, resets, clamps, initial potentials, biases and zero points.
  public var parametersOffset: Int32 = 0
  public var parametersBytes: Int32 = 0
  public var weightsOffset: Int32 = 0
  public var weightsBytes: Int32 = 0
  /// The layers' names, UTF-8, one after the other.
  public var namesOffset: Int32 = 0
  public var namesBytes: Int32 = 0
  /// JSON: where the model came from and how it was made. The engine never reads it.
  public var provenanceOffset: Int32 = 0
  public var provenanceBytes: Int32 = 0

  /// The bytes that the caller's buffer must hold, at 16-byte alignment.
  public var arenaBytes: Int32 = 0

  /// An `InputMode`.
  public var inputMode: Int32 = 0
  public var inputChannels: Int32 = 0
  public var inputHeight: Int32 = 0
  public var inputWidth: Int32 = 0
  /// The buffer of the encoded input spikes; none for direct input.
  public var inputBuffer: Int32 = ModelFormat.none
  /// In the parameters: one zero point (0…255) a channel as `Int32`, for direct input.
  public var zeroPointsOffset: Int32 = ModelFormat.none
  public var poissonSeedLow: UInt32 = 0
  public var poissonSeedHigh: UInt32 = 0

  /// The timesteps that an inference takes unless the caller or the exit policy says otherwise.
  public var timesteps: Int32 = 0
  /// The most timesteps for which the overflow proof and the counters hold.
  public var maximumTimesteps: Int32 = 0

  /// A `ReadOut`.
  public var readOut: Int32 = 0
  /// The buffer of output spike counts; none for the potential read-out.
  public var scoreBuffer: Int32 = ModelFormat.none

  /// An `ExitPolicy.Kind`.
  public var exitKind: Int32 = 0
  /// The criterion's number; the number of entries where the policy has a table.
  public var exitParameter: Int32 = 0
  public var exitMinimumMargin: Int32 = 0
  public var exitMinimumTimestep: Int32 = 1
  /// In the parameters: one margin (`Int32`) a timestep; none without a table.
  public var exitTableOffset: Int32 = ModelFormat.none

  public init() {}
}

/// How a picture becomes the first layer's input.
public enum InputMode: Int32, Sendable {
  /// The pixel, minus the channel's zero point, times the weights is a constant current.
  case direct = 0
  /// Pixel p fires at timestep t iff ⌊p·t/255⌋ > ⌊p·(t−1)/255⌋.
  case rate = 1
  /// Pixel p fires with probability p/255, drawn from a counter-based generator.
  case poisson = 2
}

/// What the class scores are.
public enum ReadOut: Int32, Sendable {
  /// The last layer's membrane potentials; it never fires.
  case potential = 0
  /// The last layer's spike counts.
  case count = 1
}

/// One layer: spiking neurons (or the read-out's integrators), or a max pool.
public struct LayerRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `LayerKind`.
  public var kind: Int32 = 0
  public var nameOffset: Int32 = 0
  public var nameBytes: Int32 = 0
  public var channels: Int32 = 0
  public var height: Int32 = 0
  public var width: Int32 = 0
  public var firstConnection: Int32 = 0
  public var connectionCount: Int32 = 0

  /// 16 or 32; 0 for a max pool.
  public var membraneBits: Int32 = 0
  /// Fire thresholds a potential: 0 (integrates and never fires) to 8; 1 for a max pool.
  public var thresholdCount: Int32 = 0
  /// A `ResetRule`.
  public var reset: Int32 = 0
  /// A `LeakRule`.
  public var leak: Int32 = 0
  /// The `m` of `(U · m) >> n`.
  public var leakMultiplier: Int32 = 0
  /// The `k` of `U − (U >> k)`, or the `n` of `(U · m) >> n`.
  public var leakShift: Int32 = 0
  /// The fraction bits of the biases: bias(t) = ((B·t) >> f) − ((B·(t−1)) >> f).
  public var biasFractionBits: Int32 = 0
  /// The right shift, rounding half up, of a direct input's summed current (bias included).
  public var currentShift: Int32 = 0

  // In the parameters, one value a channel, padded to a multiple of 8 channels. All but the
  // biases (`Int32`) are as wide as the membranes.
  public var thresholdsOffset: Int32 = ModelFormat.none
  public var resetsOffset: Int32 = ModelFormat.none
  public var lowerClampsOffset: Int32 = ModelFormat.none
  public var upperClampsOffset: Int32 = ModelFormat.none
  public var initialsOffset: Int32 = ModelFormat.none
  public var biasesOffset: Int32 = ModelFormat.none

  // Indices into the buffer records, or none.
  public var membraneBuffer: Int32 = ModelFormat.none
  public var currentBuffer: Int32 = ModelFormat.none
  public var spikeBuffer: Int32 = ModelFormat.none
  public var countBuffer: Int32 = ModelFormat.none

  /// A `MaxPoolRule`; 0 for neurons.
  public var poolRule: Int32 = 0
  /// 8 or 16: the counters of a max pool; 0 when it keeps none.
  public var counterBits: Int32 = 0

  /// The proven range of every potential at every moment of every inference.
  public var lowestPotential: Int32 = 0
  public var highestPotential: Int32 = 0

  /// A `LevelCoding`: how several thresholds become spikes.
  public var levelCoding: Int32 = 0
  /// The rows and columns of potentials that exist at once: all of them, but in a model of one
  /// timestep. 0 for a max pool.
  public var bandRows: Int32 = 0
  public var bandColumns: Int32 = 0
  /// 1 for a max pool that runs inside the layer before it, so that the map between is not stored.
  public var isFused: Int32 = 0

  public init() {}
}

/// What the spikes of a neuron with several thresholds say. Level k is the spike map's channels from
/// k · channels on.
public enum LevelCoding: Int32, Sendable {
  /// The spike of level k fires if the potential reaches threshold k.
  case thermometer = 0
  /// The spike of level k fires if threshold k is the largest that the potential reaches.
  case oneHot = 1
}

public enum LayerKind: Int32, Sendable {
  case neurons = 1
  case maxPool = 2
}

/// What a spike does to the potential that caused it.
public enum ResetRule: Int32, Sendable {
  case none = 0
  /// U ← U − R of the largest threshold that it reached (reset by subtraction).
  case soft = 1
  /// U ← 0.
  case hard = 2
}

/// How a potential decays between two timesteps.
public enum LeakRule: Int32, Sendable {
  case none = 0
  /// U ← U − (U >> k), an arithmetic shift.
  case shift = 1
  /// U ← (U · m) >> n, rounded down.
  case multiplyFloor = 2
  /// U ← (U · m) / 2ⁿ, rounded toward zero.
  case multiplyTowardZero = 3
}

/// How a max pool of spikes decides.
public enum MaxPoolRule: Int32, Sendable {
  /// A window fires iff the largest spike count of its inputs rose at this timestep.
  case countMaximum = 1
  /// A window passes the current spike of the input with the largest count so far.
  case gated = 2
  /// A window fires iff any of its inputs does: what a network trained on spikes means by a maximum.
  case any = 3
}

/// A set of synapses from one spike map (or the input) to one layer.
///
/// The source is seen through a sum pool: the value at a pooled site is the number of spikes in
/// its window. A pool of 1 × 1 and stride 1 is no pool.
public struct ConnectionRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `ConnectionKind`.
  public var kind: Int32 = 0
  /// 0 is the input, i the output of layer i − 1.
  public var source: Int32 = 0

  public var poolHeight: Int32 = 1
  public var poolWidth: Int32 = 1
  public var poolStrideHeight: Int32 = 1
  public var poolStrideWidth: Int32 = 1
  public var poolPaddingTop: Int32 = 0
  public var poolPaddingLeft: Int32 = 0
  /// Rows and columns after the pool.
  public var pooledHeight: Int32 = 0
  public var pooledWidth: Int32 = 0

  public var kernelHeight: Int32 = 1
  public var kernelWidth: Int32 = 1
  public var strideHeight: Int32 = 1
  public var strideWidth: Int32 = 1
  public var paddingTop: Int32 = 0
  public var paddingLeft: Int32 = 0
  public var groups: Int32 = 1

  /// 4, 8 or 16; for channelwise connections the membrane's width.
  public var weightBits: Int32 = 0
  /// In the weights section.
  public var weightsOffset: Int32 = 0
  public var weightsBytes: Int32 = 0

  public init() {}
}

public enum ConnectionKind: Int32, Sendable {
  /// Weights `[input channel][kernel row][kernel column by phase][output channel of the group]`.
  case convolution = 1
  /// Weights `[row][column][input channel][output channel]`.
  case dense = 2
  /// One weight a channel, site to site: spiking average pools and identity branches.
  case channelwise = 3
  /// The window of a max pool; no weights.
  case maxPool = 4
}

/// One named range of the arena.
public struct BufferRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `BufferKind`.
  public var kind: Int32 = 0
  /// The layer it belongs to; none for the encoded input.
  public var layer: Int32 = ModelFormat.none
  public var offset: Int32 = 0
  public var bytes: Int32 = 0
  /// The first and the last slot of a timestep's schedule in which it holds something: slot 0
  /// encodes the input, slot i runs layer i − 1.
  public var firstUse: Int32 = 0
  public var lastUse: Int32 = 0

  public init() {}
}

public enum BufferKind: Int32, Sendable {
  case inputSpikes = 0
  case spikes = 1
  case membrane = 2
  case current = 3
  case counts = 4
  case scores = 5
}
