import Foundation
import SpikeletSupport

/// Journals of shards of one run, put together.
///
/// The result does not depend on their order, nor on what is merged first: it holds what they hold.
package struct JournalMerge: Sendable {
  /// How much of one kind of result is there.
  package struct Coverage: Sendable, Equatable {
    package var name: String
    package var pictures: Int
    package var total: Int
    /// The pictures that are missing, as people count them.
    package var missing: [String]
  }

  private let identity: RunJournal.Identity
  private var results = JournalResults()

  /// Reads and merges files of `--resume`.
  ///
  /// - Throws: `Diagnostics` with every file that belongs to another run and all pictures that are in
  ///   two files; `FileError` for a file that cannot be read or is damaged.
  package init(_ paths: [String]) throws {
    var problems: [Problem] = []
    var sources: [(path: String, results: JournalResults)] = []
    var identity: RunJournal.Identity?
    for path in paths {
      let bytes = try InputFile.readOwn(path, limit: RunJournal.largest)
      let (given, results) = try JournalText(bytes, path: path).contents()
      if let identity {
        problems += Self.differences(path, given, paths[0], identity)
      } else {
        identity = given
      }
      sources.append((path, results))
    }
    self.identity = identity ?? []
    if problems.isEmpty {
      for index in sources.indices { problems += add(sources, index) }
    }
    guard problems.isEmpty else { throw Diagnostics("the files cannot be merged", problems) }
  }

  /// How much is there, by kind of result.
  package var coverage: [Coverage] {
    let parts = results.parts.map { name, parts in
      let total = parts.parts.first?.total ?? 0
      return Coverage(name, total: total, gaps: parts.gaps(of: total))
    }
    let sums = results.sums.map { Coverage($0, total: $1.total, gaps: $1.gaps) }
    return (parts + sums).sorted { $0.name < $1.name }
  }

  /// The command that the run was of, such as "eval".
  package var command: String { identity.first { $0.key == "command" }?.value ?? "" }

  /// The file of what is merged.
  package var bytes: [UInt8] { JournalText.bytes(identity, results) }

  private static func differences(
    _ path: String, _ given: RunJournal.Identity, _ first: String, _ identity: RunJournal.Identity
  ) -> [Problem] {
    let count = max(given.count, identity.count)
    return (0..<count).compactMap { index in
      let one = index < identity.count ? identity[index] : (key: "", value: "nothing")
      let other = index < given.count ? given[index] : (key: "", value: "nothing")
      guard one != other else { return nil }
      return Problem(
        path,
        "belongs to another run than \(first): \(one.key.isEmpty ? other.key : one.key) is "
          + "\(other.value) there, \(one.value) here",
        advice: "merge shards of one model, one set of pictures and one set of options")
    }
  }

  private mutating func add(
    _ sources: [(path: String, results: JournalResults)], _ index: Int
  ) -> [Problem] {
    let (path, added) = sources[index]
    var problems: [Problem] = []
    func isOfOtherRun(_ name: String, _ total: Int, _ known: Int?) -> Bool {
      guard let known, known != total else { return false }
      problems.append(.init(path, "its \(name) are of \(total) pictures, those before of \(known)"))
      return true
    }
    func reject(_ name: String, _ overlap: Range<Int>) {
      let other = sources[..<index].first {
        $0.results.parts[name]?.overlap(overlap) != nil
          || $0.results.sums[name]?.overlap(overlap) != nil
      }
      problems.append(
        .init(
          path, "\(name) of \(overlap.pictureNumbers) are in \(other?.path ?? "two files") as well",
          advice: "give each shard once"))
    }
    for (name, new) in added.parts.sorted(by: { $0.key < $1.key }) {
      for part in new.parts {
        let known = results.parts[name]
        if isOfOtherRun(name, part.total, known?.parts.first?.total) { continue }
        if let overlap = known?.overlap(part.range) {
          reject(name, overlap)
        } else {
          results.parts[name, default: JournalParts()].insert(part)
        }
      }
    }
    for (name, new) in added.sums.sorted(by: { $0.key < $1.key }) {
      let known = results.sums[name]
      if isOfOtherRun(name, new.total, known?.total) { continue }
      if let overlap = new.ranges.lazy.compactMap({ known?.overlap($0) }).first {
        reject(name, overlap)
      } else {
        results.sums[name, default: JournalSum(total: new.total)].add(new)
      }
    }
    return problems
  }
}

extension JournalMerge.Coverage {
  fileprivate init(_ name: String, total: Int, gaps: [Range<Int>]) {
    self.init(
      name: name, pictures: total - gaps.reduce(0) { $0 + $1.count }, total: total,
      missing: gaps.map(\.pictureNumbers))
  }
}
