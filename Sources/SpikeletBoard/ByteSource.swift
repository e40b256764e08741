import CBoardPlatform

/// The bytes of a file or of standard input, in order. The first ones can be looked at before they
/// are taken, since a pipe cannot go back.
struct ByteSource {
  /// Bytes of the file; nil for standard input.
  let byteCount: Int?
  private let descriptor: Int32
  private var head = InlineArray<16, UInt8>(repeating: 0)
  private var headCount = 0
  private var position = 0

  /// Opens a file, or standard input for "-".
  ///
  /// - Parameter lookahead: bytes that can be looked at, at most 16: reading waits for them.
  init(_ name: FileName, lookahead: Int = 16) throws(BoardError) {
    if let path = name.path, name.member == nil, path == "-" {
      descriptor = platform_standard_input()
      byteCount = nil
    } else {
      let file = try name.open()
      descriptor = file.descriptor
      byteCount = file.byteCount
    }
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    headCount = unsafe span.withUnsafeMutableBufferPointer {
      unsafe Self.read(descriptor, $0, lookahead)
    }
    head = bytes
  }

  private static func read(
    _ descriptor: Int32, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: Int
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    return unsafe platform_read_some(descriptor, base, count)
  }

  /// One of the first 16 bytes; 0 after the end.
  func first(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: head[index]) }

  /// The first bytes as a big-endian word.
  var firstWord: UInt32 {
    var copy = self
    return copy.word()
  }

  /// The next four bytes as a big-endian word; zeros after the end.
  @inline(never)
  mutating func word() -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 { value = value &<< 8 | (next() ?? 0) }
    return value
  }

  /// Bytes that are there at the beginning, at most 16.
  var firstCount: Int { headCount }

  /// The next byte; nil at the end.
  @inline(never)
  mutating func next() -> UInt32? {
    if position < headCount {
      position &+= 1
      return first(position &- 1)
    }
    var byte = InlineArray<1, UInt8>(repeating: 0)
    var span = byte.mutableSpan
    let count = unsafe span.withUnsafeMutableBufferPointer {
      unsafe Self.read(descriptor, $0, 1)
    }
    return count == 1 ? UInt32(truncatingIfNeeded: byte[0]) : nil
  }

  /// Passes over bytes.
  mutating func skip(_ count: Int) {
    for _ in 0..<count { _ = next() }
  }

  /// Fills memory with the next bytes, from byte `start` on; returns the bytes that it has then.
  @inline(never)
  mutating func fill(_ memory: inout Memory, from start: Int = 0) -> Int {
    var done = start
    let size = memory.bytes.byteCount
    while position < headCount, done < size {
      var bytes = memory.mutableBytes
      bytes.storeBytes(of: head[position], toByteOffset: done, as: UInt8.self)
      position &+= 1
      done &+= 1
    }
    return done &+ memory.readSome(from: descriptor, at: done)
  }
}
