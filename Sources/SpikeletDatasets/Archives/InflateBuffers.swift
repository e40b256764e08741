/// The input of the inflater, read bit by bit from the least significant bit of each byte.
///
/// Bits past the end of the input read as zeros and are counted: `consume` reports when a taken
/// bit was one of them, so that no read ever leaves the buffer.
struct BitReader {
  private let base: UnsafeRawPointer?
  private let count: Int
  private var position: Int
  private var bits: UInt64 = 0
  /// Bits in `bits` that came from the input.
  private var available = 0

  init(_ input: UnsafeRawBufferPointer, from start: Int) {
    base = input.baseAddress
    count = input.count
    position = min(max(start, 0), input.count)
  }

  /// The offset of the first byte that no bit has been taken from.
  var byteOffset: Int { position - available / 8 }

  /// Fills up to at least 56 bits, or to the end of the input.
  @inline(__always)
  mutating func refill() {
    guard available < 56, let base else { return }
    if count &- position >= 8 {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let bytes = (63 &- available) >> 3
      // Whole bytes only: the bits above `available` must stay zero for the next refill.
      let mask = ~UInt64(0) >> UInt64(truncatingIfNeeded: 64 &- 8 &* bytes)
      bits |= (word & mask) << UInt64(truncatingIfNeeded: available)
      position &+= bytes
      available &+= 8 &* bytes
    } else {
      while available <= 55, position < count {
        let byte = base.load(fromByteOffset: position, as: UInt8.self)
        bits |= UInt64(byte) << UInt64(truncatingIfNeeded: available)
        position &+= 1
        available &+= 8
      }
    }
  }

  /// The next bits, `width` of them (0 … 32), without taking them.
  @inline(__always)
  func peek(_ width: Int) -> Int {
    Int(truncatingIfNeeded: bits & ((1 << UInt64(truncatingIfNeeded: width)) &- 1))
  }

  /// Takes `width` bits; false if the input has not that many.
  @inline(__always)
  mutating func consume(_ width: Int) -> Bool {
    guard width <= available else { return false }
    bits >>= UInt64(truncatingIfNeeded: width)
    available &-= width
    return true
  }

  /// Drops the rest of the current byte and gives back the whole bytes that were fetched.
  mutating func alignToByte() {
    position = byteOffset
    bits = 0
    available = 0
  }

  /// Takes `length` bytes; nil if the input has not that many. Only after `alignToByte`.
  mutating func takeBytes(_ length: Int) -> UnsafeRawBufferPointer? {
    guard length <= count - position, let base else { return nil }
    defer { position += length }
    return UnsafeRawBufferPointer(start: base + position, count: length)
  }
}

/// The output of the inflater: a growing buffer with a limit, which matches copy from.
struct InflateOutput: ~Copyable {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  let limit: Int

  /// `expected` is a hint for the first allocation; `limit` is what `count` never passes.
  init(expected: Int, limit: Int) {
    self.limit = max(limit, 0)
    capacity = min(max(expected, 1024), self.limit)
    storage = .allocate(capacity: max(capacity, 1))
  }

  deinit { storage.deallocate() }

  /// Makes room for `length` more bytes; false if that passes the limit.
  @inline(__always)
  mutating func reserve(_ length: Int) -> Bool {
    if length <= capacity &- count { return true }
    return grow(length)
  }

  private mutating func grow(_ length: Int) -> Bool {
    guard length <= limit - count else { return false }
    let (doubled, overflow) = capacity.multipliedReportingOverflow(by: 2)
    let wider = min(max(overflow ? limit : doubled, count + length), limit)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wider)
    larger.update(from: storage, count: count)
    storage.deallocate()
    storage = larger
    capacity = wider
    return true
  }

  /// Appends a byte that `reserve` made room for.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    storage[count] = byte
    count &+= 1
  }

  /// Appends bytes that `reserve` made room for.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    UnsafeMutableRawPointer(storage + count).copyMemory(from: base, byteCount: bytes.count)
    count += bytes.count
  }

  /// Repeats `length` bytes (with room reserved) from `distance` bytes back, 1 … `count`.
  @inline(__always)
  mutating func repeatBytes(distance: Int, length: Int) {
    let target = storage + count
    let source = target - distance
    if distance >= length {
      target.update(from: source, count: length)
    } else if distance == 1 {
      target.update(repeating: source[0], count: length)
    } else {
      // The copy reads what it has just written: a repeating pattern.
      for i in 0..<length { target[i] = source[i] }
    }
    count &+= length
  }

  /// The bytes from `start` on.
  func withBytes<Result>(from start: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
  {
    body(UnsafeBufferPointer(start: storage + start, count: count - start))
  }

  /// All bytes, as an array.
  func array() -> [UInt8] { [UInt8](UnsafeBufferPointer(start: storage, count: count)) }
}
