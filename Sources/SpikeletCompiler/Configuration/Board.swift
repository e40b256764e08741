import SpikeletSupport

/// A board that a deployment is meant for: what it can hold.
public struct Board: Sendable, Equatable {
  /// The board's name, for reports.
  public var name = ""
  /// "aarch64" or "armv7": which executable runs on it.
  public var target = ""
  /// The processor's name, for reports.
  public var processor = ""
  /// All of its memory.
  public var ramBytes = 0
  /// The first data cache of a core; 0 where it is not known.
  public var l1DataBytes = 0
  /// The second cache; 0 where it is not known.
  public var l2Bytes = 0
  /// What a deployment may use: half of the RAM unless the description says otherwise.
  public var availableBytes = 0
  /// The instructions that it was measured to run in a microsecond; 0 where that was not done.
  public var instructionsPerMicrosecond = 0.0
  /// Anything else that a reader of the description should know.
  public var notes = ""

  /// The board that a document describes; `file` names it in messages.
  ///
  /// - Throws: everything that is wrong with it at once.
  public init(json: JSONValue, file: String) throws(Diagnostics) {
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
    reader.number(
      "instructionsPerMicrosecond", in: 0.01...1e6, into: &instructionsPerMicrosecond)
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
