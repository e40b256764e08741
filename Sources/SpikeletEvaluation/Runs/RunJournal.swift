import Foundation
import SpikeletSupport

/// What a long run has found out about each picture so far, in a file, so that it can go on there.
///
/// A journal belongs to one run: everything that its results depend on stands in it, and another run
/// refuses it. It is written as a whole, so that whatever ends the process, the file holds a beginning
/// of the run.
///
/// The file: a line of magic, lines of `key: value` with what it belongs to, an empty line, the parts,
/// and the CRC-32 of all of that. A part is a line of its name, pictures done, words a picture, and
/// nanoseconds that they took; then 64-bit little-endian words.
package final class RunJournal: Sendable {
  /// The words of one kind of result, picture by picture from the first.
  struct Part: Equatable, Sendable {
    var wordsPerPicture = 0
    var nanoseconds: UInt64 = 0
    var words: [UInt64] = []

    var pictures: Int { wordsPerPicture == 0 ? 0 : words.count / wordsPerPicture }
  }

  private struct State {
    var parts: [String: Part]
    var written = ContinuousClock.now
  }

  private let output: OutputFile
  private let identity: [(key: String, value: String)]
  private let state: Locked<State>
  /// The least time between two writings.
  private let interval: Duration

  /// Goes on with the file at `path`, or begins one where there is none.
  ///
  /// - Parameters:
  ///   - identity: what the results depend on; a file with anything else is refused.
  ///   - interval: the least time between two writings; what is done in between is lost with a kill.
  /// - Throws: `FileError` where the file is none of this run.
  package init(
    _ path: String, identity: [(key: String, value: String)], interval: Duration = .seconds(2)
  ) throws {
    output = try OutputFile(path)
    self.identity = identity
    self.interval = interval
    var status = stat()
    guard stat(path, &status) == 0 else {
      state = Locked(State(parts: [:]))
      return
    }
    let bytes = try InputFile.readOwn(path, limit: Self.largest)
    state = Locked(State(parts: try JournalText(bytes, path: path).parts(of: identity)))
  }

  /// Of a million pictures with a hundred classes.
  private static let largest = 1 << 30

  /// What is done of a part.
  func part(_ name: String) -> Part { state.withLock { $0.parts[name] ?? Part() } }

  /// Keeps a part; writes the file if the last time was long ago or `isEnd`.
  func keep(_ part: Part, as name: String, isEnd: Bool) throws(FileError) {
    let bytes: [UInt8]? = state.withLock { state in
      state.parts[name] = part
      let now = ContinuousClock.now
      guard isEnd || now - state.written >= interval else { return nil }
      state.written = now
      return JournalText.bytes(identity, state.parts)
    }
    if let bytes { try output.write(bytes) }
  }
}

/// A result about one picture that a journal can keep.
package protocol JournalRecord: Sendable {
  /// The result as numbers; all records of a part have as many.
  var journalWords: [UInt64] { get }
  /// The result that has these words; nil where none has.
  init?(journalWords words: ArraySlice<UInt64>)
}

/// Works on the pictures 0 ..< `count` with several threads, and leaves out what a journal has.
///
/// - Parameters:
///   - name: of the part of the journal.
///   - progress: called now and then with the number of pictures done, from any thread.
///   - body: makes the results of some pictures, with a closure to call after each.
/// - Returns: the results in order, and the nanoseconds that they took, those of earlier runs with them.
func journaledMap<Element: JournalRecord>(
  _ name: String, count: Int, jobs: Int, journal: RunJournal?, interval: Int = 64,
  progress: (@Sendable (Int) -> Void)?,
  _ body: @Sendable (Range<Int>, () -> Void) throws -> [Element]
) throws -> (elements: [Element], nanoseconds: UInt64) {
  var part = journal?.part(name) ?? .init()
  var elements: [Element] = []
  for picture in 0..<part.pictures {
    let width = part.wordsPerPicture
    guard let element = Element(journalWords: part.words[picture * width..<(picture + 1) * width])
    else { throw JournalError.impossible(name, picture: picture) }
    elements.append(element)
  }
  guard elements.count <= count else { throw JournalError.impossible(name, picture: count) }
  // Small enough that little is lost, large enough that the threads seldom wait for each other.
  let chunk = journal == nil ? count : max(1, jobs) * 64
  while elements.count < count {
    let start = ContinuousClock.now
    let done = elements.count
    let next = min(count, done + chunk)
    let made = try parallelMap(
      from: done, count: next - done, jobs: jobs, interval: interval, progress: progress, body
    ).flatMap { $0 }
    elements += made
    let elapsed = (ContinuousClock.now - start).components
    part.nanoseconds +=
      UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000)
    guard let journal else { continue }
    for element in made {
      let words = element.journalWords
      part.wordsPerPicture = words.count
      part.words += words
    }
    try journal.keep(part, as: name, isEnd: elements.count == count)
  }
  return (elements, part.nanoseconds)
}
