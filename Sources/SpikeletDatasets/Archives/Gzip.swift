import SpikeletRuntime

/// Decompression of gzip files (RFC 1952), checked against their CRC-32 and length.
package enum Gzip {
  private static let trailerSize = 8

  /// Whether `data` starts as a gzip file does: 1F 8B.
  package static func isGzip(_ data: [UInt8]) -> Bool {
    data.count >= 2 && data[0] == 0x1F && data[1] == 0x8B
  }

  /// The contents of the gzip file `data`: its members, one after the other.
  ///
  /// `limit` is the largest output in bytes, over all members, that is acceptable. Throws
  /// `truncatedStream`, `corruptStream`, `checksum`, `streamLength` or `outputLimit`; bytes after
  /// the last member that start no other member are a `corruptStream`.
  package static func decompress(
    _ data: [UInt8], limit: Int = Inflate.defaultLimit
  ) throws(DatasetError) -> [UInt8] {
    try data.withUnsafeBufferPointer { (bytes) throws(DatasetError) -> [UInt8] in
      let input = UnsafeRawBufferPointer(bytes)
      var output = InflateOutput(expected: expectedLength(input), limit: limit)
      var position = 0
      repeat {
        position = try member(input, from: position, into: &output)
      } while position < input.count
      return output.array()
    }
  }

  /// The length in the last trailer, where it is believable.
  ///
  /// Deflate gives at most 1032 bytes for one, so a wrong trailer cannot ask for memory that the
  /// input could not fill.
  private static func expectedLength(_ input: UnsafeRawBufferPointer) -> Int {
    guard input.count >= trailerSize else { return 0 }
    let stated = Int(word(input, at: input.count - 4))
    return stated / 1032 <= input.count ? stated : 0
  }

  /// Appends the member at byte `start` to `output`; returns where it ends.
  private static func member(
    _ input: UnsafeRawBufferPointer, from start: Int, into output: inout InflateOutput
  ) throws(DatasetError) -> Int {
    let outputStart = output.count
    var header = GzipHeader(input, from: start)
    try header.parse()
    let end = try Inflate.inflate(input, from: header.position, into: &output)
    guard input.count - end >= trailerSize else {
      throw DatasetError(.truncatedStream(offset: input.count))
    }

    let checksum = output.withBytes(from: outputStart) { bytes in
      var crc = CRC32()
      crc.update(Span(_unsafeElements: bytes))
      return crc.value
    }
    let neededChecksum = word(input, at: end)
    guard checksum == neededChecksum else {
      throw DatasetError(.checksum(needed: neededChecksum, given: checksum))
    }
    let length = UInt32(truncatingIfNeeded: output.count - outputStart)
    let neededLength = word(input, at: end + 4)
    guard length == neededLength else {
      throw DatasetError(.streamLength(needed: neededLength, given: length))
    }
    return end + trailerSize
  }

  /// The little-endian word at byte `offset`, which the caller has checked.
  private static func word(_ input: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}

/// The header of one gzip member: magic, method, flags, and the fields that the flags announce.
private struct GzipHeader {
  private static let headerChecksum: UInt8 = 1 << 1
  private static let extraField: UInt8 = 1 << 2
  private static let fileName: UInt8 = 1 << 3
  private static let comment: UInt8 = 1 << 4
  private static let reserved: UInt8 = 0b1110_0000

  private let input: UnsafeRawBufferPointer
  private var checksum = CRC32()
  /// The offset of the next byte; after `parse`, of the deflate stream.
  private(set) var position: Int

  init(_ input: UnsafeRawBufferPointer, from start: Int) {
    self.input = input
    position = start
  }

  mutating func parse() throws(DatasetError) {
    let start = position
    guard try byte() == 0x1F, try byte() == 0x8B else {
      let reason = start == 0 ? "no gzip header" : "bytes after the last gzip member"
      throw DatasetError(.corruptStream(reason: reason, offset: start))
    }
    guard try byte() == 8 else { throw corrupt("compression method is not deflate") }
    let flags = try byte()
    guard flags & Self.reserved == 0 else { throw corrupt("reserved gzip flags are set") }
    // Time (4 bytes), extra flags and operating system say nothing about the contents.
    try skip(6)
    if flags & Self.extraField != 0 {
      let low = Int(try byte())
      let high = Int(try byte())
      try skip(high << 8 | low)
    }
    if flags & Self.fileName != 0 { try skipText() }
    if flags & Self.comment != 0 { try skipText() }
    if flags & Self.headerChecksum != 0 {
      let computed = UInt16(truncatingIfNeeded: checksum.value)
      let low = UInt16(try byte())
      let high = UInt16(try byte())
      guard high << 8 | low == computed else { throw corrupt("wrong gzip header checksum") }
    }
  }

  private func corrupt(_ reason: String) -> DatasetError {
    DatasetError(.corruptStream(reason: reason, offset: position - 1))
  }

  private mutating func byte() throws(DatasetError) -> UInt8 {
    guard position < input.count else { throw DatasetError(.truncatedStream(offset: position)) }
    let value = input[position]
    checksum.update(value)
    position += 1
    return value
  }

  private mutating func skip(_ count: Int) throws(DatasetError) {
    for _ in 0..<count { _ = try byte() }
  }

  private mutating func skipText() throws(DatasetError) {
    while try byte() != 0 {}
  }
}
