import SpikeletDatasets
import SpikeletRuntime

/// AEDAT 2: lines of text that begin with #, then pairs of an address and a time in microseconds, 32
/// bits each with the highest byte first.
///
/// Of a DVS128, an address has x in bits 1 to 7, y in bits 8 to 14, the polarity in bit 0, and bit 15
/// marks what is no event. Of a DAVIS, which the header names, x is in bits 12 to 21, y in bits 22 to
/// 30, the polarity in bit 11, and bit 31 marks pictures and movements.
struct AEDAT2Reader: EventReader {
  private(set) var counts = EventDecoderCounts()
  private var pieces: Pieces
  private var rest: [UInt8] = []
  private let isDAVIS: Bool

  init(_ store: ByteStore) throws(DatasetError) {
    let start = try store.prefix(1 << 16)
    var position = 0
    while position < start.count, start[position] == UInt8(ascii: "#") {
      guard let end = start[position...].firstIndex(of: 10) else {
        throw DatasetError(
          .unusable(
            reason: "has a header that does not end", remedy: "check that this is the intended file"
          ), file: store.path)
      }
      position = end + 1
    }
    isDAVIS = String(decoding: start[..<position], as: UTF8.self).contains("DAVIS")
    pieces = Pieces(store, from: position)
  }

  mutating func next() throws(DatasetError) -> [EventRow]? {
    guard let piece = try pieces.next() else {
      guard rest.isEmpty else {
        throw DatasetError(
          .unusable(
            reason: "ends with \(rest.count) bytes of an event of 8",
            remedy: "copy the file again"), file: pieces.store.path)
      }
      return nil
    }
    let bytes = rest + piece
    var rows: [EventRow] = []
    rows.reserveCapacity(bytes.count / 8)
    for first in stride(from: 0, to: bytes.count / 8 * 8, by: 8) {
      func word(_ start: Int) -> UInt32 {
        bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
      }
      let (address, time) = (word(first), word(first + 4))
      guard address >> (isDAVIS ? 31 : 15) & 1 == 0 else {
        counts.otherWords &+= 1
        continue
      }
      rows.append(
        isDAVIS
          ? EventRow(
            time: time, x: address >> 12 & 1023, y: address >> 22 & 511,
            polarity: address >> 11 & 1)
          : EventRow(
            time: time, x: address >> 1 & 127, y: address >> 8 & 127, polarity: address & 1))
    }
    rest = Array(bytes[(bytes.count / 8 * 8)...])
    return rows
  }
}
