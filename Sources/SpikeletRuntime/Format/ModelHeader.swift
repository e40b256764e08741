/// The first record of a model file: what the sections are and how an inference begins and ends.
package struct ModelHeader: BitwiseCopyable, Equatable, Sendable {
  package var magic: UInt32 = ModelFormat.magic
  package var version: UInt32 = ModelFormat.version
  /// The size of the whole file in bytes.
  package var totalBytes: Int32 = 0
  /// The CRC-32 of every byte after this word.
  package var checksum: UInt32 = 0

  package var layersOffset: Int32 = 0
  package var layerCount: Int32 = 0
  package var connectionsOffset: Int32 = 0
  package var connectionCount: Int32 = 0
  package var buffersOffset: Int32 = 0
  package var bufferCount: Int32 = 0
  /// Thresholds, resets, clamps, initial potentials, biases and zero points.
  package var parametersOffset: Int32 = 0
  package var parametersBytes: Int32 = 0
  package var weightsOffset: Int32 = 0
  package var weightsBytes: Int32 = 0
  /// The layers' names, UTF-8, one after the other, then the classes' names.
  package var namesOffset: Int32 = 0
  package var namesBytes: Int32 = 0
  /// JSON: where the model came from and how it was made. The engine never reads it.
  package var provenanceOffset: Int32 = 0
  package var provenanceBytes: Int32 = 0

  /// The bytes that the caller's buffer must hold, at 16-byte alignment.
  package var arenaBytes: Int32 = 0
  /// The threads that the plan has room for.
  package var workers: Int32 = 1

  /// An `InputMode`.
  package var inputMode: Int32 = 0
  package var inputChannels: Int32 = 0
  package var inputHeight: Int32 = 0
  package var inputWidth: Int32 = 0
  /// The slot of the last layer that reads the input; 0 where none does.
  package var inputLastReader: Int32 = 0
  /// The buffer of the input's spikes, or of a picture's mirror image; none for direct input without.
  package var inputBuffer: Int32 = ModelFormat.none
  /// In the parameters: one zero point (0…255) a channel as `Int32`, for direct input.
  package var zeroPointsOffset: Int32 = ModelFormat.none
  /// The key of Poisson input; 0 for other modes.
  package var poissonSeedLow: UInt32 = 0
  package var poissonSeedHigh: UInt32 = 0

  /// The timesteps that an inference takes unless the caller or the exit policy says otherwise.
  package var timesteps: Int32 = 0
  /// The most timesteps for which the overflow proof and the counters hold.
  package var maximumTimesteps: Int32 = 0

  /// A `ReadOut`.
  package var readOut: Int32 = 0
  /// The buffer of output spike counts; none for the potential read-out.
  package var scoreBuffer: Int32 = ModelFormat.none
  /// In the names: the classes' names, each ended by a newline; 0 bytes where they have none.
  package var classNamesOffset: Int32 = 0
  package var classNamesBytes: Int32 = 0

  /// An `ExitKind`.
  package var exitKind: Int32 = 0
  /// The criterion's number; the number of entries where the policy has a table.
  package var exitParameter: Int32 = 0
  package var exitMinimumMargin: Int32 = 0
  package var exitMinimumTimestep: Int32 = 1
  /// In the parameters: one margin (`Int32`) a timestep; none without a table.
  package var exitTableOffset: Int32 = ModelFormat.none

  /// 1 where the second of two timesteps looks at the picture's mirror image and begins afresh;
  /// otherwise 0.
  package var mirrorLooks: Int32 = 0

  package var reserved = ReservedPair()

  package init() {}
}

/// How a picture becomes the first layer's input.
public enum InputMode: Int32, Sendable {
  /// The pixel, minus the channel's zero point, times the weights is a constant current.
  case direct = 0
  /// Pixel p fires at timestep t iff ⌊p·t/255⌋ > ⌊p·(t−1)/255⌋.
  case rate = 1
  /// Pixel p fires with probability p/255, drawn from a counter-based generator.
  case poisson = 2
  /// The caller gives the spikes of every timestep: frames of events.
  case events = 3
}

/// What the class scores are.
public enum ReadOut: Int32, Sendable {
  /// The last layer's membrane potentials; it never fires.
  case potential = 0
  /// The last layer's spike counts.
  case count = 1
}
