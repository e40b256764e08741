import SpikeletHDF5
import SpikeletSupport
import Testing

/// Damaged files end in an error, never in a crash, a hang or a wrong value without a word.
@Suite struct DamagedFileTests {
  @Test func otherFilesAreNone() {
    #expect(refusal([])?.reason == "not an HDF5 file")
    #expect(refusal(Array("SPKL and more".utf8))?.reason == "not an HDF5 file")
    #expect(refusal(HDF5File.signature)?.reason.contains("ends inside") == true)
  }

  @Test(arguments: ["earliest", "latest", "many-latest", "earliest-gzip"])
  func everyTruncationIsRefused(_ name: String) throws {
    let bytes = try fixture("\(name).h5")
    for count in stride(from: 0, to: bytes.count - 1, by: 97) {
      #expect(throws: HDF5Error.self) { try HDF5File.read(Array(bytes[..<count])) }
    }
    let error = try #require(refusal(Array(bytes.dropLast())))
    #expect(error.reason.contains("truncated"))
  }

  /// The offset of a signature in a file.
  private func place(of letters: String, in bytes: [UInt8]) throws -> Int {
    try #require(
      bytes.indices.first { bytes[$0...].starts(with: letters.utf8) }, "no \(letters)")
  }

  private func put(_ value: Int, _ width: Int, at place: Int, into bytes: inout [UInt8]) {
    for i in 0..<width { bytes[place + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
  }

  @Test func treesThatContainThemselvesAreRefused() throws {
    var bytes = try fixture("earliest.h5")
    let tree = try place(of: "TREE", in: bytes)
    // One level higher, and the first child is the tree itself.
    bytes[tree + 5] = 1
    put(tree, 8, at: tree + 32, into: &bytes)
    let error = try #require(refusal(bytes))
    #expect(error.reason.contains("two parents or is its own"), "\(error)")
  }

  @Test func headersThatGoOnInThemselvesAreRefused() throws {
    var bytes = try fixture("earliest.h5")
    // The superblock names the root group's header; its first message becomes a continuation.
    let header = Int(bytes[64]) | Int(bytes[65]) << 8
    #expect(bytes[header] == 1 && bytes[header + 16] == 0x11)
    bytes[header + 16] = 0x10
    put(header, 8, at: header + 24, into: &bytes)
    put(40, 8, at: header + 32, into: &bytes)
    let error = try #require(refusal(bytes))
    #expect(error.reason.contains("goes on in itself"), "\(error)")
  }

  @Test func sizesThatOverflowAreRefused() throws {
    let bytes = try fixture("edges-earliest.h5")
    // The extents of a dataset, 7 × 10 × 3, wherever they stand.
    let pattern: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 3]
    let places = bytes.indices.filter { bytes[$0...].starts(with: pattern) }
    #expect(!places.isEmpty)
    for value in [Int.max, 1 << 62, 1 << 40, 1 << 29] {
      var damaged = bytes
      for place in places { put(value, 8, at: place, into: &damaged) }
      guard case .group(let members) = try HDF5File.read(damaged) else {
        Issue.record("no group")
        continue
      }
      for name in ["plain", "packed", "one"] {
        guard case .dataset(.failure(let error))? = members[name] else {
          Issue.record("\(name) was read with \(value) rows")
          continue
        }
        #expect(error.reason.contains("limit") || error.reason.contains("more"), "\(error)")
      }
    }
  }

  @Test(arguments: HDF5Tests.names)
  func changedBytesAreReadOrRefused(_ name: String) throws {
    let bytes = try fixture("\(name).h5")
    var random = SeededRandom(seed: 17)
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // The values 0, 255 and small ones are lengths, addresses and flags.
        let value = [0, 255, 1, 0x10, UInt8.random(in: 0...255, using: &random)]
        damaged[Int.random(in: 8..<bytes.count, using: &random)] =
          value[Int.random(in: 0..<5, using: &random)]
      }
      if let error = refusal(damaged) { #expect(!"\(error)".isEmpty) }
    }
  }
}
