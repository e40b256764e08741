/// The 64-bit FNV-1a hash: digests of layers and of scores.
package struct FNV1a: Sendable {
  /// The hash of everything appended so far.
  package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  /// Appends one byte.
  package mutating func append(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  /// Appends the four bytes of a word, the lowest first.
  package mutating func append(_ word: Int32) {
    for shift: Int32 in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: word >> shift)) }
  }
}
