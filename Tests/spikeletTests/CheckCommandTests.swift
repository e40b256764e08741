import Foundation
import SpikeletCompiler
import SpikeletTestSupport
import Testing

/// A first look at a network, and the configuration that is written for it.
@Suite struct CheckCommandTests {
  private let project: TinyProject
  private let data: [String]

  init() throws {
    project = try TinyProject()
    data = ["--data", project.path("data")]
  }

  @Test func aNetworkWithoutAnythingElseIsDescribed() throws {
    let outcome = try Tool.run(["check", project.path("tiny.onnx")])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for part in [
      "tiny: 1×28×28 pixels, 10 classes, rectifiers; it can be built", "6,370 parameters",
      "hidden", "scores", "to expect: about ", "cannot be seen", "spikelet new ",
    ] {
      #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
    }
    for line in outcome.output.split(separator: "\n") where !line.contains("spikelet new") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  /// What the rehearsal expects is what the build then takes, but for the widths that λ decides.
  @Test func theFileIsAsLargeAsExpected() throws {
    try project.build()
    let checked = try Tool.run(["check", project.path("tiny.json"), "--json", "-"])
    let object = try JSONSerialization.jsonObject(with: Data(checked.output.utf8))
    let summary = try #require((object as? [String: Any])?["summary"] as? [String: Any])
    let expected = try #require(summary["modelBytes"] as? Int)
    #expect(abs(expected - (try project.read("tiny.spk").count)) < 512)
  }

  @Test func whatABuildWouldRefuseIsFoundBeforeAnyWork() throws {
    try project.writeConfiguration(
      #", "quantization": {"weights": "int16", "membranes": "int16"}, "maximumTimesteps": 65535"#)
    let config = project.path("tiny.json")
    let reason = "do not fit 16 bits"
    try expectFailure(["check", config], [reason])
    try expectFailure(["calibrate", config] + data, [reason])
    #expect(!FileManager.default.fileExists(atPath: project.path("tiny.calibration.json")))
  }

  @Test func aBoardThatIsTooSmallIsABudget() throws {
    try project.writeConfiguration(#", "budgets": {"maximumModelBytes": 100}"#)
    try expectFailure(["check", project.path("tiny.json")], code: 1, ["budgets.maximumModelBytes"])
    // The budget is the build's: widths may become smaller.
    #expect(try Tool.run(["calibrate", project.path("tiny.json")] + data).code == 0)
  }

  @Test func aMissingScaleIsSeenInTheNormalization() throws {
    let path = "firmware-configs/lenet5-avg-bn/network.onnx"
    let network = Repository.root.appending(path: path).path
    for (input, isRight) in [("\"scale\": 255", true), ("\"scale\": 1", false)] {
      let text = """
        {"name": "bn", "network": "\(network)", "calibration": "c.json", "input": {\(input)}}
        """
      try project.write("bn.json", Array(text.utf8))
      let outcome = try Tool.run(["check", project.path("bn.json")])
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("nothing speaks against it") == isRight)
      let words = outcome.output.split { $0.isWhitespace }.joined(separator: " ")
      #expect(words.contains("0…1 would fit better") == !isRight)
    }
  }

  @Test func aNewConfigurationBuilds() throws {
    let path = project.path("deployment.json")
    let made = try Tool.run(
      ["new", project.path("tiny.onnx"), "--dataset", "mnist", "--board", "raspberry-pi-4"] + data)
    #expect(made.code == 0 && made.output.contains("wrote "), "\(made)")
    let configuration = try Configuration(
      text: String(decoding: project.read("deployment.json"), as: UTF8.self), file: path)
    #expect(configuration.network == "tiny.onnx" && configuration.board == "raspberry-pi-4")
    #expect(configuration.dataset == "mnist")
    // From a folder where no boards are.
    let folder = project.folder
    #expect(try Tool.run(["calibrate", path] + data, in: folder).code == 0)
    #expect(try Tool.run(["build", path, "-o", project.path("new.spk")], in: folder).code == 0)
    try expectFailure(
      ["new", project.path("tiny.onnx")], ["is there already", "name another file"])
  }

  @Test func aNewConfigurationElsewhereNamesTheNetworkWhole() throws {
    try FileManager.default.createDirectory(
      at: project.folder.appending(path: "apart"), withIntermediateDirectories: true)
    let path = project.path("apart/mine.json")
    #expect(
      try Tool.run(["new", project.path("tiny.onnx"), "--name", "mine", "-o", path]).code == 0)
    let checked = try Tool.run(["check", path])
    #expect(checked.code == 0, "\(checked)")
  }

  @Test func aFileThatIsNoNetworkIsRefused() throws {
    try project.write("words.onnx", Array("these are words".utf8))
    try expectFailure(["check", project.path("words.onnx")], ["words.onnx"])
    try expectFailure(["new", project.path("words.onnx")], ["words.onnx"])
    #expect(!FileManager.default.fileExists(atPath: project.path("deployment.json")))
    try expectFailure(["check", project.path("nowhere.onnx")], ["nowhere.onnx"])
  }

  @Test func trainedThresholdsNeedNoCalibration() throws {
    let network = Repository.root.appending(path: "firmware-configs/lenet5-iir-mnist/network.onnx")
    try project.write("spikes.onnx", [UInt8](Data(contentsOf: network)))
    let checked = try Tool.run(["check", project.path("spikes.onnx")])
    #expect(checked.code == 0 && checked.output.contains("trained thresholds"), "\(checked)")
    #expect(try Tool.run(["new", project.path("spikes.onnx")]).code == 0)
    let folder = project.folder
    #expect(try Tool.run(["build", folder.path, "-o", project.path("s.spk")]).code == 0)
    // A network of rectifiers needs one, and build would say so.
    try project.write("none.json", Array(#"{"name": "none", "network": "tiny.onnx"}"#.utf8))
    try expectFailure(["check", project.path("none.json")], ["calibration", "is missing"])
  }
}
