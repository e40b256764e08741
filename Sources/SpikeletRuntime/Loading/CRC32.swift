/// The CRC-32 of zlib, PNG and IEEE 802.3 (reflected polynomial 0xEDB88320), four bits at a time.
///
/// A table of 16 words instead of 256 keeps the engine small; a model file is read once.
package struct CRC32: Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  /// The checksum of no bytes.
  package init() {}

  /// The checksum of all bytes given so far.
  package var value: UInt32 { ~register }

  /// Adds bytes.
  package mutating func update(_ bytes: Span<UInt8>) {
    update(ReadRegion(bytes))
  }

  /// Adds one byte.
  package mutating func update(_ byte: UInt8) {
    register ^= UInt32(byte)
    register = (register &>> 4) ^ Self.table[Int(truncatingIfNeeded: register & 15)]
    register = (register &>> 4) ^ Self.table[Int(truncatingIfNeeded: register & 15)]
  }

  mutating func update(_ bytes: ReadRegion) {
    // Through a span the table is laid out once, and not again for every byte.
    let storage = Self.table
    let table = storage.span
    var value = register
    for i in 0..<bytes.count {
      value ^= UInt32(truncatingIfNeeded: bytes.load(i, as: UInt8.self))
      value = (value &>> 4) ^ table[Int(truncatingIfNeeded: value & 15)]
      value = (value &>> 4) ^ table[Int(truncatingIfNeeded: value & 15)]
    }
    register = value
  }

  // A computed property: the compiler keeps its constant in read-only data, where a stored one
  // would be initialized behind a flag in writable memory.
  @inline(__always)
  private static var table: InlineArray<16, UInt32> {
    [
      0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC, 0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158,
      0x5005_713C, 0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C, 0x9B64_C2B0, 0x86D3_D2D4,
      0xA00A_E278, 0xBDBD_F21C,
    ]
  }
}
