/// A point of a digit, in whatever fixed-point unit its context states.
struct DigitPoint: Equatable, Sendable {
  var x: Int
  var y: Int
}

/// One movement of the pen, in hundredths of the digit's height: x to the right, y down.
enum DigitStroke: Sendable {
  /// Straight from point to point.
  case line([DigitPoint])
  /// Smooth from the first to the last point: quadratic Béziers whose control points are the points
  /// between, joined halfway from one to the next.
  case curve([DigitPoint])

  fileprivate static func line(_ points: (Int, Int)...) -> DigitStroke {
    .line(points.map { DigitPoint(x: $0.0, y: $0.1) })
  }

  fileprivate static func curve(_ points: (Int, Int)...) -> DigitStroke {
    .curve(points.map { DigitPoint(x: $0.0, y: $0.1) })
  }
}

/// The shapes of the ten digits, each in the ways that people write it.
enum DigitStrokes {
  /// The variants of a digit, 0 … 9.
  static func variants(_ label: Int) -> [[DigitStroke]] { all[label] }

  private static let all: [[[DigitStroke]]] = [
    zero, one, two, three, four, five, six, seven, eight, nine,
  ]

  private static let zero: [[DigitStroke]] = [
    // Oval.
    [
      .curve(
        (34, 0), (6, -2), (-2, 50), (4, 102), (30, 104), (60, 102), (66, 50), (58, -2), (30, 0))
    ],
    // Wide, with the end crossing the start.
    [
      .curve(
        (46, 4), (8, -8), (-14, 50), (0, 104), (34, 104), (74, 100), (80, 46), (62, 2), (30, 4))
    ],
  ]

  private static let one: [[DigitStroke]] = [
    // A stick.
    [.line((30, 0), (30, 100))],
    // A stick with a serif.
    [.line((18, 18), (32, 0), (32, 100))],
    // A stick with a serif and a base.
    [.line((18, 18), (32, 0), (32, 100)), .line((12, 100), (52, 100))],
  ]

  private static let two: [[DigitStroke]] = [
    // A hook and a straight base.
    [
      .curve((4, 22), (8, -2), (34, -4), (62, 4), (58, 34), (42, 62), (2, 98)),
      .line((2, 98), (64, 96)),
    ],
    // A loop between hook and base.
    [
      .curve(
        (2, 20), (10, -4), (36, -4), (64, 4), (56, 38), (36, 72), (10, 106), (-8, 98), (-2, 78),
        (24, 78), (44, 100), (70, 92))
    ],
  ]

  private static let three: [[DigitStroke]] = [
    // Two bowls.
    [
      .curve((4, 12), (16, -4), (46, -6), (64, 12), (56, 38), (40, 46), (20, 47)),
      .curve((20, 47), (50, 45), (68, 62), (64, 94), (38, 106), (12, 104), (0, 86)),
    ],
    // A flat top.
    [
      .line((4, 2), (56, 0), (28, 40)),
      .curve((28, 40), (58, 38), (70, 66), (60, 102), (28, 108), (0, 90)),
    ],
  ]

  private static let four: [[DigitStroke]] = [
    // Open, with corners.
    [.line((10, 2), (2, 54), (62, 50)), .line((50, 0), (46, 100))],
    // Open, with a round corner.
    [.curve((10, 0), (2, 40), (2, 60), (24, 60), (60, 50)), .line((52, 4), (44, 100))],
    // Closed.
    [.line((44, 100), (44, 0), (2, 64), (64, 62))],
  ]

  private static let five: [[DigitStroke]] = [
    // A corner above the bowl.
    [
      .line((56, 0), (14, 2), (8, 44)),
      .curve((8, 44), (24, 34), (56, 36), (66, 68), (52, 102), (22, 106), (0, 88)),
    ],
    // The bar added last, a little apart from a slanted neck.
    [
      .curve((18, 4), (8, 40), (12, 44), (44, 42), (62, 60), (58, 96), (28, 106), (0, 94)),
      .line((18, 4), (62, 0)),
    ],
  ]

  private static let six: [[DigitStroke]] = [
    // A curved stem.
    [
      .curve(
        (48, 0), (24, 6), (4, 40), (-4, 80), (10, 106), (38, 108), (60, 92), (56, 62), (34, 52),
        (12, 62), (6, 82))
    ],
    // A straight stem.
    [
      .curve(
        (34, 0), (14, 32), (-2, 72), (2, 106), (34, 106), (56, 94), (56, 68), (36, 58), (16, 66),
        (8, 86))
    ],
  ]

  private static let seven: [[DigitStroke]] = [
    // Two straight lines.
    [.line((2, 6), (58, 2), (26, 100))],
    // The same with a bar.
    [.line((2, 6), (58, 2), (26, 100)), .line((18, 52), (60, 48))],
    // A serif and a curved stem.
    [.line((2, 18), (4, 4), (58, 2)), .curve((58, 2), (40, 34), (28, 66), (28, 100))],
  ]

  private static let eight: [[DigitStroke]] = [
    // One movement.
    [
      .curve(
        (54, 14), (40, -8), (8, -4), (0, 20), (14, 40), (46, 58), (62, 84), (42, 108), (8, 106),
        (-4, 84), (12, 60), (46, 42), (60, 22), (52, 10))
    ],
    // Two rings.
    [
      .curve((30, 0), (6, -2), (2, 24), (10, 48), (32, 48), (54, 46), (58, 22), (52, 0), (30, 0)),
      .curve(
        (30, 48), (2, 46), (-4, 76), (6, 102), (30, 102), (58, 102), (64, 74), (56, 48), (30, 48)),
    ],
  ]

  private static let nine: [[DigitStroke]] = [
    // A straight stem.
    [
      .curve(
        (54, 16), (44, -6), (14, -6), (-2, 20), (4, 48), (30, 54), (50, 40), (56, 12)),
      .line((56, 12), (48, 100)),
    ],
    // A curved stem.
    [
      .curve(
        (54, 14), (42, -6), (14, -6), (-2, 22), (6, 50), (32, 52), (52, 36), (56, 10)),
      .curve((56, 10), (60, 50), (50, 88), (22, 104)),
    ],
  ]
}
