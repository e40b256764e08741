import Foundation
import SpikeletDatasets
import SpikeletRuntime
import SpikeletSupport

/// A folder for own pictures, and the bytes of files that people have.
final class OwnFiles {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "own-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func folder(_ name: String) throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: name), withIntermediateDirectories: true)
  }

  /// The pixels of a picture, different for every number.
  static func pixels(_ count: Int, seed: Int) -> [UInt8] {
    var random = SeededRandom(seed: UInt64(seed))
    return (0..<count).map { _ in UInt8(random.pick(0...255)) }
  }
}

/// Files as other programs write them.
enum Encode {
  static func big(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func crc(_ bytes: [UInt8]) -> Int {
    var checksum = CRC32()
    checksum.update(bytes.span)
    return Int(checksum.value)
  }

  static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let content = Array(name.utf8) + body
    return big(body.count) + content + big(crc(content))
  }

  /// A zlib stream of stored blocks.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var (low, high) = (1, 0)
    for byte in bytes {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return [0x78, 0x01] + deflate(bytes) + big(high << 16 | low)
  }

  static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let part = rest.prefix(65_535)
      rest = rest.dropFirst(part.count)
      result += [rest.isEmpty ? 1 : 0] + little(part.count, 2) + little(~part.count, 2) + part
    } while !rest.isEmpty
    return result
  }

  /// A PNG of lines that have their filter bytes already.
  static func png(
    width: Int, height: Int, bits: Int = 8, colour: UInt8, interlace: UInt8 = 0,
    lines: [UInt8], extra: [UInt8] = []
  ) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk(
        "IHDR", big(width) + big(height) + [UInt8(bits), colour, 0, 0, interlace])
      + extra + chunk("IDAT", zlib(lines)) + chunk("IEND", [])
  }

  /// A gray PNG.
  static func gray(_ pixels: [UInt8], width: Int) -> [UInt8] {
    let height = pixels.count / width
    let lines = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
    return png(width: width, height: height, colour: 0, lines: lines)
  }

  static func npy(_ descriptor: String, _ extents: [Int], _ bytes: [UInt8]) -> [UInt8] {
    let shape = extents.map { "\($0), " }.joined()
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(shape)), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(header.utf8.count, 2)
      + Array(header.utf8) + bytes
  }

  static func idx(_ type: UInt8, _ extents: [Int], _ bytes: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(extents.count)] + extents.flatMap(big) + bytes
  }

  /// A ZIP archive; a member is stored, or deflated where `packed` gives its bytes.
  static func zip(
    _ members: [(name: String, bytes: [UInt8])], isDeflated: Bool = false, claimed: Int? = nil
  ) -> [UInt8] {
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in members {
      let packed = isDeflated ? deflate(bytes) : bytes
      let fields =
        little(20, 2) + little(0, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 4)
        + little(crc(bytes), 4) + little(packed.count, 4) + little(claimed ?? bytes.count, 4)
        + little(name.utf8.count, 2) + little(0, 2)
      directory += little(0x0201_4B50, 4) + little(20, 2) + fields
      directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
      directory += little(body.count, 4) + Array(name.utf8)
      body += little(0x0403_4B50, 4) + fields + Array(name.utf8) + packed
    }
    return body + directory + little(0x0605_4B50, 4) + little(0, 4)
      + little(members.count, 2) + little(members.count, 2) + little(directory.count, 4)
      + little(body.count, 4) + little(0, 2)
  }
}
