/// How the pictures of an array lie, from its extents and what the network takes.
struct ArrayLayout: Equatable {
  let count: Int
  let shape: PictureShape
  let order: ChannelOrder

  /// - Parameters:
  ///   - extents: those of the array; the first counts the pictures.
  ///   - needed: what the network takes, or what was said.
  ///   - order: how the channels lie, where it was said.
  /// Throws `unusable` where that does not say how the pictures lie.
  init(
    _ extents: [Int], needed: PictureShape?, order: ChannelOrder?
  ) throws(DatasetError) {
    let given = ArrayHeader.text(extents)
    guard (2...4).contains(extents.count) else {
      throw DatasetError(
        .unusable(
          reason: "has the extents \(given), needed 3 or 4: pictures, rows and columns, and "
            + "channels before or after these",
          remedy: extents.count == 1 ? "this may be the file of the labels" : "reshape the array"))
    }
    count = extents[0]
    switch extents.count {
    case 2:
      guard let needed else {
        throw DatasetError(
          .unusable(
            reason: "has flat pictures of \(extents[1]) values", remedy: "give their --shape"))
      }
      guard extents[1] == needed.byteCount else {
        throw DatasetError(
          .unusable(
            reason: "has flat pictures of \(extents[1]) values, needed \(needed.byteCount) "
              + "(\(needed))", remedy: "resize them, or reshape the array"))
      }
      (shape, self.order) = (needed, order ?? .planes)
    case 3:
      let isStacked =
        needed.map {
          $0.channels > 1 && extents[1] == $0.channels * $0.height && extents[2] == $0.width
        } ?? false
      self.order = .planes
      if isStacked, let needed {
        // Several channels lie one below the other, as in golden vectors.
        shape = needed
      } else {
        shape = try Self.shape(1, extents[1], extents[2], given)
      }
    default:
      let planes = try Self.shape(extents[1], extents[2], extents[3], given)
      let pixels = try Self.shape(extents[3], extents[1], extents[2], given)
      let fits = [planes == needed, pixels == needed]
      // Only pictures of one channel look the same in both orders.
      if order == nil, fits == [true, true], planes.channels > 1 {
        throw DatasetError(
          .unusable(
            reason: "has the extents \(given), of which the channels may be the first or the last",
            remedy: "say with --layout chw or --layout hwc how they lie"))
      }
      let guess: ChannelOrder = extents[3] <= 4 && extents[1] > 4 ? .pixels : .planes
      self.order = order ?? (fits[0] ? .planes : fits[1] ? .pixels : guess)
      shape = self.order == .planes ? planes : pixels
    }
  }

  private static func shape(
    _ channels: Int, _ height: Int, _ width: Int, _ given: String
  ) throws(DatasetError) -> PictureShape {
    let limit = PictureShape.maximumSide
    let shape = PictureShape(channels: channels, height: height, width: width)
    guard channels <= limit, height <= limit, width <= limit,
      shape.byteCount <= PictureShape.maximumBytes
    else {
      throw DatasetError(
        .unusable(
          reason: "has the extents \(given), needed pictures of at most 256 MiB", remedy: nil))
    }
    return shape
  }
}
