import Foundation

/// A file that appears whole under its name, or not at all.
///
/// The bytes go to a temporary file beside the target, are synced to the disk, and take the target's
/// name in one step. Whatever goes wrong before that leaves the old file as it was: a full disk, a
/// limit, a kill. Beside the target, because a name can only move within its file system.
public struct OutputFile: Sendable {
  /// As it was given.
  public let path: String
  /// Where it really lies: a symbolic link stays, and the file that it leads to is replaced.
  private let target: String

  /// Checks that a file can be written, so that nobody waits for figures that cannot be kept.
  ///
  /// Refused: what is there and no plain file, a file that this run has read, a folder that is missing
  /// or takes no new files.
  public init(_ path: String) throws(FileError) {
    func refused(_ reason: String) -> FileError {
      FileError(path, "cannot be written", "\(reason)")
    }
    guard !path.isEmpty else { throw FileError("\"\"", "cannot be written", "the name is empty") }
    guard !path.utf8.contains(0) else { throw refused("its name holds a zero character") }
    self.path = path
    var status = stat()
    if stat(path, &status) == 0 {
      if let refusal = FileKind.refusal(status.st_mode) { throw refused(refusal) }
      if let input = InputFile.readPath(sameAs: status) {
        throw refused("it is an input, \(input.printableName); name another file")
      }
      guard access(path, W_OK) == 0 else { throw refused(FileError.words(errno)) }
      guard let real = realpath(path, nil) else { throw refused(FileError.words(errno)) }
      defer { free(real) }
      target = String(cString: real)
    } else {
      guard errno == ENOENT else { throw refused(FileError.words(errno)) }
      guard lstat(path, &status) != 0 else {
        throw refused("it is a symbolic link to a file that does not exist")
      }
      guard !path.hasSuffix("/") else { throw refused("its name ends in a slash") }
      target = path
    }
    let folder = Self.folder(of: target)
    guard access(folder, W_OK | X_OK) == 0 else {
      throw refused("in its folder, \(folder.printableName), " + Self.folderWords(errno))
    }
  }

  private static func folderWords(_ code: Int32) -> String {
    code == ENOENT ? "which does not exist" : FileError.words(code)
  }

  /// Replaces the file, or creates it.
  public func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    // Once more: what was free when the run began may be taken by now.
    let now = try OutputFile(path)
    let temporary = try TemporaryFile(in: Self.folder(of: now.target), for: path)
    try temporary.write(bytes)
    try temporary.takeName(now.target)
  }

  /// Writes text, as ``write(_:)`` does.
  public func write(text: String) throws(FileError) { try write(Array(text.utf8)) }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
