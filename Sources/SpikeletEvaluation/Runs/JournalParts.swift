/// The results of some pictures that follow each other.
struct JournalPart: Equatable, Sendable {
  /// The number of the first picture.
  var first = 0
  /// The pictures of the whole run.
  var total = 0
  var wordsPerPicture = 0
  /// What they took.
  var nanoseconds: UInt64 = 0
  var words: [UInt64] = []

  var pictures: Int { wordsPerPicture == 0 ? 0 : words.count / wordsPerPicture }
  var range: Range<Int> { first..<first + pictures }

  /// The results of the pictures of a range within its own.
  func results(_ range: Range<Int>) -> JournalPart {
    guard range != self.range else { return self }
    var part = self
    part.first = range.lowerBound
    let start = (range.lowerBound - first) * wordsPerPicture
    part.words = Array(words[start..<start + range.count * wordsPerPicture])
    part.nanoseconds = pictures == 0 ? 0 : nanoseconds / UInt64(pictures) * UInt64(range.count)
    return part
  }
}

/// All results of one kind: parts in the order of their pictures, none touching another.
struct JournalParts: Equatable, Sendable {
  private(set) var parts: [JournalPart] = []

  /// The part that holds a picture.
  func part(holding picture: Int) -> JournalPart? {
    parts.first { $0.range.contains(picture) }
  }

  /// The first picture after `picture` that is there.
  func next(after picture: Int) -> Int? {
    parts.lazy.map(\.first).first { $0 > picture }
  }

  /// Pictures that are there and in `range`.
  func overlap(_ range: Range<Int>) -> Range<Int>? {
    parts.lazy.map { $0.range.clamped(to: range) }.first { !$0.isEmpty }
  }

  /// The pictures that are missing of so many.
  func gaps(of total: Int) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var next = 0
    for part in parts {
      if part.first > next { gaps.append(next..<part.first) }
      next = part.range.upperBound
    }
    if next < total { gaps.append(next..<total) }
    return gaps
  }

  /// Puts results in; where there were some, the new ones count.
  mutating func insert(_ new: JournalPart) {
    guard new.pictures > 0 else { return }
    var kept: [JournalPart] = []
    for part in parts {
      let below = part.range.clamped(to: 0..<new.first)
      let above = part.range.clamped(to: new.range.upperBound..<Int.max)
      if !below.isEmpty { kept.append(part.results(below)) }
      if !above.isEmpty { kept.append(part.results(above)) }
    }
    let place = kept.firstIndex { $0.first > new.first } ?? kept.count
    kept.insert(new, at: place)
    parts = kept.reduce(into: []) { joined, part in
      guard let last = joined.last, last.range.upperBound == part.first,
        last.wordsPerPicture == part.wordsPerPicture
      else {
        joined.append(part)
        return
      }
      joined[joined.count - 1].words += part.words
      joined[joined.count - 1].nanoseconds += part.nanoseconds
    }
  }
}

extension Range<Int> {
  /// The pictures as people count them.
  var pictureNumbers: String {
    count == 1 ? "picture \(upperBound)" : "pictures \(lowerBound + 1) to \(upperBound)"
  }
}
