import Foundation
import SpikeletSupport

/// The folder whose files hold the weights that a model keeps outside of itself.
///
/// A model's file names them, so it decides what is opened. It gets nothing but plain files of its own
/// folder: no path that leads out, no symbolic link at any part of it, no second name of a file that
/// lies elsewhere. Every part is opened from the one before, and what is checked is what is opened, so
/// that nothing can be exchanged in between.
struct ExternalData {
  /// Nil when the model came as bytes alone.
  var directory: URL?

  /// The parts of a path, at most.
  private static let maximumParts = 16

  /// Exactly `count` bytes from where a tensor's `location`, `offset` and `length` point.
  ///
  /// Refused: paths that leave the folder, missing files, ranges past a file's end.
  func bytes(_ entries: [String: String], count: Int) throws(Rejection) -> ArraySlice<UInt8> {
    guard let location = entries["location"], !location.isEmpty else {
      throw .because("keeps its values in another file without naming it")
    }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard
      parts.count <= Self.maximumParts, !parts.contains(""), !parts.contains(".."),
      !location.contains("\\"), !location.utf8.contains(0)
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
    return try read(parts, below: directory, name: location, offset: offset, count: count)
  }

  private func number(_ text: String) throws(Rejection) -> Int {
    guard let value = Int(text), value >= 0 else {
      throw .because("has the offset or length '\(text)' in another file")
    }
    return value
  }

  private func read(
    _ parts: [String], below directory: URL, name: String, offset: Int, count: Int
  ) throws(Rejection) -> ArraySlice<UInt8> {
    let descriptor = try open(parts, below: directory, name: name)
    defer { close(descriptor) }
    let size: Int
    do {
      size = try InputFile.plainSize(descriptor, path: name)
    } catch {
      throw refusal(name, error.reason)
    }
    guard offset <= size, count <= size - offset else {
      throw .because(
        "needs \(count) bytes at \(offset) of '\(name)', which has \(size)",
        hint: "export the model again")
    }
    do throws(FileError) {
      let bytes = try InputFile.contents(
        descriptor, path: name, limit: size, offset: offset, count: count)
      guard bytes.count == count else {
        throw FileError(name, "cannot be read", "it became shorter meanwhile")
      }
      return bytes[...]
    } catch {
      throw refusal(name, error.reason)
    }
  }

  /// Opens a file part by part, without following any link.
  private func open(
    _ parts: [String], below directory: URL, name: String
  ) throws(Rejection) -> Int32 {
    let path = directory.path
    var folder = Foundation.open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw refusal(name, "the model's folder cannot be opened") }
    for part in parts.dropLast() {
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let refusal = next >= 0 ? nil : refusal(name, reason(errno, part, in: folder))
      close(folder)
      if let refusal { throw refusal }
      folder = next
    }
    defer { close(folder) }
    let last = parts[parts.count - 1]
    let descriptor = openat(
      folder, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(name, reason(errno, last, in: folder)) }
    var status = stat()
    // A second name could belong to a file that lies elsewhere.
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink > 1 {
      close(descriptor)
      throw .because(
        "keeps its values in '\(name)': the file has \(status.st_nlink) names (hard links)",
        hint: "put a copy beside the model")
    }
    return descriptor
  }

  private func reason(_ code: Int32, _ part: String, in folder: Int32) -> String {
    var status = stat()
    if fstatat(folder, part, &status, AT_SYMLINK_NOFOLLOW) == 0,
      status.st_mode & S_IFMT == S_IFLNK
    {
      return "'\(part)' is a symbolic link, which might lead out of the model's folder"
    }
    return switch code {
    case ENOENT: "there is no such file"
    case ENOTDIR: "'\(part)' is not a folder"
    case ENXIO: "it is not a file"
    case ENAMETOOLONG: "its name is too long"
    case EACCES, EPERM: "permission is denied"
    default: "it cannot be opened"
    }
  }

  private func refusal(_ name: String, _ reason: String) -> Rejection {
    .because(
      "keeps its values in '\(name)': \(reason)",
      hint: "keep the file of weights beside the model, under the name it was exported with")
  }
}
