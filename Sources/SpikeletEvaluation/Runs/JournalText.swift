import Foundation
import SpikeletRuntime
import SpikeletSupport

/// The bytes of a journal, read and written.
struct JournalText {
  private static let magic = "spikelet-resume 2"
  private let bytes: [UInt8]
  let path: String
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The file of a run and its results.
  static func bytes(_ identity: RunJournal.Identity, _ results: JournalResults) -> [UInt8] {
    var bytes: [UInt8] = []
    func line(_ text: String) { bytes += Array(text.utf8) + [10] }
    line(magic)
    for (key, value) in identity { line("\(key): \(value.printable)") }
    line("")
    func words(_ words: some Sequence<UInt64>) {
      for word in words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    }
    for (name, parts) in results.parts.sorted(by: { $0.key < $1.key }) {
      for part in parts.parts {
        line(
          "\(name) \(part.first) \(part.pictures) \(part.total) \(part.wordsPerPicture) "
            + "\(part.nanoseconds)")
        words(part.words)
      }
    }
    for (name, sum) in results.sums.sorted(by: { $0.key < $1.key }) {
      line("+\(name) \(sum.total) \(sum.ranges.count) \(sum.numbers.count)")
      words(sum.ranges.flatMap { [UInt64($0.lowerBound), UInt64($0.upperBound)] })
      words(sum.numbers.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
    }
    withUnsafeBytes(of: checksum(bytes[...]).littleEndian) { bytes += $0 }
    return bytes
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var checksum = CRC32()
    checksum.update(bytes.span)
    return checksum.value
  }

  /// The results, if the file belongs to a run with this identity.
  ///
  /// - Throws: `FileError` for any other file.
  func results(of identity: RunJournal.Identity) throws(FileError) -> JournalResults {
    let (given, results) = try contents()
    for (index, (key, value)) in identity.enumerated() {
      let line = index < given.count ? given[index] : (key: "", value: "")
      guard line.key == key, line.value == value.printable else {
        throw refused(
          "it belongs to another run: its \(key) is \(line.key == key ? line.value : "missing"), "
            + "this run's is \(value); name another file, or delete it to begin again")
      }
    }
    guard given.count == identity.count else { throw refused("it belongs to another run") }
    return results
  }

  /// What the file belongs to, and its results.
  ///
  /// - Throws: `FileError` for a file that is none of --resume or damaged.
  func contents() throws(FileError) -> (RunJournal.Identity, JournalResults) {
    var reader = self
    guard reader.line() == Self.magic else {
      throw refused("it is no file of --resume; name another one")
    }
    guard bytes.count > 4,
      bytes.suffix(4).elementsEqual(littleEndian(Self.checksum(bytes.dropLast(4))))
    else { throw refused("it is damaged; delete it to begin again") }
    var identity: RunJournal.Identity = []
    while case let line = reader.line(), !line.isEmpty {
      guard let colon = line.firstRange(of: ": "), identity.count < 100 else {
        throw refused("it names no run; delete it to begin again")
      }
      identity.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
    }
    var results = JournalResults()
    while reader.position < bytes.count - 4 {
      guard reader.readResults(into: &results) else {
        throw refused("its parts are not those of a run; delete it to begin again")
      }
    }
    return (identity, results)
  }

  func refused(_ reason: String) -> FileError { FileError(path, "cannot be used", reason) }

  private func littleEndian(_ word: UInt32) -> [UInt8] {
    withUnsafeBytes(of: word.littleEndian) { Array($0) }
  }

  /// The next line, without its end; at most 4096 bytes.
  private mutating func line() -> String {
    let rest = bytes[position...].prefix(4096)
    guard let end = rest.firstIndex(of: 10) else { return "\u{0}" }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// The part or the sum that comes next; false where there is neither.
  private mutating func readResults(into results: inout JournalResults) -> Bool {
    let words = line().split(separator: " ").map(String.init)
    let numbers = words.dropFirst().compactMap { Int($0) }
    guard let name = words.first, numbers.count == words.count - 1,
      numbers.allSatisfy({ (0..<1 << 62).contains($0) })
    else { return false }
    if name.hasPrefix("+") {
      let name = String(name.dropFirst())
      guard results.sums[name] == nil, let sum = sum(numbers) else { return false }
      results.sums[name] = sum
    } else {
      guard let part = part(numbers), results.parts[name]?.overlap(part.range) == nil else {
        return false
      }
      results.parts[name, default: JournalParts()].insert(part)
    }
    return true
  }

  private mutating func part(_ numbers: [Int]) -> JournalPart? {
    guard numbers.count == 5 else { return nil }
    let (first, pictures, total, width) = (numbers[0], numbers[1], numbers[2], numbers[3])
    guard (1...1 << 24).contains(width), total <= 1 << 40, pictures >= 1, first <= total,
      pictures <= total - first
    else { return nil }
    let (count, overflow) = pictures.multipliedReportingOverflow(by: width)
    guard !overflow, let words = words(count) else { return nil }
    return JournalPart(
      first: first, total: total, wordsPerPicture: width, nanoseconds: UInt64(numbers[4]),
      words: words)
  }

  private mutating func sum(_ numbers: [Int]) -> JournalSum? {
    guard numbers.count == 3, numbers[0] <= 1 << 40, numbers[1] <= 1 << 24,
      numbers[2] <= 1 << 28, let ranges = words(numbers[1] * 2), let pairs = words(numbers[2] * 2),
      ranges.allSatisfy({ $0 <= 1 << 40 })
    else { return nil }
    let places = stride(from: 0, to: ranges.count, by: 2)
    guard places.allSatisfy({ ranges[$0] < ranges[$0 + 1] }) else { return nil }
    var values: [UInt64: UInt64] = [:]
    for place in stride(from: 0, to: pairs.count, by: 2) {
      guard values.updateValue(pairs[place + 1], forKey: pairs[place]) == nil else { return nil }
    }
    return JournalSum(
      total: numbers[0], ranges: places.map { Int(ranges[$0])..<Int(ranges[$0 + 1]) },
      numbers: values)
  }

  /// The next words; nil where the file has fewer.
  private mutating func words(_ count: Int) -> [UInt64]? {
    guard count <= (bytes.count - 4 - position) / 8 else { return nil }
    let start = position
    position += count * 8
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + $0 * 8, as: UInt64.self))
      }
    }
  }
}
