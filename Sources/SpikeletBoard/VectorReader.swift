/// Reads integer golden vectors word by word, in place.
///
/// The text is what the host's `IntegerVectors` writes: lines of a keyword and values.
struct VectorReader: ~Escapable {
  private let text: Span<UInt8>
  private let name: FileName
  private var position = 0
  /// The line that is being read, from 1.
  private(set) var line: UInt32 = 1

  @_lifetime(copy text)
  init(_ text: Span<UInt8>, name: FileName) {
    self.text = text
    self.name = name
  }

  func error(_ needed: StaticString) -> BoardError {
    BoardError.vectors(name, line: line, needed: needed)
  }

  /// Reads a keyword, which begins a line or follows a value.
  @_lifetime(self: copy self)
  mutating func keyword(_ keyword: StaticString, _ needed: StaticString) throws(BoardError) {
    let word = nextWord()
    guard word.count == keyword.utf8CodeUnitCount else { throw error(needed) }
    for i in 0..<word.count where unsafe text[word.lowerBound &+ i] != keyword.utf8Start[i] {
      throw error(needed)
    }
  }

  /// Passes over a word of any kind.
  @_lifetime(self: copy self)
  mutating func skip(_ needed: StaticString) throws(BoardError) {
    if nextWord().isEmpty { throw error(needed) }
  }

  /// Reads a decimal number that fits 32 bits.
  @_lifetime(self: copy self)
  mutating func number(_ needed: StaticString) throws(BoardError) -> Int32 {
    let word = nextWord()
    let isNegative = !word.isEmpty && text[word.lowerBound] == 45
    let first = word.lowerBound &+ (isNegative ? 1 : 0)
    guard first < word.upperBound else { throw error(needed) }
    var value: Int32 = 0
    for i in first..<word.upperBound {
      let digit = text[i] &- 48
      guard digit < 10 else { throw error(needed) }
      // Built below zero, so that the smallest number fits.
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.subtractingReportingOverflow(Int32(truncatingIfNeeded: digit))
      guard !overflow, !carry else { throw error(needed) }
      value = sum
    }
    guard isNegative || value != Int32.min else { throw error(needed) }
    return isNegative ? value : 0 &- value
  }

  /// Reads a count of at least 1.
  @_lifetime(self: copy self)
  mutating func count(_ needed: StaticString) throws(BoardError) -> Int {
    let value = try number(needed)
    guard value >= 1, value <= 100_000 else { throw error(needed) }
    return Int(value)
  }

  /// Reads a digest of 16 lowercase hexadecimal digits.
  @_lifetime(self: copy self)
  mutating func digest() throws(BoardError) -> (high: UInt32, low: UInt32) {
    let needed: StaticString = "needed a digest of 16 hexadecimal digits for each layer"
    let word = nextWord()
    guard word.count == 16 else { throw error(needed) }
    var halves: (high: UInt32, low: UInt32) = (0, 0)
    for i in word {
      let byte = text[i]
      let isDigit = byte >= 48 && byte <= 57
      guard isDigit || (byte >= 97 && byte <= 102) else { throw error(needed) }
      let digit = UInt32(truncatingIfNeeded: isDigit ? byte &- 48 : byte &- 87)
      halves.high = halves.high &<< 4 | halves.low &>> 28
      halves.low = halves.low &<< 4 | digit
    }
    return halves
  }

  /// Goes on to the next line.
  @_lifetime(self: copy self)
  mutating func endLine() throws(BoardError) {
    guard position < text.count, text[position] == 10 else {
      throw error("needed the end of the line")
    }
    position &+= 1
    line &+= 1
  }

  /// Checks that nothing follows.
  func finish() throws(BoardError) {
    guard position == text.count else { throw error("goes on after the last image") }
  }

  /// The next word of the line; empty at its end.
  @_lifetime(self: copy self)
  private mutating func nextWord() -> Range<Int> {
    while position < text.count, text[position] == 32 { position &+= 1 }
    let start = position
    while position < text.count, text[position] != 32, text[position] != 10 { position &+= 1 }
    return start..<position
  }
}
