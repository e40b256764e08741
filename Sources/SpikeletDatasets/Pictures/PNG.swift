import SpikeletRuntime

/// A PNG picture: gray or palette of 1 to 8 bits, or colours of 8 bits, without transparency and
/// not interlaced.
///
/// A palette whose entries are all gray gives a picture of one channel.
struct PNG {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private enum Colour: UInt8 {
    case gray = 0
    case colours = 2
    case palette = 3
  }

  /// What the header says.
  let shape: PictureShape
  private let bytes: [UInt8]
  private let bits: Int
  private let colour: Colour
  private let palette: [UInt8]
  /// Where the pixels' chunks lie.
  private let data: [Range<Int>]

  /// Reads the chunks of a file; throws `unusable` or `header`.
  init(_ bytes: [UInt8]) throws(DatasetError) {
    self.bytes = bytes
    guard bytes.count >= 33 else { throw DatasetError(.header(needed: 33, given: bytes.count)) }
    guard Self.word(bytes, 8) == 13, Self.isChunk(bytes, 12, "IHDR") else {
      throw Self.damaged("has no IHDR chunk at its beginning")
    }
    let (width, height) = (Self.word(bytes, 16), Self.word(bytes, 20))
    guard (1...PictureShape.maximumSide).contains(width),
      (1...PictureShape.maximumSide).contains(height)
    else {
      throw Self.damaged(
        "is \(width) wide and \(height) high, needed 1 to \(PictureShape.maximumSide) each")
    }
    bits = Int(bytes[24])
    guard bits != 16 else {
      throw Self.refused("has 16 bits a channel, needed 8", "mogrify -depth 8 <files>")
    }
    guard let colour = Colour(rawValue: bytes[25]) else {
      throw Self.isAlpha(bytes[25])
        ? Self.refused(
          "has an alpha channel, needed gray, palette or RGB",
          "mogrify -background black -alpha remove -alpha off <files>")
        : Self.damaged("has the colour type \(bytes[25]), which no PNG has")
    }
    self.colour = colour
    let isKnown = colour == .colours ? bits == 8 : [1, 2, 4, 8].contains(bits)
    guard isKnown else { throw Self.damaged("has \(bits) bits a channel, which no PNG has") }
    guard bytes[26] == 0, bytes[27] == 0 else {
      throw Self.damaged("has a compression or filter that no PNG has")
    }
    guard bytes[28] == 0 else {
      throw Self.refused("is interlaced, which is not read", "mogrify -interlace none <files>")
    }
    let chunks = try Self.chunks(bytes, colour)
    (palette, data) = (chunks.palette, chunks.data)
    let isGray = colour == .gray || colour == .palette && Self.isGray(chunks.palette)
    shape = PictureShape(channels: isGray ? 1 : 3, height: height, width: width)
    guard shape.byteCount <= PictureShape.maximumBytes else {
      throw Self.damaged("has \(shape.byteCount) bytes of pixels, needed at most 256 MiB")
    }
  }

  /// Walks over the chunks after the header.
  private static func chunks(
    _ bytes: [UInt8], _ colour: Colour
  ) throws(DatasetError) -> (palette: [UInt8], data: [Range<Int>]) {
    var palette: [UInt8] = []
    var data: [Range<Int>] = []
    var position = 8
    while true {
      guard bytes.count - position >= 12 else { throw truncated(bytes) }
      let length = word(bytes, position)
      guard length <= bytes.count - position - 12 else { throw truncated(bytes) }
      let body = position + 8..<position + 8 + length
      var checksum = CRC32()
      checksum.update(bytes.span.extracting(position + 4..<body.upperBound))
      guard Int(checksum.value) == word(bytes, body.upperBound) else {
        throw damaged("is damaged: a chunk at byte \(position) has a wrong checksum")
      }
      if isChunk(bytes, position + 4, "IDAT") {
        data.append(body)
      } else if isChunk(bytes, position + 4, "PLTE") {
        guard length % 3 == 0, (3...768).contains(length), palette.isEmpty, data.isEmpty else {
          throw damaged("has a palette of \(length) bytes in the wrong place or of a wrong size")
        }
        palette = Array(bytes[body])
      } else if isChunk(bytes, position + 4, "tRNS") {
        throw refused(
          "has transparent colours, needed gray, palette or RGB without",
          "mogrify -background black -alpha remove -alpha off <files>")
      } else if isChunk(bytes, position + 4, "IEND") {
        break
      }
      position = body.upperBound + 4
    }
    guard !data.isEmpty else { throw damaged("has no pixels") }
    guard colour != .palette || !palette.isEmpty else { throw damaged("has no palette") }
    return (palette, data)
  }

