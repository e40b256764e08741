import SpikeletRuntime

/// The members of a ZIP archive, such as one of NumPy (`.npz`), listed without reading them.
///
/// Sizes come from the archive's directory and are believed only where they fit the file: a member
/// that says it grows beyond what deflate can do, or beyond a limit, is refused before any memory
/// is taken for it.
package struct Zip: Sendable {
  /// One file in the archive.
  package struct Member: Equatable, Sendable {
    package let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// The bytes in the archive.
    let range: Range<Int>
    /// Bytes when it is unpacked.
    package let size: Int
  }

  /// In the order of the directory.
  package let members: [Member]
  private let store: ByteStore

  /// The most members, and bytes of the directory.
  private static let limits = (members: 4096, directory: 4 << 20)

  static func isZip(_ start: [UInt8]) -> Bool { start.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  /// Reads the directory of an archive; throws `unusable`.
  package init(_ store: ByteStore) throws(DatasetError) {
    let tailStart = max(0, store.count - 65_557)
    let tail = Reader(Array(try store.bytes(tailStart..<store.count)))
    let end = stride(from: tail.count - 22, through: 0, by: -1).first {
      tail.word($0) == 0x0605_4B50
    }
    guard let end else {
      throw Self.damaged("has no directory at its end: it is cut short, or no archive")
    }
    var entries = Int(tail.half(end + 10))
    var size = Int(tail.word(end + 12))
    var offset = Int(tail.word(end + 16))
    if entries == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      guard end >= 20, tail.word(end - 20) == 0x0706_4B50,
        let place = Int(exactly: tail.long(end - 12)), place >= 0, place <= store.count - 56
      else { throw Self.damaged("has a damaged directory") }
      let record = Reader(Array(try store.bytes(place..<place + 56)))
      guard record.word(0) == 0x0606_4B50, let count = Int(exactly: record.long(32)),
        let length = Int(exactly: record.long(40)), let start = Int(exactly: record.long(48))
      else { throw Self.damaged("has a damaged directory") }
      (entries, size, offset) = (count, length, start)
    }
    guard entries <= Self.limits.members, size <= Self.limits.directory else {
      throw Self.damaged("has a directory of \(entries) members and \(size) bytes")
    }
    guard offset >= 0, size >= 0, offset <= store.count, size <= store.count - offset else {
      throw Self.damaged("has a damaged directory")
    }
    let directory = Reader(Array(try store.bytes(offset..<offset + size)))
    var members: [Member] = []
    var position = 0
    for _ in 0..<entries {
      guard let (member, next) = try Self.member(directory, at: position, store) else {
        throw Self.damaged("has a damaged directory")
      }
      members.append(member)
      position = next
    }
    self.members = members
    self.store = store
  }

  /// The entry at a byte of the directory, and where the next one begins.
  private static func member(
    _ directory: Reader, at start: Int, _ store: ByteStore
  ) throws(DatasetError) -> (Member, Int)? {
    guard start + 46 <= directory.count, directory.word(start) == 0x0201_4B50 else { return nil }
    let flags = directory.half(start + 8)
    let method = directory.half(start + 10)
    let nameLength = Int(directory.half(start + 28))
    let extraLength = Int(directory.half(start + 30))
    let next = start + 46 + nameLength + extraLength + Int(directory.half(start + 32))
    guard next <= directory.count else { return nil }
    let name = directory.text(start + 46, nameLength)
    var sizes = [
      Int(directory.word(start + 24)), Int(directory.word(start + 20)),
      Int(directory.word(start + 42)),
    ]
    var extra = start + 46 + nameLength
    let extraEnd = extra + extraLength
    while extra + 4 <= extraEnd {
      let (kind, length) = (directory.half(extra), Int(directory.half(extra + 2)))
      if kind == 1 {
        var place = extra + 4
        for index in 0..<3 where sizes[index] == 0xFFFF_FFFF {
          guard place + 8 <= min(extraEnd, extra + 4 + length),
            let value = Int(exactly: directory.long(place))
          else { return nil }
          sizes[index] = value
          place += 8
        }
      }
      extra += 4 + length
    }
    guard flags & 1 == 0, method == 0 || method == 8 else {
      throw damaged(
        flags & 1 != 0
          ? "holds \(name), which is encrypted"
          : "holds \(name), which is packed by method \(method), needed stored or deflated")
    }
    let (unpacked, packed, offset) = (sizes[0], sizes[1], sizes[2])
    guard unpacked >= 0, packed >= 0, offset >= 0, offset <= store.count - 30 else { return nil }
    let local = Reader(Array(try store.bytes(offset..<offset + 30)))
    guard local.word(0) == 0x0403_4B50 else { return nil }
    let first = offset + 30 + Int(local.half(26)) + Int(local.half(28))
    guard first <= store.count, packed <= store.count - first else { return nil }
    guard method == 8 || packed == unpacked else { return nil }
    return (
      Member(
        name: name, isDeflated: method == 8, checksum: directory.word(start + 16),
        range: first..<first + packed, size: unpacked), next
    )
  }

  /// The bytes of a member: a part of the archive where they are stored, in memory otherwise.
  ///
  /// Throws `unusable` where they are more than `limit`, and what `Inflate` throws.
  package func open(
    _ member: Member, limit: Int = ByteStore.maximumUnpacked
  ) throws(DatasetError) -> (store: ByteStore, range: Range<Int>) {
    guard member.isDeflated else { return (store, member.range) }
    // Deflate gives at most 1032 bytes for one.
    guard member.size <= limit, member.size / 1032 <= member.range.count else {
      throw DatasetError(
        .unusable(
          reason: "\(member.name) would unpack to \(member.size) bytes, needed at most \(limit) "
            + "and 1032 times its \(member.range.count)",
          remedy: "save the array with numpy.save or numpy.savez, which do not pack it"))
    }
    let bytes = try Inflate.decompress(
      Array(try store.bytes(member.range)), limit: member.size)
    guard bytes.count == member.size else {
      throw DatasetError(.length(needed: member.size, given: bytes.count))
    }
    var checksum = CRC32()
    checksum.update(bytes.span)
    guard checksum.value == member.checksum else {
      throw Self.damaged("holds \(member.name) with a wrong checksum")
    }
    return (.memory(bytes, path: store.path), 0..<bytes.count)
  }

  private static func damaged(_ reason: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: "write the archive again"))
  }
}

/// Little-endian numbers of bytes; zeros behind their end.
private struct Reader {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  private func number(_ offset: Int, _ size: Int) -> UInt64 {
    guard offset >= 0, offset + size <= bytes.count else { return 0 }
    return (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  func half(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: number(offset, 2)) }
  func word(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: number(offset, 4)) }
  func long(_ offset: Int) -> UInt64 { number(offset, 8) }

  func text(_ offset: Int, _ count: Int) -> String {
    String(decoding: bytes[offset..<offset + count], as: UTF8.self)
  }
}
