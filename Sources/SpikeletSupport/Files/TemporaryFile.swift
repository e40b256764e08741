import Foundation

/// A new file under a name that nobody else has, until it takes its own.
final class TemporaryFile {
  private let name: String
  private let path: String
  private var descriptor: Int32

  /// - Parameters:
  ///   - folder: Where it lies: the folder of the file that it becomes.
  ///   - path: The file that it becomes, for messages and for its permissions.
  init(in folder: String, for path: String) throws(FileError) {
    self.path = path
    var attempt = 0
    while true {
      let name = Temporaries.path(in: folder)
      Temporaries.add(name)
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        self.name = name
        self.descriptor = descriptor
        break
      }
      let code = errno
      Temporaries.remove(name)
      attempt += 1
      guard code == EEXIST, attempt < 8 else {
        throw FileError(path, "cannot be written", code: code)
      }
    }
    var status = stat()
    if stat(path, &status) == 0 { fchmod(descriptor, status.st_mode & 0o777) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if Temporaries.contains(name) {
      unlink(name)
      Temporaries.remove(name)
    }
  }

  func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let code =
      bytes.withContiguousStorageIfAvailable { Self.write($0, to: descriptor) }
      ?? Array(bytes).withUnsafeBufferPointer { Self.write($0, to: descriptor) }
    guard code == 0 else { throw FileError(path, "cannot be written", code: code) }
  }

  /// Syncs the bytes, then replaces what has the name, then syncs the folder.
  func takeName(_ target: String) throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path, "cannot be written", code: errno) }
    let code = close(descriptor) == 0 ? 0 : errno
    descriptor = -1
    guard code == 0 else { throw FileError(path, "cannot be written", code: code) }
    guard rename(name, target) == 0 else { throw FileError(path, "cannot be written", code: errno) }
    Temporaries.remove(name)
    Self.sync(folder: OutputFile.folder(of: target))
  }

  /// Writes all bytes; the error number, or 0.
  static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      let step = systemWrite(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if step >= 0 { done += step } else if errno != EINTR { return errno }
    }
    return 0
  }

  /// Makes a rename last; a file system that cannot has nothing better to offer.
  static func sync(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
