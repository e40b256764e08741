import SpikeletDatasets
import Testing

/// The problem that `body` throws, nil if it throws none.
func problem<Result>(_ body: () throws(DatasetError) -> Result) -> DatasetError.Problem? {
  do {
    _ = try body()
    return nil
  } catch {
    return error.problem
  }
}

func isTruncated(_ problem: DatasetError.Problem?) -> Bool {
  if case .truncatedStream = problem { return true }
  return false
}

func corruptReason(_ problem: DatasetError.Problem?) -> String? {
  if case .corruptStream(let reason, _) = problem { return reason }
  return nil
}

/// Writes bit by bit, as deflate streams are packed.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var used = 8

  /// Appends `width` bits, the lowest first.
  mutating func add(_ value: Int, _ width: Int) {
    for bit in 0..<width {
      if used == 8 {
        bytes.append(0)
        used = 0
      }
      bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(used)
      used += 1
    }
  }

  /// Appends a Huffman code of `width` bits, the highest first.
  mutating func addCode(_ value: Int, _ width: Int) {
    for bit in (0..<width).reversed() { add(value >> bit & 1, 1) }
  }

  /// A final block of `type` with what `body` writes.
  static func block(_ type: Int, _ body: (inout BitWriter) -> Void = { _ in }) -> [UInt8] {
    var writer = BitWriter()
    writer.add(1, 1)
    writer.add(type, 2)
    body(&writer)
    return writer.bytes
  }
}

@Suite struct InflateTests {
  @Test func storedFixedAndDynamicBlocks() throws {
    #expect(Compressed.storedText.first.map { $0 >> 1 & 3 } == 0)
    #expect(Compressed.fixedText.first.map { $0 >> 1 & 3 } == 1)
    #expect(Compressed.dynamicSequence.first.map { $0 >> 1 & 3 } == 2)
    #expect(try Inflate.decompress(Compressed.storedText) == Compressed.text)
    #expect(try Inflate.decompress(Compressed.fixedText) == Compressed.text)
    #expect(try Inflate.decompress(Compressed.dynamicSequence) == Compressed.sequence)
  }

  @Test func emptyBlocks() throws {
    #expect(try Inflate.decompress([0x03, 0x00]) == [])
    #expect(try Inflate.decompress([0x01, 0x00, 0x00, 0xFF, 0xFF]) == [])
  }

  @Test func blocksFollowOneAnother() throws {
    // Z_SYNC_FLUSH joins streams this way: an empty stored block that is not the last.
    let stream = [0x00, 0x00, 0x00, 0xFF, 0xFF] + Compressed.fixedText
    #expect(try Inflate.decompress(stream) == Compressed.text)
  }

  @Test func overlappingMatchesRepeat() throws {
    // Literals a, b; then length 10 (symbol 264) at distance 2 (symbol 1).
    let stream = BitWriter.block(1) {
      $0.addCode(0x30 + 0x61, 8)
      $0.addCode(0x30 + 0x62, 8)
      $0.addCode(264 - 256, 7)
      $0.addCode(1, 5)
      $0.addCode(0, 7)
    }
    #expect(try Inflate.decompress(stream) == Array("abababababab".utf8))
  }

  @Test func longestMatchAndEveryLengthSymbol() throws {
    // Symbol, extra bits, the length with all extra bits set.
    for (symbol, extra, length) in [(257, 0, 3), (268, 1, 18), (281, 5, 162), (284, 5, 258)] {
      let stream = BitWriter.block(1) {
        $0.addCode(0x30 + 7, 8)
        if symbol < 280 { $0.addCode(symbol - 256, 7) } else { $0.addCode(0xC0 + symbol - 280, 8) }
        $0.add((1 << extra) - 1, extra)
        $0.addCode(0, 5)
        $0.addCode(0, 7)
      }
      #expect(try Inflate.decompress(stream) == [UInt8](repeating: 7, count: length + 1))
    }
  }

