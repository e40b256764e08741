/// A picture made small enough to stand among others.
package struct Thumbnail: Sendable, Equatable {
  package let channels: Int
  package let height: Int
  package let width: Int
  /// In the order channel, row, column.
  package let planes: [UInt8]

  /// Takes the mean of squares of pixels, as large as are needed to have no more than `side` rows and
  /// columns; a picture that is small enough stays as it is.
  ///
  /// - Parameters:
  ///   - picture: at least `shape.byteCount` bytes in the order channel, row, column; what follows is
  ///     not looked at.
  ///   - side: 1 or more.
  package init(_ picture: ArraySlice<UInt8>, shape: PictureShape, side: Int) {
    precondition(side >= 1 && picture.count >= shape.byteCount)
    let step = max(1, (max(shape.height, shape.width) + side - 1) / side)
    // Of other numbers than three, only the first channel can be shown.
    channels = shape.channels == 3 ? 3 : 1
    height = (shape.height + step - 1) / step
    width = (shape.width + step - 1) / step
    var planes: [UInt8] = []
    planes.reserveCapacity(channels * height * width)
    for channel in 0..<channels {
      let plane = picture.startIndex + channel * shape.height * shape.width
      for row in stride(from: 0, to: shape.height, by: step) {
        for column in stride(from: 0, to: shape.width, by: step) {
          var (sum, count) = (0, 0)
          for y in row..<min(row + step, shape.height) {
            for x in column..<min(column + step, shape.width) {
              sum += Int(picture[plane + y * shape.width + x])
              count += 1
            }
          }
          planes.append(UInt8((sum + count / 2) / count))
        }
      }
    }
    self.planes = planes
  }

  /// The picture as a PNG file.
  package var png: [UInt8] {
    PNGWriter.file(planes: planes, channels: channels, height: height, width: width)
  }
}

extension Dataset {
  /// A picture of the set, made small; of a recording of events all of its frames and channels, the
  /// brighter a place the more often it fired.
  ///
  /// - Parameters:
  ///   - index: 0 ..< `count`.
  ///   - side: the most rows and columns.
  /// - Throws: what `image` does.
  package func thumbnail(_ index: Int, side: Int) throws(DatasetError) -> Thumbnail {
    let picture = try image(index)
    guard let frameCount else { return Thumbnail(picture, shape: shape, side: side) }
    let place = height * width
    var sums = [Int](repeating: 0, count: place)
    for timestep in 1...max(1, frameCount) {
      let frame = self.frame(picture, timestep: timestep)
      for (offset, byte) in frame.enumerated() { sums[offset % place] += Int(byte) }
    }
    let most = max(1, sums.max() ?? 1)
    let bytes = sums.map { UInt8($0 * 255 / most) }
    return Thumbnail(
      bytes[...], shape: PictureShape(channels: 1, height: height, width: width), side: side)
  }
}
