import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Calibrating, building and evaluating with an exit, from the command line.
@Suite(.serialized) struct ExitCommandTests {
  let project: TinyProject
  let data: [String]

  /// A project with 60 training pictures whose labels are the network's own decisions.
  init() throws {
    project = try TinyProject()
    data = ["--data", project.path("data")]
    let count = 60
    try project.write(
      "data/mnist/train-images-idx3-ubyte",
      TinyProject.header([0x803, count, 28, 28]) + TinyProject.pixels(count, seed: 60))
    try project.write(
      "data/mnist/train-labels-idx1-ubyte",
      TinyProject.header([0x801, count]) + [UInt8](repeating: 0, count: count))
    try project.build()
    let labels = try Evaluation(
      model: ModelFile(contentsOf: URL(filePath: project.path("tiny.spk"))),
      dataset: project.dataset(.train)
    ).run().outcomes.map { UInt8($0.prediction) }
    try project.write(
      "data/mnist/train-labels-idx1-ubyte", TinyProject.header([0x801, count]) + labels)
    try project.writeConfiguration(
      """
      , "exit": {"policy": "calibrated", "maximumAccuracyLoss": 0.4,
                 "calibration": "tiny.exit.json"}
      """)
  }

  @Test func aCalibratedExitIsBuiltIntoTheModel() throws {
    let config = project.path("tiny.json")
    let calibrated = try Tool.run(["calibrate", config] + data)
    #expect(calibrated.code == 0, "\(calibrated.errors)")
    #expect(calibrated.output.contains("▸  margin-per-step"))
    #expect(calibrated.output.contains("chosen on 55 training pictures and checked on 5 others"))
    #expect(try Tool.run(["build", config, "-o", project.path("exit.spk")]).code == 0)
    let inspected = try Tool.run(["inspect", project.path("exit.spk")])
    #expect(inspected.output.contains("exit margin-per-step:"))

    let evaluated = try Tool.run(
      ["eval", project.path("exit.spk"), "--oracle", "--exit", "calibrated"] + data)
    for part in ["mean ", "% of the synaptic operations saved", "oracle", "timestep  pictures"] {
      #expect(evaluated.output.contains(part), "\(part)")
    }
    // The same policy by hand, in a model without one.
    let rule = try ModelFile(contentsOf: URL(filePath: project.path("exit.spk")))
      .withModel { "\(ExitRule(of: $0))" }
    let reports = try [["exit.spk"], ["tiny.spk", "--exit", rule]].map { arguments in
      let run = try Tool.run(
        ["eval", project.path(arguments[0])] + arguments.dropFirst() + ["--json", "-"] + data)
      return try JSONParser.parse(run.output)
    }
    #expect(reports[0]["exit"] != nil && reports[0]["exit"] == reports[1]["exit"])
    #expect(reports[0]["scoresDigest"] == reports[1]["scoresDigest"])
  }

  @Test func oneRunTellsTheFiguresAfterSeveralNumbersOfTimesteps() throws {
    let model = project.path("tiny.spk")
    let command = ["eval", model, "--without-times", "--json", "-"] + data
    let curve = try JSONParser.parse(try Tool.run(command + ["--after", "1,3,8"]).output)
    let each = try [1, 3, 8].map {
      try JSONParser.parse(try Tool.run(command + ["--timesteps", "\($0)"]).output)
    }
    #expect(curve["after"] == .array(each))
    let text = try Tool.run(["eval", model, "--after", "1,3,8"] + data).output
    for figures in each {
      guard case .string(let digest)? = figures["scoresDigest"] else {
        Issue.record("no digest")
        continue
      }
      #expect(text.contains(digest), "\(text)")
    }
    for wrong in ["", "0", "4,4", "8,4", "4,x", "4,", "1,70000"] {
      try expectFailure(
        ["eval", model, "--after", wrong] + data, code: 64, ["--after", "as in 4,8,16"])
    }
    for other in [
      ["--timesteps", "8"], ["--exit", "stable:2"], ["--float"], ["--deadline", "9"],
    ] {
      try expectFailure(
        ["eval", model, "--after", "1,8"] + other + data, code: 64,
        ["--after: does not go with \(other[0])"])
    }
    try expectFailure(
      ["eval", model, "--after", "1,60000"] + data, ["timesteps", "60000"])
  }

