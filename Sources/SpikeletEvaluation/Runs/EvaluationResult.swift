import SpikeletClassifier
import SpikeletDatasets
import SpikeletSupport

/// The outcomes of an evaluation and the figures that follow from them.
package struct EvaluationResult: Sendable {
  package let model: ModelFile
  package let dataset: Dataset
  /// The timesteps that each picture was given at most.
  package let timesteps: Int
  package let outcomes: [Evaluation.Outcome]
  /// Wall time of the whole run.
  package let seconds: Double
  /// What came of the deadline, where there was one.
  package var deadline: DeadlineFigures?

  package var images: Int { outcomes.count }

  package var correct: Int {
    outcomes.indices.count { outcomes[$0].prediction == Int(dataset.labels[$0]) }
  }

  /// The share of right predictions, 0…1.
  package var accuracy: Double { images == 0 ? 0 : Double(correct) / Double(images) }

  package var meanTimesteps: Double { mean { Double($0.timesteps) } }

  /// Weights added to potentials because of spikes. The first layer's multiplications are not
  /// among them in direct mode.
  package var synapticOperationsPerImage: Double { mean { Double($0.synapticOperations) } }

  package var medianLatencyMicroseconds: Double {
    let sorted = outcomes.map(\.nanoseconds).sorted()
    return sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2]) / 1000
  }

  package var throughputImagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

  private func mean(_ value: (Evaluation.Outcome) -> Double) -> Double {
    images == 0 ? 0 : outcomes.reduce(0) { $0 + value($1) } / Double(images)
  }

  /// 64-bit FNV-1a over every picture's timesteps and scores (32-bit little-endian): equal on every
  /// machine and for any number of jobs.
  package var scoresDigest: String {
    var hash = FNV1a()
    for outcome in outcomes {
      hash.append(Int32(outcome.timesteps))
      for score in outcome.scores { hash.append(score) }
    }
    return hash.value.hexDigits
  }

  /// The stable machine-readable form.
  ///
  /// - Parameter withTimes: without them, equal results are equal text.
  package func json(withTimes: Bool = true) -> JSONValue {
    let operations = ModelSummary(model).operations
    var document: JSONValue = .object([
      "model": .string(model.name),
      "dataset": .string(dataset.name),
      "split": .string(dataset.split.rawValue),
      "images": .integer(images),
      "correct": .integer(correct),
      "accuracy": .number(accuracy),
      "timesteps": .integer(timesteps),
      "meanTimesteps": .number(meanTimesteps),
      "synapticOperationsPerImage": .number(synapticOperationsPerImage),
      "multiplyAccumulatesPerImage": .integer(operations.direct),
      "denseOperationsPerImage": .integer(operations.dense),
      "arenaBytes": .integer(Int(model.header.arenaBytes)),
      "modelBytes": .integer(model.bytes.count),
      "scoresDigest": .string(scoresDigest),
    ])
    if withTimes {
      document["medianLatencyMicroseconds"] = .number(medianLatencyMicroseconds)
      document["throughputImagesPerSecond"] = .number(throughputImagesPerSecond)
    }
    // What a deadline does depends on the machine and the moment, as times do; whoever sets one wants to know.
    if let deadline { document["deadline"] = deadline.json }
    return document
  }
}
