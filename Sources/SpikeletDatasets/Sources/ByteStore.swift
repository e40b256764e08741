import Foundation
import SpikeletSupport

/// A plain file that is read in pieces; it stays open as long as this exists.
package final class RandomAccessFile: Sendable {
  /// As it was given.
  package let path: String
  /// Bytes when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file; what is no plain file is refused before it is read.
  ///
  /// - Parameter isRemembered: whether outputs are kept from taking the file's place.
  package init(_ path: String, isRemembered: Bool = true) throws(DatasetError) {
    // A pipe would block, a device might never end: asked of what was opened.
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else {
      size = 0
      throw DatasetError.unreadable(path)
    }
    do {
      size = try InputFile.plainSize(descriptor, path: path)
    } catch {
      close(descriptor)
      throw DatasetError(.unreadable(reason: error.reason), file: path)
    }
    if isRemembered { InputFile.remember(path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The bytes of a range inside the file.
  package func bytes(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    guard range.upperBound <= size else {
      throw DatasetError(.header(needed: range.upperBound, given: size), file: path)
    }
    let bytes: [UInt8]
    do {
      bytes = try InputFile.contents(
        descriptor, path: path, limit: 0, offset: range.lowerBound, count: range.count)
    } catch {
      throw DatasetError(.unreadable(reason: error.reason), file: path)
    }
    guard bytes.count == range.count else {
      throw DatasetError(
        .unreadable(reason: "it was cut short while it was read"), file: path)
    }
    return bytes
  }
}

extension DatasetError {
  /// Why a path cannot be opened.
  static func unreadable(_ path: String) -> DatasetError {
    do {
      _ = try InputFile.read(path, limit: 0)
    } catch {
      return DatasetError(.unreadable(reason: error.reason), file: path)
    }
    return DatasetError(.unreadable(reason: "it cannot be opened"), file: path)
  }
}

/// Bytes that are read in pieces: a file, or what was unpacked from one.
package enum ByteStore: Sendable {
  case file(RandomAccessFile)
  /// Bytes in memory, and the file that they come from.
  case memory([UInt8], path: String)

  /// The most bytes that are unpacked into memory: a larger set is read from an unpacked file.
  package static let maximumUnpacked = 1 << 30

  /// Opens a file; one of gzip is unpacked into memory.
  package static func open(
    _ path: String, limit: Int = maximumUnpacked
  ) throws(DatasetError) -> ByteStore {
    let file = try RandomAccessFile(path)
    let start = try file.bytes(0..<min(2, file.size))
    guard Gzip.isGzip(start) else { return .file(file) }
    guard file.size <= limit else {
      throw DatasetError(.outputLimit(limit: limit), file: path)
    }
    do {
      return .memory(try Gzip.decompress(file.bytes(0..<file.size), limit: limit), path: path)
    } catch {
      throw error.at(path)
    }
  }

  package var path: String {
    switch self {
    case .file(let file): file.path
    case .memory(_, let path): path
    }
  }

  package var count: Int {
    switch self {
    case .file(let file): file.size
    case .memory(let bytes, _): bytes.count
    }
  }

  /// The bytes of a range; throws `header` where it leaves the file.
  package func bytes(_ range: Range<Int>) throws(DatasetError) -> ArraySlice<UInt8> {
    switch self {
    case .file(let file): return try file.bytes(range)[...]
    case .memory(let bytes, let path):
      guard range.upperBound <= bytes.count else {
        throw DatasetError(.header(needed: range.upperBound, given: bytes.count), file: path)
      }
      return bytes[range]
    }
  }

  /// The first bytes, or all where there are fewer.
  package func prefix(_ limit: Int) throws(DatasetError) -> [UInt8] {
    Array(try bytes(0..<min(limit, count)))
  }
}
