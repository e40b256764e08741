/// One of several parts of the pictures, for runs on several machines.
///
/// The parts of a set follow each other, none has more than one picture more than another, and
/// together they are the set.
package struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// Which part it is, from 1.
  package let number: Int
  /// How many parts there are.
  package let count: Int

  /// The most parts: as many as anyone has workers.
  package static let most = 100_000

  /// A part such as "2/8"; nil for text that names none.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]),
      (1...Self.most).contains(count), (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }

  package var description: String { "\(number)/\(count)" }

  /// Its pictures among so many.
  package func range(of pictures: Int) -> Range<Int> {
    pictures * (number - 1) / count..<pictures * number / count
  }
}

extension Dataset {
  /// A part of the set. Its pictures count from 0, and `first` says where they begin in the whole.
  package func shard(_ shard: Shard) -> Dataset {
    let range = shard.range(of: count)
    var part = choosing(range.map { Int32($0) }, split: split)
    part.first = first + range.lowerBound
    part.total = total
    return part
  }
}
