/// What every layer's record begins with; `kind` says whether a `NeuronRecord` or a `MaxPoolRecord`
/// goes on from there. All are of one size.
package struct LayerRecord: BitwiseCopyable, Equatable, Sendable {
  /// A `LayerKind`.
  package var kind: Int32 = 0
  package var nameOffset: Int32 = 0
  package var nameBytes: Int32 = 0
  package var channels: Int32 = 0
  package var height: Int32 = 0
  package var width: Int32 = 0
  package var firstConnection: Int32 = 0
  package var connectionCount: Int32 = 0
  /// The channels of the spike map: all of the first threshold, then all of the second, and so on;
  /// 0 where nothing fires.
  package var spikeChannels: Int32 = 0
  /// The slot of the last layer that reads the spike map; the layer's own where none does.
  package var lastReader: Int32 = 0
  /// Indices into the buffer records, or none.
  package var spikeBuffer: Int32 = ModelFormat.none
  package var scratchBuffer: Int32 = ModelFormat.none

  package init() {}
}

package enum LayerKind: Int32, Sendable {
  case neurons = 1
  case maxPool = 2
}

/// A record that begins with what every layer has.
package protocol LayerBody {
  var layer: LayerRecord { get set }
}

extension LayerBody {
  package var channels: Int32 { layer.channels }
  package var height: Int32 { layer.height }
  package var width: Int32 { layer.width }
  package var firstConnection: Int32 { layer.firstConnection }
  package var connectionCount: Int32 { layer.connectionCount }
  package var spikeBuffer: Int32 { layer.spikeBuffer }
}

/// Spiking neurons, or the integrators of a potential read-out.
package struct NeuronRecord: BitwiseCopyable, Equatable, Sendable, LayerBody {
  package var layer = LayerRecord()

  /// 16 or 32.
  package var membraneBits: Int32 = 0
  /// Fire thresholds a potential: 0 (integrates and never fires) to 8.
  package var thresholdCount: Int32 = 0
  /// A `SpikeCoding`: how several thresholds become spikes.
  package var spikeCoding: Int32 = 0
  /// A `ResetRule`.
  package var reset: Int32 = 0
  /// A `LeakRule`.
  package var leak: Int32 = 0
  /// The `m` of `(U · m) >> n`.
  package var leakMultiplier: Int32 = 0
  /// The `k` of `U − (U >> k)`, or the `n` of `(U · m) >> n`.
  package var leakShift: Int32 = 0
  /// The fraction bits of the biases: bias(t) = ((B·t) >> f) − ((B·(t−1)) >> f).
  package var biasFractionBits: Int32 = 0
  /// The right shift, rounding half up, of a direct input's summed current (bias included).
  package var currentShift: Int32 = 0

  // In the parameters, one value a channel, padded to a multiple of 8 channels. All but the
  // biases (`Int32`) are as wide as the membranes.
  package var thresholdsOffset: Int32 = ModelFormat.none
  package var resetsOffset: Int32 = ModelFormat.none
  package var lowerClampsOffset: Int32 = ModelFormat.none
  package var upperClampsOffset: Int32 = ModelFormat.none
  package var initialsOffset: Int32 = ModelFormat.none
  package var biasesOffset: Int32 = ModelFormat.none

  package var membraneBuffer: Int32 = ModelFormat.none
  package var currentBuffer: Int32 = ModelFormat.none

  /// The proven range of every potential at every moment of every inference.
  package var lowestPotential: Int32 = 0
  package var highestPotential: Int32 = 0

  /// The rows and columns of potentials that exist at once: all of them, but in a model of one
  /// timestep.
  package var tileRows: Int32 = 0
  package var tileColumns: Int32 = 0

  /// The slot of the first layer that reads the spikes of the timestep before; 0 where none does.
  package var lateReader: Int32 = 0

  package var reserved = ReservedPair()

  package init() {}
}

/// A max pool of spikes.
package struct MaxPoolRecord: BitwiseCopyable, Equatable, Sendable, LayerBody {
  package var layer = LayerRecord()

  /// A `MaxPoolRule`.
  package var rule: Int32 = 0
  /// 8 or 16: the counters; 0 where it keeps none.
  package var counterBits: Int32 = 0
  package var countBuffer: Int32 = ModelFormat.none
  /// 1 where it runs inside the layer before it, so that the map between is not stored.
  package var isFused: Int32 = 0

  /// A record is as long as that of neurons.
  package var reserved = ReservedTen()
  package var reservedToo = ReservedTen()

  package init() {}
}

/// How several thresholds become spikes. The spikes of threshold k are the spike map's channels from
/// k · channels on.
package enum SpikeCoding: Int32, Sendable {
  /// The spike of threshold k fires if the potential reaches it.
  case thermometer = 0
  /// The spike of threshold k fires if it is the largest that the potential reaches.
  case oneHot = 1
}

/// What a spike does to the potential that caused it.
package enum ResetRule: Int32, Sendable {
  case none = 0
  /// U ← U − R of the largest threshold that it reached (reset by subtraction).
  case soft = 1
  /// U ← 0.
  case hard = 2
}

/// How a potential decays between two timesteps.
package enum LeakRule: Int32, Sendable {
  case none = 0
  /// U ← U − (U >> k), an arithmetic shift.
  case shift = 1
  /// U ← (U · m) >> n, rounded down.
  case multiplyFloor = 2
  /// U ← (U · m) / 2ⁿ, rounded toward zero.
  case multiplyTowardZero = 3
}

/// How a max pool of spikes decides.
package enum MaxPoolRule: Int32, Sendable {
  /// A window fires iff the largest spike count of its inputs rose at this timestep.
  case countMaximum = 1
  /// A window passes the current spike of the input with the largest count so far.
  case gated = 2
  /// A window fires iff any of its inputs does: what a network trained on spikes means by a maximum.
  case any = 3
}
