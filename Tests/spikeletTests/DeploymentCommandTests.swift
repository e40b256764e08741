import Foundation
import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Commands that are given a deployment's folder, and its board.
@Suite struct DeploymentCommandTests {
  private let project: TinyProject
  private var folder: URL { project.folder.appending(path: "mine/deployments/tiny") }

  init() throws {
    project = try TinyProject()
    try project.build()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(
      "deployment.json",
      """
      {"name": "tiny", "network": "../../../tiny.onnx", "dataset": "mnist", "board": "desk",
       "calibration": "../../../tiny.calibration.json"}
      """)
  }

  private func write(_ path: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: path))
  }

  private func describeBoard() throws {
    let boards = project.folder.appending(path: "mine/boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    let board = #"{"name": "Desk", "target": "aarch64", "ramBytes": 1048576}"#
    try Data(board.utf8).write(to: boards.appending(path: "desk.json"))
  }

  @Test func aFolderServesWhereItsConfigurationDoes() throws {
    try describeBoard()
    let made = project.path("made.spk")
    #expect(try Tool.run(["build", folder.path, "-o", made]).code == 0)
    #expect(try project.read("made.spk") == project.read("tiny.spk"))
    #expect(try Tool.run(["inspect", folder.path]).output.contains("arena"))
    let data = ["--data", project.path("data"), "--json", "-"]
    let floats = try Tool.run(["eval", folder.path, "--float"] + data)
    #expect(floats.code == 0 && floats.output.contains(#""images" : 7"#), "\(floats)")
    // Relative to any working directory.
    let above = folder.deletingLastPathComponent()
    #expect(try Tool.run(["build", "tiny", "-o", "near.spk"], in: above).code == 0)
    let near = try Data(contentsOf: above.appending(path: "near.spk"))
    #expect(try Array(near) == project.read("tiny.spk"))
  }

  @Test func aBoardThatIsNowhereNamesWhereItWasLookedFor() throws {
    try expectFailure(
      ["build", folder.path, "-o", project.path("made.spk")],
      [
        "there is no board desk", folder.appending(path: "boards").path,
        project.path("mine/boards"),
      ])
  }

  @Test func aFolderWithoutDeploymentIsRefused() throws {
    try expectFailure(["inspect", project.folder.path], ["deployment.json: cannot be read"])
  }

  @Test func runGivesClassesAsJSON() throws {
    let outcome = try Tool.run([
      "run", project.path("tiny.spk"), "--json", "-", "--input",
      project.path("data/mnist/t10k-images-idx3-ubyte"),
    ])
    #expect(outcome.code == 0)
    let document = try JSONParser.parse(outcome.output)
    for key in ["predictions", "timesteps"] {
      guard case .array(let values)? = document[key] else {
        Issue.record("no \(key) in \(outcome.output)")
        continue
      }
      #expect(values.count == project.labels.count)
    }
  }
}
