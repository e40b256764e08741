import Foundation
import SpikeletClassifier
import SpikeletRuntime
import SpikeletSupport

extension Evaluation {
  /// What happened with one picture up to each of several timesteps.
  struct Course: JournalRecord {
    var outcomes: [Outcome]
  }

  /// Results after several numbers of timesteps, from one run of the most.
  ///
  /// A network that runs on does not know when it will be asked, so each result is that of a run
  /// which ends there, its times included. `timesteps` and `exit` have no part in it: no run ends
  /// early.
  ///
  /// - Parameters:
  ///   - stops: timesteps, ascending, from 1 to those that the model allows.
  ///   - progress: called now and then with the number of pictures done, from any thread.
  /// - Returns: a result for each of them. Their `seconds` are parts of the run's.
  package func run(
    after stops: [Int], progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> [EvaluationResult] {
    precondition(!stops.isEmpty && stops == Array(Set(stops)).sorted() && deadline == nil)
    for timesteps in [stops[0], stops[stops.count - 1]] {
      var ending = self
      ending.timesteps = timesteps
      try ending.check()
    }
    let dataset = dataset
    let run = try ParallelRun(
      model: model, dataset: dataset, jobs: jobs, threads: threads, arenaFill: arenaFill,
      journal: journal
    ).map("courses", progress: progress) {
      (engine, index, picture) throws(SpikeletError) -> Course in
      var course = Course(outcomes: [])
      var nanoseconds: UInt64 = 0
      var done = 0
      engine.begin()
      for stop in stops {
        let start = ContinuousClock.now
        for timestep in done + 1...stop {
          let frame = dataset.frame(picture, timestep: timestep)
          try engine.step(input: frame.span, stream: index)
        }
        let prediction = engine.rank().prediction
        let elapsed = (ContinuousClock.now - start).components
        nanoseconds +=
          UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000)
        done = stop
        course.outcomes.append(
          Outcome(
            prediction: prediction, timesteps: stop,
            scores: (0..<engine.model.classCount).map { Int32(engine.score($0)) },
            synapticOperations: engine.synapticOperations.value, nanoseconds: nanoseconds))
      }
      return course
    }
    let whole = run.elements.reduce(0) { $0 + ($1.outcomes.last?.nanoseconds ?? 0) }
    return stops.indices.map { stop in
      let outcomes = run.elements.map { $0.outcomes[stop] }
      let part = outcomes.reduce(0) { $0 + $1.nanoseconds }
      return EvaluationResult(
        model: model, dataset: dataset, timesteps: stops[stop], outcomes: outcomes,
        seconds: Double(run.nanoseconds) / 1e9 * Double(part) / Double(max(1, whole)))
    }
  }
}

extension Evaluation.Course {
  var journalWords: [UInt64] {
    [UInt64(outcomes.count)] + outcomes.flatMap(\.journalWords)
  }

  init?(journalWords words: ArraySlice<UInt64>) {
    guard let count = words.first.flatMap({ Int(exactly: $0) }), count > 0,
      (words.count - 1) % count == 0
    else { return nil }
    let length = (words.count - 1) / count
    outcomes = []
    for part in 0..<count {
      let start = words.startIndex + 1 + part * length
      guard let outcome = Evaluation.Outcome(journalWords: words[start..<start + length])
      else { return nil }
      outcomes.append(outcome)
    }
  }
}
