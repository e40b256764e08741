import SpikeletSupport
import Testing

/// What is JSON, and what only looks like it.
@Suite struct JSONParserTests {
  @Test func readsWhatTheStandardAllows() throws {
    let document = try JSONParser.parse(
      " {\"a\" : [1, -2.5e3 , true,false,null],\r\n\t\"\\u00e9\\ud83d\\ude00\\n\":{}, \"\" : \"\"} \n"
    )
    #expect(
      document
        == .object([
          "a": .array([.number(1), .number(-2500), .boolean(true), .boolean(false), .null]),
          "é😀\n": .object([:]), "": .string(""),
        ]))
    for (text, value) in [
      ("-0", 0), ("0", 0), ("0.0e9999", 0), ("9007199254740992", 9_007_199_254_740_992),
      ("9223372036854775808", 9_223_372_036_854_775_808), ("5e-324", 5e-324),
      ("1.7976931348623157e308", .greatestFiniteMagnitude), ("0.1", 0.1),
    ] {
      #expect(try JSONParser.parse(text) == .number(value), "\(text)")
    }
  }

  @Test(arguments: [
    ("", "1, 1: the text ends where a value is needed"),
    ("{\"a\": 1,}", "1, 9: a comma comes after the last member of the object"),
    ("[1,\n 2,\n]", "3, 1: a comma comes after the last member of the array"),
    ("{\"a\": 1,\n \"b\": 2, \"a\": 1}", "2, 10: the key \"a\" is there twice"),
    ("{\"a\": 1, \"\\u0061\": 2}", "1, 10: the key \"a\" is there twice"),
    ("// hi\n1", "1, 1: JSON has no comments"), ("[1] # hi", "1, 5: something follows"),
    ("1 2", "1, 3: something follows the document"),
    ("\u{FEFF}1", "1, 1: a byte order mark comes first"),
    ("{'a': 1}", "1, 2: needed a key in quotes"), ("{a: 1}", "1, 2: needed a key in quotes"),
    ("{\"a\" 1}", "1, 6: needed a colon after the key \"a\""),
    ("[1 2]", "1, 4: needed a comma or \"]\""), ("[1", "1, 3: the text ends inside an array"),
    ("{", "1, 2: the text ends inside an object"), ("tru", "1, 1: needed a value"),
    ("NaN", "1, 1: needed a value"), ("Infinity", "1, 1: needed a value"),
    ("-", "1, 1: a number has no digits"), ("-Infinity", "1, 1: a number has no digits"),
    ("08", "1, 1: a number begins with 0"), ("1.", "1, 1: a number ends with its point"),
    (".5", "1, 1: needed a value"), ("+1", "1, 1: needed a value"), ("0x10", "1, 2: something"),
    ("1e", "1, 1: a number has no exponent"),
    ("1e400", "1, 1: the number 1e400 is too large for a double"),
    ("-1e400", "1, 1: the number -1e400 is too large for a double"),
    ("1e-400", "1, 1: the number 1e-400 is too small for a double"),
    ("9007199254740993", "1, 1: the number 9007199254740993 has more digits than a double holds"),
    ("\"abc", "1, 1: a string does not end"), ("\"a\nb\"", "1, 3: a string holds a control"),
    ("\"\\x\"", "1, 2: a string has an unknown escape"),
    ("\"\\u12g4\"", "1, 2: needed four hexadecimal digits"),
    ("\"\\ud800\"", "1, 2: a string has half of a surrogate pair"),
    ("\"\\ud800\\u0041\"", "1, 2: a string has half of a surrogate pair"),
    ("\"\\udc00\"", "1, 2: a string has half of a surrogate pair"),
  ])
  func refusesWhatItIsNot(text: String, reason: String) {
    let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    let wanted = "line " + reason.replacing(", ", with: ", column ", maxReplacements: 1)
    #expect(error?.description.hasPrefix(wanted) == true, "\(error?.description ?? "")")
  }

  @Test(
    arguments: [
      [0xFF, 0xFE, 0x31, 0x00], [0x00, 0x31], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22], [0x31, 0x00],
    ] as [[UInt8]])
  func refusesBytesThatAreNoText(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
  }

  @Test func whatADocumentMayCostIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONParser.parse(nested(64))
    for (text, reason) in [
      (nested(65), "more than 64 deep"), (String(repeating: "[", count: 100_000), "more than 64"),
      (String(repeating: "{\"a\":", count: 100_000), "more than 64"),
      (String(repeating: "9", count: 101), "a number has 101 characters"),
      ("[" + String(repeating: "0,", count: 1 << 20) + "0]", "more than 1048576 values"),
      (String(repeating: " ", count: 1 << 24 + 1), "at most 16777216 are read"),
    ] {
      let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
      #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
    }
  }

  /// What is written is read back, whatever was in it.
  @Test func readsWhatIsWritten() throws {
    var random = SeededRandom(seed: 12)
    func value(_ depth: Int) -> JSONValue {
      switch random.pick(0...(depth > 4 ? 3 : 5)) {
      case 0: return .null
      case 1: return .boolean(random.chance(2))
      case 2:
        let number = Double(bitPattern: random.next())
        return .number(number.isFinite ? number : Double(random.pick(-9...9)))
      case 3:
        return .string(
          String(
            String.UnicodeScalarView(
              (0..<random.pick(0...6)).compactMap { _ in
                Unicode.Scalar(UInt32(random.pick(0...(random.chance(2) ? 0x2FF : 0x10FFFF))))
              })))
      case 4: return .array((0..<random.pick(0...4)).map { _ in value(depth + 1) })
      default:
        var members: [String: JSONValue] = [:]
        for key in 0..<random.pick(0...4) { members["k\(key)\u{9B}"] = value(depth + 1) }
        return .object(members)
      }
    }
    for _ in 0..<5000 {
      let document = value(0)
      #expect(try JSONParser.parse(document.text) == document, "\(document.text)")
      #expect(try JSONParser.parse(document.compactText) == document)
    }
  }

  /// No cut and no change of bytes makes it trap, and a place lies within the text.
  @Test func damageIsAnErrorOrAnotherDocument() throws {
    let text = Array("{\"a\": [1.5e3, \"\\ud83d\\ude00é\", {\"b\": null}], \"c\": true}\n".utf8)
    for length in 0..<text.count - 1 {
      #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.prefix(length))) }
    }
    for position in text.indices {
      for byte in UInt8.min ... .max {
        var changed = text
        changed[position] = byte
        do {
          _ = try JSONParser.parse(changed)
        } catch let error as JSONError {
          #expect((1...3).contains(error.line) && (1...text.count + 1).contains(error.column))
        }
      }
    }
  }
}
