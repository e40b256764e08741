import Foundation
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// `spikelet report` and `spikelet diff` from end to end.
@Suite struct ReportCommandTests {
  private let project: TinyProject

  init() throws {
    project = try TinyProject()
    try project.build()
  }

  private var data: [String] { ["--data", project.path("data")] }

  private func text(_ name: String) throws -> String {
    String(decoding: try project.read(name), as: UTF8.self)
  }

  @Test func aReportIsWrittenOfAModelAndOfAConfiguration() throws {
    let page = project.path("page.html")
    let made = try Tool.run(["report", project.path("tiny.spk"), "-o", page] + data)
    #expect(made.code == 0 && made.errors == "")
    let text = try text("page.html")
    #expect(made.output == "wrote \(page), \(text.utf8.count.grouped) bytes\n")
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
    #expect(text.contains("id=\"accuracy\"") && text.contains("id=\"wrong\""))
    // The page is the same for any number of threads, and on standard output.
    let again = try Tool.run(
      ["report", project.path("tiny.spk"), "-o", "-", "--jobs", "3"] + data)
    #expect(again.output == text && again.code == 0)
    let built = try Tool.run(["report", project.path("tiny.json"), "-o", page] + data)
    #expect(built.code == 0, "\(built.errors)")
    #expect(try self.text("page.html").contains("What the compiler decided"))
  }

  @Test func theNameOfThePageIsKnown() throws {
    let outcome = try Tool.run(
      ["report", project.path("tiny.spk"), "--no-data"], in: project.folder)
    #expect(outcome.code == 0 && outcome.output.hasPrefix("wrote report.html, "))
    #expect(try text("report.html").contains("It was made with --no-data."))
  }

