import SpikeletSupport
import Testing

/// The published values of small algorithms that figures and files depend on.
@Suite struct HashAndRandomTests {
  @Test func fnv1a() {
    #expect(FNV1a().value == 0xCBF2_9CE4_8422_2325)
    var hash = FNV1a()
    for byte in "foobar".utf8 { hash.append(byte) }
    #expect(hash.value == 0x8594_4171_F739_67E8)
    var words = FNV1a()
    words.append(Int32(-2))
    var bytes = FNV1a()
    for byte: UInt8 in [0xFE, 0xFF, 0xFF, 0xFF] { bytes.append(byte) }
    #expect(words.value == bytes.value)
  }

  @Test func splitMix64() {
    var random = SeededRandom(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func hexadecimalDigits() {
    #expect(UInt64(0xAB).hexDigits == "00000000000000ab")
    #expect(UInt8(5).hexDigits == "05")
    #expect(UInt32.max.hexDigits == "ffffffff")
  }
}
