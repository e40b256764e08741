/// The pen's path of one digit: line segments, varied at random as handwriting is.
///
/// Coordinates are in 1/64 of a hundredth of the digit's height until `fit` turns them into 1/256
/// pixel.
struct DigitOutline {
  /// The two ends of each segment.
  private(set) var segments: [(DigitPoint, DigitPoint)] = []

  /// 4096 is 1 in the factors of the transformation.
  private static let one = 4096
  private static let unit = 64
  /// Segments that a Bézier becomes.
  private static let steps = 8

  /// Draws `strokes` with noise on every point, then scaled, slanted and rotated.
  init(_ strokes: [DigitStroke], random: inout DigitRandom) {
    let transform = Transform(&random)
    for stroke in strokes {
      switch stroke {
      case .line(let points):
        append(path: points.map { transform.apply(Self.noisy($0, &random)) })
      case .curve(let points):
        let controls = points.map { transform.apply(Self.noisy($0, &random)) }
        append(path: Self.flattened(controls))
      }
    }
  }

  private mutating func append(path: [DigitPoint]) {
    for (start, end) in zip(path, path.dropFirst()) { segments.append((start, end)) }
  }

  /// The point in fine units, up to 5 hundredths of the height away.
  private static func noisy(_ point: DigitPoint, _ random: inout DigitRandom) -> DigitPoint {
    let x = point.x * unit + random.spread(5 * unit)
    let y = point.y * unit + random.spread(5 * unit)
    return DigitPoint(x: x, y: y)
  }

  /// The joined Béziers of `DigitStroke.curve` as points along them.
  private static func flattened(_ points: [DigitPoint]) -> [DigitPoint] {
    guard points.count > 2, var start = points.first else { return points }
    var path = [start]
    for index in 1..<points.count - 1 {
      let control = points[index]
      let next = points[index + 1]
      let isLast = index == points.count - 2
      let end =
        isLast ? next : DigitPoint(x: (control.x + next.x) / 2, y: (control.y + next.y) / 2)
      for step in 1...steps {
        let u = steps - step
        func blend(_ a: Int, _ b: Int, _ c: Int) -> Int {
          (u * u * a + 2 * u * step * b + step * step * c) / (steps * steps)
        }
        path.append(
          DigitPoint(x: blend(start.x, control.x, end.x), y: blend(start.y, control.y, end.y)))
      }
      start = end
    }
    return path
  }

  /// Scales and moves the digit so that it fills a square of side `side`, in 1/256 pixel, with its
  /// middle at `middle` and its proportions kept.
  mutating func fit(side: Int, middle: Int) {
    let xs = segments.flatMap { [$0.0.x, $0.1.x] }
    let ys = segments.flatMap { [$0.0.y, $0.1.y] }
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
    else { return }
    let extent = max(right - left, bottom - top, 1)
    func moved(_ point: DigitPoint) -> DigitPoint {
      // Twice the offset from the middle of the box, so that the middle need not be whole.
      DigitPoint(
        x: middle + (2 * point.x - left - right) * side / (2 * extent),
        y: middle + (2 * point.y - top - bottom) * side / (2 * extent))
    }
    segments = segments.map { (moved($0.0), moved($0.1)) }
  }

  /// Moves the digit.
  mutating func move(x: Int, y: Int) {
    segments = segments.map {
      (DigitPoint(x: $0.0.x + x, y: $0.0.y + y), DigitPoint(x: $0.1.x + x, y: $0.1.y + y))
    }
  }

  /// A random width, slant and rotation, as a 2 × 2 matrix in 1/4096.
  private struct Transform {
    let xx: Int
    let xy: Int
    let yx: Int
    let yy: Int

    init(_ random: inout DigitRandom) {
      let width = random.uniform(one * 80 / 100...one * 140 / 100)
      // Writing leans to the right more than to the left; y points down, hence the sign.
      let slant = -one * 8 / 100 + random.spread(one * 40 / 100)
      let sine = random.spread(one * 26 / 100)
      let cosine = integerSquareRoot(one * one - sine * sine)
      // Rotation after slant after width.
      xx = cosine * width / one
      xy = (cosine * slant / one) - sine
      yx = sine * width / one
      yy = (sine * slant / one) + cosine
    }

    func apply(_ point: DigitPoint) -> DigitPoint {
      DigitPoint(
        x: (xx * point.x + xy * point.y) / one, y: (yx * point.x + yy * point.y) / one)
    }
  }
}

/// The largest whole number whose square is at most `value`, which is not negative.
package func integerSquareRoot(_ value: Int) -> Int {
  var rest = value
  var root = 0
  var bit = 1 << ((max(value, 1).bitWidth - 1 - max(value, 1).leadingZeroBitCount) & ~1)
  while bit != 0 {
    if rest >= root + bit {
      rest -= root + bit
      root = (root >> 1) + bit
    } else {
      root >>= 1
    }
    bit >>= 2
  }
  return root
}
