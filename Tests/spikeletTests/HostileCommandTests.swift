import Foundation
import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Outputs are whole or absent, inputs stay, and nonsense is refused, by every command.
@Suite struct HostileCommandTests {
  let project: TinyProject
  private var data: [String] { ["--data", project.path("data")] }
  private var model: String { project.path("tiny.spk") }
  private var config: String { project.path("tiny.json") }
  private var vectors: String { project.path("vectors") }

  init() throws {
    project = try TinyProject()
    try project.build()
    let golden = try Tool.run(["golden", project.path("tiny.json"), "-o", project.path("vectors")])
    #expect(golden.code == 0, "\(golden.errors)")
  }

  /// Every command that writes a file, with the option that names it and what it needs.
  private func writers(_ path: String) -> [[String]] {
    [
      ["build", config, "-o", path],
      ["build", config, "-o", project.path("x.spk"), "--parameters", path],
      ["eval", model, "--json", path] + data, ["eval", config, "--float", "--json", path] + data,
      ["sweep", config, "--csv", path, "--points", "3"] + data,
      ["sweep", config, "--json", path, "--points", "3"] + data,
      ["sweep", config, "--svg", path, "--points", "3"] + data, ["trace", vectors, "-o", path],
    ]
  }

  private func temporaries() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: project.folder.path)
      .filter { $0.contains(".spikelet-") }
  }

  /// Expects one plain line that names the file and the reason, and exit code 2.
  private func expectRefusal(
    _ outcome: Tool.Outcome, _ path: String, _ reason: String, _ command: [String]
  ) {
    #expect(outcome.code == 2, "\(command) \(outcome.errors)")
    #expect(outcome.output == "", "\(command)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(outcome.errors)")
    #expect(
      outcome.errors.hasPrefix("spikelet: \(path): cannot be written: "), "\(outcome.errors)")
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Domain="))
  }

  @Test func aFullDiskLeavesTheOldFile() throws {
    let path = project.path("old")
    for command in writers(path) {
      try project.write("old", Array("what was there".utf8))
      // The messages go to a pipe, which has no such limit.
      var outcome = try Tool.shell("ulimit -f 0; exec \"$@\" 2>&1", command)
      swap(&outcome.output, &outcome.errors)
      // Where two files are written, the first of them fails already.
      let named = command.contains("--parameters") ? project.path("x.spk") : path
      expectRefusal(outcome, named, "larger than the limit for files", command)
      #expect(try project.read("old") == Array("what was there".utf8), "\(command)")
      #expect(try temporaries() == [])
    }
  }

  @Test func targetsThatAreNoFilesAreRefused() throws {
    #expect(mkfifo(project.path("pipe"), 0o600) == 0)
    #expect(mkdir(project.path("sub"), 0o700) == 0)
    for (name, reason) in [
      ("pipe", "it is a named pipe, not a file"), ("sub", "it is a folder, not a file"),
      ("none/x", "which does not exist"), ("tiny.spk/x", "a part of its path is not a folder"),
    ] {
      let path = project.path(name)
      for command in writers(path) {
        let outcome = try Tool.run(command)
        expectRefusal(outcome, path, reason, command)
      }
    }
    #expect(try temporaries() == [])
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func foldersThatTakeNoFilesAreRefused() throws {
    #expect(mkdir(project.path("locked"), 0o500) == 0)
    let path = project.path("locked/x")
    for command in writers(path) {
      expectRefusal(try Tool.run(command), path, "permission is denied", command)
    }
  }

  @Test func inputsAreNeverReplaced() throws {
    let names = ["tiny.json", "tiny.spk", "tiny.onnx", "tiny.calibration.json"]
    for name in names {
      #expect(link(project.path(name), project.path("hard-\(name)")) == 0)
      #expect(symlink(name, project.path("soft-\(name)")) == 0)
    }
    let before = try names.map { try project.read($0) }
    let labels = project.path("data/mnist/t10k-labels-idx1-ubyte")
    for prefix in ["", "hard-", "soft-"] {
      for (command, input) in [
        (["build", config, "-o"], "tiny.json"), (["build", config, "-o"], "tiny.onnx"),
        (["build", config, "-o"], "tiny.calibration.json"),
        (["eval", model] + data + ["--json"], "tiny.spk"),
        (["sweep", model] + data + ["--csv"], "tiny.spk"),
        (["eval", config] + data + ["--json"], "tiny.calibration.json"),
      ] {
        let path = project.path(prefix + input)
        expectRefusal(try Tool.run(command + [path]), path, "it is an input", command)
      }
    }
    expectRefusal(
      try Tool.run(["eval", model] + data + ["--json", labels]), labels, "it is an input", [])
    #expect(try names.map { try project.read($0) } == before)
    try expectFailure(
      ["sweep", model] + data + ["--csv", project.path("a"), "--svg", project.path("./a")],
      code: 64, ["--csv and --svg name the same file"])
  }

  @Test func standardOutputThatCannotBeWrittenIsAnError() throws {
    let commands = [
      ["build", config, "-o", project.path("y.spk")], ["inspect", model],
      ["inspect", model, "--json", "-"], ["run", model], ["eval", model] + data,
      ["eval", model, "--json", "-"] + data, ["sweep", model, "--points", "3"] + data,
      ["sweep", model, "--json", "-", "--points", "3"] + data, ["verify", vectors],
      ["golden", config, "-o", vectors], ["trace", vectors, "-o", project.path("t.bin")],
      ["calibrate", config] + data, ["--help"], ["--version"], ["eval", "--help"],
    ]
    for command in commands {
      for (script, reason) in [
        ("\"$@\" >/dev/full", "the disk is full"), ("\"$@\" >&-", "it is closed"),
      ] {
        let outcome = try Tool.shell(script, command)
        #expect(outcome.code == 2, "\(command) \(script)")
        #expect(
          outcome.errors.hasSuffix("spikelet: standard output: cannot be written: \(reason)\n"),
          "\(outcome.errors)")
      }
    }
    // A reader that is gone: waits for it, so that the pipe is surely broken.
    let code = project.path("code")
    _ = try Tool.shell(
      "{ sleep 0.2; \"$@\"; echo $? >'\(code)'; } | true", ["inspect", model])
    #expect(String(decoding: try project.read("code"), as: UTF8.self) == "2\n")
  }

  @Test func closedStreamsDoNotEndUpInFiles() throws {
    let path = project.path("z.spk")
    let outcome = try Tool.shell(
      "\"$@\" <&- >&- 2>&-", ["build", config, "-o", path])
    #expect(outcome.code == 2)
    #expect(try project.read("z.spk") == project.read("tiny.spk"))
  }

  @Test func whatIsNoPlainFileIsNoInput() throws {
    #expect(mkfifo(project.path("pipe"), 0o600) == 0)
    #expect(mkfifo(project.path("pipe.json"), 0o600) == 0)
    #expect(symlink("pipe", project.path("linked")) == 0)
    try FileManager.default.removeItem(atPath: project.path("data/mnist/t10k-images-idx3-ubyte"))
    #expect(mkfifo(project.path("data/mnist/t10k-images-idx3-ubyte"), 0o600) == 0)
    let pipe = "it is a named pipe, not a file"
    for (command, reason) in [
      (["inspect", project.path("pipe")], pipe), (["inspect", project.path("linked")], pipe),
      (["build", project.path("pipe.json")], pipe),
      (["run", model, "--input", project.path("pipe")], pipe),
      (["eval", model] + data, pipe),
      (["inspect", project.folder.path], "deployment.json: cannot be read"),
      (["inspect", "/dev/zero"], "it is a device"),
      (["run", model, "--input", "/dev/zero"], "device"),
      (["verify", vectors, "--model", project.path("pipe")], pipe),
    ] {
      try expectFailure(command, [reason])
    }
    for (key, name) in [("network", "tiny.onnx"), ("calibration", "tiny.calibration.json")] {
      try FileManager.default.moveItem(atPath: project.path(name), toPath: project.path("kept"))
      #expect(mkfifo(project.path(name), 0o600) == 0)
      try expectFailure(["build", config], ["\(key): \(pipe)"])
      try FileManager.default.removeItem(atPath: project.path(name))
      try FileManager.default.moveItem(atPath: project.path("kept"), toPath: project.path(name))
    }
    for name in ["manifest.json", "integer.txt", "inputs.idx"] {
      let path = project.path("vectors/\(name)")
      try FileManager.default.moveItem(atPath: path, toPath: project.path("kept"))
      #expect(mkfifo(path, 0o600) == 0)
      try expectFailure(["verify", vectors], [name, pipe])
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: project.path("kept"), toPath: path)
    }
  }

  @Test func namesStayInTheirFolder() throws {
    for name in ["../../x", "/tmp/x", "a/b", "..", ".", ".x", "", "a\\u0000b", "a\\nb"] {
      try project.write(
        "named.json",
        Array(
          "{\"name\": \"\(name)\", \"network\": \"tiny.onnx\", \"calibration\": \"c.json\"}".utf8))
      try expectFailure(
        ["build", project.path("named.json")], ["named.json: not a usable", "name: is"])
    }
    for name in ["../c.json", "/tmp/c.json", "a/../../c.json"] {
      try project.write(
        "named.json",
        Array(
          "{\"name\": \"n\", \"network\": \"tiny.onnx\", \"calibration\": \"\(name)\"}".utf8))
      try expectFailure(
        ["calibrate", project.path("named.json")] + data, ["not below the configuration's folder"])
    }
  }

  @Test func wrongUsageIsExitCode64() throws {
    for (command, reason) in [
      (["calibrate", config, "--limit", "0"], "--limit is 0, needed 1 or more"),
      (["calibrate", config, "--limit=-1"], "--limit is -1, needed 1 or more"),
      (["calibrate", config, "--jobs", "0"], "--jobs is 0, needed 1 to 1024"),
      (["eval", model, "--limit", "0"], "--limit is 0"),
      (["eval", model, "--jobs", "99999"], "--jobs"),
      (["eval", model, "--timesteps=-3"], "--timesteps is -3, needed 1 to 65535"),
      (["eval", model, "--limit", "many"], "many"),
      (["sweep", model, "--points", "1"], "--points is 1"),
      (["sweep", model, "--fixed-timesteps", "0"], "--fixed-timesteps is 0"),
      (["golden", config, "-o", vectors, "--count=-5"], "--count is -5"),
      (["run", model, "--index=-1"], "--index is -1"),
      (["inspect", model, "--rates", "x"], "--rates"),
      (["build", config, "-o", "-"], "--output needs the name of a file"), (["build"], "config"),
      (["eval", model, "--no-such-option"], "no-such-option"),
    ] {
      try expectFailure(command, code: 64, [reason])
    }
  }

  @Test func namesAreEscapedBeforeATerminal() throws {
    // As an exporter, or somebody with other aims, could name a node.
    let name = "\u{1B}[2J\u{1B}]0;x\u{7}evil\nspikelet: all is well \u{202E}"
    var bytes = try project.read("tiny.onnx")
    let old = Array("hidden".utf8)
    let new = Array(String(name.unicodeScalars.prefix(6).map { Character($0) }).utf8)
    #expect(new.count == old.count)
    for start in bytes.indices.dropLast(old.count)
    where Array(bytes[start..<start + old.count]) == old {
      bytes.replaceSubrange(start..<start + old.count, with: new)
    }
    try project.write("tiny.onnx", bytes)
    try project.build()
    for command in [
      ["inspect", model], ["inspect", model, "--json", "-"], ["build", config, "-o", model],
      ["build", config, "-o", model, "--json", "-"], ["run", model],
      ["eval", model, "--rates"] + data,
      ["golden", config, "-o", vectors], ["verify", vectors],
    ] {
      let outcome = try Tool.run(command)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let shown = (outcome.output + outcome.errors).unicodeScalars
      #expect(!shown.contains { ($0.value < 32 && $0 != "\n") || $0.value == 127 }, "\(command)")
    }
    try expectFailure(["inspect", project.path(name)], ["\\u{1B}[2J", "\\u{202E}"])
    #expect(try !Tool.run(["inspect", project.path(name)]).errors.contains("\nspikelet: all"))
  }

  /// Swift's own `print` says nothing when standard output is gone.
  @Test func noCommandPrintsUnchecked() throws {
    let folder = Repository.root.appending(path: "Sources/spikelet")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(!text.contains(/\bprint\(/), "\(name)")
    }
  }

  /// A signal ends the tool as it ends everything, and leaves nothing behind.
  @Test func aSignalLeavesNoTemporaryFile() throws {
    for number in [SIGINT, SIGTERM, SIGHUP, SIGKILL] {
      for delay in [0.0, 0.02, 0.05] {
        let outcome = try Tool.shell(
          "\"$@\" & sleep \(delay); kill -\(number) $!; wait $!",
          ["build", config, "-o", project.path("k.spk")])
        #expect(outcome.code == 0 || outcome.code == 128 + number)
        let built = try? project.read("k.spk")
        #expect(try built == nil || built == project.read("tiny.spk"))
        if number != SIGKILL { #expect(try temporaries() == []) }
      }
    }
  }
}