  @Test func withoutPicturesItSaysWhatToType() throws {
    let page = project.path("page.html")
    let outcome = try Tool.shell(
      "SPIKELET_DATASETS=/nowhere \"$@\"", ["report", project.path("tiny.spk"), "-o", page])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let text = try text("page.html")
    #expect(text.contains("The files of mnist are not there."))
    #expect(
      text.contains(
        "spikelet report \(project.path("tiny.spk")) --dataset mnist --data FOLDER -o report.html"))
    #expect(!text.contains("id=\"accuracy\""))
  }

  @Test func thePictureAndTheLimitsAreObeyed() throws {
    let page = project.path("page.html")
    let outcome = try Tool.run(
      [
        "report", project.path("tiny.spk"), "-o", page, "--limit", "3", "--picture", "2",
        "--wrong", "1", "--timesteps", "4",
      ] + data)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let text = try text("page.html")
    #expect(text.contains("Picture 2 of mnist test is 4,"))
    #expect(text.contains("value=\"3\">3</data> pictures of mnist test"))
  }

  @Test func wrongUsageAndBadInputAreRefused() throws {
    let (model, page) = (project.path("tiny.spk"), project.path("page.html"))
    for wrong in [
      ["--limit", "0"], ["--jobs", "0"], ["--picture", "-1"], ["--wrong", "-1"],
      ["--no-data", "--data", "x"], ["--dataset", "nothing"], ["--timesteps", "0"],
    ] {
      let outcome = try Tool.run(["report", model, "-o", page] + wrong)
      #expect(outcome.code == 64, "\(wrong): \(outcome.errors)")
    }
    try expectFailure(
      ["report", model, "-o", page, "--picture", "7"] + data,
      ["there is no picture 7", "--picture", "needed 0 to 6"])
    try expectFailure(
      ["report", model, "-o", page, "--golden", project.path("nowhere")], ["nowhere"])
    try expectFailure(["report", model, "-o", page, "--data", project.path("none")], ["none"])
    try expectFailure(
      ["report", project.path("none.spk"), "-o", page], ["none.spk", "no such file"])
    try expectFailure(
      ["report", model, "-o", project.path("none/page.html")], ["cannot be written"])
    try expectFailure(["report", model, "-o", model], ["tiny.spk", "it is an input"])
    #expect(!FileManager.default.fileExists(atPath: page))
  }

  @Test func aModelOfEventsIsShownItsRecordings() throws {
    let model = Repository.root.appending(path: "firmware-configs/nmnist-snn").path
    for label in ["0", "1"] {
      let folder = project.folder.appending(path: "set/Test").appending(path: label)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      var text = "x,y,p,t\n"
      for step in 0..<300 {
        for y in 8..<26 { text += "\(4 + step % 26),\(y),\(y & 1),\(step * 1000 + y)\n" }
      }
      try project.write("set/Test/\(label)/a.csv", Array(text.utf8))
    }
    let page = project.path("page.html")
    // The classes of the network are ten.
    let classes = (0..<10).map(String.init).joined(separator: "\n")
    try project.write("set/classes.txt", Array(classes.utf8))
    let made = try Tool.run(["report", model, "-o", page, "--events", project.path("set")])
    #expect(made.code == 0, "\(made.errors)")
    let text = try text("page.html")
    #expect(text.contains("id=\"accuracy\"") && text.contains("value=\"2\">2</data> pictures"))
    let without = try Tool.shell(
      "SPIKELET_DATASETS=/nowhere \"$@\"", ["report", model, "-o", page])
    #expect(without.code == 0, "\(without.errors)")
    #expect(try self.text("page.html").contains("--events RECORDINGS"))
  }

  // MARK: diff

  private func json(_ outcome: Tool.Outcome) throws -> JSONValue {
    try JSONParser.parse(outcome.output)
  }

  @Test func equalFilesAreSaidToBeEqual() throws {
    try project.write("same.spk", project.read("tiny.spk"))
    let (a, b) = (project.path("tiny.spk"), project.path("same.spk"))
    let outcome = try Tool.run(["diff", a, b])
    #expect(outcome.code == 0 && outcome.errors == "")
    #expect(outcome.output == "\(a) and \(b) are equal, byte for byte\n")
    let withPictures = try Tool.run(["diff", a, b, "--json", "-", "--dataset", "mnist"] + data)
    #expect(withPictures.code == 0)
    let decisions = try json(withPictures)["decisions"]
    #expect(decisions?["differentScores"] == .integer(0))
    #expect(decisions?["images"] == .integer(7))
  }

  @Test func whatChangedIsNamedAndCounted() throws {
    try project.writeConfiguration(", \"quantization\": {\"weights\": \"int4\"}, \"timesteps\": 3")
    let old = project.path("old.spk")
    try project.write("old.spk", project.read("tiny.spk"))
    try project.build()
    let new = project.path("tiny.spk")
    let outcome = try Tool.run(["diff", old, new, "--data", project.path("data")])
    #expect(outcome.code == 1 && outcome.errors == "")
    #expect(outcome.output.contains("timesteps"))
    #expect(outcome.output.contains("weight bits"))
    #expect(outcome.output.contains("pictures have another class"))
    let document = try json(
      Tool.run(["diff", old, new, "--json", "-", "--limit", "5"] + data))
    let dataset = try project.dataset(.test).prefix(5)
    for (key, name) in [("oldCorrect", "old.spk"), ("newCorrect", "tiny.spk")] {
      let result = try Evaluation(
        model: ModelFile(bytes: project.read(name), name: name), dataset: dataset
      ).run()
      #expect(document["decisions"]?[key] == .integer(result.correct))
    }
    #expect(document["equal"] == .boolean(false))
    // Configurations are built; this one gives the same file.
    #expect(try Tool.run(["diff", project.path("tiny.json"), new]).code == 0)
  }

  @Test func modelsThatCannotBeComparedAreRefused() throws {
    let model = project.path("tiny.spk")
    try project.write("other.spk", SmallModels.perceptron())
    let other = project.path("other.spk")
    // Without pictures two models of any shape are compared.
    let outcome = try Tool.run(["diff", model, other])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("removed layers: scores"))
    try expectFailure(
      ["diff", model, other] + data,
      ["cannot run the same pictures", "1×28×28", "1×2×2", "has 10, ", " 2; compare"])
    try project.write("broken.spk", Array("no model".utf8))
    try expectFailure(["diff", model, project.path("broken.spk")], ["broken.spk"])
    try expectFailure(["diff", model, project.path("none.spk")], ["none.spk"])
    for wrong in [[model], [model, other, "--limit", "3"], [model, other, "--pictures", "-1"]] {
      #expect(try Tool.run(["diff"] + wrong).code == 64)
    }
  }
}
