import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport

/// Runs a model over a data set and adds up what it did.
package struct Evaluation: Sendable {
  package var model: ModelFile
  package var dataset: Dataset
  /// Nil for the model's own number.
  package var timesteps: Int?
  /// Nil for the model's own policy.
  package var exit: ExitRule?
  package var jobs: Int
  /// Threads that run one picture together; no result depends on it.
  package var threads = 1
  /// What the arenas hold before each picture; no result depends on it.
  package var arenaFill: UInt8 = 0
  /// Microseconds for each picture, 1…100,000,000; nil for as long as it takes. Pictures then run one
  /// after the other, whatever `jobs` says, and outcomes depend on this machine: `journal` keeps none.
  package var deadline: Int?
  /// Where outcomes are kept, so that the run can go on after an end.
  package var journal: RunJournal?

  package init(
    model: ModelFile, dataset: Dataset, timesteps: Int? = nil, exit: ExitRule? = nil,
    jobs: Int = 1
  ) {
    self.model = model
    self.dataset = dataset
    self.timesteps = timesteps
    self.exit = exit
    self.jobs = max(1, jobs)
  }

  /// What happened with one picture.
  package struct Outcome: JournalRecord, Equatable {
    package var prediction: Int
    package var timesteps: Int
    package var scores: [Int32]
    package var synapticOperations: UInt64
    package var nanoseconds: UInt64
    /// What ended it; nil without a deadline, when nobody asked.
    package var ending: Ending?
  }

  /// Classifies every picture. The outcomes do not depend on the number of jobs.
  ///
  /// - Parameter progress: called now and then with the number of pictures done, from any thread.
  package func run(progress: (@Sendable (Int) -> Void)? = nil) throws -> EvaluationResult {
    try check()
    if let deadline { return try run(deadline: deadline, progress: progress) }
    let (steps, exit, dataset) = (timesteps, exit, dataset)
    let limit = timesteps ?? Int(model.header.timesteps)
    let margins = exit?.marginTable
    let run = try ParallelRun(
      model: model, dataset: dataset, jobs: jobs, threads: threads, arenaFill: arenaFill,
      journal: journal
    ).map("outcomes", progress: progress) {
      (engine, index, picture) throws(SpikeletError) -> Outcome in
      let start = ContinuousClock.now
      let decision = try engine.run(
        input: dataset.frames(picture, timesteps: limit).span, stream: index, timesteps: steps,
        exit: exit?.policy, margins: margins?.span)
      let elapsed = (ContinuousClock.now - start).components
      return Outcome(
        prediction: decision.prediction, timesteps: decision.timesteps,
        scores: (0..<engine.model.classCount).map { Int32(engine.score($0)) },
        synapticOperations: engine.synapticOperations.value,
        nanoseconds: UInt64(elapsed.attoseconds / 1_000_000_000)
          + UInt64(elapsed.seconds) * 1_000_000_000)
    }
    return EvaluationResult(
      model: model, dataset: dataset, timesteps: timesteps ?? Int(model.header.timesteps),
      outcomes: run.elements, seconds: Double(run.nanoseconds) / 1e9)
  }

  /// Checks that the data set fits the model.
  func check() throws {
    let header = model.header
    try dataset.check(
      fits: Shape(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth)), of: model.name)
    try checkFrames()
    if let timesteps, timesteps < 1 || timesteps > header.maximumTimesteps {
      throw ModelFileError(
        file: model.name,
        error: SpikeletError(
          .wrongTimesteps, .timesteps, needed: header.maximumTimesteps,
          given: Int32(clamping: timesteps)))
    }
  }
}

extension Evaluation {
  /// A model of events needs a frame for each timestep, one of pictures needs none.
  private func checkFrames() throws(Diagnostics) {
    let isEvents = model.withModel { $0.inputMode == .events }
    let needed = timesteps ?? Int(model.header.timesteps)
    guard isEvents == (dataset.frameCount != nil), dataset.frameCount ?? needed >= needed else {
      throw Diagnostics(
        "\(model.name) does not fit the data set",
        [
          .init(
            dataset.name,
            dataset.frameCount.map { "has recordings of \($0) frames" } ?? "has pictures",
            advice: isEvents
              ? "the model reads events, needed \(needed) frames: give recordings to --events"
              : "the model reads pictures")
        ])
    }
  }
}

extension Evaluation.Outcome {
  package var journalWords: [UInt64] {
    [UInt64(prediction), UInt64(timesteps), synapticOperations, nanoseconds]
      + scores.map { UInt64(UInt32(bitPattern: $0)) }
  }

  package init?(journalWords words: ArraySlice<UInt64>) {
    let words = Array(words)
    guard words.count >= 5, words[0] < words.count - 4, (1...65_535).contains(words[1]),
      words[3] < 1 << 62, words[4...].allSatisfy({ $0 <= UInt32.max })
    else { return nil }
    self.init(
      prediction: Int(words[0]), timesteps: Int(words[1]),
      scores: words[4...].map { Int32(truncatingIfNeeded: $0) }, synapticOperations: words[2],
      nanoseconds: words[3])
  }
}
