/// Pictures of handwritten-looking digits, drawn by this module: a data set that is always there.
///
/// They follow MNIST's conventions, so that a network trained on MNIST reads them: 28 × 28 bytes,
/// light strokes with soft edges on black, scaled into a box of 20 × 20 pixels with the proportions
/// kept, centre of mass in the middle. Only integers take part, so every machine draws the same
/// bytes.
package enum DigitRenderer {
  /// Height and width of a picture.
  package static let side = 28
  /// The names of the classes: "0" … "9".
  package static let classNames = (0...9).map(String.init)

  /// 256 steps to a pixel.
  private static let pixel = 256
  /// Where MNIST has its centres of mass: in the middle of the pixel in row and column 14.
  private static let centre = side * pixel / 2 + pixel / 2
  /// Side of the box that the ink fills.
  private static let box = 20 * pixel
  /// Width of the soft edge of a stroke.
  private static let softness = pixel * 5 / 4
  /// Rows and columns at the border that stay black.
  private static let margin = 1

  /// Draws the digit `label`, 0 … 9: 28 × 28 bytes row by row, 0 black, 255 full ink.
  ///
  /// The seed chooses among the ways to write the digit, and how this one is slanted, rotated,
  /// scaled, shaken and how thick the pen is. The same label and seed give the same picture.
  package static func digit(_ label: Int, seed: UInt32) -> [UInt8] {
    precondition((0...9).contains(label), "a digit is 0 to 9")
    var random = DigitRandom(label: label, seed: seed)
    let variants = DigitStrokes.variants(label)
    let strokes = variants[random.below(variants.count)]
    let radius = random.uniform(pixel...pixel * 8 / 5)
    var outline = DigitOutline(strokes, random: &random)
    let reach = radius + softness / 2
    outline.fit(side: box - 2 * reach, middle: centre)

    // The centre of mass is that of the ink, thus known once the digit is drawn.
    let draft = draw(outline, radius: radius)
    let (x, y) = centring(draft, outline, reach: reach)
    outline.move(x: x, y: y)
    return draw(outline, radius: radius)
  }

  /// Draws with full ink within `radius` of the path, less the soft edge, which is centred there.
  private static func draw(_ outline: DigitOutline, radius: Int) -> [UInt8] {
    let segments = outline.segments.map(Segment.init)
    var picture = [UInt8](repeating: 0, count: side * side)
    for row in 0..<side {
      for column in 0..<side {
        let point = DigitPoint(x: column * pixel + pixel / 2, y: row * pixel + pixel / 2)
        var nearest = Int.max
        for segment in segments { nearest = min(nearest, segment.squaredDistance(point)) }
        let depth = radius + softness / 2 - integerSquareRoot(nearest)
        picture[row * side + column] = UInt8(clamping: depth * 255 / softness)
      }
    }
    return picture
  }

  /// How far to move the outline for its centre of mass to be the middle of the picture.
  ///
  /// Less where the ink, which reaches `reach` beyond the path, would come into the margin.
  private static func centring(
    _ picture: [UInt8], _ outline: DigitOutline, reach: Int
  ) -> (x: Int, y: Int) {
    var ink = 0
    var sumX = 0
    var sumY = 0
    for row in 0..<side {
      for column in 0..<side {
        let value = Int(picture[row * side + column])
        ink += value
        sumX += value * (2 * column + 1)
        sumY += value * (2 * row + 1)
      }
    }
    func shift(_ sum: Int, _ coordinates: [Int]) -> Int {
      let wanted = centre - sum * pixel / (2 * max(ink, 1))
      let lowest = (coordinates.min() ?? 0) - reach
      let highest = (coordinates.max() ?? 0) + reach
      let border = margin * pixel
      return max(border - lowest, min(side * pixel - border - highest, wanted))
    }
    return (
      shift(sumX, outline.segments.flatMap { [$0.0.x, $0.1.x] }),
      shift(sumY, outline.segments.flatMap { [$0.0.y, $0.1.y] })
    )
  }
}

/// A line segment, ready for distances, in 1/256 pixel.
private struct Segment {
  private let start: DigitPoint
  private let dx: Int
  private let dy: Int
  private let squaredLength: Int

  init(_ ends: (DigitPoint, DigitPoint)) {
    start = ends.0
    dx = ends.1.x - ends.0.x
    dy = ends.1.y - ends.0.y
    squaredLength = dx * dx + dy * dy
  }

  /// The square of the distance from `point` to the nearest point of the segment.
  func squaredDistance(_ point: DigitPoint) -> Int {
    let px = point.x - start.x
    let py = point.y - start.y
    let along = max(0, min(squaredLength, px * dx + py * dy))
    guard squaredLength > 0 else { return px * px + py * py }
    let ex = px - dx * along / squaredLength
    let ey = py - dy * along / squaredLength
    return ex * ex + ey * ey
  }
}

extension Dataset {
  /// Digits drawn by `DigitRenderer`: 0, 1, … 9, 0, 1, … up to `count` of them.
  ///
  /// Needs no files. With 100 there are ten of every class. The same seed gives the same pictures.
  package static func bundledDigits(count: Int = 100, seed: UInt32 = 1) -> Dataset {
    var images: [UInt8] = []
    var labels: [UInt16] = []
    for index in 0..<max(count, 0) {
      let label = index % 10
      // Seeds far apart, so that neighbouring seeds of the set share no picture.
      let pictureSeed = seed &* 0x9E37_79B9 &+ UInt32(truncatingIfNeeded: index)
      images += DigitRenderer.digit(label, seed: pictureSeed)
      labels.append(UInt16(label))
    }
    let side = DigitRenderer.side
    return Dataset(
      unchecked: MemoryPictures(bytes: images, size: side * side), name: "digits",
      shape: PictureShape(channels: 1, height: side, width: side), labels: labels,
      classNames: DigitRenderer.classNames, kind: "drawn digits")
  }
}
