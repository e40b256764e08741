import SpikeletRuntime

/// A buffer of an exact size between two zones that nobody may write to.
package final class GuardedArena {
  private let storage: UnsafeMutableRawBufferPointer
  private let start: Int
  private let size: Int
  private let pattern: UInt8
  private static let zone = 4096

  /// - Parameters:
  ///   - fill: what the arena holds at first.
  ///   - misalignment: bytes that the arena starts behind a multiple of 64.
  package init(byteCount: Int, fill: (Int) -> UInt8, pattern: UInt8 = 0xA5, misalignment: Int = 0) {
    size = byteCount
    start = Self.zone + misalignment
    self.pattern = pattern
    storage = .allocate(byteCount: byteCount + 2 * Self.zone + misalignment, alignment: 64)
    for i in 0..<start { storage[i] = pattern }
    for i in 0..<size { storage[start + i] = fill(i) }
    for i in start + size..<storage.count { storage[i] = pattern }
  }

  package convenience init(byteCount: Int, fill: UInt8 = 0xA5) {
    self.init(byteCount: byteCount, fill: { _ in fill })
  }

  deinit { storage.deallocate() }

  /// Whether both zones are as they were.
  package var isIntact: Bool {
    storage[..<start].allSatisfy { $0 == pattern }
      && storage[(start + size)...].allSatisfy { $0 == pattern }
  }

  package func withBytes<Result, Failure: Error>(
    _ body: (consuming MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + size])
    return try body(bytes.mutableBytes)
  }

  /// Opens an engine on the arena.
  package func withEngine<Result>(
    _ file: [UInt8], _ body: (inout Engine) throws -> Result
  ) throws -> Result {
    try withBytes { bytes in
      let model = try Model(file.span.bytes)
      var engine = try Engine(model: model, arena: bytes)
      return try body(&engine)
    }
  }
}

extension Engine {
  /// One value for all potentials and spikes of all layers, after a timestep run layer by layer.
  package mutating func digestOfStep(_ pixels: [UInt8], image: UInt32 = 0) throws -> UInt64 {
    try beginTimestep(input: pixels.span, stream: Int(image))
    var result: UInt64 = 0xCBF2_9CE4_8422_2325
    for layer in 0..<model.layerCount {
      runLayer(layer, input: pixels.span)
      let digest = digest(layer: layer)
      result = (result ^ UInt64(digest.high)) &* 0x100_0000_01B3
      result = (result ^ UInt64(digest.low)) &* 0x100_0000_01B3
    }
    return result
  }

  package var scores: [Int32] { (0..<model.classCount).map { Int32(score($0)) } }
}
