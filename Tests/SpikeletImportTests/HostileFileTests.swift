import Foundation
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Nothing that is imported can hurt: hostile files are refused with their reason, soon.
@Suite struct HostileFileTests {
  /// Time of this thread, since the machine may do other things meanwhile.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
  }

  @Test(arguments: HostileFile.all)
  func isRefusedWithItsReason(_ file: HostileFile) {
    var text = ""
    let time = seconds {
      do {
        _ = try ONNXImporter.importNetwork(bytes: file.bytes, name: file.name + ".onnx")
          .simplified()
      } catch {
        text = "\(error)"
      }
    }
    // `make hostile` measures the tool alone, against 2 s. Beside other tests that empty the caches
    // the same work takes up to half as long again.
    #expect(time < TestScale.seconds(4))
    guard let reason = file.reason else { return #expect(text == "") }
    #expect(text.contains(reason), "\(text.prefix(2000))")
    #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(text.utf8.count < 100_000)
  }

  /// For `Tests/measure-hostile`, which runs the tool on each and measures it.
  @Test func isWrittenForMeasurements() throws {
    guard let path = ProcessInfo.processInfo.environment["SPIKELET_HOSTILE"] else { return }
    let folder = URL(filePath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in HostileFile.all {
      try Data(file.bytes).write(to: folder.appending(path: "\(file.name).onnx"))
      let configuration = "{\"name\": \"\(file.name)\", \"network\": \"\(file.name).onnx\"}"
      try Data(configuration.utf8).write(to: folder.appending(path: "\(file.name).json"))
    }
  }
}

/// Weights in other files: what a model may make its reader open.
@Suite final class ExternalDataTests {
  let folder: URL
  let outside: URL

  init() throws {
    let base = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-\(UUID().uuidString)")
    folder = base.appending(path: "model")
    outside = base.appending(path: "outside")
    for url in [folder.appending(path: "sub/deep"), outside] {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    for url in [folder.appending(path: "w.bin"), outside.appending(path: "secret")] {
      try Data(ProtobufWriter.raw([1, 2, 3, 4])).write(to: url)
    }
    try Data(ProtobufWriter.raw([1, 2, 3, 4])).write(to: folder.appending(path: "sub/deep/w.bin"))
  }

  deinit { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }

  private func problems(_ location: String) -> String {
    let model = Model(
      [1, 4], [Tensor("t", [4], .external(["location": location]))], [Node("Add", ["x", "t"], "y")])
    return SpikeletImportTests.problems(bytes: model.bytes, externalData: folder)
  }

  private func link(_ name: String, to target: String) {
    #expect(symlink(target, folder.appending(path: name).path) == 0)
  }

  @Test func filesBelowTheFolderAreRead() {
    for location in ["w.bin", "./w.bin", "sub/deep/w.bin", "sub/./deep/w.bin"] {
      #expect(problems(location) == "", "\(location)")
    }
  }

  /// Weights are inputs, and no output takes the place of an input.
  @Test func areNeverReplaced() {
    #expect(problems("sub/deep/w.bin") == "")
    let error = #expect(throws: FileError.self) {
      try OutputFile(folder.appending(path: "sub/deep/w.bin").path)
    }
    #expect(error?.reason.hasPrefix("it is an input, ") == true)
  }

  @Test func nothingElseIs() {
    link("link.bin", to: outside.appending(path: "secret").path)
    link("inside.bin", to: "w.bin")
    link("linked", to: outside.path)
    link("sub/linked", to: "../../outside")
    link("loop", to: "loop")
    #expect(mkfifo(folder.appending(path: "pipe").path, 0o600) == 0)
    #expect(
      Foundation.link(
        outside.appending(path: "secret").path, folder.appending(path: "hard.bin").path) == 0)
    let cases = [
      ("../outside/secret", "not below"), ("sub/../../outside/secret", "not below"),
      (outside.appending(path: "secret").path, "not below"), ("/etc/passwd", "not below"),
      ("..", "not below"), ("sub//deep/w.bin", "not below"), ("w.bin/", "not below"),
      ("sub\\deep", "not below"), ("w.bin\0", "not below"),
      (String(repeating: "./", count: 40) + "w.bin", "not below"),
      ("link.bin", "'link.bin' is a symbolic link"), ("inside.bin", "is a symbolic link"),
      ("linked/secret", "'linked' is a symbolic link"),
      ("sub/linked/secret", "'linked' is a symbolic link"), ("loop", "is a symbolic link"),
      ("hard.bin", "has 2 names (hard links)"), ("pipe", "it is a named pipe, not a file"),
      ("sub", "it is a folder, not a file"), (".", "it is a folder, not a file"),
      ("w.bin/x", "'w.bin' is not a folder"), ("none", "there is no such file"),
      ("%2e%2e/outside/secret", "there is no such file"),
      (String(repeating: "n", count: 300), "its name is too long"),
    ]
    for (location, reason) in cases {
      #expect(problems(location).contains(reason), "\(location): \(problems(location))")
    }
  }
}
