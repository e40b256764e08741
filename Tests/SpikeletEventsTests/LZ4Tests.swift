import SpikeletEvents
import Testing

@Suite struct LZ4Tests {
  private static let head: [UInt8] = [0x04, 0x22, 0x4D, 0x18, 0x60, 0x70, 0x73]

  private func frame(_ block: [UInt8], head: [UInt8] = Self.head) -> [UInt8] {
    head + UInt32(block.count).littleBytes + block + [0, 0, 0, 0]
  }

  @Test func repeatsWhatWasThere() throws {
    // "abc", then 8 bytes from 3 back, then "!".
    let block: [UInt8] = [0x34] + Array("abc".utf8) + [3, 0] + [0x10] + Array("!".utf8)
    let bytes = try LZ4Frame.decompress(frame(block)[...], limit: 100)
    #expect(String(decoding: bytes, as: UTF8.self) == "abcabcabcab!")
  }

  @Test func longLengthsAreSums() throws {
    // One literal, then 4 + 15 + 255 + 10 bytes from 1 back, then the last literal.
    let block: [UInt8] = [0x1F, 65, 1, 0, 255, 10, 0x10, 66]
    let bytes = try LZ4Frame.decompress(frame(block)[...], limit: 1000)
    #expect(bytes == [UInt8](repeating: 65, count: 285) + [66])
  }

  @Test func checksums() {
    #expect(XXH32.hash([]) == 0x02CC_5D05)
    #expect(XXH32.hash(Array("abc".utf8)[...]) == 0x32D1_53FF)
    // More than 16 bytes take four sums side by side.
    #expect(XXH32.hash(Array("Nobody inspects the spammish repetition".utf8)[...]) == 0xE229_3B2F)
  }

  @Test(
    arguments: [
      ([1, 2, 3, 4], "is no LZ4 frame"), ([0x04, 0x22], "ends early"),
      ([0x04, 0x22, 0x4D, 0x18, 0x60, 0x70, 0x74], "wrong header checksum"),
      (head + [9, 0, 0, 0, 0x10], "ends early"),
      (head + [4, 0, 0, 0, 0x10, 65, 2, 0, 0, 0, 0, 0], "repeats what is not there"),
      (head + [4, 0, 0, 0, 0x10, 65, 0, 0, 0, 0, 0, 0], "repeats what is not there"),
      (head + [8, 0, 0, 0, 0x1F, 65, 1, 0, 255, 255, 255, 200, 0, 0, 0, 0], "over 100 bytes"),
    ] as [([UInt8], String)])
  func refuses(_ bytes: [UInt8], _ reason: String) {
    let error = #expect(throws: LZ4Frame.Failure.self) {
      try LZ4Frame.decompress(bytes[...], limit: 100)
    }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }
}
