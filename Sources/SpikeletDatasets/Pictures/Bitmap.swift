/// A decoded picture file.
package struct Bitmap: Equatable, Sendable {
  package let shape: PictureShape
  /// In the order channel, row, column.
  package let pixels: [UInt8]

  package init(shape: PictureShape, pixels: [UInt8]) {
    self.shape = shape
    self.pixels = pixels
  }
}

/// The formats of picture files, by their first bytes.
package enum BitmapFormat: Equatable, Sendable {
  case png
  /// PGM and PPM, binary or as text.
  case portable
  /// Known, but not read: its name.
  case other(String)

  /// The format of a file that begins with these bytes (16 or more of them where there are so
  /// many); nil for no picture.
  package init?(_ start: [UInt8]) {
    func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
      start.dropFirst(offset).starts(with: bytes)
    }
    if begins(PNG.signature) {
      self = .png
    } else if start.count >= 3, start[0] == 0x50, (0x31...0x37).contains(start[1]),
      [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(start[2])
    {
      self = .portable
    } else if begins([0xFF, 0xD8, 0xFF]) {
      self = .other("JPEG")
    } else if begins(Array("GIF8".utf8)) {
      self = .other("GIF")
    } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
      self = .other("WebP")
    } else if begins([0x49, 0x49, 0x2A, 0]) || begins([0x4D, 0x4D, 0, 0x2A]) {
      self = .other("TIFF")
    } else if begins(Array("BM".utf8)), start.count >= 14, begins([0, 0, 0, 0], at: 6) {
      self = .other("BMP")
    } else if begins(Array("ftypavif".utf8), at: 4) || begins(Array("ftypheic".utf8), at: 4) {
      self = .other("HEIF")
    } else {
      return nil
    }
  }

  /// Extensions of files that are pictures, whether they are read or refused with advice.
  static let extensions: Set<String> = [
    "png", "pgm", "ppm", "pnm", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp", "avif", "heic",
  ]
}

extension Bitmap {
  /// The largest file of a picture.
  static let maximumFileBytes = 256 << 20

  /// What the header of a picture file says, without decoding it.
  ///
  /// Throws `unusable` for what is not read, with the command that converts it.
  package static func shape(_ bytes: [UInt8]) throws(DatasetError) -> PictureShape {
    switch BitmapFormat(Array(bytes.prefix(16))) {
    case .png: try PNG(bytes).shape
    case .portable: try PortableBitmap(bytes).shape
    case let format: throw refusal(format, bytes)
    }
  }

  /// Decodes a picture file; throws as `shape` does, and what is wrong with its pixels.
  package static func decode(_ bytes: [UInt8]) throws(DatasetError) -> Bitmap {
    switch BitmapFormat(Array(bytes.prefix(16))) {
    case .png: try PNG(bytes).bitmap()
    case .portable: try PortableBitmap(bytes).bitmap()
    case let format: throw refusal(format, bytes)
    }
  }

  private static func refusal(_ format: BitmapFormat?, _ bytes: [UInt8]) -> DatasetError {
    if case .other(let name)? = format {
      return DatasetError(
        .unusable(
          reason: "is a picture of the format \(name), needed PNG, PGM or PPM",
          remedy: "convert all of them with: mogrify -format png <files>"))
    }
    return FileKind.refusal(Array(bytes.prefix(512)))
      ?? DatasetError(
        .unusable(
          reason: bytes.isEmpty ? "is empty" : "is no picture: needed PNG, PGM or PPM",
          remedy: "remove it, or convert it with: mogrify -format png <files>"))
  }
}
