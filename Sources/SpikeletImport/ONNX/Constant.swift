/// A tensor whose values are known while the graph is read: weights, or extents of shapes.
struct Constant {
  /// An integer that a shape computation handles: the batch size has no number.
  ///
  /// It takes no more room than the number, since files hold millions of them. The smallest of all
  /// integers stands for the batch; a file that holds it means the next.
  struct Integer: Hashable {
    fileprivate var bits: Int

    static let batch = Integer(bits: .min)
    static func known(_ value: Int) -> Integer { Integer(bits: Swift.max(value, .min + 1)) }

    /// Nil for the batch.
    var value: Int? { bits == .min ? nil : bits }
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
  /// What the file stores; nil for what was computed.
  var type: ONNXTensor.ElementType?

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
    return values.contains(.batch) ? nil : values.map(\.bits)
  }

  /// One value as often as extents ask for.
  static func repeating(_ elements: Elements, extents: [Int], count: Int) -> Constant {
    switch elements {
    case .floats(let values):
      Constant(extents: extents, elements: .floats(Array(repeating: values[0], count: count)))
    case .integers(let values):
      Constant(extents: extents, elements: .integers(Array(repeating: values[0], count: count)))
    }
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
