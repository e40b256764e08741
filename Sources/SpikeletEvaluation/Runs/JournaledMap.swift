import SpikeletDatasets
import SpikeletSupport

/// A result about one picture that a journal can keep.
package protocol JournalRecord: Sendable {
  /// The result as numbers; all records of a part have as many.
  var journalWords: [UInt64] { get }
  /// The result that has these words; nil where none has.
  init?(journalWords words: ArraySlice<UInt64>)
}

/// Works on all pictures of a set with several threads, and leaves out what a journal has.
///
/// - Parameters:
///   - name: of the results in the journal.
///   - dataset: the pictures; of a shard, results are kept under their numbers in the whole.
///   - progress: called now and then with the number of pictures done, from any thread.
///   - body: makes the results of some pictures, with a closure to call after each.
/// - Returns: the results in order, and the nanoseconds that they took, those of earlier runs with them.
func journaledMap<Element: JournalRecord>(
  _ name: String, _ dataset: Dataset, jobs: Int, journal: RunJournal?, interval: Int = 64,
  progress: (@Sendable (Int) -> Void)?,
  _ body: @Sendable (Range<Int>, () -> Void) throws -> [Element]
) throws -> (elements: [Element], nanoseconds: UInt64) {
  let count = dataset.count
  let kept = journal?.parts(name) ?? .init()
  guard kept.parts.allSatisfy({ $0.total == dataset.total }) else {
    throw JournalError.impossible(name, picture: dataset.total)
  }
  var elements: [Element] = []
  var nanoseconds: UInt64 = 0
  // Small enough that little is lost, large enough that the threads seldom wait for each other.
  let chunk = journal == nil ? count : max(1, jobs) * 64
  var isChanged = false
  while elements.count < count {
    let done = elements.count
    let place = dataset.first + done
    if let part = kept.part(holding: place) {
      let known = part.results(place..<min(part.range.upperBound, dataset.first + count))
      elements += try known.records(name)
      nanoseconds += known.nanoseconds
      continue
    }
    let next = min(count, done + chunk, (kept.next(after: place) ?? Int.max) - dataset.first)
    let start = ContinuousClock.now
    let made = try parallelMap(
      from: done, count: next - done, jobs: jobs, interval: interval, progress: progress, body
    ).flatMap { $0 }
    elements += made
    let elapsed = (ContinuousClock.now - start).components
    let taken =
      UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000)
    nanoseconds += taken
    guard let journal else { continue }
    let part = JournalPart(
      first: place, total: dataset.total, wordsPerPicture: made.first?.journalWords.count ?? 0,
      nanoseconds: taken, words: made.flatMap(\.journalWords))
    try journal.keep(part, as: name)
    isChanged = true
  }
  if isChanged { try journal?.write() }
  return (elements, nanoseconds)
}

extension JournalPart {
  /// The results that its words are.
  fileprivate func records<Element: JournalRecord>(_ name: String) throws -> [Element] {
    try (0..<pictures).map { picture in
      let start = picture * wordsPerPicture
      guard let record = Element(journalWords: words[start..<start + wordsPerPicture]) else {
        throw JournalError.impossible(name, picture: first + picture)
      }
      return record
    }
  }
}

/// A journal whose checksum is right and whose numbers no run can have.
enum JournalError: Error, CustomStringConvertible {
  case impossible(String, picture: Int)

  var description: String {
    switch self {
    case .impossible(let part, let picture):
      "the file of --resume has impossible \(part) for picture \(picture); delete it to begin again"
    }
  }
}