  /// Unpacks the pixels.
  ///
  /// The output is bounded by what the header asks for: a file that unpacks to more is refused.
  func bitmap() throws(DatasetError) -> Bitmap {
    let samples = colour == .colours ? 3 : 1
    let row = (shape.width * samples * bits + 7) / 8
    let needed = shape.height * (row + 1)
    let stream = data.flatMap { bytes[$0] }
    // Deflate gives at most 1032 bytes for one: nothing is taken for pixels that cannot be there.
    guard needed / 1032 <= stream.count else { throw Self.truncated(bytes) }
    let lines: [UInt8]
    do {
      lines = try Zlib.decompress(stream, limit: needed)
    } catch {
      throw Self.damaged(
        "is damaged: \(DatasetError(error.problem).description.prefix { $0 != ";" })")
    }
    guard lines.count == needed else {
      throw Self.damaged("is damaged: \(lines.count) bytes of pixels, needed \(needed)")
    }
    let pixels = try unfiltered(lines, row: row, distance: max(1, samples * bits / 8))
    return Bitmap(shape: shape, pixels: planes(pixels, row: row))
  }

  /// Undoes the filters of the lines.
  private func unfiltered(
    _ lines: [UInt8], row: Int, distance: Int
  ) throws(DatasetError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: shape.height * row)
    for y in 0..<shape.height {
      let filter = lines[y * (row + 1)]
      guard filter <= 4 else {
        throw Self.damaged("is damaged: line \(y) has the filter \(filter)")
      }
      let (source, target) = (y * (row + 1) + 1, y * row)
      for x in 0..<row {
        let left = x >= distance ? Int(result[target + x - distance]) : 0
        let above = y > 0 ? Int(result[target - row + x]) : 0
        let corner = y > 0 && x >= distance ? Int(result[target - row + x - distance]) : 0
        let predicted: Int
        switch filter {
        case 0: predicted = 0
        case 1: predicted = left
        case 2: predicted = above
        case 3: predicted = (left + above) / 2
        default: predicted = Self.paeth(left, above, corner)
        }
        result[target + x] = lines[source + x] &+ UInt8(predicted)
      }
    }
    return result
  }

  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let estimate = left + above - corner
    let (a, b, c) = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
    return a <= b && a <= c ? left : b <= c ? above : corner
  }

  /// The samples as planes of bytes.
  private func planes(_ pixels: [UInt8], row: Int) -> [UInt8] {
    let plane = shape.height * shape.width
    var result = [UInt8](repeating: 0, count: shape.byteCount)
    let largest = (1 << bits) - 1
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        let target = y * shape.width + x
        if colour == .colours {
          for channel in 0..<3 {
            result[channel * plane + target] = pixels[y * row + x * 3 + channel]
          }
          continue
        }
        let bit = x * bits
        let byte = Int(pixels[y * row + bit / 8])
        let sample = (byte >> (8 - bits - bit % 8)) & largest
        guard colour == .palette else {
          result[target] = UInt8(sample * 255 / largest)
          continue
        }
        // A number without an entry is black, as libpng shows it.
        for channel in 0..<shape.channels where sample * 3 + channel < palette.count {
          result[channel * plane + target] = palette[sample * 3 + channel]
        }
      }
    }
    return result
  }

  private static func isGray(_ palette: [UInt8]) -> Bool {
    for index in stride(from: 0, to: palette.count, by: 3) {
      let red = palette[index]
      if palette[index + 1] != red || palette[index + 2] != red { return false }
    }
    return true
  }

  private static func isAlpha(_ type: UInt8) -> Bool { type == 4 || type == 6 }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    var value = 0
    for byte in bytes[offset..<offset + 4] { value = value << 8 | Int(byte) }
    return value
  }

  private static func isChunk(_ bytes: [UInt8], _ offset: Int, _ name: StaticString) -> Bool {
    bytes[offset..<offset + 4].elementsEqual("\(name)".utf8)
  }

  private static func damaged(_ reason: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: "copy or export the file again"))
  }

  private static func truncated(_ bytes: [UInt8]) -> DatasetError {
    damaged("is cut short after \(bytes.count) bytes")
  }

  private static func refused(_ reason: String, _ command: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: "convert all of them with: \(command)"))
  }
}
