import Foundation
import SpikeletDatasets
import SpikeletRuntime

/// The formats of recordings that are read.
package enum RecordingFormat: String, CaseIterable, Sendable {
  /// N-MNIST's records of five bytes, as SLAYER's samples have them, too.
  case nmnist
  /// AEDAT 2 of a DVS128 or a DAVIS.
  case aedat2
  /// AEDAT 4, without compression or with LZ4.
  case aedat4
  /// Prophesee's DAT.
  case dat
  /// Prophesee's raw files.
  case evt2, evt21, evt3
  /// Text with one event a line.
  case csv
  /// NumPy's arrays: records with fields, or rows of x, y, t and p.
  case npy

  /// The endings of names that hint at recordings.
  package static let extensions: Set = [
    "bin", "bs2", "aedat", "aedat4", "dat", "raw", "csv", "txt", "npy",
  ]

  /// What a file is, by its first bytes, or by its name where they may be anything.
  package static func detect(_ store: ByteStore) throws(DatasetError) -> RecordingFormat {
    let start = try store.prefix(16)
    let text = String(decoding: start, as: UTF8.self)
    if start.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if text.hasPrefix("#!AER-DAT4") { return .aedat4 }
    if text.hasPrefix("#!AER-DAT2") || text.hasPrefix("#!AER-DAT1") { return .aedat2 }
    if text.hasPrefix("#!AER-DAT3") {
      throw DatasetError(
        .unusable(
          reason: "is AEDAT 3, which is not read",
          remedy: "convert it to AEDAT 4 with `dv-cli`, or write the events as .npy: "
            + "scripts/tool cut-gestures does so for DVS128 Gesture"), file: store.path)
    }
    if start.first == UInt8(ascii: "%") { return try prophesee(store) }
    switch URL(filePath: store.path).pathExtension.lowercased() {
    case "bin", "bs2": return .nmnist
    case "csv", "txt": return .csv
    default:
      throw DatasetError(
        .unusable(
          reason: "is no recording of events that is known: it begins with "
            + start.prefix(4).map { String($0, radix: 16) }.joined(separator: " "),
          remedy: "needed one of \(allCases.map(\.rawValue).joined(separator: ", ")); "
            + "--events-format names it"), file: store.path)
    }
  }

  private static func prophesee(_ store: ByteStore) throws(DatasetError) -> RecordingFormat {
    let header = try PropheseeHeader(store)
    switch header.format {
    case .dat: return .dat
    case .evt2: return .evt2
    case .evt21, .evt21Legacy: return .evt21
    case .evt3: return .evt3
    default:
      throw DatasetError(
        .unusable(
          reason: "has a header of Prophesee's that names neither EVT 2.0, 2.1 or 3.0 nor DAT 2",
          remedy: "convert it with `metavision_file_to_csv`"), file: store.path)
    }
  }
}

/// The lines of text before Prophesee's words.
struct PropheseeHeader {
  let format: EventFormat?
  let byteCount: Int
  /// Beyond this a header is none.
  static let maximumSize = 65_536

  init(_ store: ByteStore) throws(DatasetError) {
    let start = try store.prefix(Self.maximumSize)
    guard let header = EventHeader(start.span, isWhole: start.count == store.count) else {
      throw DatasetError(
        .unusable(
          reason: "has a header of more than \(Self.maximumSize) bytes, or that does not end",
          remedy: "check that this is the intended file"), file: store.path)
    }
    format = header.format
    byteCount = min(header.byteCount, store.count)
  }
}
