import SpikeletCompiler
import SpikeletSimulation
import SpikeletSupport

/// Runs the spiking network in double precision, before quantization, and compares its decisions
/// with the engine's.
package struct FloatAgreement: Sendable {
  package var network: SpikingNetwork
  package var result: EvaluationResult
  package var jobs: Int

  /// - Parameter result: what the engine decided.
  package init(network: SpikingNetwork, result: EvaluationResult, jobs: Int) {
    self.network = network
    self.result = result
    self.jobs = max(1, jobs)
  }

  package struct Figures: Sendable {
    /// Pictures on which both name the same class.
    package var agreeing: Int
    /// Pictures that the float simulation reads right.
    package var floatCorrect: Int
    package var images: Int

    /// 0…1
    package var agreement: Double { Double(agreeing) / Double(max(1, images)) }
  }

  /// - Parameter journal: where the classes are kept, so that the run can go on after an end.
  package func figures(
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> Figures {
    let dataset = result.dataset
    let classes = try journaledMap(
      "agreement", dataset, jobs: jobs, journal: journal, interval: 16,
      progress: progress
    ) { part, tick in
      var simulator = FloatSimulator(network)
      return try part.map { index in
        let picture = try dataset.image(index)
        let outcome = result.outcomes[index]
        simulator.begin()
        for timestep in 1...max(1, outcome.timesteps) {
          simulator.step(
            dataset.frame(picture, timestep: timestep),
            image: UInt32(truncatingIfNeeded: dataset.first + index))
        }
        tick()
        return FoundClass(index: simulator.prediction)
      }
    }.elements
    return Figures(
      agreeing: classes.indices.count { classes[$0].index == result.outcomes[$0].prediction },
      floatCorrect: classes.indices.count { classes[$0].index == Int(dataset.labels[$0]) },
      images: dataset.count)
  }
}
