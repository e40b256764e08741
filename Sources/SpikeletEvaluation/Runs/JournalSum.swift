/// Something that is added up over pictures, such as histograms: numbers by key.
///
/// Sums of parts of the pictures add up to the same in any order. Numbers whose key has the highest
/// bit are largest values instead.
struct JournalSum: Equatable, Sendable {
  /// The highest bit of a key whose number is the largest of all pictures.
  static let isLargest: UInt64 = 1 << 63

  /// The pictures of the whole run.
  var total = 0
  /// The pictures that are in, in order, none touching another.
  private(set) var ranges: [Range<Int>] = []
  private(set) var numbers: [UInt64: UInt64] = [:]

  init(total: Int) { self.total = total }

  /// A sum of some pictures.
  ///
  /// - Returns: nil for ranges that overlap or leave the run.
  init?(total: Int, ranges: [Range<Int>], numbers: [UInt64: UInt64]) {
    self.total = total
    for range in ranges {
      guard range.lowerBound >= 0, range.upperBound <= total, overlap(range) == nil else {
        return nil
      }
      insert(range)
    }
    self.numbers = numbers
  }

  /// Pictures that are in and in `range`.
  func overlap(_ range: Range<Int>) -> Range<Int>? {
    ranges.lazy.map { $0.clamped(to: range) }.first { !$0.isEmpty }
  }

  /// The pictures that are missing.
  var gaps: [Range<Int>] {
    var next = 0
    var gaps: [Range<Int>] = []
    for range in ranges {
      if range.lowerBound > next { gaps.append(next..<range.lowerBound) }
      next = range.upperBound
    }
    return next < total ? gaps + [next..<total] : gaps
  }

  /// Adds the sum of other pictures.
  mutating func add(_ other: JournalSum) {
    for range in other.ranges { insert(range) }
    for (key, number) in other.numbers {
      if key & Self.isLargest != 0 {
        numbers[key] = max(numbers[key] ?? 0, number)
      } else {
        numbers[key, default: 0] &+= number
      }
    }
  }

  /// The sum of more pictures than before.
  mutating func replace(_ numbers: [UInt64: UInt64], adding range: Range<Int>) {
    insert(range)
    self.numbers = numbers
  }

  private mutating func insert(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let place = ranges.firstIndex { $0.lowerBound > range.lowerBound } ?? ranges.count
    ranges.insert(range, at: place)
    ranges = ranges.reduce(into: []) { joined, range in
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
  }
}
