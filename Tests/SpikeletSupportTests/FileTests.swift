import Foundation
import SpikeletSupport
import Testing

/// Files are read only if they are plain, and written whole or not at all.
@Suite final class FileTests {
  let folder: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }
  private func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
  }
  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  @Test func onlyPlainFilesAreRead() throws {
    try write("plain", "abc")
    #expect(try InputFile.read(path("plain"), limit: 3) == Array("abc".utf8))
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    #expect(symlink("pipe", path("link")) == 0)
    for (name, reason) in [
      (path("pipe"), "it is a named pipe, not a file"), (path("link"), "it is a named pipe"),
      (folder, "it is a folder, not a file"), ("/dev/null", "it is a device, not a file"),
      ("/dev/zero", "it is a device, not a file"), (path("none"), "there is no such file"),
      (path("plain") + "/x", "a part of its path is not a folder"), ("", "the name is empty"),
      (path("plain") + "\0x", "its name holds a zero character"),
      (path(String(repeating: "x", count: 300)), "its name is too long"),
    ] {
      let error = #expect(throws: FileError.self) { try InputFile.read(name, limit: 100) }
      #expect(error?.description.contains("cannot be read: \(reason)") == true, "\(name)")
    }
    let error = #expect(throws: FileError.self) { try InputFile.read(path("plain"), limit: 2) }
    #expect(error?.reason == "it has 3 bytes, at most 2 are read")
  }

  @Test func aFileIsReplacedWhole() throws {
    try OutputFile(path("a")).write(text: "one")
    #expect(try read("a") == "one")
    chmod(path("a"), 0o640)
    try OutputFile(path("a")).write(text: "two")
    #expect(try read("a") == "two")
    var status = stat()
    #expect(stat(path("a"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    // A link stays, and what it leads to is replaced.
    #expect(symlink("a", path("link")) == 0)
    try OutputFile(path("link")).write(text: "three")
    #expect(try read("a") == "three")
    #expect(lstat(path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(names == ["a", "link"])
  }

  @Test func whatIsNoPlainFileIsNotReplaced() throws {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    #expect(mkdir(path("sub"), 0o700) == 0)
    #expect(symlink("none", path("dangling")) == 0)
    for (name, reason) in [
      (path("pipe"), "it is a named pipe, not a file"), (path("sub"), "it is a folder, not a file"),
      ("/dev/null", "it is a device, not a file"), (path("none/x"), "which does not exist"),
      (path("dangling"), "it is a symbolic link to a file that does not exist"),
      (path("new/"), "its name ends in a slash"), ("", "the name is empty"),
      (path("a\0b"), "its name holds a zero character"),
    ] {
      let error = #expect(throws: FileError.self) { try OutputFile(name).write(text: "x") }
      #expect(
        error?.description.contains("cannot be written") == true, "\(error?.description ?? "")")
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("\n") == false)
    }
    #expect(names == ["dangling", "pipe", "sub"])
  }

  @Test func anInputIsNeverReplaced() throws {
    try write("input", "keep me")
    #expect(link(path("input"), path("hard")) == 0)
    #expect(symlink("input", path("soft")) == 0)
    _ = try InputFile.read(path("input"), limit: 100)
    for name in [
      "input", "hard", "soft", "./input", "../\(URL(filePath: folder).lastPathComponent)/input",
    ] {
      let error = #expect(throws: FileError.self) { try OutputFile(path(name)).write(text: "lost") }
      #expect(error?.reason.hasPrefix("it is an input, ") == true, "\(name)")
    }
    #expect(try read("input") == "keep me")
  }

  @Test func aFolderIsReplacedWhole() throws {
    let target = path("vectors")
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    try OutputFolder(target).write(["a": bytes("1"), "sub/b": bytes("2")])
    #expect(try read("vectors/a") == "1")
    #expect(try read("vectors/sub/b") == "2")
    try OutputFolder(target + "/").write(["a": bytes("3"), "sub/b": bytes("2"), "c": []])
    #expect(try read("vectors/a") == "3")
    #expect(try read("vectors/c") == "")
    // Files of somebody else would be lost with the old folder.
    try write("vectors/notes", "mine")
    let error = #expect(throws: FileError.self) { try OutputFolder(target).write(["a": []]) }
    #expect(error?.what == "cannot be replaced")
    #expect(try read("vectors/notes") == "mine")
    #expect(try read("vectors/a") == "3")
    #expect(names == ["vectors"])
    try write("file", "x")
    #expect(throws: FileError.self) { try OutputFolder(path("file")).write(["a": []]) }
    try OutputFolder(path("new/deep/folder")).write(["a": bytes("4")])
    #expect(try read("new/deep/folder/a") == "4")
  }

  @Test func whatSteersATerminalIsShownAsAnEscape() {
    #expect(
      "a\u{1B}[2J\nb\u{202E}c\u{9B}\u{7F}".printable == "a\\u{1B}[2J\\u{A}b\\u{202E}c\\u{9B}\\u{7F}"
    )
    #expect("é → 😀 λ".printable == "é → 😀 λ")
    #expect("a\n\u{7}".printableLines == "a\n\\u{7}")
    #expect(String(repeating: "x", count: 500).printableName.count < 200)
    #expect(
      FileError("\u{1B}x\n", "cannot be read", "gone").description
        == "\\u{1B}x\\u{A}: cannot be read: gone")
  }
}
