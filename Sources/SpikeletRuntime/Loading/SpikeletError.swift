/// Why a model file does not open, an arena does not serve, or an inference cannot start.
///
/// The error holds numbers, not text, so that it costs nothing on a board; `reason` and `field`
/// give the words.
public struct SpikeletError: Error, Equatable, Sendable {
  /// What is wrong; `text` says it in words.
  public enum Reason: Int32, Sendable {
    case tooShort = 1
    case wrongMagic
    case unsupportedVersion
    case wrongSize
    case wrongChecksum
    case outOfRange
    case outOfBounds
    case misaligned
    case mismatch
    case overlap
    case overflow
    case unsupported
    case arenaTooSmall
    case arenaMisaligned
    case wrongInputSize
    case wrongTimesteps
    case notEmpty
  }

  /// The record and word that the error is about.
  public enum Field: Int32, Sendable {
    case file = 0
    case section
    case layerCount, connectionCount, bufferCount, arenaBytes
    case inputMode, inputShape, inputBuffer, zeroPoints
    case timesteps, readOut, scoreBuffer, exitPolicy, exitTable
    case layerKind, layerName, layerShape, layerConnections
    case membraneBits, thresholds, reset, resets, leak, clamps, initials, biases, currentShift
    case membraneBuffer, currentBuffer, spikeBuffer, countBuffer, counterBits, poolRule
    case potentialBound
    case connectionKind, connectionSource, pool, kernel, groups, weightBits, weights
    case bufferKind, bufferRange, bufferLifetime
    case arena, input
    case spikeCoding, tile, fused
    case workers, lastReader, classNames, synapseKernel, weightOrder, scratchBuffer
    case threads
    case lateReader
    case mirrorLooks
  }

  // An error crosses every check of the loader, so it is four words, which no check takes apart: reason
  // and field are one, and those of the file are kept as narrow as they are there.
  private let code: Int32
  package let indexWord: Int32
  package let neededWord: Int32
  package let givenWord: Int32

  package init(
    _ reason: Reason, _ field: Field, index: Int32 = -1, needed: Int32 = 0, given: Int32 = 0
  ) {
    code = reason.rawValue | field.rawValue &<< 8
    indexWord = index
    neededWord = needed
    givenWord = given
  }

  /// What is wrong.
  public var reason: Reason { Reason(rawValue: code & 255) ?? .mismatch }
  /// The record and word that is wrong.
  public var field: Field { Field(rawValue: code &>> 8) ?? .file }
  /// The layer, connection or buffer that the field belongs to (`field.owner`), or −1.
  public var index: Int { Int(indexWord) }
  /// What the format, the shapes or the caller demand, or 0.
  public var needed: Int { Int(neededWord) }
  /// What the file or the caller gave, or 0.
  public var given: Int { Int(givenWord) }
}

#if !hasFeature(Embedded)
  extension SpikeletError: CustomStringConvertible {
    /// The error as a sentence: where, what, needed and given. Boards, which have no strings, put it
    /// together of `field.owner`, `field.text` and `reason.text`.
    public var description: String {
      let place = index >= 0 ? "\(field.owner) \(index): " : ""
      switch reason {
      case .wrongMagic, .overlap, .arenaMisaligned, .misaligned, .overflow, .outOfBounds:
        return "\(place)\(field.text) \(reason.text)"
      case .wrongChecksum:
        let (written, found) = (UInt32(bitPattern: neededWord), UInt32(bitPattern: givenWord))
        return "\(place)\(field.text) \(reason.text) (written \(String(written, radix: 16)), "
          + "found \(String(found, radix: 16))); copy the file again"
      default:
        return "\(place)\(field.text) \(reason.text): needed \(needed), given \(given)"
      }
    }
  }
#endif

