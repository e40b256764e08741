import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletModel
import SpikeletRuntime
import Synchronization

/// Runs a model over a data set and adds up what it did.
public struct Evaluation: Sendable {
  public var model: ModelFile
  public var dataset: Dataset
  /// Nil for the model's own number.
  public var timesteps: Int?
  /// Nil for the model's own policy.
  public var exit: ExitRule?
  public var jobs: Int
  /// What the arenas hold before each picture; no result depends on it.
  public var arenaFill: UInt8 = 0

  public init(
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
  public struct Outcome: Sendable, Equatable {
    public var prediction: Int
    public var timesteps: Int
    public var scores: [Int32]
    public var synapticOperations: UInt64
    public var nanoseconds: UInt64
  }

  /// Classifies every picture. The outcomes do not depend on the number of jobs.
  ///
  /// - Parameter progress: called now and then with the number of pictures done, from any thread.
  public func run(progress: (@Sendable (Int) -> Void)? = nil) throws -> EvaluationResult {
    try check()
    let count = dataset.count
    let jobs = min(jobs, max(1, count))
    let done = Atomic<Int>(0)
    let parts = Mutex<[Int: Result<[Outcome], SpikeletError>]>([:])
    let start = ContinuousClock.now
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      let range = count * job / jobs..<count * (job + 1) / jobs
      let part = Result { () throws(SpikeletError) in
        try run(range) {
          let total = done.add(1, ordering: .relaxed).newValue
          if total % 64 == 0 || total == count { progress?(total) }
        }
      }
      parts.withLock { $0[job] = part }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var outcomes: [Outcome] = []
    outcomes.reserveCapacity(count)
    for job in 0..<jobs {
      guard let part = parts.withLock({ $0[job] }) else { continue }
      do {
        outcomes += try part.get()
      } catch {
        throw ModelFileError(file: model.name, error: error, layerName: nil)
      }
    }
    return EvaluationResult(
      model: model, dataset: dataset, timesteps: timesteps ?? Int(model.header.timesteps),
      outcomes: outcomes, seconds: seconds)
  }

  /// Checks that the data set fits the model.
  func check() throws {
    let header = model.header
    try dataset.check(
      fits: Shape(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth)), of: model.name)
    if let timesteps, timesteps < 1 || timesteps > header.maximumTimesteps {
      throw ModelFileError(
        file: model.name,
        error: SpikeletError(
          .wrongTimesteps, .timesteps, needed: header.maximumTimesteps,
          given: Int32(clamping: timesteps)), layerName: nil)
    }
  }

  private func run(_ range: Range<Int>, tick: () -> Void) throws(SpikeletError) -> [Outcome] {
    let arena = Arena(byteCount: Int(model.header.arenaBytes), fill: arenaFill)
    return try arena.withBytes { (bytes) throws(SpikeletError) -> [Outcome] in
      let opened = try Model(model.bytes.span.bytes)
      var engine = try Engine(model: opened, arena: bytes)
      var outcomes: [Outcome] = []
      outcomes.reserveCapacity(range.count)
      for index in range {
        let picture = dataset.image(index)
        let start = ContinuousClock.now
        let result = try engine.run(
          input: picture.span, image: UInt32(truncatingIfNeeded: index),
          timesteps: timesteps.map { Int32($0) }, exit: exit?.policy, margins: exit?.margins.span)
        let elapsed = (ContinuousClock.now - start).components
        outcomes.append(
          Outcome(
            prediction: Int(result.prediction), timesteps: Int(result.timesteps),
            scores: (0..<opened.classCount).map { engine.score($0) },
            synapticOperations: engine.synapticOperations.value,
            nanoseconds: UInt64(elapsed.attoseconds / 1_000_000_000)
              + UInt64(elapsed.seconds) * 1_000_000_000))
        tick()
      }
      return outcomes
    }
  }
}

extension OperationCount {
  /// The count as one number.
  public var value: UInt64 { UInt64(high) << 32 | UInt64(low) }
}
