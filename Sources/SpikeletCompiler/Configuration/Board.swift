import Foundation
import SpikeletSupport

/// A board that a deployment is meant for: what it can hold.
public struct Board: Sendable, Equatable {
  public var name = ""
  /// "aarch64" or "armv7": which executable runs on it.
  public var target = ""
  public var processor = ""
  public var ramBytes = 0
  public var l1DataBytes = 0
  public var l2Bytes = 0
  /// What a deployment may use: half of the RAM unless the description says otherwise.
  public var availableBytes = 0
  public var notes = ""

  /// Reads a board description.
  ///
  /// - Throws: everything that is wrong with it at once.
  public init(contentsOf url: URL) throws(Diagnostics) {
    let folder = url.deletingLastPathComponent()
    let known = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let names = known.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    let board = url.deletingPathExtension().lastPathComponent
    guard names.contains(board) else {
      throw Diagnostics(
        "\(url.path): cannot be read",
        [
          .init(
            "board", "there is no description of \(board)",
            advice: names.isEmpty ? "" : "known: \(names.joined(separator: ", "))")
        ])
    }
    try self.init(
      json: JSONValue.read(url, as: "a board", key: "board"), file: url.path)
  }

  package init(json: JSONValue, file: String) throws(Diagnostics) {
    let problems = ObjectReader.ProblemList()
    let reader = ObjectReader(json, path: "", problems: problems)
    reader.requiredString("name", into: &name)
    reader.choice("target", [("aarch64", "aarch64"), ("armv7", "armv7")], into: &target)
    reader.string("processor", into: &processor)
    let range = 1 << 10...1 << 40
    reader.integer("ramBytes", in: range, into: &ramBytes)
    reader.integer("l1DataBytes", in: range, into: &l1DataBytes)
    reader.integer("l2Bytes", in: range, into: &l2Bytes)
    availableBytes = ramBytes / 2
    reader.integer("availableBytes", in: range, into: &availableBytes)
    reader.string("notes", into: &notes)
    reader.finish()
    for (key, isMissing) in [("target", target.isEmpty), ("ramBytes", ramBytes == 0)]
    where isMissing {
      problems.items.append(.init(key, "is missing"))
    }
    guard problems.items.isEmpty else {
      throw Diagnostics("\(file): not a usable board", problems.items)
    }
  }

  /// Where the arena of a deployment stays: the smallest memory that holds it.
  public func home(ofBytes bytes: Int) -> String {
    bytes <= l1DataBytes ? "L1" : bytes <= l2Bytes ? "L2" : "RAM"
  }
}
