import SpikeletRuntime

/// What each bit of a file does to its checksum: CRC-32 is linear, so a checksum can be corrected for
/// a changed bit without reading the file again.
struct LinearChecksum {
  /// By bit, from byte 16 on: what the checksum covers.
  private let changes: [UInt32]
  private static let start = 16

  init(byteCount: Int) {
    var changes = [UInt32](repeating: 0, count: max(0, byteCount - Self.start) * 8)
    // From the last byte to the first: each byte that follows moves the register on by one.
    var registers = (0..<8).map { Self.step(0, UInt8(1 << $0)) }
    for byte in stride(from: byteCount - Self.start - 1, through: 0, by: -1) {
      for bit in 0..<8 {
        changes[byte * 8 + bit] = registers[bit]
        registers[bit] = Self.step(registers[bit], 0)
      }
    }
    self.changes = changes
  }

  private static func step(_ register: UInt32, _ byte: UInt8) -> UInt32 {
    var register = register ^ UInt32(byte)
    for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 0 ? 0 : 0xEDB8_8320) }
    return register
  }

  /// What to combine (exclusive or) the checksum with when this bit of the file is changed.
  func change(ofBit bit: Int) -> UInt32 {
    bit < Self.start * 8 ? 0 : changes[bit - Self.start * 8]
  }
}
