import SpikeletNetwork
import SpikeletSupport

/// What a file says of itself under names of this project: timesteps, and neurons' leaks and resets.
///
/// ONNX has no place for it in the graph, which computes one timestep.
struct Metadata {
  static let prefix = "spikelet."
  static let timestepsKey = "spikelet.timesteps"
  static let scoresKey = "spikelet.scores"
  static let neuronsPrefix = "spikelet.neurons."

  var timesteps: Int?
  /// By the name of the node that compares.
  var neurons: [String: Network.Membrane] = [:]
  /// What the scores lose from one timestep to the next.
  var scoresLeak: Network.Membrane.Leak?
  private(set) var problems: [Problem] = []
}

extension Metadata {
  /// Reads the entries of a file; those under other names are others' business.
  init(_ entries: [ONNXModel.Metadata]) {
    var seen: Set<String> = []
    for entry in entries where entry.key.hasPrefix(Self.prefix) {
      guard seen.insert(entry.key).inserted else {
        note(entry.key, "is given twice")
        continue
      }
      guard entry.value.count <= Limits.nameBytes else {
        note(entry.key, "has \(entry.value.count) bytes; the limit is \(Limits.nameBytes)")
        continue
      }
      let text = String(decoding: entry.value, as: UTF8.self)
      if entry.key == Self.timestepsKey {
        readTimesteps(text)
      } else if entry.key == Self.scoresKey {
        readScores(text)
      } else if entry.key.hasPrefix(Self.neuronsPrefix) {
        let name = String(entry.key.dropFirst(Self.neuronsPrefix.count))
        if let membrane = membrane(entry.key, text) { neurons[name] = membrane }
      } else {
        note(
          entry.key, "is an unknown key",
          hint: "known are \(Self.timestepsKey), \(Self.scoresKey) and \(Self.neuronsPrefix)<node>")
      }
    }
  }

  /// Notes the entries that are for no comparison of the graph.
  mutating func check(against graph: ONNXGraph) {
    var operators: [String: String] = [:]
    for node in graph.nodes { operators[node.label] = node.op }
    for name in neurons.keys.sorted() {
      let key = Self.neuronsPrefix + name
      switch operators[name] {
      case nil: note(key, "names no node of the graph")
      case let op? where !Self.comparisons.contains(op):
        note(key, "names a node that compares nothing, of the operator \(op)")
      default: break
      }
    }
  }

  private static let comparisons: Set = [
    "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "Sign",
  ]

  private mutating func note(_ key: String, _ reason: String, hint: String? = nil) {
    problems.append(.init(node: key, operation: "metadata", reason: reason, advice: hint))
  }

  private mutating func readTimesteps(_ text: String) {
    guard let value = Int(text), (1...65_535).contains(value) else {
      return note(
        Self.timestepsKey, "is \"\(text.printableName)\", needed a whole number of 1 to 65535")
    }
    timesteps = value
  }
}

extension Metadata {
  private mutating func membrane(_ key: String, _ text: String) -> Network.Membrane? {
    let before = problems.count
    guard let members = object(key, text, known: ["leak", "reset"], example: Self.example) else {
      return nil
    }
    let leak = leak(key, members["leak"] ?? .null)
    var reset: Reset?
    var resetsAfterLeak = false
    switch members["reset"] {
    case nil: note(key, "has no reset", hint: "needed \(Self.resetWords)")
    case .string(Self.afterLeak): (reset, resetsAfterLeak) = (.soft, true)
    case .string(let word): reset = Self.resets[word]
    default: break
    }
    if members["reset"] != nil, reset == nil {
      note(key, "has another reset than \(Self.resetWords)")
    }
    if resetsAfterLeak, leak?.multiplier == 0 {
      note(key, "resets after a leak that leaves nothing", hint: "needed a leak.multiplier above 0")
    }
    guard problems.count == before, let reset else { return nil }
    return Network.Membrane(leak: leak, reset: reset, resetsAfterLeak: resetsAfterLeak)
  }

  private mutating func readScores(_ text: String) {
    let example = "write {\"leak\": {\"multiplier\": 230, \"shift\": 8}}"
    guard let members = object(Self.scoresKey, text, known: ["leak"], example: example) else {
      return
    }
    scoresLeak = leak(Self.scoresKey, members["leak"] ?? .null)
  }

  /// The members of an entry that is an object; those that are not known are noted.
  private mutating func object(
    _ key: String, _ text: String, known: [String], example: String
  ) -> [String: JSONValue]? {
    let document: JSONValue
    do {
      document = try JSONParser.parse(text)
    } catch {
      note(key, "is not valid JSON: \(error)")
      return nil
    }
    guard case .object(let members) = document else {
      note(key, "is not an object", hint: example)
      return nil
    }
    for name in members.keys.sorted() where !known.contains(name) {
      note(
        key, "has the unknown member \"\(name)\"",
        hint: "known are \(known.joined(separator: ", "))")
    }
    return members
  }

  private mutating func leak(_ key: String, _ value: JSONValue) -> Network.Membrane.Leak? {
    if case .null = value { return nil }
    guard case .object(let members) = value else {
      note(key, "has a leak that is neither an object nor null", hint: Self.example)
      return nil
    }
    for name in members.keys.sorted() where !["multiplier", "shift"].contains(name) {
      note(key, "has the unknown member \"leak.\(name)\"", hint: "known are multiplier, shift")
    }
    func whole(_ name: String, _ range: ClosedRange<Int>) -> Int? {
      guard case .number(let number)? = members[name], let value = Int(exactly: number),
        range.contains(value)
      else { return nil }
      return value
    }
    guard let shift = whole("shift", 1...15) else {
      note(key, "has no leak.shift that is a whole number of 1 to 15")
      return nil
    }
    guard let multiplier = whole("multiplier", 0...1 << shift) else {
      note(key, "has no leak.multiplier that is a whole number of 0 to 2^shift, \(1 << shift)")
      return nil
    }
    return Network.Membrane.Leak(multiplier: multiplier, shift: shift)
  }

  /// The words of the file.
  private static let resets: [String: Reset] = ["subtract": .soft, "zero": .hard, "none": .none]
  private static let afterLeak = "subtract-after-leak"
  private static let resetWords = "subtract, \(afterLeak), zero or none"

  private static let example =
    "write {\"leak\": {\"multiplier\": 230, \"shift\": 8}, \"reset\": \"subtract\"}"
}
