import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Own pictures on their whole way: from a folder to a model that names its classes.
@Suite struct OwnDataCommandTests {
  private let project: TinyProject
  private let names = (0..<10).map { "class-\($0)" }

  init() throws {
    project = try TinyProject()
    try project.writeConfiguration()
    let json = """
      {"name": "own", "network": "tiny.onnx", "calibration": "own.calibration.json"}
      """
    try project.write("own.json", Array(json.utf8))
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let url = project.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// A folder with one folder a class, six PGM pictures each.
  private func writeFolder(_ name: String = "own") throws {
    for (index, folder) in names.enumerated() {
      for picture in 0..<6 {
        let pixels = TinyProject.pixels(1, seed: UInt64(100 * index + picture))
        try write("\(name)/\(folder)/\(picture).pgm", Array("P5\n28 28\n255\n".utf8) + pixels)
      }
    }
  }

  private func json(_ text: String) throws -> JSONValue { try JSONParser.parse(text) }

  @Test func aFolderOfPicturesGoesTheWholeWay() throws {
    try writeFolder()
    let data = ["--data", project.path("own")]
    let calibrated = try Tool.run(["calibrate", project.path("own.json")] + data)
    #expect(calibrated.code == 0, "\(calibrated.errors)")
    #expect(calibrated.output.contains("pictures of own"))
    let calibration = try json(
      String(decoding: project.read("own.calibration.json"), as: UTF8.self))
    #expect(calibration["dataset"] == .string("own") && calibration["split"] == .string("train"))
    #expect(calibration["data"]?["kind"] == .string("folder of pictures"))
    #expect(calibration["data"]?["classNames"] == .array(names.map { .string($0) }))
    let model = project.path("own.spk")
    #expect(try Tool.run(["build", project.path("own.json"), "-o", model]).code == 0)
    let file = try ModelFile(contentsOf: model)
    #expect(file.classNames == names && file.dataset == "own")
    #expect(file.provenance.contains("folder of pictures, sha256 "))
    // No picture is in both parts.
    var counts: [Int] = []
    for split in ["train", "test", "all"] {
      let figures = try Tool.run(["eval", model, "--split", split, "--json", "-"] + data)
      #expect(figures.code == 0, "\(figures.errors)")
      guard case .number(let count)? = try json(figures.output)["images"] else { continue }
      counts.append(Int(count))
    }
    #expect(counts.count == 3 && counts[0] + counts[1] == 60 && counts[2] == 60, "\(counts)")
    #expect(calibration["images"] == .integer(counts.first ?? 0))
    for command in [
      ["eval", project.path("own.json"), "--float"],
      ["sweep", model, "--timesteps", "4", "--points", "3", "--criteria", "count"],
      ["bench", model, "--limit", "2", "--repeats", "1"],
      ["golden", project.path("own.json"), "-o", project.path("vectors"), "--count", "3"],
    ] {
      let outcome = try Tool.run(command + data)
      #expect(outcome.code == 0, "\(command) \(outcome.errors)")
    }
    #expect(try project.read("vectors/inputs.idx").count == 16 + 3 * 784)
    #expect(try Tool.run(["verify", project.path("vectors")]).code == 0)
  }

  @Test func runShowsNamesAndTheThreeBestScores() throws {
    try writeFolder()
    let data = ["--data", project.path("own")]
    #expect(try Tool.run(["calibrate", project.path("own.json")] + data).code == 0)
    let one = project.path("own/class-3/2.pgm")
    let outcome = try Tool.run(["run", project.path("own.json"), "--input", one])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    let caption = lines.firstIndex { $0.hasPrefix("→ class-") } ?? 0
    #expect(lines[caption + 1].hasPrefix("  class-") && lines[caption + 3].hasPrefix("  class-"))
    // A picture alone has no label, a folder has.
    #expect(!outcome.output.contains("right"))
    let all = try Tool.run(["run", project.path("own.json"), "--input", project.path("own")])
    #expect(all.output.contains("of the 60 own right"))
    let document = try json(
      Tool.run(["run", project.path("own.json"), "--json", "-", "--input", one]).output)
    #expect(document["classNames"] == .array(names.map { .string($0) }))
    guard case .array(let top)? = document["top"], case .array(let best)? = top.first else {
      Issue.record("no best scores in \(document.text)")
      return
    }
    #expect(best.count == 3 && document["correct"] == nil)
    guard case .array(let predictions)? = document["predictions"] else { return }
    #expect(best[0]["class"] == predictions[0])
    var scores: [Double] = []
    for entry in best { if case .number(let score)? = entry["score"] { scores.append(score) } }
    #expect(scores.count == 3 && scores == scores.sorted(by: >))
  }

  @Test func picturesOfAnotherSetAreNotScored() throws {
    try writeFolder()
    try project.build()
    let model = project.path("tiny.spk")
    let outcome = try Tool.run(["run", model, "--input", project.path("own")])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains(
        "not scored: the model was made with mnist, these are pictures of own"))
    #expect(!outcome.output.contains("right"))
    // Its own are, and the digits that are drawn as MNIST's.
    let own = ["--input", project.path("data/mnist/t10k-images-idx3-ubyte")]
    #expect(try Tool.run(["run", model] + own).output.contains("of the 7 mnist right"))
    #expect(try Tool.run(["run", model]).output.contains("of the 100 digits right"))
    // A model of other pictures does not know digits.
    #expect(
      try Tool.run(["calibrate", project.path("own.json"), "--data", project.path("own")]).code
        == 0)
    let digits = try Tool.run(["run", project.path("own.json")])
    #expect(digits.output.contains("not scored: the model was made with own"))
  }

  @Test func onePictureOfColoursIsShown() throws {
    // Three channels where the network takes one: refused, with the command.
    let header = Array("P6\n28 28\n255\n".utf8)
    try write("c.ppm", header + [UInt8](repeating: 9, count: 3 * 784))
    try project.build()
    try expectFailure(
      ["run", project.path("tiny.spk"), "--input", project.path("c.ppm")],
      ["has pictures of 3×28×28, needed 1×28×28", "mogrify -colorspace Gray -format png"])
  }

  @Test func filesOfMNISTsNamesAndAnotherSizeAreOwn() throws {
    let folder = "gray14/mnist"
    for part in ["train", "t10k"] {
      try write(
        "\(folder)/\(part)-images-idx3-ubyte",
        TinyProject.header([0x803, 2, 14, 14]) + [UInt8](repeating: 7, count: 392))
      try write(
        "\(folder)/\(part)-labels-idx1-ubyte", TinyProject.header([0x801, 2]) + [1, 26])
    }
    try project.build()
    try expectFailure(
      ["eval", project.path("tiny.spk"), "--data", project.path(folder)],
      ["t10k-images-idx3-ubyte: has pictures of 1×14×14, needed 1×28×28"])
    // With the name, they are held to it.
    try expectFailure(
      [
        "eval", project.path("tiny.spk"), "--dataset", "mnist", "--data", project.path(folder),
      ], ["pictures of 14x14, needed 28x28"])
  }

  /// A folder called mnist that holds something else, as people who reuse its reader have it.
  @Test func ownPicturesInAFolderOfAKnownName() throws {
    try project.write("tiny.onnx", TinyNetwork.onnx(classes: 27))
    for part in ["train", "t10k"] {
      try write(
        "letters/mnist/\(part)-images-idx3-ubyte",
        TinyProject.header([0x803, 4, 28, 28]) + TinyProject.pixels(4, seed: 5))
      try write(
        "letters/mnist/\(part)-labels-idx1-ubyte",
        TinyProject.header([0x801, 4]) + [1, 26, 13, 2])
    }
    let data = ["--data", project.path("letters/mnist")]
    let calibrated = try Tool.run(["calibrate", project.path("own.json")] + data)
    #expect(calibrated.code == 0, "\(calibrated.errors)")
    let model = project.path("own.spk")
    #expect(try Tool.run(["build", project.path("own.json"), "-o", model]).code == 0)
    for command in [
      ["eval", model], ["run", model], ["eval", project.path("own.json"), "--float"],
    ] {
      let outcome = try Tool.run(command + data)
      #expect(outcome.code == 0, "\(command) \(outcome.errors)")
    }
    // A configuration that names MNIST does not make these MNIST.
    try project.writeConfiguration()
    try writeFolder("own-set")
    try project.write("tiny.onnx", TinyNetwork.onnx())
    let named = try Tool.run(
      ["calibrate", project.path("tiny.json"), "--data", project.path("own-set")])
    #expect(named.output.contains("pictures of own-set"), "\(named)")
  }

  @Test func wrongOptionsAreWrongUsage() throws {
    try project.build()
    let eval = ["eval", project.path("tiny.spk"), "--data", project.path("own")]
    for (options, message) in [
      (["--shape", "28"], "--shape is \"28\", needed channels x height x width"),
      (["--shape", "0x28x28"], "--shape is \"0x28x28\""),
      (["--layout", "wch"], "--layout is \"wch\", needed chw or hwc"),
      (["--data-scale", "0"], "--data-scale is 0.0, needed more than 0"),
      (["--data-scale", "nan"], "--data-scale is nan, needed more than 0"),
    ] {
      try expectFailure(eval + options, code: 64, [message])
    }
  }

  @Test func classNamesOfAConfiguration() throws {
    try project.writeConfiguration(#", "classNames": ["a", "b"]"#)
    try expectFailure(
      ["calibrate", project.path("tiny.json"), "--data", project.path("nowhere")],
      ["nowhere: cannot be read"])
    try project.writeConfiguration()
    try project.build()
    try project.writeConfiguration(#", "classNames": ["a", "b"]"#)
    try expectFailure(
      ["build", project.path("tiny.json"), "-o", project.path("x.spk")],
      ["classNames: are 2, the network has 10 classes"])
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    try project.writeConfiguration(", \"classNames\": [\(list)]")
    #expect(
      try Tool.run(["build", project.path("tiny.json"), "-o", project.path("x.spk")]).code == 0)
    #expect(try ModelFile(contentsOf: project.path("x.spk")).classNames == names)
    try project.writeConfiguration(#", "classNames": ["a\nb", ""]"#)
    try expectFailure(
      ["build", project.path("tiny.json")], ["classNames: needed names of one line each"])
  }
}
