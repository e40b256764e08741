import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime

/// What a model's read-out says about every picture of a data set after every timestep.
///
/// An exit policy only chooses among these decisions, so one recording answers for every policy:
/// calibration, sweeps and the oracle are arithmetic on it.
package struct DecisionTrace: Sendable {
  /// The decision about one picture after one timestep.
  package struct Decision: Sendable, Equatable {
    package var ranking: Ranking
    /// Synaptic operations since the picture began.
    package var synapticOperations: UInt64

    package init(ranking: Ranking, synapticOperations: UInt64) {
      self.ranking = ranking
      self.synapticOperations = synapticOperations
    }
  }

  /// Timesteps recorded of each picture.
  package let timesteps: Int
  package let labels: [UInt16]
  /// Picture by picture, `timesteps` decisions each.
  let decisions: [Decision]

  package init(timesteps: Int, labels: [UInt16], decisions: [Decision]) {
    precondition(timesteps >= 1 && decisions.count == labels.count * timesteps)
    self.timesteps = timesteps
    self.labels = labels
    self.decisions = decisions
  }

  package var images: Int { labels.count }

  /// The decision about a picture after timestep `t`, counted from 1.
  package func decision(_ image: Int, after t: Int) -> Decision {
    decisions[image * timesteps + t - 1]
  }

  /// Whether the decision after timestep `t` is right.
  package func isRight(_ image: Int, after t: Int) -> Bool {
    decision(image, after: t).ranking.prediction == Int(labels[image])
  }

  /// The lead of the best class; it may need 33 bits.
  package func margin(_ image: Int, after t: Int) -> Int {
    let ranking = decision(image, after: t).ranking
    return ranking.best - ranking.second
  }

  /// The pictures of the given numbers.
  package func selecting(_ images: [Int]) -> DecisionTrace {
    DecisionTrace(
      timesteps: timesteps, labels: images.map { labels[$0] },
      decisions: images.flatMap { decisions[$0 * timesteps..<($0 + 1) * timesteps] })
  }
}

extension DecisionTrace {
  /// Runs a model over a data set without any early exit. The result does not depend on `jobs`.
  ///
  /// - Parameter progress: called now and then with the number of pictures done, from any thread.
  package static func record(
    _ model: ModelFile, dataset: Dataset, timesteps: Int, jobs: Int,
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> DecisionTrace {
    try Evaluation(model: model, dataset: dataset, timesteps: timesteps).check()
    let name = "decisions-\(dataset.split.rawValue)-\(timesteps)"
    let decisions = try ParallelRun(model: model, dataset: dataset, jobs: jobs, journal: journal)
      .map(name, progress: progress) { (engine, index, picture) throws(SpikeletError) -> Picture in
        var decisions: [Decision] = []
        decisions.reserveCapacity(timesteps)
        engine.begin()
        for timestep in 1...timesteps {
          let frame = dataset.frame(picture, timestep: timestep)
          try engine.step(input: frame.span, stream: index)
          decisions.append(
            Decision(ranking: engine.rank(), synapticOperations: engine.synapticOperations.value))
        }
        return Picture(decisions: decisions)
      }.elements
    return DecisionTrace(
      timesteps: timesteps, labels: dataset.labels, decisions: decisions.flatMap(\.decisions))
  }

  /// The decisions about one picture.
  private struct Picture: JournalRecord {
    var decisions: [Decision]

    init(decisions: [Decision]) { self.decisions = decisions }

    var journalWords: [UInt64] {
      decisions.flatMap { decision in
        let ranking = decision.ranking
        return [
          UInt64(ranking.prediction), UInt64(bitPattern: Int64(ranking.best)),
          UInt64(bitPattern: Int64(ranking.second)), decision.synapticOperations,
        ]
      }
    }

    init?(journalWords words: ArraySlice<UInt64>) {
      guard words.count % 4 == 0 else { return nil }
      decisions = []
      for i in stride(from: words.startIndex, to: words.endIndex, by: 4) {
        // Scores have 32 bits.
        guard words[i] < 1 << 16, let best = Int32(exactly: Int64(bitPattern: words[i + 1])),
          let second = Int32(exactly: Int64(bitPattern: words[i + 2]))
        else { return nil }
        let ranking = Ranking(
          prediction: Int(words[i]), best: Int(best), second: Int(second))
        decisions.append(Decision(ranking: ranking, synapticOperations: words[i + 3]))
      }
    }
  }
}
