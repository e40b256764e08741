import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// The commands from end to end: what they write, and what they say when they cannot.
@Suite struct CommandLineTests {
  private let project: TinyProject

  init() throws { project = try TinyProject() }

  private func json(_ text: String) throws -> JSONValue {
    try JSONParser.parse(text)
  }

  /// Runs a command that fails: nothing on standard output, the message on standard error.
  private var data: [String] { ["--data", project.path("data")] }

  // MARK: From pictures to figures

  @Test func aNetworkIsCalibratedBuiltInspectedAndEvaluated() throws {
    let data = ["--data", project.path("data")]
    let calibrated = try Tool.run(["calibrate", project.path("tiny.json")] + data)
    #expect(calibrated.code == 0)
    #expect(calibrated.errors == "")
    #expect(calibrated.output.hasSuffix("from 20 pictures of mnist\n"))
    let built = try Tool.run(
      ["build", project.path("tiny.json"), "-o", project.path("made.spk")])
    #expect(built.code == 0)
    #expect(built.errors == "")
    #expect(built.output.contains("wrote \(project.path("made.spk"))"))
    // The command writes what the library builds.
    try project.build()
    #expect(try project.read("made.spk") == project.read("tiny.spk"))
    let inspected = try Tool.run(["inspect", "--json", "-", project.path("made.spk")])
    #expect(inspected.code == 0)
    #expect(try json(inspected.output)["modelBytes"] == .integer(project.read("made.spk").count))
    let evaluated = try Tool.run(
      ["eval", project.path("made.spk"), "--dataset", "mnist", "--json", "-"] + data)
    #expect(evaluated.code == 0)
    // No progress bar in a pipe, nothing but JSON on standard output.
    #expect(evaluated.errors == "")
    let figures = try json(evaluated.output)
    let result = try Evaluation(
      model: ModelFile(bytes: project.read("tiny.spk"), name: "tiny"),
      dataset: project.dataset(.test)
    ).run()
    #expect(figures["images"] == .integer(7))
    #expect(figures["correct"] == .integer(result.correct))
    #expect(figures["scoresDigest"] == .string(result.scoresDigest))
    #expect(
      figures["synapticOperationsPerImage"] == .number(result.synapticOperationsPerImage))
  }

  @Test func benchMeasuresAndNamesItsInput() throws {
    try project.build()
    let path = project.path("tiny.spk")
    let digits = try Tool.run(["bench", path, "--limit", "3", "--repeats", "2", "--json", "-"])
    #expect(digits.code == 0 && digits.errors == "")
    let figures = try json(digits.output)
    #expect(figures["inferences"] == .integer(6))
    guard case .array(let layers)? = figures["layers"] else { throw CancellationError() }
    #expect(layers.count == 2)
    let memory = figures["peakMemoryBytes"].map { "\($0.text)" } ?? ""
    #expect(Int(memory.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 1 << 20)
    let pictures = try Tool.run(["bench", path, "--dataset", "mnist", "--limit", "2"] + data)
    #expect(pictures.output.contains("2 test pictures of mnist") && pictures.code == 0)
    for wrong in [["--limit", "0"], ["--repeats", "0"], ["--timesteps", "0"]] {
      #expect(try Tool.run(["bench", path] + wrong).code == 64)
    }
  }

  @Test func calibrationDoesNotDependOnTheNumberOfThreads() throws {
    for jobs in ["1", "2", "3", "64"] {
      let outcome = try Tool.run([
        "calibrate", project.path("tiny.json"), "--data", project.path("data"), "--jobs", jobs,
      ])
      #expect(outcome.code == 0)
      let text = try project.read("tiny.calibration.json")
      try project.build()
      #expect(try project.read("tiny.calibration.json") == text, "\(jobs) threads")
    }
  }

  @Test func evaluationHasItsStableKeys() throws {
    try project.build()
    let outcome = try Tool.run([
      "eval", project.path("tiny.spk"), "--dataset", "mnist", "--data", project.path("data"),
      "--json", project.path("figures.json"), "--limit", "5", "--timesteps", "3",
    ])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("of 5) at 3.00 timesteps of 3"))
    let figures = try json(String(decoding: project.read("figures.json"), as: UTF8.self))
    guard case .object(let members) = figures else {
      Issue.record("the figures are no object")
      return
    }
    let keys = [
      "model", "dataset", "split", "images", "correct", "accuracy", "timesteps", "meanTimesteps",
      "synapticOperationsPerImage", "denseOperationsPerImage", "arenaBytes", "modelBytes",
      "medianLatencyMicroseconds", "throughputImagesPerSecond",
    ]
    for key in keys { #expect(members[key] != nil, "\(key)") }
    #expect(figures["images"] == .integer(5))
    #expect(figures["timesteps"] == .integer(3))
    #expect(figures["meanTimesteps"] == .integer(3))
    #expect(figures["split"] == .string("test"))
    #expect(figures["denseOperationsPerImage"] == .integer(784 * 8 + 8 * 10))
    #expect(try figures["modelBytes"] == .integer(project.read("tiny.spk").count))
  }

  @Test func aConfigurationServesWhereAModelDoes() throws {
    try project.build()
    for command in ["inspect", "run"] {
      let outcome = try Tool.run([command, project.path("tiny.json")])
      #expect(outcome.code == 0)
      #expect(outcome.errors == "")
    }
  }

  @Test func runDrawsPicturesOfAFile() throws {
    try project.build()
    let input = ["--input", project.path("data/mnist/t10k-images-idx3-ubyte")]
    let all = try Tool.run(["run", project.path("tiny.spk")] + input)
    #expect(all.code == 0)
    #expect(all.output.components(separatedBy: "→ ").count - 1 == 7)
    // Without a terminal there are no escape sequences.
    #expect(!all.output.contains("\u{1B}"))
    let one = try Tool.run(["run", project.path("tiny.spk"), "--index", "6"] + input)
    #expect(one.output.components(separatedBy: "→ ").count - 1 == 1)
    try expectFailure(
      ["run", project.path("tiny.spk"), "--index", "7"] + input,
      ["there is no picture 7", "--index: needed 0 to 6"])
  }

  @Test func inspectShowsLayersArenaFileAndOrigin() throws {
    try project.build()
    let outcome = try Tool.run(["inspect", project.path("tiny.spk")])
    #expect(outcome.code == 0)
    for text in ["hidden", "scores", "alignment and gaps", "lower bound", "made from {"] {
      #expect(outcome.output.contains(text))
    }
    let keys = [
      "model", "modelBytes", "arenaBytes", "arenaLowerBoundBytes", "arenaGapBytes", "input",
      "timesteps", "maximumTimesteps", "readOut", "exit", "denseOperationsPerImage", "layers",
      "buffers", "sections",
    ]
    let json = try json(Tool.run(["inspect", "--json", "-", project.path("tiny.spk")]).output)
    for key in keys { #expect(json[key] != nil, "\(key)") }
  }

  // MARK: Failures

  @Test func anExceededBudgetEndsWithOne() throws {
    try project.build()
    try project.writeConfiguration(#", "budgets": {"maximumModelBytes": 100}"#)
    try expectFailure(
      ["build", project.path("tiny.json"), "-o", project.path("over.spk")], code: 1,
      ["tiny exceeds its budget", "budgets.maximumModelBytes: the model has", "more than 100"])
    #expect(!FileManager.default.fileExists(atPath: project.path("over.spk")))
  }

  @Test func aWrongConfigurationIsExplained() throws {
    try project.writeConfiguration(#", "timestep": 3, "timesteps": 0"#)
    try expectFailure(
      ["build", project.path("tiny.json")],
      [
        "tiny.json: not a usable configuration (2 problems)", "timestep: is an unknown key",
        "timesteps: is 0, needed 1 to 65535",
      ])
  }

  @Test func missingFilesAreNamed() throws {
    try expectFailure(
      ["inspect", project.path("none.spk")],
      ["none.spk: cannot be read", "model: there is no such file or folder"])
    try expectFailure(["build", project.path("none.json")], ["none.json: cannot be read"])
    try expectFailure(
      ["build", project.path("tiny.json")],
      ["tiny.calibration.json: cannot be read", "run `spikelet calibrate` to make it"])
    try project.build()
    try expectFailure(
      ["run", project.path("tiny.spk"), "--input", project.path("none")],
      ["none: cannot be read: there is no such file or folder"])
    try expectFailure(
      ["build", project.path("tiny.json"), "-o", project.path("no/such/folder/x.spk")],
      ["x.spk: cannot be written: in its folder", "which does not exist"])
  }

  @Test func aDamagedModelIsRefusedWithTheReason() throws {
    try project.build()
    var bytes = try project.read("tiny.spk")
    bytes[bytes.count / 2] ^= 1
    try project.write("damaged.spk", bytes)
    try expectFailure(
      ["inspect", project.path("damaged.spk")],
      ["damaged.spk: file is damaged: the checksum does not match", "copy the file again"])
    try project.write("short.spk", Array(bytes.prefix(100)))
    try expectFailure(
      ["inspect", project.path("short.spk")],
      ["file is too short to be a model: needed \(MemoryLayout<ModelHeader>.size), given 100"])
    try project.write("other.spk", Array(repeating: 65, count: 500))
    try expectFailure(
      ["eval", project.path("other.spk"), "--dataset", "mnist"],
      ["file does not begin with SPKL: it is not a Spikelet model"])
    try project.write("not.onnx", [1, 2, 3])
    try project.write(
      "bad.json",
      Array(#"{"name": "bad", "network": "not.onnx", "calibration": "c.json"}"#.utf8))
    try expectFailure(["build", project.path("bad.json")], ["not.onnx"])
  }

  @Test func dataSetsThatDoNotFitAreExplained() throws {
    try project.build()
    let model = project.path("tiny.spk")
    let data = ["--data", project.path("data")]
    try expectFailure(
      ["eval", model, "--dataset", "letters"] + data, code: 64,
      [
        "unknown data set \"letters\"",
        "--dataset: needed one of mnist, fashion-mnist, cifar10, cifar100",
      ])
    try expectFailure(
      ["eval", model, "--dataset", "cifar10"] + data,
      ["missing data set files", "scripts/download-datasets cifar10"])
    try project.write(
      "data/mnist/t10k-labels-idx1-ubyte", TinyProject.header([0x801, 3]) + [1, 2, 3])
    try expectFailure(
      ["eval", model, "--dataset", "mnist"] + data, ["7 images, but 3 labels in"])
    try project.write(
      "small.idx", TinyProject.header([0x803, 1, 5, 5]) + [UInt8](repeating: 9, count: 25))
    try expectFailure(
      ["run", model, "--input", project.path("small.idx")],
      ["small.idx: has pictures of 1×5×5, needed 1×28×28", "resize"])
  }

  @Test func inferenceOptionsOutOfRangeAreExplained() throws {
    try project.build()
    let model = project.path("tiny.spk")
    let words = [
      "margin", "margin:x", "never", "margin:1:2", "", "count", "stable:1:2:3", "margin:1@",
      "margin:1@x", "none:1", "margin-per-step", "margin-per-step:1,,2", "margin-per-step:1:2",
    ]
    for policy in words {
      try expectFailure(
        ["run", model, "--exit", policy], code: 64,
        [
          "unknown exit policy \"\(policy)\"",
          "--exit: needed none, count:<score>, margin:<lead>, stable:<timesteps>[:<lead>], "
            + "margin-per-step:<lead>,<lead>,… or calibrated, perhaps with @<first timestep>",
        ])
    }
    let demands = [
      ("margin:0", "asks for a lead of 0, needed 1 or more"),
      ("margin:-1", "asks for a lead of -1, needed 1 or more"),
      ("margin:2147483647", "no run of this model reaches a larger lead"),
      ("count:2147483647", "no run reaches a larger score"),
      ("stable:9", "asks for equal timesteps: 9, needed at most 8: a run has 8 timesteps"),
      ("margin:1@9", "begins at timestep 9, needed at most 8: a run has 8 timesteps"),
      ("margin:1@0", "begins at timestep 0, needed 1 or more"),
      ("margin-per-step:5,0", "asks at timestep 2 for a lead of 0, needed 1 or more"),
    ]
    for (policy, reason) in demands {
      try expectFailure(
        ["eval", model, "--exit", policy] + data, ["cannot exit by \(policy)", "--exit: ", reason])
    }
    try expectFailure(
      ["run", model, "--exit", "calibrated"],
      ["has no exit of its own", "run `spikelet calibrate`, build again"])
    try expectFailure(
      ["run", model, "--timesteps", "256"],
      [
        "timesteps is not a number of timesteps that this model was built for: needed 255, "
          + "given 256"
      ])
    try expectFailure(
      ["run", model, "--timesteps", "0"], code: 64, ["--timesteps is 0, needed 1 to 65535"])
    let early = try Tool.run(["run", model, "--exit", "margin:1", "--timesteps", "20"])
    #expect(early.code == 0)
    #expect(early.output.contains("t=1 "))
    let full = try Tool.run(["run", model, "--exit", "none", "--timesteps", "20"])
    #expect(full.output.components(separatedBy: "t=20 ").count - 1 == 10)
  }

  @Test func wrongUsageShowsTheUsage() throws {
    for arguments in [["eval"], ["build"], ["nonsense"], ["inspect", "a", "b"]] {
      let outcome = try Tool.run(arguments)
      #expect(outcome.code == 64, "\(arguments)")
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("Usage: spikelet"))
    }
    let help = try Tool.run([])
    #expect(help.code == 0)
    #expect(help.output.contains("SUBCOMMANDS:"))
    #expect(try Tool.run(["--version"]).output == "\(SpikeletVersion.text)\n")
  }

  @Test func showingNoPicturesIsAllowed() throws {
    try project.build()
    let outcome = try Tool.run(["run", project.path("tiny.spk"), "--count", "0"])
    #expect(outcome.code == 0)
    #expect(!outcome.output.contains("→"))
  }

  /// The bundled digits have ten names; a class without one shows its number.
  @Test func aModelOfMoreClassesThanDigitsRuns() throws {
    try project.write("tiny.onnx", TinyNetwork.onnx(classes: 12))
    try project.build()
    let outcome = try Tool.run(["run", project.path("tiny.spk"), "--count", "1"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("→ 10 ✗"))
  }
}
