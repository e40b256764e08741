/// Reads a JSON object key by key, collecting every problem instead of stopping at the first.
///
/// A key that nobody asked for is a problem too: a misspelled option must not silently be a default.
package final class ObjectReader {
  private let members: [String: JSONValue]
  private let path: String
  private var asked: Set<String> = []
  private let problems: ProblemList

  /// The problems of one document.
  package final class ProblemList {
    package init() {}

    package var items: [Problem] = []
  }

  package init(_ value: JSONValue, path: String, problems: ProblemList) {
    if case .object(let members) = value {
      self.members = members
    } else {
      members = [:]
      problems.items.append(
        .init(path.isEmpty ? "document" : path, "is \(value.kind), needed an object"))
    }
    self.path = path
    self.problems = problems
  }

  /// The keys of the object.
  package var keys: Set<String> { Set(members.keys) }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func report(_ key: String, _ reason: String, _ advice: String = "") {
    problems.items.append(.init(name(key), reason, advice: advice))
  }

  private func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    return members[key]
  }

  /// The value of a key that may have several types; nil where it is absent.
  package func any(_ key: String) -> JSONValue? { value(key) }

  package func string(_ key: String, into target: inout String) {
    guard let value = value(key) else { return }
    guard case .string(let text) = value else {
      return report(key, "is \(value.kind), needed a string")
    }
    target = text
  }

  /// A word or a number as text; nil where the key is absent or something else.
  package func word(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    switch value {
    case .string(let text): return text
    case .number(let number):
      return Int(exactly: number).map { "\($0)" } ?? "\(number)"
    default:
      report(key, "is \(value.kind), needed a word or a number")
      return nil
    }
  }

  /// Words for people, a string or several; nobody else reads them.
  package func comment(_ key: String) {
    guard let value = value(key) else { return }
    if case .string = value { return }
    if case .array(let lines) = value,
      lines.allSatisfy({ if case .string = $0 { true } else { false } })
    {
      return
    }
    report(key, "is \(value.kind), needed a string or an array of strings")
  }

  package func optionalString(_ key: String, into target: inout String?) {
    guard members[key] != nil else { return }
    var text = ""
    string(key, into: &text)
    target = text
  }

  package func requiredString(_ key: String, into target: inout String) {
    if members[key] == nil {
      asked.insert(key)
      report(key, "is missing")
    }
    string(key, into: &target)
  }

  package func integer(_ key: String, in range: ClosedRange<Int>, into target: inout Int) {
    guard let value = value(key) else { return }
    guard case .number(let number) = value, let integer = Int(exactly: number) else {
      return report(key, "is \(value.kind), needed a whole number")
    }
    guard range.contains(integer) else {
      return report(key, "is \(integer), needed \(range.lowerBound) to \(range.upperBound)")
    }
    target = integer
  }

  package func optionalInteger(_ key: String, in range: ClosedRange<Int>, into target: inout Int?) {
    guard value(key) != nil else { return }
    var integer = range.lowerBound
    self.integer(key, in: range, into: &integer)
    target = integer
  }

  package func requiredInteger(_ key: String, in range: ClosedRange<Int>, into target: inout Int) {
    if members[key] == nil { report(key, "is missing") }
    integer(key, in: range, into: &target)
  }

  /// An array of whole numbers in which null may stand as well.
  package func integersOrNull(
    _ key: String, in range: ClosedRange<Int>, into target: inout [Int?]
  ) {
    guard let value = value(key) else { return }
    guard case .array(let items) = value else {
      return report(key, "is \(value.kind), needed an array of whole numbers")
    }
    var result: [Int?] = []
    for (index, item) in items.enumerated() {
      if item == .null {
        result.append(nil)
      } else if case .number(let number) = item, let integer = Int(exactly: number),
        range.contains(integer)
      {
        result.append(integer)
      } else {
        report(
          "\(key)[\(index)]",
          "needed a whole number, \(range.lowerBound) to \(range.upperBound), or null")
      }
    }
    target = result
  }

  package func strings(_ key: String, into target: inout [String]) {
    guard let value = value(key) else { return }
    guard case .array(let items) = value else {
      return report(key, "is \(value.kind), needed an array of strings")
    }
    var result: [String] = []
    for (index, item) in items.enumerated() {
      guard case .string(let text) = item else {
        report("\(key)[\(index)]", "is \(item.kind), needed a string")
        continue
      }
      result.append(text)
    }
    target = result
  }

  package func number(_ key: String, in range: ClosedRange<Double>, into target: inout Double) {
    guard let value = value(key) else { return }
    guard case .number(let number) = value else {
      return report(key, "is \(value.kind), needed a number")
    }
    guard range.contains(number) else {
      return report(key, "is \(number), needed \(range.lowerBound) to \(range.upperBound)")
    }
    target = number
  }

  package func numbers(_ key: String, into target: inout [Double]) {
    guard let value = value(key) else { return }
    guard case .array(let items) = value else {
      return report(key, "is \(value.kind), needed an array of numbers")
    }
    let numbers = items.compactMap { if case .number(let number) = $0 { number } else { nil } }
    guard numbers.count == items.count else { return report(key, "needed an array of numbers") }
    target = numbers
  }

  /// One of a few words.
  package func choice<Value>(_ key: String, _ words: [(String, Value)], into target: inout Value) {
    guard let value = value(key) else { return }
    let names = words.map(\.0).joined(separator: ", ")
    guard case .string(let text) = value else {
      return report(key, "is \(value.kind), needed one of \(names)")
    }
    guard let match = words.first(where: { $0.0 == text }) else {
      return report(key, "is \"\(text)\", needed one of \(names)")
    }
    target = match.1
  }

  /// A nested object, or nil when the key is absent.
  package func object(_ key: String) -> ObjectReader? {
    guard let value = value(key) else { return nil }
    return ObjectReader(value, path: name(key), problems: problems)
  }

  /// Reports every key that was not asked for. Call it last.
  package func finish() {
    for key in members.keys.sorted() where !asked.contains(key) {
      let known = asked.sorted().joined(separator: ", ")
      report(key, "is an unknown key", "known here: \(known)")
    }
  }
}
