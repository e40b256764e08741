import Foundation
import SpikeletRuntime
import SpikeletSupport

/// The bytes of a journal, read and written.
struct JournalText {
  private static let magic = "spikelet-resume 1"
  private let bytes: [UInt8]
  private let path: String
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The file of a run and its parts.
  static func bytes(
    _ identity: [(key: String, value: String)], _ parts: [String: RunJournal.Part]
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    func line(_ text: String) { bytes += Array(text.utf8) + [10] }
    line(magic)
    for (key, value) in identity { line("\(key): \(value.printable)") }
    line("")
    for (name, part) in parts.sorted(by: { $0.key < $1.key }) {
      line("\(name) \(part.pictures) \(part.wordsPerPicture) \(part.nanoseconds)")
      for word in part.words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    }
    withUnsafeBytes(of: checksum(bytes[...]).littleEndian) { bytes += $0 }
    return bytes
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var checksum = CRC32()
    checksum.update(bytes.span)
    return checksum.value
  }

  /// The parts, if the file belongs to a run with this identity.
  ///
  /// - Throws: `FileError` for any other file.
  func parts(
    of identity: [(key: String, value: String)]
  ) throws(FileError) -> [String: RunJournal.Part] {
    var reader = self
    guard reader.line() == Self.magic else {
      throw refused("it is no file of --resume; name another one")
    }
    guard bytes.count > 4,
      bytes.suffix(4).elementsEqual(littleEndian(Self.checksum(bytes.dropLast(4))))
    else { throw refused("it is damaged; delete it to begin again") }
    for (key, value) in identity {
      let given = reader.line()
      guard given == "\(key): \(value.printable)" else {
        let other = given.hasPrefix("\(key): ") ? String(given.dropFirst(key.count + 2)) : "missing"
        throw refused(
          "it belongs to another run: its \(key) is \(other), this run's is \(value); "
            + "name another file, or delete it to begin again")
      }
    }
    guard reader.line().isEmpty else { throw refused("it belongs to another run") }
    var parts: [String: RunJournal.Part] = [:]
    while reader.position < bytes.count - 4 {
      guard let (name, part) = reader.part(), parts.updateValue(part, forKey: name) == nil else {
        throw refused("its parts are not those of a run; delete it to begin again")
      }
    }
    return parts
  }

  private func refused(_ reason: String) -> FileError { FileError(path, "cannot be used", reason) }

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

  private mutating func part() -> (String, RunJournal.Part)? {
    let words = line().split(separator: " ").map(String.init)
    guard words.count == 4, let pictures = Int(words[1]), let width = Int(words[2]),
      let nanoseconds = UInt64(words[3]), (1...1 << 24).contains(width), pictures >= 0,
      nanoseconds < 1 << 62
    else { return nil }
    let (count, overflow) = pictures.multipliedReportingOverflow(by: width)
    guard !overflow, count <= (bytes.count - 4 - position) / 8 else { return nil }
    var part = RunJournal.Part(wordsPerPicture: width, nanoseconds: nanoseconds)
    let start = position
    part.words = bytes.withUnsafeBytes { raw in
      (0..<count).map {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + $0 * 8, as: UInt64.self))
      }
    }
    position += count * 8
    return (words[0], part)
  }
}

/// A journal whose checksum is right and whose numbers no run can have.
enum JournalError: Error, CustomStringConvertible {
  case impossible(String, picture: Int)

  var description: String {
    switch self {
    case .impossible(let part, let picture):
      "the file of --resume has impossible \(part) for picture \(picture); delete it to begin again"
    }
  }
}
