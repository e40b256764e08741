import SpikeletDatasets
import SpikeletRuntime

/// Reads a recording piece by piece: never more than a piece of it is in memory.
package protocol EventReader {
  /// The next rows of events, in the order of the file; nil at the end. Times count modulo 2³².
  ///
  /// Throws what is wrong with the bytes, with the file.
  mutating func next() throws(DatasetError) -> [EventRow]?

  /// What was met beside events.
  var counts: EventDecoderCounts { get }
}

/// A file, a piece at a time.
package struct Pieces {
  let store: ByteStore
  /// The first byte that was not given yet.
  private(set) var position: Int
  let end: Int
  /// Bytes of a piece.
  package static let size = 1 << 16

  init(_ store: ByteStore, from start: Int = 0, to end: Int? = nil) {
    self.store = store
    position = start
    self.end = end ?? store.count
  }

  /// The next piece; nil at the end.
  mutating func next() throws(DatasetError) -> ArraySlice<UInt8>? {
    guard position < end else { return nil }
    let stop = min(end, position + Self.size)
    let bytes = try store.bytes(position..<stop)
    position = stop
    return bytes
  }
}

/// The formats of whole words, by the decoders of the boards.
struct WordReader<Decoder: EventDecoder>: EventReader {
  private var decoder: Decoder
  private var pieces: Pieces
  private var rest: [UInt8] = []
  /// Bytes of a word.
  private let wordSize: Int

  init(_ decoder: Decoder, _ store: ByteStore, from start: Int, wordSize: Int) {
    self.decoder = decoder
    self.wordSize = wordSize
    pieces = Pieces(store, from: start)
  }

  var counts: EventDecoderCounts { decoder.counts }

  mutating func next() throws(DatasetError) -> [EventRow]? {
    guard let piece = try pieces.next() else {
      guard rest.isEmpty else {
        throw DatasetError(
          .unusable(
            reason: "ends with \(rest.count) bytes of a word of \(wordSize)",
            remedy: "copy the file again"), file: pieces.store.path)
      }
      return nil
    }
    let bytes = rest + piece
    var rows: [EventRow] = []
    rows.reserveCapacity(bytes.count / wordSize)
    var position = 0
    var row = EventRow(time: 0, x: 0, y: 0, polarity: 0)
    while decoder.next(bytes.span, &position, &row) { rows.append(row) }
    rest = Array(bytes[position...])
    return rows
  }
}

extension RecordingFormat {
  /// A reader of this format.
  ///
  /// Throws where the header is not that of the format.
  package func reader(_ store: ByteStore) throws(DatasetError) -> any EventReader {
    switch self {
    case .nmnist: return WordReader(NMNISTDecoder(), store, from: 0, wordSize: 5)
    case .aedat2: return try AEDAT2Reader(store)
    case .aedat4: return try AEDAT4Reader(store)
    case .csv: return try TextReader(store)
    case .npy: return try NumPyReader(store)
    case .dat, .evt2, .evt21, .evt3: break
    }
    let header = try PropheseeHeader(store)
    let start = header.byteCount
    switch (self, header.format) {
    case (.dat, .dat): return WordReader(DATDecoder(), store, from: start, wordSize: 8)
    case (.evt2, .evt2): return WordReader(EVT2Decoder(), store, from: start, wordSize: 4)
    case (.evt21, .evt21): return WordReader(EVT21Decoder(), store, from: start, wordSize: 8)
    case (.evt21, .evt21Legacy):
      return WordReader(EVT21Decoder(isLegacy: true), store, from: start, wordSize: 8)
    case (.evt3, .evt3): return WordReader(EVT3Decoder(), store, from: start, wordSize: 2)
    default:
      throw DatasetError(
        .unusable(
          reason: "has no header of \(rawValue)", remedy: "check that this is the intended file"),
        file: store.path)
    }
  }
}
