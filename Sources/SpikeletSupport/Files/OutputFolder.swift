import Foundation

/// A folder of files that belong together: all of them appear under its name, or none.
///
/// The files are written to a temporary folder beside the target, which then takes its name. An older
/// folder steps aside for that moment and is deleted afterwards.
public struct OutputFolder: Sendable {
  /// As it was given.
  public let path: String
  private let target: String

  /// Checks that the folder can be made or replaced.
  public init(_ path: String) throws(FileError) {
    func refused(_ reason: String) -> FileError {
      FileError(path, "cannot be written", "\(reason)")
    }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw refused("its name is unusable") }
    self.path = path
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    var status = stat()
    if stat(trimmed, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw refused("it is not a folder") }
      guard let real = realpath(trimmed, nil) else { throw refused(FileError.words(errno)) }
      defer { free(real) }
      target = String(cString: real)
      guard access(OutputFile.folder(of: target), W_OK | X_OK) == 0 else {
        throw refused("in the folder around it, \(FileError.words(errno))")
      }
    } else {
      guard errno == ENOENT else { throw refused(FileError.words(errno)) }
      target = trimmed
    }
  }

  /// Replaces the folder by one with these files, by names such as `a.txt` and `b/c.txt`.
  ///
  /// Refused: a folder that holds anything else, since that would be lost.
  public func write(_ files: [String: [UInt8]]) throws(FileError) {
    try refuseStrangers(files)
    let parent = OutputFile.folder(of: target)
    try make(parent, withParents: true)
    let temporary = Temporaries.path(in: parent)
    Temporaries.add(temporary)
    defer { discard(temporary) }
    try make(temporary)
    var folders: Set<String> = []
    for name in files.keys.sorted() {
      if let slash = name.lastIndex(of: "/") {
        let folder = "\(temporary)/\(name[..<slash])"
        if folders.insert(folder).inserted { try make(folder, withParents: true) }
      }
      try writeOne(files[name] ?? [], to: "\(temporary)/\(name)", shownAs: "\(path)/\(name)")
    }
    for folder in folders { TemporaryFile.sync(folder: folder) }
    TemporaryFile.sync(folder: temporary)
    try swap(temporary)
    TemporaryFile.sync(folder: parent)
  }

  private func refuseStrangers(_ files: [String: [UInt8]]) throws(FileError) {
    guard let walk = FileManager.default.enumerator(atPath: target) else { return }
    for case let name as String in walk {
      let isKnown = files[name] != nil || files.keys.contains { $0.hasPrefix(name + "/") }
      guard isKnown else {
        throw FileError(
          path,
          "cannot be replaced",
          "it holds '\(name.printableName)', which is none of its files; "
            + "move that away, or name another folder")
      }
    }
  }

  private func make(_ folder: String, withParents: Bool = false) throws(FileError) {
    if mkdir(folder, 0o777) == 0 { return }
    var code = errno
    if withParents, code == ENOENT, folder.contains("/") {
      try make(OutputFile.folder(of: folder), withParents: true)
      code = mkdir(folder, 0o777) == 0 ? 0 : errno
    }
    // With its parents, a folder may be there already.
    if code == 0 || (withParents && code == EEXIST) { return }
    throw FileError(path, "cannot be written", code: code)
  }

  private func writeOne(_ bytes: [UInt8], to file: String, shownAs name: String) throws(FileError) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(name, "cannot be written", code: errno) }
    var code = bytes.withUnsafeBufferPointer { TemporaryFile.write($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    guard code == 0 else { throw FileError(name, "cannot be written", code: code) }
  }

  /// Lets the temporary folder take the target's name.
  private func swap(_ temporary: String) throws(FileError) {
    let aside = Temporaries.path(in: OutputFile.folder(of: target))
    let code: Int32 = Temporaries.uninterrupted {
      var status = stat()
      let isThere = lstat(target, &status) == 0
      if isThere, rename(target, aside) != 0 { return errno }
      if rename(temporary, target) == 0 { return 0 }
      let code = errno
      if isThere { _ = rename(aside, target) }
      return code
    }
    guard code == 0 else { throw FileError(path, "cannot be written", code: code) }
    try? FileManager.default.removeItem(atPath: aside)
  }

  private func discard(_ temporary: String) {
    try? FileManager.default.removeItem(atPath: temporary)
    Temporaries.remove(temporary)
  }
}
