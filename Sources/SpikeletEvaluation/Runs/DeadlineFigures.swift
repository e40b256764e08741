import SpikeletClassifier
import SpikeletRuntime
import SpikeletSupport

/// What came of a deadline over many inferences. Times are of this machine.
package struct DeadlineFigures: Sendable, Equatable {
  /// What each inference was given.
  package let microseconds: Int
  /// How many the exit policy, the last timestep and the deadline ended.
  package private(set) var endings: [Ending: Int] = [:]
  /// By how many nanoseconds the late ones were late, in ascending order.
  package private(set) var late: [Int] = []
  /// Nanoseconds of the longest timestep; none is later than this.
  package let longestTimestep: Int

  /// Counts decisions, whose lateness is in ticks of `TickClock`.
  package init(microseconds: Int, decisions: [TimedDecision], pace: Pace) {
    self.microseconds = microseconds
    longestTimestep = Int(pace.longest) * Self.nanoseconds
    for decision in decisions { endings[decision.ending, default: 0] += 1 }
    late = decisions.map { Int($0.late) * Self.nanoseconds }.filter { $0 > 0 }.sorted()
  }

  /// Nanoseconds of a tick.
  package static var nanoseconds: Int { 1000 / TickClock.ticksOfMicrosecond }

  /// Inferences in all.
  package var count: Int { endings.values.reduce(0, +) }

  /// The figures for people.
  package var text: String {
    rows.map { $0 + String(repeating: " ", count: 21 - $0.count) + $1 }.joined(separator: "\n")
  }

  /// The same as rows of a table.
  package var rows: [(String, String)] {
    let latest = (Double(late.last ?? 0) / 1000).fixed(1)
    return [
      (
        "deadline",
        "\(microseconds.grouped) µs: missed by \(late.count.grouped) of \(count.grouped), "
          + "at most by \(latest) µs"
      ), ("longest timestep", "\((Double(longestTimestep) / 1000).fixed(1)) µs"),
      (
        "ended by",
        "exit \(count(.exit).grouped), last timestep \(count(.lastTimestep).grouped), "
          + "deadline \(count(.deadline).grouped)"
      ),
    ]
  }

  /// The figures as data.
  package var json: JSONValue {
    .object([
      "microseconds": .integer(microseconds), "late": .integer(late.count),
      "latestNanoseconds": .integer(late.last ?? 0),
      "longestTimestepNanoseconds": .integer(longestTimestep),
      "endedByExit": .integer(count(.exit)), "endedByLastTimestep": .integer(count(.lastTimestep)),
      "endedByDeadline": .integer(count(.deadline)),
    ])
  }

  private func count(_ ending: Ending) -> Int { endings[ending] ?? 0 }
}

extension Ending {
  /// As boards print it.
  package var text: String {
    switch self {
    case .exit: "exit"
    case .lastTimestep: "last"
    case .deadline: "deadline"
    }
  }
}

/// Runs an engine with a deadline for each inference, one after the other.
package struct TimedRuns: Sendable {
  /// What each inference gets.
  package let microseconds: Int
  /// What was decided, in the order of the inferences.
  package private(set) var decisions: [TimedDecision] = []
  private var pace = Pace()
  private let clock = TickClock()

  /// Nothing has run.
  package init(microseconds: Int) { self.microseconds = microseconds }

  /// Runs an inference to its end, so that the model is in memory and the length of a timestep is known.
  package mutating func warmUp(
    _ engine: inout Engine, input: Span<UInt8>, timesteps: Int?
  ) throws(SpikeletError) {
    for _ in 0..<2 {
      pace = Pace()
      _ = try clock.run(
        &engine, input: input, stream: 0, timesteps: timesteps, exit: ExitPolicy.none, until: nil,
        pace: &pace)
    }
  }

  /// Runs an inference, as `Engine.run`.
  package mutating func run(
    _ engine: inout Engine, input: Span<UInt8>, stream: Int, timesteps: Int?, exit: ExitPolicy?,
    margins: Span<Int>?
  ) throws(SpikeletError) -> TimedDecision {
    let due = clock.now &+ UInt32(microseconds * TickClock.ticksOfMicrosecond)
    let decision = try clock.run(
      &engine, input: input, stream: stream, timesteps: timesteps, exit: exit, margins: margins,
      until: due,
      pace: &pace)
    decisions.append(decision)
    return decision
  }

  /// What came of all of them.
  package var figures: DeadlineFigures {
    DeadlineFigures(microseconds: microseconds, decisions: decisions, pace: pace)
  }
}
