import Foundation
import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Firing rates from calibration to the explanation, and the budgets of instructions.
@Suite struct CostCommandTests {
  private let project: TinyProject

  init() throws {
    project = try TinyProject()
    try project.build()
  }

  private func explanation(_ arguments: [String] = []) throws -> JSONValue {
    let outcome = try Tool.run(
      ["build", project.path("tiny.json"), "-o", project.path("m.spk"), "--explain", "--json", "-"]
        + arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSONParser.parse(outcome.output)
  }

  private func instructions(_ json: JSONValue, _ load: String = "typical") -> Double {
    guard case .number(let number)? = json[load]?["instructions"] else { return -1 }
    return number
  }

  @Test func calibrateCountsSpikesAndBuildsUseThem() throws {
    try project.writeConfiguration(#", "firingRates": "rates.json""#)
    // A build says what is missing.
    let early = try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")])
    #expect(early.code != 0 && early.errors.contains("rates.json"))
    #expect(early.errors.contains("run `spikelet calibrate` to make it"))
    let run = try Tool.run([
      "calibrate", project.path("tiny.json"), "--data", project.path("data"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("spikes of") && run.output.contains("99.9 %"))
    let first = try project.read("rates.json")
    // The same again, from any number of threads.
    let again = try Tool.run([
      "calibrate", project.path("tiny.json"), "--data", project.path("data"), "--rates-only",
      "--jobs", "1",
    ])
    #expect(again.code == 0 && !again.output.contains("calibration.json from"))
    #expect(try project.read("rates.json") == first)
    let json = try explanation()
    #expect(json["firing"] == .string("firing rates measured: 20 pictures of mnist"))
    let (typical, rare, worst) = (
      instructions(json), instructions(json, "rare"), instructions(json, "worst")
    )
    #expect(0 < typical && typical <= rare && rare <= worst)
    // Rates of another network are refused.
    try project.writeConfiguration(
      #", "firingRates": "rates.json", "quantization": {"weights": "int4"}"#)
    let other = try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")])
    #expect(other.code != 0 && other.errors.contains("run `spikelet calibrate` again"))
  }

  @Test func ratesByHandAndTargetsChangeTheEstimate() throws {
    let assumed = try explanation()
    #expect(
      assumed["firing"]
        == .string("firing rates assumed: 10 % of neurons a timestep, no blank pixel"))
    let few = try explanation(["--firing-rates", "0.01"])
    let many = try explanation(["--firing-rates", "1"])
    #expect(instructions(few) < instructions(assumed))
    #expect(instructions(assumed) < instructions(many))
    #expect(abs(instructions(many) - instructions(many, "worst")) < 1)
    let armv7 = try explanation(["--target", "armv7"])
    #expect(armv7["target"] == .string("armv7"))
    #expect(instructions(armv7) != instructions(assumed))
  }

  @Test func budgetsOfInstructionsNameWhatIsNeededAndGiven() throws {
    let worst = Int(instructions(try explanation(), "worst").rounded(.up))
    try project.writeConfiguration(
      ", \"budgets\": {\"maximumInstructions\": \(worst), \"load\": \"worst\"}")
    #expect(
      try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")]).code == 0)
    try project.writeConfiguration(
      ", \"budgets\": {\"maximumInstructions\": \(worst - 1), \"load\": \"worst\", "
        + "\"maximumMicroseconds\": 5, \"maximumModelBytes\": 10}")
    let outcome = try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")])
    #expect(outcome.code != 0)
    for text in [
      "budgets.maximumModelBytes: the model has",
      "budgets.maximumInstructions: the worst picture takes \(worst) instructions (aarch64), 1 "
        + "more than \(worst - 1)",
      "budgets.maximumMicroseconds: needs a board whose rate was measured",
    ] {
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    try project.writeConfiguration(
      #", "budgets": {"maximumInstructions": 1, "load": "rare"}"#)
    let rare = try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")])
    #expect(rare.errors.contains(#"budgets.load: is "rare", needed firing rates"#))
  }

  @Test func microsecondsAreThoseOfTheBoard() throws {
    let boards = project.folder.appending(path: "boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    let board = """
      {"name": "Desk", "target": "armv7", "ramBytes": 1048576, "instructionsPerMicrosecond": 100}
      """
    try Data(board.utf8).write(to: boards.appending(path: "desk.json"))
    try project.writeConfiguration(
      #", "board": "desk", "budgets": {"maximumMicroseconds": 1}"#)
    let outcome = try Tool.run(["build", project.path("tiny.json"), "-o", project.path("m.spk")])
    #expect(outcome.code != 0)
    #expect(
      outcome.errors.contains("budgets.maximumMicroseconds: the mean picture takes"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("instructions at 100.0 a µs), the limit is 1"))
  }

  @Test func inspectExplainsAModelAtThePicturesOfADataSet() throws {
    let data = ["--data", project.path("data"), "--dataset", "mnist"]
    let model = project.path("tiny.spk")
    let outcome = try Tool.run(["inspect", model, "--explain"] + data)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("firing rates measured: 7 pictures of mnist"))
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 100) }
    #expect(outcome.output.contains("99.9 % of timesteps"))
    let given = try Tool.run(["inspect", model, "--explain", "--firing-rates", "0.2,0.3"])
    #expect(given.output.contains("firing rates given: 0.2, 0.3"))
    for (arguments, error) in [
      (["--explain", "--plan"], "--plan and --explain are two reports"),
      (["--firing-rates", "0.1"], "are for --explain"),
      (["--explain", "--firing-rates", "2"], "2 is no rate, needed 0 to 1"),
      (["--explain", "--target", "vax"], #"--target is "vax", needed one of"#),
      (["--explain", "--rates", "0.1"], "it takes --firing-rates"),
      (["--explain", "--firing-rates", "0.1"] + data, "two sources of rates"),
    ] {
      let refused = try Tool.run(["inspect", model] + arguments)
      #expect(refused.code != 0 && refused.errors.contains(error), "\(refused.errors)")
    }
  }

  @Test func calibrateRefusesRatesThatAreNotAskedFor() throws {
    let arguments = ["calibrate", project.path("tiny.json"), "--data", project.path("data")]
    let missing = try Tool.run(arguments + ["--rates-only"])
    #expect(missing.code != 0 && missing.errors.contains("needed firingRates"))
    let both = try Tool.run(arguments + ["--rates-only", "--exit-only"])
    #expect(both.code != 0 && both.errors.contains("one of the three"))
    try project.writeConfiguration(#", "firingRates": "../rates.json""#)
    let outside = try Tool.run(arguments)
    #expect(outside.code != 0 && outside.errors.contains("firingRates: is \"../rates.json\""))
  }
}
