import ArgumentParser
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

extension EvalCommand {
  /// The timesteps of --after, ascending; nil without it, and where its text is none.
  static func stops(_ text: String) -> [Int]? {
    let stops = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let isAscending = zip(stops, stops.dropFirst()).allSatisfy { $0 < $1 }
    return isAscending && stops.allSatisfy(timestepsRange.contains) ? stops : nil
  }

  /// Refuses what has no meaning where one run tells several results.
  func requireNothingBesideStops() throws {
    guard after != nil else { return }
    for (name, isGiven, why) in [
      ("--timesteps", inference.timesteps != nil, "the last of its timesteps ends the run"),
      ("--exit", (inference.exit ?? "none") != "none", "all of its timesteps are run"),
      ("--deadline", time.deadline != nil, "all of its timesteps are run"),
      ("--float", float, "a float network has no timesteps"),
    ] where isGiven {
      throw ValidationError("--after: does not go with \(name): \(why)")
    }
  }

  /// A row for each number of timesteps.
  func curveText(_ results: [EvaluationResult]) -> String {
    var table = TextTable(
      ["timesteps", "accuracy", "right", "operations a picture", "scores"], right: [0, 1, 2, 3])
    for result in results {
      table.add([
        "\(result.timesteps)", "\((result.accuracy * 100).fixed(2)) %", result.correct.grouped,
        Int(result.synapticOperationsPerImage).grouped, result.scoresDigest,
      ])
    }
    return "\n" + table.text
  }
}
