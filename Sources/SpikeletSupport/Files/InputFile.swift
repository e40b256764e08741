import Foundation

/// Reads plain files whole, in one step from opening to the last byte.
///
/// What is no plain file is refused before it is read: a named pipe would block, a device might give
/// bytes without end. The kind and the size are asked of the opened file, so that nobody can exchange
/// it in between.
public enum InputFile {
  /// The paths of what was read, so that no output takes the place of an input.
  private static let readPaths = Locked<[String]>([])

  /// The bytes of a file.
  ///
  /// - Parameter limit: The most bytes that are read; a larger file is refused.
  public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let bytes = try readOwn(path, limit: limit)
    remember(path)
    return bytes
  }

  /// The bytes of a file that the run itself keeps, and so may replace.
  package static func readOwn(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    guard !path.isEmpty else { throw FileError("\"\"", "cannot be read", "the name is empty") }
    guard !path.utf8.contains(0) else {
      throw FileError(path, "cannot be read", "its name holds a zero character")
    }
    // A socket cannot be opened at all; it is refused like the other kinds.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      var status = stat()
      if stat(path, &status) == 0, let refusal = FileKind.refusal(status.st_mode) {
        throw FileError(path, "cannot be read", "\(refusal)")
      }
      throw FileError(path, "cannot be read", code: code)
    }
    defer { close(descriptor) }
    return try contents(descriptor, path: path, limit: limit)
  }

  /// The bytes of an opened file, from an offset to its end or as many as asked for.
  ///
  /// - Parameter path: names the file in messages.
  package static func contents(
    _ descriptor: Int32, path: String, limit: Int, offset: Int = 0, count: Int? = nil
  ) throws(FileError) -> [UInt8] {
    let size = try plainSize(descriptor, path: path)
    guard size <= limit || count != nil else {
      throw FileError(path, "cannot be read", "it has \(size) bytes, at most \(limit) are read")
    }
    let wanted = count ?? size
    // An array of no capacity is one object for all threads, and filling it writes its count of 0.
    guard wanted > 0 else { return [] }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        let step = pread(
          descriptor, buffer.baseAddress! + filled, wanted - filled, off_t(offset + filled))
        if step > 0 {
          filled += step
        } else if step == 0 {
          break
        } else if errno != EINTR {
          code = errno
          break
        }
      }
    }
    guard code == 0 else { throw FileError(path, "cannot be read", code: code) }
    return bytes
  }

  /// The size of an opened file; refused where it is no plain one.
  package static func plainSize(_ descriptor: Int32, path: String) throws(FileError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(path, "cannot be read", code: errno)
    }
    if let refusal = FileKind.refusal(status.st_mode) {
      throw FileError(path, "cannot be read", "\(refusal)")
    }
    return Int(status.st_size)
  }

  /// Keeps the path of a file that was read, for those that are opened in another way, too.
  package static func remember(_ path: String) {
    readPaths.withLock { paths in
      if !paths.contains(path), paths.count < 10_000 { paths.append(path) }
    }
  }

  /// The path of a file that was read and is the same as `status`, by links or names of any kind.
  static func readPath(sameAs status: stat) -> String? {
    readPaths.withLock { paths in
      paths.first { path in
        var other = stat()
        return stat(path, &other) == 0 && other.st_dev == status.st_dev
          && other.st_ino == status.st_ino
      }
    }
  }
}
