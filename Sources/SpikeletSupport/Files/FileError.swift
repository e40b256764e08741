import Foundation

/// Why a file cannot be read or written, in one plain line.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// As it was given.
  public var path: String
  /// What cannot be done, such as "cannot be read".
  public var what: String
  /// Why, and what to do where that can be said.
  public var reason: String

  /// Makes an error of a path, what could not be done with it, and why.
  public init(_ path: String, _ what: String, _ reason: String) {
    self.path = path
    self.what = what
    self.reason = reason
  }

  /// Path, what could not be done, and why, on one line.
  public var description: String { "\(path.printableName): \(what): \(reason.printable)" }

  /// The same over two lines, as messages about several problems are.
  ///
  /// - Parameter key: What names the file: a key of a configuration, an option.
  public func diagnostics(_ key: String, advice: String = "") -> Diagnostics {
    Diagnostics("\(path): \(what)", [Problem(key, reason, advice: advice)])
  }

  /// What the system says, in words.
  init(_ path: String, _ what: String, code: Int32) {
    self.init(path, what, Self.words(code))
  }

  /// The words for an error number, none of which need the manual of a system call.
  static func words(_ code: Int32) -> String {
    switch code {
    case ENOENT: "there is no such file or folder"
    case EACCES, EPERM: "permission is denied"
    case EROFS: "the file system is read-only"
    case ENOSPC: "the disk is full"
    case EDQUOT: "the disk quota is used up"
    case EFBIG: "it would be larger than the limit for files (ulimit -f, or the file system's)"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of its path is not a folder"
    case ELOOP: "its path goes through too many symbolic links"
    case ENAMETOOLONG: "its name is too long"
    case EMFILE, ENFILE: "too many files are open"
    case EIO: "the device reports an error"
    case EPIPE: "nobody reads it any more"
    case EBADF: "it is closed"
    case EBUSY: "something else uses it"
    case EXDEV: "it lies on another file system"
    case EINVAL: "the file system does not allow it"
    default: String(cString: strerror(code)).lowercased()
    }
  }
}

/// What kind of thing a path leads to.
enum FileKind {
  /// Nil for a plain file, otherwise what it is instead.
  static func refusal(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "it is a folder, not a file"
    case S_IFIFO: "it is a named pipe, not a file"
    case S_IFSOCK: "it is a socket, not a file"
    case S_IFCHR, S_IFBLK: "it is a device, not a file"
    case S_IFLNK: "it is a symbolic link, not a file"
    default: "it is not a plain file"
    }
  }
}
