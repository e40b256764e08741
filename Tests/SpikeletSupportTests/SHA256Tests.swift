import SpikeletSupport
import Testing

/// The examples of FIPS 180-4.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func hashesTheExamples(_ message: String, _ digest: String) {
    #expect(SHA256.hexDigest(of: message.utf8) == digest)
  }

  @Test func hashesAMillionLetters() {
    var hash = SHA256()
    for count in [1, 63, 64, 65, 999_807] {
      hash.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
    }
    #expect(hash.finalize().prefix(4) == [0xcd, 0xc7, 0x6e, 0x5c])
    #expect(
      SHA256.hexDigest(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func padsAtEveryLength() {
    // The hash of pieces is the hash of the whole, around the length where a block is added.
    for length in 50...130 {
      let bytes = (0..<length).map { UInt8($0) }
      var hash = SHA256()
      for byte in bytes { hash.update([byte]) }
      let digits = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(digits == SHA256.hexDigest(of: bytes))
    }
  }
}
