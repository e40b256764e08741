import Foundation

/// Reads JSON (RFC 8259) strictly.
///
/// Refused, where lenient readers guess: keys that an object has twice, commas after the last member,
/// comments, numbers that a double cannot hold, half of a surrogate pair, bytes that are not UTF-8, and
/// anything after the document. A hand-written file with such a mistake says something else to its
/// author than to its reader.
///
/// What a document may cost is limited: its size, its depth and the number of its values.
public struct JSONParser {
  /// The most bytes of a document.
  public static let maximumBytes = 16 << 20
  /// How deep arrays and objects may lie in each other.
  public static let maximumDepth = 64
  /// The most values in a document, keys not counted.
  public static let maximumValues = 1 << 20
  /// The most characters of a number.
  static let maximumNumberLength = 100

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var values = 0

  /// Reads a whole document.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSONValue in
      var parser = JSONParser(bytes: buffer)
      return try parser.document()
    }
  }

  /// Reads a whole document.
  public static func parse(_ text: String) throws(JSONError) -> JSONValue {
    try parse(Array(text.utf8))
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func document() throws(JSONError) -> JSONValue {
    guard bytes.count <= Self.maximumBytes else {
      throw error("the document has \(bytes.count) bytes, at most \(Self.maximumBytes) are read")
    }
    try refuseOtherEncodings()
    skipSpace()
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("something follows the document") }
    return value
  }

  private func refuseOtherEncodings() throws(JSONError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw error("a byte order mark comes first; save the file as UTF-8 without one")
    }
    let isWide = bytes.count >= 2 && (bytes[0] == 0 || bytes[1] == 0 || bytes[0] >= 0xFE)
    if isWide { throw error("the text is not UTF-8") }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    values += 1
    guard values <= Self.maximumValues else {
      throw error("the document has more than \(Self.maximumValues) values")
    }
    guard let byte = peek() else { throw error("the text ends where a value is needed") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: return try word()
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var members: [String: JSONValue] = [:]
    while !take("}") {
      if !members.isEmpty { try separate(from: "}", "object") }
      guard peek() == UInt8(ascii: "\"") else {
        throw error(peek() == nil ? "the text ends inside an object" : "needed a key in quotes")
      }
      let place = position
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("needed a colon after the key \"\(key.printableName)\"") }
      skipSpace()
      guard members.updateValue(try value(depth: depth), forKey: key) == nil else {
        throw error("the key \"\(key.printableName)\" is there twice", at: place)
      }
      skipSpace()
    }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var items: [JSONValue] = []
    while !take("]") {
      if !items.isEmpty { try separate(from: "]", "array") }
      items.append(try value(depth: depth))
      skipSpace()
    }
    return .array(items)
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth <= Self.maximumDepth else {
      throw error("arrays and objects lie more than \(Self.maximumDepth) deep in each other")
    }
    position += 1
    skipSpace()
  }

  /// The comma between two members, which none but the last goes without.
  private mutating func separate(from end: Character, _ kind: String) throws(JSONError) {
    guard take(",") else {
      throw error(
        peek() == nil ? "the text ends inside an \(kind)" : "needed a comma or \"\(end)\"")
    }
    skipSpace()
    guard peek() != end.asciiValue else {
      throw error("a comma comes after the last member of the \(kind)")
    }
  }

  private mutating func word() throws(JSONError) -> JSONValue {
    let words: [(String, JSONValue)] = [
      ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
    ]
    for (word, value) in words where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    let isComment = peek() == UInt8(ascii: "/") || peek() == UInt8(ascii: "#")
    throw error(
      isComment
        ? "JSON has no comments"
        : "needed a value: an object, an array, a string, a number, true, false or null")
  }
}

/// Numbers and strings.
extension JSONParser {
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    _ = take("-")
    let whole = digits()
    guard whole > 0 else { throw error("a number has no digits", at: start) }
    if whole > 1, bytes[position - whole] == UInt8(ascii: "0") {
      throw error("a number begins with 0", at: start)
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw error("a number ends with its point", at: start) }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw error("a number has no exponent", at: start) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard text.utf8.count <= Self.maximumNumberLength else {
      throw error("a number has \(text.utf8.count) characters", at: start)
    }
    guard let value = Double(text), value.isFinite else {
      throw error("the number \(text) is too large for a double", at: start)
    }
    let isZero = !text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
      .contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    guard value != 0 || isZero else {
      throw error("the number \(text) is too small for a double", at: start)
    }
    // A count that is off by one is a count that nobody wrote.
    if isInteger, whole > 15, String(format: "%.0f", value) != text {
      throw error("the number \(text) has more digits than a double holds", at: start)
    }
    return .number(value)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    return position - start
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    var run = position
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[run..<position]
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("a string is not UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[run..<position]
        text += String(try escape()).utf8
        run = position
      case 0..<0x20: throw error("a string holds a control character; write it as an escape")
      default: position += 1
      }
    }
    throw error("a string does not end", at: start)
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = peek() else { throw error("a string does not end", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("a string has an unknown escape", at: start)
    }
    let high = try codeUnit(start)
    guard UTF16.isSurrogate(high) else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
    guard UTF16.isLeadSurrogate(high), take("\\"), take("u") else {
      throw error("a string has half of a surrogate pair", at: start)
    }
    let low = try codeUnit(start)
    guard UTF16.isTrailSurrogate(low) else {
      throw error("a string has half of a surrogate pair", at: start)
    }
    let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private mutating func codeUnit(_ start: Int) throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("needed four hexadecimal digits", at: start)
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}

/// The text.
extension JSONParser {
  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard let byte = peek(), byte == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func error(_ reason: String, at place: Int? = nil) -> JSONError {
    let before = bytes[..<(place ?? position)]
    let line = before.count { $0 == 0x0A } + 1
    let start = (before.lastIndex(of: 0x0A) ?? -1) + 1
    return JSONError(line: line, column: before.count - start + 1, reason: reason)
  }
}
