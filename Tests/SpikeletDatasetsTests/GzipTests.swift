import SpikeletDatasets
import Testing

@Suite struct GzipTests {
  private func gzipProblem(_ data: [UInt8]) -> DatasetError.Problem? {
    problem { () throws(DatasetError) in try Gzip.decompress(data) }
  }

  @Test func readsPythonsFiles() throws {
    #expect(Gzip.isGzip(Compressed.gzipSequence))
    #expect(try Gzip.decompress(Compressed.gzipSequence) == Compressed.sequence)
    #expect(try Gzip.decompress(Compressed.allFieldsText) == Compressed.text)
  }

  @Test func membersFollowOneAnother() throws {
    let data = Compressed.gzipSequence + Compressed.allFieldsText + Compressed.gzipSequence
    let expected = Compressed.sequence + Compressed.text + Compressed.sequence
    #expect(try Gzip.decompress(data) == expected)
    #expect(try Gzip.decompress(data, limit: expected.count) == expected)
    #expect(
      problem { () throws(DatasetError) in
        try Gzip.decompress(data, limit: expected.count - 1)
      } == .outputLimit(limit: expected.count - 1))
  }

  @Test(arguments: [Compressed.gzipSequence, Compressed.allFieldsText])
  func truncationAtEveryLength(data: [UInt8]) {
    for length in 0..<data.count {
      #expect(isTruncated(gzipProblem([UInt8](data[..<length]))), "\(length) bytes")
    }
  }

  @Test func truncationInTheSecondMember() {
    let data = Compressed.allFieldsText + Compressed.allFieldsText
    for length in Compressed.allFieldsText.count + 1..<data.count {
      #expect(isTruncated(gzipProblem([UInt8](data[..<length]))), "\(length) bytes")
    }
  }

  @Test(arguments: [Compressed.gzipSequence, Compressed.allFieldsText])
  func everyFlippedBitIsFoundOrHarmless(data: [UInt8]) {
    let expected = data == Compressed.gzipSequence ? Compressed.sequence : Compressed.text
    for index in data.indices {
      for bit in 0..<8 {
        var damaged = data
        damaged[index] ^= 1 << UInt8(bit)
        // Time, system and name carry nothing: those bits may flip. No other contents come out.
        if let output = try? Gzip.decompress(damaged) { #expect(output == expected) }
      }
    }
  }

  @Test func wrongChecksumAndLengthAreNamed() {
    let count = Compressed.gzipSequence.count
    var damaged = Compressed.gzipSequence
    damaged[count - 8] ^= 1
    guard case .checksum(let needed, let given) = gzipProblem(damaged) else {
      Issue.record("no checksum error")
      return
    }
    #expect(needed == given ^ 1)

    damaged = Compressed.gzipSequence
    damaged[count - 4] ^= 1
    let length = UInt32(Compressed.sequence.count)
    #expect(gzipProblem(damaged) == .streamLength(needed: length ^ 1, given: length))
  }

  @Test func headerFaultsAreNamed() {
    func reason(_ change: (inout [UInt8]) -> Void) -> String? {
      var data = Compressed.allFieldsText
      change(&data)
      return corruptReason(gzipProblem(data))
    }
    #expect(reason { $0[0] = 0 } == "no gzip header")
    #expect(reason { $0[2] = 7 } == "compression method is not deflate")
    #expect(reason { $0[3] |= 0x20 } == "reserved gzip flags are set")
    #expect(reason { $0[4] ^= 1 } == "wrong gzip header checksum")
    #expect(reason { $0 += [1, 2, 3] } == "bytes after the last gzip member")
    #expect(isTruncated(gzipProblem([])))
    #expect(!Gzip.isGzip([0x1F]))
  }

  @Test func aHugeStatedLengthReservesNothing() {
    // The trailer promises 4 GiB; only the check at the end may notice.
    var damaged = Compressed.gzipSequence
    let count = damaged.count
    damaged.replaceSubrange(count - 4..<count, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(
      gzipProblem(damaged)
        == .streamLength(needed: .max, given: UInt32(Compressed.sequence.count)))
  }
}
