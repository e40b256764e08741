/// Coloured shapes on gradients: pictures of any size for networks that read no digits.
///
/// They belong to no class. Only integers take part, so every machine draws the same bytes.
package enum ShapeRenderer {
  /// What there is to draw.
  private enum Shape: Int, CaseIterable {
    case disc, rectangle, stripes
  }

  /// Draws a picture, channel by channel: one to three shapes on a background that goes from one
  /// colour to another. The same size and seed give the same picture.
  package static func picture(channels: Int, height: Int, width: Int, seed: UInt32) -> [UInt8] {
    var random = DigitRandom(label: 0, seed: seed)
    var picture = [UInt8](repeating: 0, count: channels * height * width)
    func paint(_ colour: (Int, Int, Int) -> Int, where isInside: (Int, Int) -> Bool) {
      for row in 0..<height {
        for column in 0..<width where isInside(row, column) {
          for channel in 0..<channels {
            picture[(channel * height + row) * width + column] =
              UInt8(clamping: colour(channel, row, column))
          }
        }
      }
    }

    let from = (0..<channels).map { _ in random.uniform(0...255) }
    let to = (0..<channels).map { _ in random.uniform(0...255) }
    let down = random.uniform(0...4)
    let across = 4 - down
    let length = max(1, down * height + across * width)
    let background = { from[$0] + (to[$0] - from[$0]) * (down * $1 + across * $2) / length }
    paint(background, where: { _, _ in true })

    for _ in 0..<random.uniform(1...3) {
      let colour = (0..<channels).map { _ in random.uniform(0...255) }
      let row = random.uniform(height / 4...height * 3 / 4)
      let column = random.uniform(width / 4...width * 3 / 4)
      let high = random.uniform(max(1, height / 10)...max(1, height / 3))
      let wide = random.uniform(max(1, width / 10)...max(1, width / 3))
      let shade = random.uniform(0...6)
      let kind = Shape.allCases[random.below(Shape.allCases.count)]
      let shaded = { colour[$0] - shade * ($1 + $2 - row - column) }
      let isInside = { (y: Int, x: Int) -> Bool in
        let (dy, dx) = (abs(y - row), abs(x - column))
        switch kind {
        case .disc:
          let (a, b) = (dy * wide, dx * high)
          return a * a + b * b <= high * high * wide * wide
        case .rectangle: return dy <= high && dx <= wide
        case .stripes: return dy <= high && dx <= wide && (y + x) / 2 % 2 == 0
        }
      }
      paint(shaded, where: isInside)
    }
    return picture
  }
}

extension Dataset {
  /// Pictures that this module draws for a network's input: digits where it has the size of
  /// digits, otherwise coloured shapes, which have no classes.
  package static func drawn(channels: Int, height: Int, width: Int, count: Int) -> Dataset {
    guard (channels, height, width) != (1, DigitRenderer.side, DigitRenderer.side) else {
      return bundledDigits(count: count)
    }
    var images: [UInt8] = []
    for index in 0..<max(count, 0) {
      images += ShapeRenderer.picture(
        channels: channels, height: height, width: width,
        seed: 0x9E37_79B9 &+ UInt32(truncatingIfNeeded: index))
    }
    let shape = PictureShape(channels: channels, height: height, width: width)
    return Dataset(
      unchecked: MemoryPictures(bytes: images, size: shape.byteCount), name: "shapes",
      shape: shape, labels: nil, classNames: DigitRenderer.classNames, kind: "drawn shapes")
  }
}
