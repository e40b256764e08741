// The engine's only unsafe code.
//
// Kernels read and write through regions: a base address and a size that come from a span and from
// offsets that the loader has checked. In debug builds every access asserts its bounds; in release
// builds the loader's validation is the proof, and an access is one instruction. Kernels index by
// byte offset or by element; a negative or overflowing index is caught by the same assertion.

/// A read-only range of the model file.
@safe struct ReadRegion {
  private let base: UnsafeRawPointer
  let count: Int

  /// The bytes `range` of `bytes`. The caller keeps `bytes` alive and unchanged.
  @inline(__always)
  init(_ bytes: RawSpan, offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset <= bytes.byteCount &- count)
    // An empty span may have no address; nothing is ever read from it then.
    unsafe self.base = bytes.withUnsafeBytes { raw in
      unsafe (raw.baseAddress ?? Self.nowhere) + offset
    }
    self.count = count
  }

  /// All of `bytes`. The caller keeps them alive and unchanged.
  @inline(__always)
  init(_ bytes: Span<UInt8>) {
    unsafe self.base = bytes.withUnsafeBytes { raw in unsafe raw.baseAddress ?? Self.nowhere }
    self.count = bytes.count
  }

  /// All of `bytes`, of which there are some: to look into a file record by record. The caller keeps
  /// them alive and unchanged.
  @inline(__always)
  init(notEmpty bytes: RawSpan) {
    assert(bytes.byteCount > 0)
    unsafe self.base = bytes.withUnsafeBytes { raw in unsafe raw.baseAddress.unsafelyUnwrapped }
    self.count = bytes.byteCount
  }

  private static var nowhere: UnsafeRawPointer {
    unsafe UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
  }

  /// Loads one value from any byte offset.
  @inline(__always)
  func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
    assert(offset >= 0 && offset &+ MemoryLayout<Value>.size <= count)
    return unsafe base.loadUnaligned(fromByteOffset: offset, as: type)
  }

  #if !SPIKELET_WITHOUT_THREADS
    /// The bytes from an offset on: where a part of a table begins.
    func dropping(_ offset: Int) -> ReadRegion {
      precondition(offset >= 0 && offset <= count)
      return unsafe ReadRegion(base: base + offset, count: count &- offset)
    }

    private init(base: UnsafeRawPointer, count: Int) {
      unsafe self.base = base
      self.count = count
    }
  #endif
}

/// A mutable range of the arena.
@safe struct Region {
  private let base: UnsafeMutableRawPointer
  let count: Int

  /// The bytes from `offset` of `bytes`. The caller keeps `bytes` alive and has exclusive access.
  @inline(__always)
  init(_ bytes: inout MutableRawSpan, offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset <= bytes.byteCount &- count)
    unsafe self.base = bytes.withUnsafeMutableBytes { raw in
      unsafe (raw.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped) + offset
    }
    self.count = count
  }

  /// Loads one value from any byte offset.
  @inline(__always)
  func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
    assert(offset >= 0 && offset &+ MemoryLayout<Value>.size <= count)
    return unsafe UnsafeRawPointer(base).loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// Stores one value at any byte offset.
  @inline(__always)
  func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
    assert(offset >= 0 && offset &+ MemoryLayout<Value>.size <= count)
    unsafe base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
  }

  /// Zeroes all of it.
  @inline(never)
  func clear() {
    var (byte, end) = (0, count)
    while byte &+ 16 <= end {
      store(SIMD16<UInt8>(), byte)
      byte &+= 16
    }
    while byte < end {
      end &-= 1
      store(UInt8(0), end)
    }
  }

  #if !SPIKELET_WITHOUT_THREADS
    /// The bytes from an offset on: where a part of a buffer begins.
    func dropping(_ offset: Int) -> Region {
      precondition(offset >= 0 && offset <= count)
      return unsafe Region(base: base + offset, count: count &- offset)
    }

    /// Memory that its owner keeps while the region is used.
    @unsafe init(_ bytes: UnsafeMutableRawBufferPointer) {
      unsafe self.init(base: bytes.baseAddress.unsafelyUnwrapped, count: bytes.count)
    }

    private init(base: UnsafeMutableRawPointer, count: Int) {
      unsafe self.base = base
      self.count = count
    }
  #endif
}

/// Whether a span begins at a multiple of `alignment`, a power of two.
func isAligned(_ bytes: borrowing MutableRawSpan, to alignment: Int) -> Bool {
  unsafe bytes.withUnsafeBytes { raw in
    guard let base = raw.baseAddress else { return true }
    return UInt(bitPattern: base) & UInt(bitPattern: alignment &- 1) == 0
  }
}

/// The bits of eight lanes in a byte, lane 0 lowest; those of lanes that do not count are 0.
///
/// A function of its own: who knows that no two bits meet makes six instructions of the sum of lanes,
/// who does not makes one.
@inline(never)
func laneBits(_ count: Int) -> SIMD8<UInt8> {
  let bits = SIMD8<UInt8>(1, 2, 4, 8, 16, 32, 64, 128)
  return count >= 8 ? bits : bits & SIMD8(repeating: 255 &>> UInt8(truncatingIfNeeded: 8 &- count))
}

/// A count of 0…7 in eight lanes.
@inline(__always)
func countLanes(_ count: UInt16) -> SIMD8<Int8> {
  #if arch(arm)
    // From memory: where LLVM knows that all lanes are one number it widens that number instead of the
    // lanes, and no longer sees eight bits times eight bits there, which are one instruction.
    let lanes: StaticString = """
      \0\0\0\0\0\0\0\0\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\
      \u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}\
      \u{4}\u{4}\u{4}\u{4}\u{4}\u{4}\u{4}\u{4}\u{5}\u{5}\u{5}\u{5}\u{5}\u{5}\u{5}\u{5}\
      \u{6}\u{6}\u{6}\u{6}\u{6}\u{6}\u{6}\u{6}\u{7}\u{7}\u{7}\u{7}\u{7}\u{7}\u{7}\u{7}
      """
    return unsafe UnsafeRawPointer(lanes.utf8Start).loadUnaligned(
      fromByteOffset: Int(count & 7) &* 8, as: SIMD8<Int8>.self)
  #else
    return SIMD8(repeating: Int8(truncatingIfNeeded: count))
  #endif
}

#if arch(arm)
  /// Eight lanes of 16 bits as words.
  @inline(__always)
  func asWords(_ a: SIMD8<Int16>) -> SIMD4<UInt32> { unsafe unsafeBitCast(a, to: SIMD4.self) }
#endif
