import Foundation
import Testing

/// Every public declaration has a sentence that says what it is.
@Suite struct DocumentationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// include/spikelet.h documents the C functions, for those who call them.
  private static let documentedElsewhere: Set = ["SpikeletC"]

  /// A public declaration without a doc comment.
  private struct Finding: CustomStringConvertible {
    var file: String
    var line: Int
    var text: String

    var description: String { "\(file):\(line): \(text)" }
  }

  /// The declarations of a file that say `public` or `open` and have no `///` above them.
  private static func undocumented(_ text: String, file: String) -> (all: Int, bad: [Finding]) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.drop { $0 == " " }
    }
    var all = 0
    var bad: [Finding] = []
    for (index, line) in lines.enumerated() {
      var words = line.split(separator: " ")
      while let first = words.first, first.hasPrefix("@") { words.removeFirst() }
      guard let first = words.first, ["public", "open"].contains(first) else { continue }
      guard !words.dropFirst().starts(with: ["extension"]), !words.contains("import") else {
        continue
      }
      all += 1
      var above = index - 1
      // Attributes stand between a comment and its declaration.
      while above >= 0, lines[above].hasPrefix("@") { above -= 1 }
      if above < 0 || !lines[above].hasPrefix("///") {
        bad.append(Finding(file: file, line: index + 1, text: String(line)))
      }
    }
    return (all, bad)
  }

  @Test func everyPublicDeclarationIsDocumented() throws {
    let sources = Self.root.appending(path: "Sources")
    var total = 0
    for module in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
    where !Self.documentedElsewhere.contains(module) {
      let folder = sources.appending(path: module)
      var bad: [Finding] = []
      let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
      for file in (files ?? []).sorted() where file.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        let found = Self.undocumented(text, file: "Sources/\(module)/\(file)")
        total += found.all
        bad += found.bad
      }
      let list = bad.map(\.description).joined(separator: "\n")
      #expect(bad.isEmpty, "\(bad.count) public declarations without a comment\n\(list)")
    }
    #expect(total > 400)
  }

  @Test func aMissingCommentIsFound() {
    let text = """
      /// Is documented.
      @frozen
      public struct A {
        public var b = 1
        /// Is documented.
        public let c = 2
        var d = 3
      }
      public extension A {}
      @inlinable public func e() {}
      """
    let found = Self.undocumented(text, file: "f")
    #expect(found.all == 4)
    #expect(found.bad.map(\.line) == [4, 10])
  }
}
