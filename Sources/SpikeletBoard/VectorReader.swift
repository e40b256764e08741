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

  @inline(never)
  func error(_ text: StaticString) -> BoardError {
    BoardError.vectors(name, line: line, text)
  }

  /// Reads a keyword and the number after it.
  @_lifetime(self: copy self) @inline(never)
  mutating func number(after keyword: StaticString) throws(BoardError) -> Int32 {
    if read(keyword), let number = number() { return number }
    throw BoardError.vectorNumber(name, line: line, after: keyword)
  }

  /// Reads a keyword and a count of at least 1 after it.
  @_lifetime(self: copy self) @inline(never)
  mutating func count(after keyword: StaticString) throws(BoardError) -> Int {
    let value = try number(after: keyword)
    guard value >= 1, value <= 100_000 else {
      throw BoardError.vectorNumber(name, line: line, after: keyword)
    }
    return Int(value)
  }

  /// Reads a keyword and passes over the words after it, which end the line.
  @_lifetime(self: copy self)
  mutating func skipLine(_ keyword: StaticString, words: Int) throws(BoardError) {
    var isComplete = read(keyword)
    for _ in 0..<words where nextWord().isEmpty { isComplete = false }
    guard isComplete else {
      throw BoardError.vectorWords(name, line: line, keyword, words)
    }
    try endLine()
  }

  /// Reads a keyword, which begins a line or follows a value; false if another word stands there.
  @_lifetime(self: copy self) @inline(never)
  mutating func read(_ keyword: StaticString) -> Bool {
    let word = nextWord()
    guard word.count == keyword.utf8CodeUnitCount else { return false }
    for i in 0..<word.count where unsafe text[word.lowerBound &+ i] != keyword.utf8Start[i] {
      return false
    }
    return true
  }

  /// Reads a decimal number; nil if no such word that fits 32 bits is next.
  @_lifetime(self: copy self) @inline(never)
  mutating func number() -> Int32? {
    let word = nextWord()
    let isNegative = !word.isEmpty && text[word.lowerBound] == 45
    let first = word.lowerBound &+ (isNegative ? 1 : 0)
    guard first < word.upperBound else { return nil }
    var value: Int32 = 0
    for i in first..<word.upperBound {
      let digit = text[i] &- 48
      guard digit < 10 else { return nil }
      // Built below zero, so that the smallest number fits.
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.subtractingReportingOverflow(Int32(truncatingIfNeeded: digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == Int32.min ? nil : 0 &- value
  }

  /// Reads a digest of 16 lowercase hexadecimal digits.
  @_lifetime(self: copy self) @inline(never)
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
  @_lifetime(self: copy self) @inline(never)
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
