/// Decompression of zlib streams (RFC 1950), as in PNG files, checked against their Adler-32.
package enum Zlib {
  /// The contents of the stream `data`, at most `limit` bytes.
  ///
  /// Throws `truncatedStream`, `corruptStream` or `outputLimit`.
  package static func decompress(
    _ data: [UInt8], limit: Int
  ) throws(DatasetError) -> [UInt8] {
    guard data.count >= 6 else { throw DatasetError(.truncatedStream(offset: data.count)) }
    let isHeader = (Int(data[0]) << 8 | Int(data[1])) % 31 == 0
    guard data[0] & 15 == 8, isHeader, data[1] & 32 == 0 else {
      throw DatasetError(.corruptStream(reason: "no zlib header", offset: 0))
    }
    return try data.withUnsafeBufferPointer { (bytes) throws(DatasetError) -> [UInt8] in
      let input = UnsafeRawBufferPointer(bytes)
      var output = InflateOutput(expected: min(limit, data.count * 4), limit: limit)
      let end = try Inflate.inflate(input, from: 2, into: &output)
      guard input.count - end >= 4 else {
        throw DatasetError(.truncatedStream(offset: input.count))
      }
      let needed = UInt32(bigEndian: input.loadUnaligned(fromByteOffset: end, as: UInt32.self))
      guard output.withBytes(from: 0, adler32) == needed else {
        throw DatasetError(.corruptStream(reason: "its checksum differs", offset: end))
      }
      return output.array()
    }
  }

  /// The Adler-32 checksum.
  static func adler32(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    var index = 0
    while index < bytes.count {
      // As many as fit 32 bits before the remainder is taken.
      for byte in bytes[index..<min(index + 5552, bytes.count)] {
        low &+= UInt32(byte)
        high &+= low
      }
      low %= 65_521
      high %= 65_521
      index += 5552
    }
    return high << 16 | low
  }
}
