import SpikeletCompiler
import SpikeletDatasets
import SpikeletNetwork
import SpikeletSupport

/// Runs the float network that a model is made from: the accuracy that conversion can lose.
package struct FloatEvaluation: Sendable {
  package var network: Network
  package var input: Configuration.Input
  package var dataset: Dataset
  package var jobs: Int

  /// The timesteps of a network whose thresholds were trained; others have none.
  package var timesteps: Int

  /// - Parameter network: a simplified network.
  package init(network: Network, input: Configuration.Input, dataset: Dataset, jobs: Int) {
    self.network = network
    timesteps = network.timesteps ?? 1
    self.input = input
    self.dataset = dataset
    self.jobs = max(1, jobs)
  }

  /// The number of pictures whose largest output is their label's, the first of equals.
  package func correct(progress: (@Sendable (Int) -> Void)? = nil) throws -> Int {
    try dataset.check(fits: network.inputShape, of: network.name)
    let parts = parallelMap(count: dataset.count, jobs: jobs, progress: progress) { part, tick in
      var right = 0
      for index in part {
        let values = input.values(of: dataset.image(index), network.inputShape)
        let best = network.scores(values, timesteps: timesteps).enumerated().max {
          ($0.element, $1.offset) < ($1.element, $0.offset)
        }
        if best?.offset == Int(dataset.labels[index]) { right += 1 }
        tick()
      }
      return right
    }
    return parts.reduce(0, +)
  }
}

extension Dataset {
  /// Throws when the pictures have another shape than a network needs.
  func check(fits shape: Shape, of network: String) throws(Diagnostics) {
    guard (channels, height, width) == (shape.channels, shape.height, shape.width) else {
      throw Diagnostics(
        "\(network) does not fit the data set",
        [.init(name, "has pictures of \(channels)×\(height)×\(width), needed \(shape.extents)")])
    }
  }
}

extension Shape {
  /// All three extents, for messages.
  var extents: String { "\(channels)×\(height)×\(width)" }
}
