import SpikeletDatasets
import SpikeletRuntime

/// AEDAT 4: a header, then packets, each a FlatBuffer that may be compressed. Those of events have the
/// identifier EVTS; pictures, movements and triggers are passed over.
struct AEDAT4Reader: EventReader {
  private(set) var counts = EventDecoderCounts()
  private let store: ByteStore
  private let compression: Int
  private var position: Int
  private let end: Int
  /// The most bytes of a packet, packed or unpacked.
  static let maximumPacket = 1 << 26

  init(_ store: ByteStore) throws(DatasetError) {
    self.store = store
    let mark = 14
    let start = try store.prefix(mark + 4)
    guard start.count == mark + 4, start[12] == 13, start[13] == 10 else {
      throw Self.damaged(store, "has no header of AEDAT 4")
    }
    let size = start[mark...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size <= Self.maximumPacket, mark + 4 + size <= store.count else {
      throw Self.damaged(store, "has a header of \(size) bytes in a file of \(store.count)")
    }
    let header = Array(try store.bytes(mark + 4..<mark + 4 + size))
    guard let table = FlatTable(header, from: 0) else {
      throw Self.damaged(store, "has a damaged header")
    }
    compression = table.number(0, bytes: 4) ?? 0
    guard compression <= 2 else {
      let name = compression <= 4 ? "Zstandard" : "compression \(compression)"
      throw DatasetError(
        .unusable(
          reason: "is compressed with \(name), needed LZ4 or none",
          remedy: "record or export it with LZ4, or write the events as an array: python3 -c "
            + "\"import dv_processing as dv, numpy as np; r = dv.io.MonoCameraRecording('in.aedat4')"
            + "; …; np.save('out.npy', np.stack([x, y, t, p], 1))\""), file: store.path)
    }
    // The table of the packets stands behind them.
    let given = table.number(1, bytes: 8) ?? 0
    position = mark + 4 + size
    end = given > position && given <= store.count ? given : store.count
  }

  private static func damaged(_ store: ByteStore, _ reason: String) -> DatasetError {
    DatasetError(
      .unusable(reason: reason, remedy: "copy the file again"), file: store.path)
  }

  mutating func next() throws(DatasetError) -> [EventRow]? {
    guard position < end else { return nil }
    guard end - position >= 8 else {
      throw Self.damaged(store, "ends with \(end - position) bytes of a packet's head")
    }
    let head = Array(try store.bytes(position..<position + 8))
    let size = head[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size <= Self.maximumPacket, size <= end - position - 8 else {
      throw Self.damaged(
        store, "has a packet of \(size) bytes at byte \(position), \(end - position - 8) are there")
    }
    let body = try store.bytes(position + 8..<position + 8 + size)
    position += 8 + size
    return try rows(compression == 0 ? Array(body) : unpacked(body))
  }

  private func unpacked(_ body: ArraySlice<UInt8>) throws(DatasetError) -> [UInt8] {
    do {
      return try LZ4Frame.decompress(body, limit: Self.maximumPacket)
    } catch {
      throw Self.damaged(store, "has a packet before byte \(position) that \(error.reason)")
    }
  }

  private mutating func rows(_ packet: [UInt8]) throws(DatasetError) -> [EventRow] {
    // Its length, the offset of its root, its identifier.
    guard packet.count >= 12 else { throw Self.damaged(store, "has a packet of no buffer") }
    guard packet[8..<12].elementsEqual(Array("EVTS".utf8)) else {
      counts.otherWords &+= 1
      return []
    }
    guard let table = FlatTable(packet, from: 4) else {
      throw Self.damaged(store, "has a damaged packet of events before byte \(position)")
    }
    guard let (start, count) = table.vector(0, elementSize: 16) else {
      // A table without its field holds no events.
      return []
    }
    return (0..<count).map { index in
      let first = start + 16 * index
      func value(_ offset: Int, _ count: Int) -> UInt32 {
        (0..<count).reduce(0) { $0 | UInt32(packet[first + offset + $1]) << UInt32(8 * $1) }
      }
      // The time's lowest 32 bits of 64.
      return EventRow(
        time: value(0, 4), x: value(8, 2), y: value(10, 2),
        polarity: packet[first + 12] == 0 ? 0 : 1
      )
    }
  }
}
