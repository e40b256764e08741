import Foundation
import SpikeletSupport

/// What a long run has found out about each picture so far, in a file, so that it can go on there.
///
/// A journal belongs to one run: everything that its results depend on stands in it, and another run
/// refuses it. It is written as a whole, so that whatever ends the process, the file holds a part of
/// the run. Shards of a run, on whatever machines, have journals of the same run; `merged` makes one
/// of them.
///
/// The file: a line of magic, lines of `key: value` with what it belongs to, an empty line, the parts,
/// and the CRC-32 of all of that. A part is a line of its name, the number of its first picture,
/// pictures done, pictures of the run, words a picture, and nanoseconds that they took; then 64-bit
/// little-endian words. A sum is a line of "+" and its name, pictures of the run, ranges of pictures
/// and numbers; then both ends of each range and the key and value of each number.
package final class RunJournal: Sendable {
  typealias Identity = [(key: String, value: String)]

  private struct State {
    var results: JournalResults
    var written = ContinuousClock.now
  }

  private let output: OutputFile
  private let identity: Identity
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
      state = Locked(State(results: JournalResults()))
      return
    }
    let bytes = try InputFile.readOwn(path, limit: Self.largest)
    state = Locked(State(results: try JournalText(bytes, path: path).results(of: identity)))
  }

  /// Of a million pictures with a hundred classes.
  static let largest = 1 << 30

  /// What is done of the results of one kind.
  func parts(_ name: String) -> JournalParts {
    state.withLock { $0.results.parts[name] ?? JournalParts() }
  }

  /// What is done of a sum.
  func sum(_ name: String) -> JournalSum? { state.withLock { $0.results.sums[name] } }

  /// Keeps a part; writes the file if the last time was long ago.
  func keep(_ part: JournalPart, as name: String) throws(FileError) {
    state.withLock { $0.results.parts[name, default: JournalParts()].insert(part) }
    if isDue { try write() }
  }

  /// Keeps a sum, if it is time to write the file or `isEnd`.
  ///
  /// - Parameter sum: makes it; not called otherwise.
  func keep(as name: String, isEnd: Bool, _ sum: () -> JournalSum) throws(FileError) {
    guard isEnd || isDue else { return }
    let sum = sum()
    state.withLock { $0.results.sums[name] = sum }
    try write()
  }

  /// Writes the file.
  func write() throws(FileError) {
    let bytes = state.withLock { state in
      state.written = .now
      return JournalText.bytes(identity, state.results)
    }
    try output.write(bytes)
  }

  /// Whether the file was written long ago.
  private var isDue: Bool {
    state.withLock { ContinuousClock.now - $0.written >= interval }
  }
}

/// Everything that a run has found out.
struct JournalResults: Equatable, Sendable {
  var parts: [String: JournalParts] = [:]
  var sums: [String: JournalSum] = [:]
}