  @Test(arguments: [Compressed.storedText, Compressed.fixedText, Compressed.dynamicSequence])
  func truncationAtEveryLength(stream: [UInt8]) {
    for length in 0..<stream.count {
      #expect(
        isTruncated(
          problem { () throws(DatasetError) in
            try Inflate.decompress([UInt8](stream[..<length]))
          }), "\(length) bytes")
    }
  }

  @Test(arguments: [Compressed.storedText, Compressed.fixedText, Compressed.dynamicSequence])
  func anyFlippedBitIsSafe(stream: [UInt8]) {
    for index in stream.indices {
      for bit in 0..<8 {
        var damaged = stream
        damaged[index] ^= 1 << UInt8(bit)
        // Some damage decodes to other bytes; none of it may trap or pass the limit.
        let output = try? Inflate.decompress(damaged, limit: 5000)
        #expect((output ?? []).count <= 5000)
      }
    }
  }

  @Test func randomBytesAreSafe() {
    var state: UInt32 = 99
    for _ in 0..<20_000 {
      let bytes = (0..<40).map { _ -> UInt8 in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
      }
      let output = try? Inflate.decompress(bytes, limit: 4096)
      #expect((output ?? []).count <= 4096)
    }
  }

  @Test func limitIsKept() throws {
    let size = Compressed.sequence.count
    for stream in [Compressed.dynamicSequence] {
      #expect(try Inflate.decompress(stream, limit: size).count == size)
      for limit in [size - 1, 1, 0, -1] {
        #expect(
          problem { () throws(DatasetError) in try Inflate.decompress(stream, limit: limit) }
            == .outputLimit(limit: max(limit, 0)))
      }
    }
    #expect(
      problem { () throws(DatasetError) in
        try Inflate.decompress(Compressed.storedText, limit: 10)
      } == .outputLimit(limit: 10))
  }

  @Test func namedFaults() {
    func reason(_ stream: [UInt8]) -> String? {
      corruptReason(problem { () throws(DatasetError) in try Inflate.decompress(stream) })
    }
    #expect(reason(BitWriter.block(3)) == "reserved block type")
    #expect(reason([0x01, 1, 0, 0, 0, 0])?.contains("complement") == true)
    #expect(reason([0x03, 0x00, 0x00]) == "bytes after the last block")
    // A match with nothing before it.
    #expect(
      reason(
        BitWriter.block(1) {
          $0.addCode(1, 7)
          $0.addCode(0, 5)
          $0.add(0, 16)
        })
        == "distance reaches before the start")
    // Symbols 286 and distance 30 are in the fixed codes, and mean nothing.
    #expect(
      reason(
        BitWriter.block(1) {
          $0.addCode(0xC6, 8)
          $0.add(0, 16)
        })
        == "invalid length symbol")
    #expect(
      reason(
        BitWriter.block(1) {
          $0.addCode(0x30, 8)
          $0.addCode(1, 7)
          $0.addCode(30, 5)
          $0.add(0, 16)
        }) == "invalid distance symbol")
    #expect(
      reason(
        BitWriter.block(2) {
          $0.add(30, 5)
          $0.add(0, 16)
        })
        == "too many codes in a dynamic block")
    // All code lengths of the code length code zero.
    #expect(
      reason(
        BitWriter.block(2) {
          $0.add(0, 14)
          $0.add(0, 30)
        })
        == "invalid code length code")
  }

  @Test func huffmanTablesRefuseBadCodes() {
    #expect(HuffmanTable(lengths: [1, 1, 1], allowsIncomplete: true) == nil)
    #expect(HuffmanTable(lengths: [2, 2, 2], allowsIncomplete: true) == nil)
    #expect(HuffmanTable(lengths: [16], allowsIncomplete: true) == nil)
    #expect(HuffmanTable(lengths: [1], allowsIncomplete: false) == nil)
    #expect(HuffmanTable(lengths: [], allowsIncomplete: false) == nil)
    #expect(HuffmanTable(lengths: [1], allowsIncomplete: true)?.entries == [1, 0])
    #expect(
      HuffmanTable(lengths: [1, 2, 2], allowsIncomplete: false)?.entries
        == [0x01, 0x12, 0x01, 0x22])
  }
}
