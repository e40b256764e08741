/// The extents of a picture.
package struct PictureShape: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// 1 for gray, 3 for red, green and blue, or any other number of planes.
  package var channels: Int
  /// Rows.
  package var height: Int
  /// Columns.
  package var width: Int

  /// A shape of its extents, 1 or more each.
  package init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Reads `3x32x32`, or `28x28` for one channel; nil for anything else and for a picture of more
  /// than 256 MiB.
  package init?(_ text: String) {
    let parts = text.lowercased().split(
      whereSeparator: { $0 == "x" || $0 == "×" || $0 == "," })
    var extents = parts.compactMap { Int($0) }
    guard extents.count == parts.count, (2...3).contains(parts.count),
      extents.allSatisfy({ (1...Self.maximumSide).contains($0) })
    else { return nil }
    if extents.count == 2 { extents.insert(1, at: 0) }
    self.init(channels: extents[0], height: extents[1], width: extents[2])
    guard byteCount <= Self.maximumBytes else { return nil }
  }

  /// The largest extent.
  package static let maximumSide = 65_535
  /// The largest picture, in bytes.
  package static let maximumBytes = 256 << 20

  /// Bytes of a picture; the extents have been checked.
  package var byteCount: Int { channels * height * width }

  /// Whether pictures of this shape are what a network of the shape `needed` reads, byte for byte:
  /// equal shapes, or gray pictures that it takes as one vector, as one row, or with rows as channels.
  ///
  /// An equal number of bytes is not enough: a picture of 24×32 is none of 32×24.
  package func serves(_ needed: PictureShape) -> Bool {
    guard self != needed else { return true }
    guard channels == 1, byteCount == needed.byteCount else { return false }
    let isVector = needed.height == 1 && (needed.width == 1 || needed.channels == 1)
    return isVector || needed.width == width
  }

  /// Channels, height and width, such as 3×32×32.
  package var description: String { "\(channels)×\(height)×\(width)" }

  /// The same as `--shape` takes it, such as 3x32x32.
  package var option: String { "\(channels)x\(height)x\(width)" }
}

/// How the channels of a picture lie in an array.
package enum ChannelOrder: String, CaseIterable, Sendable {
  /// Plane after plane: channel, row, column.
  case planes = "chw"
  /// Pixel after pixel: row, column, channel.
  case pixels = "hwc"

  /// A picture in the order of planes, whichever order it comes in.
  package func planes(_ bytes: ArraySlice<UInt8>, _ shape: PictureShape) -> ArraySlice<UInt8> {
    guard self == .pixels, shape.channels > 1 else { return bytes }
    let plane = shape.height * shape.width
    let channels = shape.channels
    return bytes.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count) { target, filled in
        for channel in 0..<channels {
          for pixel in 0..<plane {
            target[channel * plane + pixel] = source[pixel * channels + channel]
          }
        }
        filled = source.count
      }
    }[...]
  }
}
