/// A tensor whose values are known while the graph is read: weights, or extents of shapes.
struct Constant {
  /// An integer that a shape computation handles: the batch size has no number.
  enum Integer: Hashable {
    case known(Int)
    case batch
  }

  enum Elements {
    case floats([Float])
    case integers([Integer])

    var count: Int {
      switch self {
      case .floats(let values): values.count
      case .integers(let values): values.count
      }
    }
  }

  var extents: [Int]
  var elements: Elements

  /// The values as floats; nil when they depend on the batch size.
  var floats: [Float]? {
    switch elements {
    case .floats(let values): values
    case .integers: integers?.map { Float($0) }
    }
  }

  /// The values as integers; nil when they are floats or depend on the batch size.
  var integers: [Int]? {
    guard case .integers(let values) = elements else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .known(let number) = value else { return nil }
      result.append(number)
    }
    return result
  }

  /// The elements at positions in storage order, all of which exist.
  func elements(at positions: [Int], extents: [Int]) -> Constant {
    switch elements {
    case .floats(let values):
      Constant(extents: extents, elements: .floats(positions.map { values[$0] }))
    case .integers(let values):
      Constant(extents: extents, elements: .integers(positions.map { values[$0] }))
    }
  }
}

/// What no network that fits a microcontroller comes near; larger numbers are taken for damage.
enum Limits {
  /// The number of values in one tensor.
  static let elements = 1 << 28
  /// The number of values in a constant that the graph computes; weights alone are larger.
  static let computed = 1 << 24
  /// A kernel's extent, a stride, a padding.
  static let window = 1 << 16

  /// The number of values in a tensor, or nil when an extent is negative or there are too many.
  static func count(_ extents: [Int]) -> Int? {
    guard extents.allSatisfy({ $0 >= 0 }) else { return nil }
    if extents.contains(0) { return 0 }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= elements else { return nil }
      count = product
    }
    return count
  }
}
