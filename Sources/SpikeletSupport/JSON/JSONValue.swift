import Foundation

/// A JSON document as a value.
public enum JSONValue: Encodable, Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Encodes the value; whole numbers have no fraction, so that counts read as counts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .number(let value):
      // Whole numbers without a fraction, so that counts read as counts.
      if value == value.rounded(), abs(value) < 9e15 {
        try container.encode(Int(value))
      } else {
        try container.encode(value)
      }
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The kind of value, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue {
  /// A whole number as a value.
  public static func integer(_ value: Int) -> JSONValue { .number(Double(value)) }

  /// The document as text: sorted keys, two-space indent, the same on every machine.
  public var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return printable(encoder) + "\n"
  }

  /// The document on one line, sorted keys.
  public var compactText: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return printable(encoder)
  }

  /// The text, safe to show: what steers a terminal lies in strings, where it can be an escape.
  private func printable(_ encoder: JSONEncoder) -> String {
    guard let data = try? encoder.encode(self) else { return "null" }
    let text = String(decoding: data, as: UTF8.self)
    guard text.unicodeScalars.contains(where: { $0.steersTerminal && $0 != "\n" }) else {
      return text
    }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.steersTerminal, scalar != "\n" {
        result += String(format: "\\u%04x", scalar.value)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The member of an object; nil where there is none, or where the value is no object.
  public subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }
}
