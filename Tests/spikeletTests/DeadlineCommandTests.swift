import Foundation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// `--deadline` of run, eval and bench. What it decides depends on the machine: the tests look at what
/// holds on any.
@Suite struct DeadlineCommandTests {
  private let model = "firmware-configs/lenet5-avg"

  @Test func aRunSaysWhatEndedEachPicture() throws {
    for (microseconds, ending): (Int, String) in [(1, "deadline"), (100_000_000, "last")] {
      let run = try Tool.run(["run", model, "--deadline", "\(microseconds)", "--json", "-"])
      try #require(run.code == 0, "\(run.errors)")
      let document = try JSONParser.parse(run.output)
      guard case .array(let ended)? = document["endings"],
        case .array(let steps)? = document["timesteps"]
      else {
        Issue.record("no endings: \(run.output.prefix(200))")
        return
      }
      #expect(ended.allSatisfy { $0 == .string(ending) })
      #expect(ended.count == 100 && steps.count == 100)
      let timesteps = microseconds == 1 ? 1 : 8
      #expect(steps.allSatisfy { $0 == .integer(timesteps) })
      let figures = document["deadline"]
      #expect(figures?["microseconds"] == .integer(microseconds))
      #expect(figures?["late"] == .integer(microseconds == 1 ? 100 : 0))
      #expect(figures?["endedByDeadline"] == .integer(microseconds == 1 ? 100 : 0))
      #expect(figures?["endedByLastTimestep"] == .integer(microseconds == 1 ? 0 : 100))
    }
    let exit = try Tool.run(
      ["run", model, "--deadline", "100000000", "--exit", "stable:2", "--count", "1"])
    #expect(exit.output.contains("by exit") && exit.output.contains("ended by"))
    // Whoever sets no deadline is told nothing of it.
    let plain = try Tool.run(["run", model, "--json", "-"])
    #expect(!plain.output.contains("deadline") && !plain.output.contains("endings"))
  }

  @Test func aBenchTimesWithinADeadline() throws {
    let arguments = ["bench", model, "--limit", "5", "--repeats", "2", "--deadline", "1"]
    let run = try Tool.run(arguments + ["--json", "-"])
    let document = try JSONParser.parse(run.output)
    #expect(document["meanTimesteps"] == .integer(1) || document["meanTimesteps"] == .number(1))
    #expect(document["deadline"]?["endedByDeadline"] == .integer(10))
    let text = try Tool.run(arguments).output
    for part in ["missed by 10 of 10", "longest timestep", "ended by"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func anEvaluationIsInTimeAndRefusesWhatItCannotKeep() throws {
    let data = try TinyPictures()
    let run = try Tool.run(
      ["eval", model, "--data", data.path, "--deadline", "1", "--json", "-"])
    try #require(run.code == 0, "\(run.errors)")
    let document = try JSONParser.parse(run.output)
    #expect(document["deadline"]?["endedByDeadline"] == document["images"])
    // A run of one timestep has the same scores.
    let single = try JSONParser.parse(
      Tool.run(["eval", model, "--data", data.path, "--timesteps", "1", "--json", "-"]).output)
    #expect(document["scoresDigest"] == single["scoresDigest"])
    #expect(document["accuracy"] == single["accuracy"])

    for (arguments, text) in [
      (["--jobs", "2"], "does not go with --jobs"),
      (["--resume", "kept"], "does not go with --resume"),
      (["--float"], "does not go with --float"), (["--oracle"], "does not go with --oracle"),
      (["--agreement"], "does not go with --agreement"),
    ] {
      try expectFailure(
        ["eval", model, "--data", data.path, "--deadline", "5"] + arguments, code: 64, [text])
    }
    for value in ["0", "-1", "100000001"] {
      for command in ["eval", "run", "bench"] {
        try expectFailure(
          [command, model, "--deadline=\(value)"], code: 64,
          ["--deadline is \(value), needed 1 to 100000000"])
      }
    }
  }
}

/// A folder with a few labelled pictures.
private final class TinyPictures {
  static let count = 10
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "deadline-\(UUID().uuidString)")

  var path: String { folder.path }

  init() throws {
    for index in 0..<Self.count {
      let place = folder.appending(path: "\(index)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let pixels = (0..<784).map { UInt8(truncatingIfNeeded: $0 * (index + 3) * 7) }
      try Data(Array("P5 28 28 255\n".utf8) + pixels).write(to: place.appending(path: "a.pgm"))
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
