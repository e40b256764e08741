/// The decoding table of one Huffman code of RFC 1951, looked up with the next bits of the stream.
///
/// One level, as wide as the longest code in use (at most 15 bits): a lookup gives the symbol and
/// the length of its code at once. An entry is `symbol << 4 | length`; 0 marks bits that no code
/// starts with.
package struct HuffmanTable {
  static let longestCode = 15

  package private(set) var entries: [UInt16]
  /// Number of bits a lookup takes, 1 … 15.
  private(set) var width: Int

  /// Makes the table of the canonical code with these lengths (0 … 15, 0 = symbol unused).
  ///
  /// `allowsIncomplete` admits the two incomplete codes that deflate has a use for: one symbol of
  /// one bit, and no symbols at all. Returns nil if the lengths are over-subscribed or incomplete.
  package init?(lengths: some Collection<UInt8>, allowsIncomplete: Bool) {
    var counts = [Int](repeating: 0, count: Self.longestCode + 1)
    for length in lengths {
      guard Int(length) <= Self.longestCode else { return nil }
      counts[Int(length)] += 1
    }
    counts[0] = 0
    let longest = counts.lastIndex { $0 != 0 } ?? 0

    // Canonical codes: the first code of each length, and how much of the code space is left.
    var firstCodes = [Int](repeating: 0, count: Self.longestCode + 2)
    var left = 1
    var code = 0
    for length in 1...Self.longestCode {
      left = left * 2 - counts[length]
      guard left >= 0 else { return nil }
      code = (code + counts[length - 1]) * 2
      firstCodes[length] = code
    }
    if left > 0 {
      guard allowsIncomplete, longest <= 1 else { return nil }
    }

    width = max(longest, 1)
    entries = [UInt16](repeating: 0, count: 1 << width)
    var symbol: UInt16 = 0
    for length in lengths {
      if length != 0 {
        let code = firstCodes[Int(length)]
        firstCodes[Int(length)] += 1
        fill(
          reversed(code, bits: Int(length)), step: 1 << Int(length), symbol << 4 | UInt16(length))
      }
      symbol += 1
    }
  }

  /// Writes `entry` wherever the low bits of the index are the code.
  private mutating func fill(_ start: Int, step: Int, _ entry: UInt16) {
    var index = start
    while index < entries.count {
      entries[index] = entry
      index += step
    }
  }

  /// A code with its first bit lowest: the stream sends codes from their most significant bit, and
  /// fills bytes from the least significant.
  private func reversed(_ code: Int, bits: Int) -> Int {
    var code = code
    var result = 0
    for _ in 0..<bits {
      result = result << 1 | code & 1
      code >>= 1
    }
    return result
  }
}

extension HuffmanTable {
  /// The literal and length code of fixed blocks.
  static let fixedLiterals = HuffmanTable(
    lengths: [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
      + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8),
    allowsIncomplete: false)!

  /// The distance code of fixed blocks; symbols 30 and 31 are part of the code and never valid.
  static let fixedDistances = HuffmanTable(
    lengths: [UInt8](repeating: 5, count: 32), allowsIncomplete: false)!
}
