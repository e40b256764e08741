/// A buffer for an engine on the host, aligned and with guard bytes on either side.
package final class Arena {
  private let storage: UnsafeMutableRawBufferPointer
  private let size: Int
  private static let guardBytes = 64
  private static let pattern: UInt8 = 0xA5

  /// - Parameter fill: what the arena holds at first; an engine must not care.
  package init(byteCount: Int, fill: UInt8 = 0) {
    size = byteCount
    storage = .allocate(byteCount: byteCount + 2 * Self.guardBytes, alignment: 64)
    storage.initializeMemory(as: UInt8.self, repeating: Self.pattern)
    for i in 0..<byteCount { storage[Self.guardBytes + i] = fill }
  }

  deinit { storage.deallocate() }

  /// Whether the bytes before and after the arena are as they were.
  package var isGuardIntact: Bool {
    let end = Self.guardBytes + size
    return storage[0..<Self.guardBytes].allSatisfy { $0 == Self.pattern }
      && storage[end..<storage.count].allSatisfy { $0 == Self.pattern }
  }

  /// The arena's bytes, for as long as `body` runs.
  package func withBytes<Result, Failure: Error>(
    _ body: (consuming MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = UnsafeMutableRawBufferPointer(
      rebasing: storage[Self.guardBytes..<Self.guardBytes + size])
    return try body(bytes.mutableBytes)
  }
}
