import Foundation
import SpikeletDatasets
import Testing

/// Data files that somebody made to do harm, or that were damaged on their way.
@Suite final class HostileDataTests {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "spikelet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "mnist"), withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static func words(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  /// Images of a header and bytes that need not belong together.
  private static func images(
    _ count: UInt32 = 3, _ height: UInt32 = 28, _ width: UInt32 = 28, bytes: Int? = nil,
    magic: UInt32 = 0x803
  ) -> [UInt8] {
    words([magic, count, height, width])
      + [UInt8](repeating: 0, count: bytes ?? Int(count * height * width))
  }

  private static func labels(_ values: [UInt8] = [0, 1, 2], magic: UInt32 = 0x801) -> [UInt8] {
    words([magic, UInt32(values.count)]) + values
  }

  /// A gzip file of one stored block, without a right checksum.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1]
      + [count & 255, count >> 8, ~count & 255, ~count >> 8].map { UInt8(truncatingIfNeeded: $0) }
      + bytes + [UInt8](repeating: 0, count: 8)
  }

  /// A gzip file of a few megabytes that unpacks to as many bytes as are wanted.
  private static func bomb(_ size: Int) -> [UInt8] {
    var (bytes, bits, used): ([UInt8], UInt32, UInt32) = ([], 0, 0)
    func put(_ value: UInt32, _ count: UInt32, reversed: Bool = true) {
      for bit in 0..<count {
        bits |= (value >> (reversed ? count - 1 - bit : bit) & 1) << used
        used += 1
        if used == 8 {
          bytes.append(UInt8(bits))
          (bits, used) = (0, 0)
        }
      }
    }
    put(0b011, 3, reversed: false)  // The last block, of fixed codes.
    put(0b0011_0000, 8)  // A byte of 0,
    for _ in 0..<size / 258 {  // and again and again 258 of it.
      put(0b1100_0101, 8)
      put(0, 5)
    }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + bytes + [UInt8](repeating: 0, count: 12)
  }

  private func load(images: [UInt8], labels: [UInt8], suffix: String = "") throws -> Dataset {
    let names = ["t10k-images-idx3-ubyte" + suffix, "t10k-labels-idx1-ubyte" + suffix]
    for (name, bytes) in zip(names, [images, labels]) {
      try Data(bytes).write(to: folder.appending(path: "mnist/\(name)"))
    }
    return try Dataset.load(.mnist, split: .test, directory: folder)
  }

  static let cases: [(name: String, images: [UInt8], labels: [UInt8], reason: String)] = {
    let (good, all) = (images(), labels())
    let packed = stored(good)
    return [
      ("no images", [], all, "too short for its header: 0 bytes, needed at least 16"),
      ("no labels", good, [], "too short for its header: 0 bytes, needed at least 8"),
      ("3 bytes", Array(good.prefix(3)), all, "too short for its header"),
      ("15 bytes", Array(good.prefix(15)), all, "too short for its header"),
      ("header only", Array(good.prefix(16)), all, "truncated: 16 bytes"),
      ("one short", Array(good.dropLast()), all, "truncated"),
      ("one long", good + [1], all, "has trailing bytes"),
      ("no pictures", images(0), labels([]), "header gives 0 as number of images"),
      ("no rows", images(3, 0, 28), all, "header gives 0 as height"),
      ("2^32 − 1 pictures", images(.max, 28, 28, bytes: 0), all, "header gives 4294967295"),
      ("2^32 − 1 everywhere", images(.max, .max, .max, bytes: 0), all, "header gives 4294967295"),
      ("10 million pictures", images(10_000_000, 28, 28, bytes: 0), all, "truncated: 16 bytes"),
      ("160 TB", images(10_000_000, 4096, 4096, bytes: 0), all, "truncated: 16 bytes"),
      ("4 GB", images(65_536, 256, 256, bytes: 0), all, "truncated: 16 bytes"),
      ("another magic number", images(magic: 0x804), all, "not a file of IDX images"),
      ("labels for images", all, all, "not a file of IDX images"),
      ("images for labels", good, good, "not a file of IDX labels"),
      ("a label more", good, labels([0, 1, 2, 3]), "3 images, but 4 labels"),
      ("a label of 10", good, labels([0, 10, 1]), "label 10 of image 1 is out of range"),
      ("labels of 255", good, labels([255, 255, 255]), "label 255 of image 0"),
      ("27 rows", images(3, 27, 28), all, "pictures of 27x28, needed 28x28"),
      ("14 × 56", images(3, 14, 56), all, "pictures of 14x56, needed 28x28"),
      ("gzip: a wrong checksum", packed, all, "gzip CRC-32 is 0x00000000"),
      ("gzip: no trailer", Array(packed.dropLast(8)), all, "compressed data ends early"),
      ("gzip: half", Array(packed.prefix(packed.count / 2)), all, "compressed data ends early"),
      ("gzip: 2 bytes", [0x1F, 0x8B], all, "compressed data ends early"),
      ("gzip: reserved flags", [0x1F, 0x8B, 8, 0xE0] + packed.dropFirst(4), all, "reserved gzip"),
      ("gzip: another method", [0x1F, 0x8B, 7] + packed.dropFirst(3), all, "is not deflate"),
      (
        "gzip: an endless name",
        [0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 97, count: 5_000_000), all,
        "compressed data ends early"
      ),
      ("gzip: a bomb", bomb(1 << 30), all, "decompresses to more than the limit of 134217728"),
      ("gzip: a bomb of labels", good, bomb(1 << 30), "decompresses to more than the limit"),
    ]
  }()

  @Test(arguments: cases.indices)
  func isRefusedWithItsReason(_ index: Int) {
    let (name, images, labels, reason) = Self.cases[index]
    let error = #expect(throws: DatasetError.self) { try load(images: images, labels: labels) }
    #expect(error?.description.contains(reason) == true, "\(name): \(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func whatIsNoPlainFileIsRefused() throws {
    _ = try load(images: Self.images(), labels: Self.labels())
    let path = folder.appending(path: "mnist/t10k-images-idx3-ubyte").path
    for target in ["/dev/zero", "pipe"] {
      try FileManager.default.removeItem(atPath: path)
      if target == "pipe" { mkfifo(path, 0o600) } else { symlink(target, path) }
      let error = #expect(throws: DatasetError.self) {
        try Dataset.load(.mnist, split: .test, directory: folder)
      }
      #expect(error?.description.contains("not a file") == true, "\(error?.description ?? "")")
    }
  }
}
