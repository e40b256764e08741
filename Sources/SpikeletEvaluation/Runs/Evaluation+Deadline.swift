import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime
import SpikeletSupport

extension Evaluation {
  /// Classifies every picture within a time.
  ///
  /// - Parameters:
  ///   - deadline: microseconds for each picture.
  ///   - progress: called with the number of pictures done.
  func run(deadline: Int, progress: ((Int) -> Void)?) throws -> EvaluationResult {
    let team = threads > 1 ? try ThreadTeam(threads: threads) : nil
    // The engine has its address only.
    defer { withExtendedLifetime(team) {} }
    let arena = Arena(
      byteCount: model.withModel { $0.arenaBytes(threads: threads) }, fill: arenaFill)
    let limit = timesteps ?? Int(model.header.timesteps)
    let margins = exit?.marginTable
    var timed = TimedRuns(microseconds: deadline)
    var outcomes: [Outcome] = []
    let clock = ContinuousClock()
    let begin = clock.now
    do {
      try arena.withBytes { (bytes) throws(any Error) in
        let opened = Model(validated: model.bytes.span.bytes)
        var engine = try Engine(model: opened, arena: bytes, team: team?.team)
        for index in 0..<dataset.count {
          let input = dataset.frames(try dataset.image(index), timesteps: limit)
          if index == 0 { try timed.warmUp(&engine, input: input.span, timesteps: limit) }
          let start = clock.now
          let decision = try timed.run(
            &engine, input: input.span, stream: dataset.first + index, timesteps: limit,
            exit: exit?.policy, margins: margins?.span)
          outcomes.append(
            Outcome(
              prediction: decision.prediction, timesteps: decision.timesteps,
              scores: (0..<opened.classCount).map { Int32(engine.score($0)) },
              synapticOperations: engine.synapticOperations.value,
              nanoseconds: (clock.now - start).nanoseconds, ending: decision.ending))
          progress?(index + 1)
        }
      }
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
    return EvaluationResult(
      model: model, dataset: dataset, timesteps: limit, outcomes: outcomes,
      seconds: Double((clock.now - begin).nanoseconds) / 1e9, deadline: timed.figures)
  }
}

extension Duration {
  /// Whole nanoseconds of a duration that is not below zero.
  fileprivate var nanoseconds: UInt64 {
    UInt64(components.seconds) * 1_000_000_000 + UInt64(components.attoseconds / 1_000_000_000)
  }
}
