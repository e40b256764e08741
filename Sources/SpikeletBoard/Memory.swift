import CBoardPlatform

/// A file, mapped for reading; it stays so until the process ends.
@safe struct MappedFile {
  private let storage: UnsafeRawBufferPointer

  init(_ file: FileName) throws(BoardError) {
    var found = unsafe platform_bytes()
    if let path = file.path {
      guard unsafe platform_map(path.base, file.memberPath, &found) else {
        throw BoardError.unreadable(file)
      }
    } else {
      unsafe found = platform_embedded_model()
    }
    unsafe storage = UnsafeRawBufferPointer(start: found.base, count: found.count)
  }

  var bytes: RawSpan {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(storage.bytes, borrowing: self) }
  }

  /// The bytes as text or pixels.
  var pixels: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      unsafe _overrideLifetime(storage.bindMemory(to: UInt8.self).span, borrowing: self)
    }
  }
}

/// Zeroed pages from the system, kept until the process ends: the program has no heap.
@safe struct Memory: ~Copyable {
  private let storage: UnsafeMutableRawBufferPointer

  init(byteCount: Int) throws(BoardError) {
    guard let base = unsafe platform_memory(byteCount) else { throw BoardError.memory(byteCount) }
    unsafe storage = UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }

  var mutableBytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get { unsafe _overrideLifetime(storage.mutableBytes, mutating: &self) }
  }

  /// The memory, for reading.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(UnsafeRawBufferPointer(storage).bytes, borrowing: self) }
  }

  /// The memory as pixels.
  var pixels: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      unsafe _overrideLifetime(
        UnsafeRawBufferPointer(storage).bindMemory(to: UInt8.self).span, borrowing: self)
    }
  }

  #if !SPIKELET_WITHOUT_PROFILE
    /// Where the sums of 64 bits begin that C adds to; nil where the memory has no such sum.
    func address(ofSum position: Int) -> UnsafeMutablePointer<UInt8>? {
      guard unsafe position >= 0 && position < storage.count / 8 else { return nil }
      return unsafe storage.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
  #endif

  /// Fills the memory from byte `start` on from a file; returns the number of bytes read.
  mutating func readSome(from file: Int32, at start: Int) -> Int {
    guard unsafe start < storage.count, let base = unsafe storage.baseAddress else { return 0 }
    return unsafe platform_read_some(
      file, base.assumingMemoryBound(to: UInt8.self) + start, storage.count &- start)
  }

  /// Takes a picture whose channels lie side by side, as planes. Both have the same size.
  mutating func sort(_ mixed: borrowing Memory, channels: Int) {
    let from = mixed.bytes
    let plane = from.byteCount / channels
    var to = mutableBytes
    for channel in 0..<channels {
      for pixel in 0..<plane {
        let byte = unsafe from.unsafeLoad(
          fromByteOffset: pixel &* channels &+ channel, as: UInt8.self)
        to.storeBytes(of: byte, toByteOffset: channel &* plane &+ pixel, as: UInt8.self)
      }
    }
  }
}

extension FileName {
  /// The member's name as C wants it.
  fileprivate var memberPath: UnsafePointer<CChar>? {
    guard let member else { return nil }
    return unsafe UnsafeRawPointer(member.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// Opens the file for reading from its beginning.
  func open() throws(BoardError) -> (descriptor: Int32, byteCount: Int) {
    guard let path else { throw BoardError.unreadable(self) }
    var size = 0
    let descriptor = unsafe platform_open(path.base, memberPath, &size)
    guard descriptor >= 0 else { throw BoardError.unreadable(self) }
    return (descriptor, size)
  }
}
