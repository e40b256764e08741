import Foundation
import SpikeletSupport

/// Pictures in files of their own, decoded when they are asked for.
struct PictureFiles: PictureSource {
  private let paths: [String]
  let shape: PictureShape

  var count: Int { paths.count }

  /// Checks the header of every file.
  ///
  /// - Parameters:
  ///   - needed: what the network takes; nil where the first picture decides.
  ///   - problems: what is known to be wrong already.
  ///   - place: the folder, for messages.
  /// Throws everything that is wrong.
  init(
    _ paths: [String], needed: PictureShape?, problems: [DatasetError], in place: String
  ) throws(DatasetError) {
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let headers = parallelMap(count: paths.count, jobs: jobs) { range, _ in
      range.map { index in
        Result { () throws(DatasetError) in try Bitmap.shape(Self.bytes(paths[index])) }
          .mapError { $0.at(paths[index]) }
      }
    }.flatMap { $0 }
    var problems = problems
    var shapes: [PictureShape: Int] = [:]
    for header in headers {
      switch header {
      case .success(let shape): shapes[shape, default: 0] += 1
      case .failure(let error): problems.append(error)
      }
    }
    // Of equally many, the smaller: the same on every machine.
    let common = shapes.max { a, b in
      (a.value, b.key.byteCount, b.key.height) < (b.value, a.key.byteCount, a.key.height)
    }?.key
    let expected = needed ?? common
    let isUniform = shapes.count < 2
    for (path, header) in zip(paths, headers) {
      guard case .success(let shape) = header, let expected, shape != expected else { continue }
      // Where all have the same wrong size, one message says so.
      if isUniform, needed != nil { break }
      problems.append(
        DatasetError(
          .pictures(
            needed: expected, given: shape,
            command: OwnData.command(.files, needed: expected, given: shape)), file: path))
    }
    guard problems.isEmpty else {
      throw problems.count == 1 ? problems[0] : DatasetError(.several(problems), file: place)
    }
    guard let common else {
      throw DatasetError(
        .unusable(reason: "has no pictures", remedy: "needed PNG, PGM or PPM"), file: place)
    }
    self.paths = paths
    shape = common
  }

  private static func bytes(_ path: String) throws(DatasetError) -> [UInt8] {
    // A folder may have more pictures than it is worth to remember as inputs.
    let file = try RandomAccessFile(path, isRemembered: false)
    guard file.size <= Bitmap.maximumFileBytes else {
      throw DatasetError(.fileSize(limit: Bitmap.maximumFileBytes, given: file.size), file: path)
    }
    return try file.bytes(0..<file.size)
  }

  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    let path = paths[index]
    do throws(DatasetError) {
      let bitmap = try Bitmap.decode(Self.bytes(path))
      guard bitmap.shape == shape else {
        throw DatasetError(
          .unusable(reason: "was changed while it was read", remedy: "begin again"))
      }
      return bitmap.pixels[...]
    } catch {
      throw error.at(path)
    }
  }
}
