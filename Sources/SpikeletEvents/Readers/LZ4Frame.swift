/// Unpacks LZ4 frames, the compression of AEDAT 4.
package enum LZ4Frame {
  /// Why a frame is refused.
  package struct Failure: Error, Equatable {
    package var reason: String
  }

  /// The bytes of one frame, or of several one after the other.
  ///
  /// - Parameter limit: the most bytes that are unpacked.
  package static func decompress(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) throws(Failure) -> [UInt8] {
    var reader = Reader(bytes: bytes, position: bytes.startIndex)
    var output: [UInt8] = []
    repeat { try frame(&reader, &output, limit: limit) } while reader.position < bytes.endIndex
    return output
  }

  private struct Reader {
    let bytes: ArraySlice<UInt8>
    var position: Int

    mutating func byte() throws(Failure) -> Int {
      guard position < bytes.endIndex else { throw Failure(reason: "an LZ4 frame ends early") }
      position += 1
      return Int(bytes[position - 1])
    }

    mutating func word() throws(Failure) -> UInt32 {
      var value: UInt32 = 0
      for shift in 0..<4 { value |= UInt32(try byte()) << (8 * UInt32(shift)) }
      return value
    }

    mutating func slice(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
      guard count <= bytes.endIndex - position else {
        throw Failure(reason: "an LZ4 frame ends early")
      }
      position += count
      return bytes[position - count..<position]
    }
  }

  private static func frame(
    _ reader: inout Reader, _ output: inout [UInt8], limit: Int
  ) throws(Failure) {
    let magic = try reader.word()
    if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
      // A frame for others: its length follows.
      _ = try reader.slice(Int(try reader.word()))
      return
    }
    guard magic == 0x184D_2204 else { throw Failure(reason: "is no LZ4 frame") }
    let header = reader.position
    let flags = try reader.byte()
    _ = try reader.byte()
    guard flags >> 6 == 1 else { throw Failure(reason: "has an LZ4 frame of another version") }
    let (isIndependent, hasBlockSums) = (flags & 32 != 0, flags & 16 != 0)
    let (hasSize, hasSum, hasDictionary) = (flags & 8 != 0, flags & 4 != 0, flags & 1 != 0)
    if hasSize { _ = try reader.slice(8) }
    guard !hasDictionary else { throw Failure(reason: "has an LZ4 frame with a dictionary") }
    let sum = XXH32.hash(reader.bytes[header..<reader.position]) >> 8 & 255
    guard try reader.byte() == Int(sum) else {
      throw Failure(reason: "has an LZ4 frame with a wrong header checksum")
    }
    let start = output.count
    while true {
      let size = try reader.word()
      if size == 0 { break }
      let block = try reader.slice(Int(size & 0x7FFF_FFFF))
      if hasBlockSums, try reader.word() != XXH32.hash(block) {
        throw Failure(reason: "has an LZ4 block with a wrong checksum")
      }
      if size >> 31 == 1 {
        output += block
      } else {
        try unpack(block, &output, from: isIndependent ? output.count : start, limit: limit)
      }
      guard output.count <= limit else { throw Failure(reason: "unpacks to over \(limit) bytes") }
    }
    if hasSum, try reader.word() != XXH32.hash(output[start...]) {
      throw Failure(reason: "has an LZ4 frame with a wrong checksum")
    }
  }

  /// Unpacks a block; what it repeats lies at `first` or after it.
  private static func unpack(
    _ block: ArraySlice<UInt8>, _ output: inout [UInt8], from first: Int, limit: Int
  ) throws(Failure) {
    var reader = Reader(bytes: block, position: block.startIndex)
    func length(_ start: Int, _ reader: inout Reader) throws(Failure) -> Int {
      var count = start
      guard start == 15 else { return count }
      while true {
        let more = try reader.byte()
        count += more
        if more < 255 { return count }
      }
    }
    while reader.position < block.endIndex {
      let token = try reader.byte()
      output += try reader.slice(try length(token >> 4, &reader))
      // The last sequence has literals alone.
      guard reader.position < block.endIndex else { return }
      let distance = try reader.byte() | (try reader.byte()) << 8
      let count = 4 + (try length(token & 15, &reader))
      guard distance >= 1, distance <= output.count - first else {
        throw Failure(reason: "has an LZ4 block that repeats what is not there")
      }
      guard output.count + count <= limit else {
        throw Failure(reason: "unpacks to over \(limit) bytes")
      }
      for _ in 0..<count { output.append(output[output.count - distance]) }
    }
  }
}

/// The checksum of LZ4 frames, with the seed 0.
package enum XXH32 {
  private static let primes: [UInt32] = [
    2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263, 374_761_393,
  ]

  package static func hash(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var position = bytes.startIndex
    func word() -> UInt32 {
      UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
        | UInt32(bytes[position + 3]) << 24
    }
    func turned(_ value: UInt32, _ count: UInt32) -> UInt32 {
      value << count | value >> (32 - count)
    }
    var sum: UInt32
    if bytes.count >= 16 {
      var parts = [primes[0] &+ primes[1], primes[1], 0, 0 &- primes[0]]
      while bytes.endIndex - position >= 16 {
        for lane in 0..<4 {
          parts[lane] = turned(parts[lane] &+ word() &* primes[1], 13) &* primes[0]
          position += 4
        }
      }
      sum =
        turned(parts[0], 1) &+ turned(parts[1], 7) &+ turned(parts[2], 12) &+ turned(parts[3], 18)
    } else {
      sum = primes[4]
    }
    sum = sum &+ UInt32(truncatingIfNeeded: bytes.count)
    while bytes.endIndex - position >= 4 {
      sum = turned(sum &+ word() &* primes[2], 17) &* primes[3]
      position += 4
    }
    while position < bytes.endIndex {
      sum = turned(sum &+ UInt32(bytes[position]) &* primes[4], 11) &* primes[0]
      position += 1
    }
    sum = (sum ^ sum >> 15) &* primes[1]
    sum = (sum ^ sum >> 13) &* primes[2]
    return sum ^ sum >> 16
  }
}