  @Test func anExitIsJudgedWithoutComparisonWhereThatIsAsked() throws {
    let command = ["eval", project.path("tiny.spk"), "--exit", "stable:2"] + data
    let compared = try JSONParser.parse(try Tool.run(command + ["--json", "-"]).output)
    let alone = try JSONParser.parse(
      try Tool.run(command + ["--json", "-", "--without-comparison"]).output)
    #expect(alone["exit"] == .object(["rule": .string("stable:2")]))
    for key in ["correct", "meanTimesteps", "scoresDigest", "synapticOperationsPerImage"] {
      #expect(alone[key] != nil && alone[key] == compared[key])
    }
    try expectFailure(
      command + ["--without-comparison", "--oracle"], code: 64, ["--without-comparison"])
  }

  @Test func onlyTheExitIsChosenAgain() throws {
    let config = project.path("tiny.json")
    let before = try project.read("tiny.calibration.json")
    try project.write("tiny.calibration.json", before + [10])
    let calibrated = try Tool.run(["calibrate", config, "--exit-only"] + data)
    #expect(calibrated.code == 0, "\(calibrated.errors)")
    #expect(try project.read("tiny.calibration.json") == before + [10])
    try project.writeConfiguration()
    try expectFailure(
      ["calibrate", config, "--exit-only"] + data, ["has no exit to calibrate"])
  }

  @Test func aCalibrationOfAnotherModelIsRefused() throws {
    let config = project.path("tiny.json")
    try expectFailure(["build", config], ["tiny.exit.json: cannot be read", "spikelet calibrate"])
    #expect(try Tool.run(["calibrate", config] + data).code == 0)
    try project.writeConfiguration(
      """
      , "timesteps": 9, "exit": {"policy": "calibrated", "maximumAccuracyLoss": 0.3,
                                 "calibration": "tiny.exit.json"}
      """)
    try expectFailure(
      ["build", config],
      [
        "does not serve tiny (2 problems)", "was made for another network",
        "exit.maximumAccuracyLoss: is 0.3, the file was made for 0.4",
      ])
    try project.write("tiny.exit.json", Array("{}".utf8))
    try expectFailure(["build", config], ["not an exit calibration", "lacks something"])
  }

  @Test func tooFewTrainingPicturesAreRefused() throws {
    try expectFailure(
      ["calibrate", project.path("tiny.json"), "--exit-only", "--limit", "20"] + data,
      ["20 pictures cannot tell a loss of 0.4", "needed 30 training pictures"])
  }

  @Test func impossibleExitsOfAConfigurationAreRefused() throws {
    let config = project.path("tiny.json")
    try project.writeConfiguration(
      #", "exit": {"policy": "margin", "margin": 2147483647}"#)
    try expectFailure(
      ["build", config],
      [
        "tiny asks for an exit that cannot be",
        "exit: asks for a lead of 2147483647, needed at most",
      ])
    try project.writeConfiguration(
      #", "readOut": "count", "exit": {"policy": "count", "count": 9}"#)
    try expectFailure(
      ["build", config], ["asks for a score of 9, needed at most 8: no run reaches a larger score"])
  }

  @Test func aSweepWritesTableDataAndPicture() throws {
    let names = ["sweep.csv", "sweep.json", "sweep.svg"]
    let arguments = zip(["--csv", "--json", "--svg"], names).flatMap { [$0, project.path($1)] }
    // The exit of the configuration is not calibrated yet; a sweep does not need it.
    let sweep = try Tool.run(
      ["sweep", project.path("tiny.json")] + arguments
        + ["--fixed-timesteps", "12", "--points", "6"] + data)
    #expect(sweep.code == 0, "\(sweep.errors)")
    for word in ["count", "margin", "stable", "margin-per-step", "fixed", "oracle"] {
      #expect(sweep.output.contains(word), "\(word)")
      #expect(String(decoding: try project.read("sweep.csv"), as: UTF8.self).contains(word))
    }
    #expect(String(decoding: try project.read("sweep.svg"), as: UTF8.self).hasPrefix("<svg"))
    let json = try JSONParser.parse(try project.read("sweep.json"))
    #expect(json["images"] == .integer(7))
    try expectFailure(
      ["sweep", project.path("tiny.spk"), "--criteria", "lead,entropy"] + data, code: 64,
      ["--criteria", "\"lead\", \"entropy\", needed count, margin, stable, margin-per-step"])
  }
}
