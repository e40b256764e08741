import SpikeletRuntime

/// Writes PNG files of 8 bits a channel, without a filter and in stored blocks.
///
/// Pictures of networks are small; what a compressor would save is not worth one.
package enum PNGWriter {
  /// The largest block that deflate can store.
  private static let blockSize = 65_535

  /// A picture as a file.
  ///
  /// - Parameters:
  ///   - planes: `channels` × `height` × `width` bytes, in the order channel, row, column. Three
  ///     channels are red, green and blue; of any other number the first is written, in gray.
  ///   - channels, height, width: 1 or more each.
  package static func file(
    planes: some Collection<UInt8>, channels: Int, height: Int, width: Int
  ) -> [UInt8] {
    let planes = Array(planes)
    let size = height * width
    precondition(height >= 1 && width >= 1 && planes.count >= channels * size && channels >= 1)
    let isColoured = channels == 3
    var rows: [UInt8] = []
    rows.reserveCapacity((isColoured ? 3 * width + 1 : width + 1) * height)
    for row in 0..<height {
      rows.append(0)
      for pixel in row * width..<(row + 1) * width {
        rows.append(planes[pixel])
        if isColoured { rows += [planes[size + pixel], planes[2 * size + pixel]] }
      }
    }
    let header = word(width) + word(height) + [8, isColoured ? 2 : 0, 0, 0, 0]
    return PNG.signature + chunk("IHDR", header) + chunk("IDAT", zlib(rows)) + chunk("IEND", [])
  }

  /// A zlib stream of stored blocks.
  private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    // Deflate with a window of 32 KiB, the fastest level; the two bytes are a multiple of 31.
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + blockSize, bytes.count)
      let length = end - start
      stream.append(end == bytes.count ? 1 : 0)
      stream += [UInt8(length & 255), UInt8(length >> 8)]
      stream += [UInt8(~length & 255), UInt8(~length >> 8 & 255)]
      stream += bytes[start..<end]
      start = end
    } while start < bytes.count
    return stream + word(Int(bytes.withUnsafeBufferPointer { Zlib.adler32($0) }))
  }

  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let content = Array(name.utf8) + body
    var checksum = CRC32()
    checksum.update(content.span)
    return word(body.count) + content + word(Int(checksum.value))
  }

  private static func word(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
