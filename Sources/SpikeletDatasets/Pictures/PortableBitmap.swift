/// A PGM or PPM picture (P2, P3, P5, P6) with values of 0 … 255.
struct PortableBitmap {
  let shape: PictureShape
  private let bytes: [UInt8]
  private let isText: Bool
  /// The first byte of the pixels.
  private let start: Int

  /// Reads the header; throws `unusable` or `header`.
  init(_ bytes: [UInt8]) throws(DatasetError) {
    self.bytes = bytes
    let kind = bytes.count >= 2 ? bytes[1] : 0
    guard [0x32, 0x33, 0x35, 0x36].contains(kind) else {
      throw Self.refused(
        kind == 0x37
          ? "is of the format PAM, needed PGM or PPM"
          : "is of the format PBM, with one "
            + "bit a pixel, needed PGM or PPM", "mogrify -format png <files>")
    }
    isText = kind < 0x35
    var scanner = TextScanner(bytes, from: 2)
    let numbers = [scanner.number(), scanner.number(), scanner.number()]
    guard let width = numbers[0], let height = numbers[1], let largest = numbers[2],
      (1...PictureShape.maximumSide).contains(width),
      (1...PictureShape.maximumSide).contains(height)
    else {
      throw Self.damaged("has no usable width, height and maximum in its header")
    }
    guard largest == 255 else {
      throw Self.refused(
        largest > 255
          ? "has 16 bits a channel (a maximum of \(largest)), needed 8"
          : "has a maximum of \(largest), needed 255", "mogrify -depth 8 <files>")
    }
    let isGray = kind == 0x32 || kind == 0x35
    shape = PictureShape(channels: isGray ? 1 : 3, height: height, width: width)
    // One character stands between the header and the pixels.
    start = scanner.position + 1
    guard !isText else { return }
    guard bytes.count - start == shape.byteCount else {
      throw DatasetError(.length(needed: start + shape.byteCount, given: bytes.count))
    }
  }

  /// The pixels; throws `unusable` where a text has not as many of 0 … 255.
  func bitmap() throws(DatasetError) -> Bitmap {
    guard isText else {
      let pixels = ChannelOrder.pixels.planes(bytes[start...], shape)
      return Bitmap(shape: shape, pixels: Array(pixels))
    }
    guard shape.byteCount <= bytes.count else {
      throw Self.damaged("has fewer values than its \(shape.byteCount)")
    }
    var scanner = TextScanner(bytes, from: start)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(shape.byteCount)
    for index in 0..<shape.byteCount {
      guard let value = scanner.number(), value <= 255 else {
        throw Self.damaged("has no number of 0 to 255 as value \(index)")
      }
      pixels.append(UInt8(value))
    }
    guard scanner.isAtEnd else { throw Self.damaged("goes on after its last value") }
    return Bitmap(shape: shape, pixels: Array(ChannelOrder.pixels.planes(pixels[...], shape)))
  }

  private static func damaged(_ reason: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: "copy or export the file again"))
  }

  private static func refused(_ reason: String, _ command: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: "convert all of them with: \(command)"))
  }
}

/// Decimal numbers between spaces and comments.
private struct TextScanner {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    position = start
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private mutating func skip() {
    while position < bytes.count {
      if bytes[position] == 0x23 {
        while position < bytes.count, bytes[position] != 10 { position += 1 }
      } else if !Self.isSpace(bytes[position]) {
        return
      } else {
        position += 1
      }
    }
  }

  /// Whether nothing but spaces follows.
  var isAtEnd: Bool {
    var copy = self
    copy.skip()
    return copy.position == bytes.count
  }

  /// The next number, at most 9 digits, which a space or the end follows.
  mutating func number() -> Int? {
    skip()
    var value = 0
    var digits = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]), digits < 9 {
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
      digits += 1
    }
    guard digits > 0, position == bytes.count || Self.isSpace(bytes[position]) else { return nil }
    return value
  }
}
