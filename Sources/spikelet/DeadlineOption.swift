import ArgumentParser
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletSupport

/// How long one picture may take.
struct DeadlineOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take the best answer that there is after so many microseconds: another timestep runs only if one as \
      long as the longest so far still fits. The first always runs. Results depend on this machine.
      """, valueName: "microseconds"))
  var deadline: Int?

  func validate() throws {
    try require("--deadline", deadline, in: 1...TickClock.longestMicroseconds)
  }
}

extension EvaluationResult {
  /// A document about pictures, with what ended each where there was a deadline.
  func withDeadline(_ members: [String: JSONValue]) -> JSONValue {
    var document = JSONValue.object(members)
    if let deadline {
      document["deadline"] = deadline.json
      document["endings"] = .array(outcomes.map { $0.ending.map { .string($0.text) } ?? .null })
    }
    return document
  }
}
