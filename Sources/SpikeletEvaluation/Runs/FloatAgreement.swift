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

  package func figures(progress: (@Sendable (Int) -> Void)? = nil) -> Figures {
    let dataset = result.dataset
    let parts = parallelMap(
      count: dataset.count, jobs: jobs, interval: 16, progress: progress
    ) { part, tick in
      var simulator = FloatSimulator(network)
      var (agreeing, correct) = (0, 0)
      for index in part {
        let outcome = result.outcomes[index]
        simulator.begin()
        for _ in 0..<outcome.timesteps {
          simulator.step(dataset.image(index), image: UInt32(truncatingIfNeeded: index))
        }
        if simulator.prediction == outcome.prediction { agreeing += 1 }
        if simulator.prediction == Int(dataset.labels[index]) { correct += 1 }
        tick()
      }
      return (agreeing: agreeing, correct: correct)
    }
    return Figures(
      agreeing: parts.reduce(0) { $0 + $1.agreeing },
      floatCorrect: parts.reduce(0) { $0 + $1.correct }, images: dataset.count)
  }
}
