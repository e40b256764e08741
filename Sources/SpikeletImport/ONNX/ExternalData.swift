import Foundation

/// The folder whose files hold the weights that a model keeps outside of itself.
struct ExternalData {
  /// Nil when the model came as bytes alone.
  var directory: URL?

  /// Exactly `count` bytes from where a tensor's `location`, `offset` and `length` point.
  ///
  /// Refused: paths that leave the folder, missing files, ranges past a file's end.
  func bytes(_ entries: [String: String], count: Int) throws(Rejection) -> ArraySlice<UInt8> {
    guard let location = entries["location"], !location.isEmpty else {
      throw .because("keeps its values in another file without naming it")
    }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard
      !location.hasPrefix("/"), !parts.contains(".."), !parts.contains(""),
      !location.contains("\\"), !location.contains("\0")
    else {
      throw .because("keeps its values in '\(location)', which is not below the model's folder")
    }
    guard let directory else {
      throw .because(
        "keeps its values in '\(location)', but no folder is given",
        hint: "import the model from its file")
    }
    let offset = try number(entries["offset"] ?? "0")
    if let length = entries["length"] {
      let length = try number(length)
      guard length == count else {
        throw .because("has \(length) bytes in '\(location)' where its extents need \(count)")
      }
    }
    return try read(
      directory.appendingPathComponent(location), name: location, offset: offset, count: count)
  }

  private func number(_ text: String) throws(Rejection) -> Int {
    guard let value = Int(text), value >= 0 else {
      throw .because("has the offset or length '\(text)' in another file")
    }
    return value
  }

  private func read(
    _ file: URL, name: String, offset: Int, count: Int
  ) throws(Rejection) -> ArraySlice<UInt8> {
    let size: Int
    do {
      size = try FileSize.ofRegularFile(file)
    } catch {
      throw .because(
        "keeps its values in '\(name)': \(error.reason)",
        hint: "keep the file of weights beside the model, under the name it was exported with")
    }
    guard offset <= size, count <= size - offset else {
      throw .because(
        "needs \(count) bytes at \(offset) of '\(name)', which has \(size)",
        hint: "export the model again")
    }
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      let data = count == 0 ? Data() : try handle.read(upToCount: count) ?? Data()
      return [UInt8](data)[...]
    } catch {
      throw .because("keeps its values in '\(name)', which cannot be read")
    }
  }
}

/// The size of a file, checked before its bytes are asked for.
enum FileSize {
  struct Failure: Error {
    var reason: String
  }

  /// The bytes of a file that is neither missing, nor a folder, nor a device.
  static func ofRegularFile(_ file: URL) throws(Failure) -> Int {
    let path = file.resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
      throw Failure(reason: "there is no such file")
    }
    guard
      attributes[.type] as? FileAttributeType == .typeRegular,
      let size = attributes[.size] as? NSNumber
    else { throw Failure(reason: "it is not a file") }
    return size.intValue
  }
}