extension SpikeletError.Reason {
  /// The reason in words, to stand after the field's name.
  public var text: StaticString {
    switch self {
    case .tooShort: "is too short to be a model"
    case .wrongMagic: "does not begin with SPKL: it is not a Spikelet model"
    case .unsupportedVersion:
      "has a format version that this engine does not read; build it again from its deployment"
    case .wrongSize: "has another size than its header says"
    case .wrongChecksum: "is damaged: the checksum does not match"
    case .outOfRange: "is out of range"
    case .outOfBounds: "lies outside its section"
    case .misaligned: "is misaligned"
    case .mismatch: "does not match the shapes around it"
    case .overlap: "overlaps another one that is alive at the same time"
    case .overflow: "could overflow: the overflow proof fails"
    case .unsupported: "asks for something that this engine does not have"
    case .arenaTooSmall: "is too small"
    case .arenaMisaligned: "is not aligned to 16 bytes"
    case .wrongInputSize: "has the wrong size"
    case .notEmpty: "holds something where its kind has nothing"
    case .wrongTimesteps: "is not a number of timesteps that this model was built for"
    }
  }
}

extension SpikeletError.Field {
  /// The field's name as docs/model-format.md writes it.
  public var text: StaticString {
    switch self {
    case .file: "file"
    case .section: "section"
    case .layerCount: "layerCount"
    case .connectionCount: "connectionCount"
    case .bufferCount: "bufferCount"
    case .arenaBytes: "arenaBytes"
    case .inputMode: "inputMode"
    case .inputShape: "input shape"
    case .inputBuffer: "inputBuffer"
    case .zeroPoints: "zero points"
    case .timesteps: "timesteps"
    case .mirrorLooks: "mirrorLooks"
    case .readOut: "readOut"
    case .scoreBuffer: "scoreBuffer"
    case .exitPolicy: "exit policy"
    case .exitTable: "exit table"
    case .layerKind: "kind"
    case .layerName: "name"
    case .layerShape: "shape"
    case .layerConnections: "connections"
    case .membraneBits: "membraneBits"
    case .thresholds: "thresholds"
    case .reset: "reset"
    case .resets: "reset amounts"
    case .leak: "leak"
    case .clamps: "clamps"
    case .initials: "initial potentials"
    case .biases: "biases"
    case .currentShift: "currentShift"
    case .membraneBuffer: "membraneBuffer"
    case .currentBuffer: "currentBuffer"
    case .spikeBuffer: "spikeBuffer"
    case .countBuffer: "countBuffer"
    case .counterBits: "counterBits"
    case .poolRule: "poolRule"
    case .potentialBound: "potential bound"
    case .connectionKind: "kind"
    case .connectionSource: "source"
    case .pool: "pool"
    case .kernel: "kernel"
    case .groups: "groups"
    case .weightBits: "weightBits"
    case .weights: "weights"
    case .bufferKind: "kind"
    case .bufferRange: "range"
    case .bufferLifetime: "lifetime"
    case .arena: "arena"
    case .input: "input"
    case .spikeCoding: "spikeCoding"
    case .tile: "tile"
    case .fused: "isFused"
    case .workers: "workers"
    case .lastReader: "lastReader"
    case .classNames: "class names"
    case .synapseKernel: "synapse kernel"
    case .weightOrder: "weightOrder"
    case .scratchBuffer: "scratchBuffer"
    case .threads: "number of threads"
    case .lateReader: "lateReader"
    }
  }

  /// What `index` counts for this field.
  public var owner: StaticString {
    switch self {
    case .layerKind, .layerName, .layerShape, .layerConnections, .membraneBits, .thresholds,
      .reset, .resets, .leak, .clamps, .initials, .biases, .currentShift, .membraneBuffer,
      .currentBuffer, .spikeBuffer, .countBuffer, .counterBits, .poolRule, .potentialBound,
      .spikeCoding, .tile, .fused, .lastReader, .scratchBuffer, .lateReader:
      "layer"
    case .connectionKind, .connectionSource, .pool, .kernel, .groups, .weightBits, .weights,
      .synapseKernel, .weightOrder:
      "connection"
    case .bufferKind, .bufferRange, .bufferLifetime: "buffer"
    default: "model"
    }
  }
}
