import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletNetwork

/// What speaks for a way of reading pixels: a wrong mean or scale costs accuracy and is no error.
package struct PixelEvidence: Sendable {
  /// One mapping and what was found about it.
  package struct Finding: Sendable {
    package let mapping: PixelMapping
    /// The share of labelled pictures that the float network has right, 0…1, or how far the first
    /// layer's values lie from those that its batch normalization saw in training.
    package let figure: Double
  }

  /// Where the figures come from.
  package enum Source: Sendable, Equatable {
    /// From pictures with labels: so many of them.
    case accuracy(pictures: Int)
    /// From the statistics that a batch normalization keeps.
    case normalization
    /// There are none: the network keeps no statistics of its input, and there are no pictures.
    case none
  }

  package let source: Source
  /// The configured mapping first.
  package let findings: [Finding]
  /// The network's classes.
  let classes: Int

  /// The mapping that is clearly better than the configured one; nil where none is.
  package var better: Finding? {
    guard let given = findings.first else { return nil }
    switch source {
    case .none: return nil
    case .accuracy(let pictures):
      // Two standard deviations of a difference, and three points at least.
      let spread = 2 * (2 * 0.25 / Double(max(1, pictures))).squareRoot()
      let best = findings.max { $0.figure < $1.figure }
      // A network that is near chance with all of them proves nothing.
      guard let best, best.figure > min(0.5, 3 / Double(max(1, classes))) else { return nil }
      return best.figure > given.figure + max(0.03, spread) ? best : nil
    case .normalization:
      let best = findings.min { $0.figure < $1.figure }
      return best.flatMap { given.figure > 1 && $0.figure < given.figure / 4 ? $0 : nil }
    }
  }

  /// Compares the accuracy of the float network under every mapping, on pictures of the training part.
  ///
  /// - Parameters:
  ///   - network: a simplified network.
  ///   - dataset: as many pictures as are to be tried, never of the test part.
  package static func accuracy(
    _ network: Network, given: Configuration.Input, dataset: Dataset, jobs: Int
  ) throws -> PixelEvidence {
    let channels = network.inputShape.channels
    let findings = try mappings(given, channels).map { mapping in
      let correct = try FloatEvaluation(
        network: network, input: mapping.input, dataset: dataset, jobs: jobs
      ).correct()
      return Finding(
        mapping: mapping, figure: Double(correct) / Double(max(1, dataset.count)))
    }
    return PixelEvidence(
      source: .accuracy(pictures: dataset.count), findings: findings,
      classes: network.outputShape.count)
  }

  /// Compares what the first layer makes of drawn pictures with the statistics that a batch
  /// normalization after it kept from training.
  ///
  /// Drawn pictures are no photographs, so only a difference of some size says anything.
  ///
  /// - Parameter network: as it was imported: simplifying folds the normalization away.
  package static func normalization(
    _ network: Network, given: Configuration.Input, pictures: Dataset
  ) throws -> PixelEvidence {
    guard let (layer, statistics) = firstNormalization(of: network) else {
      return PixelEvidence(source: .none, findings: [], classes: network.outputShape.count)
    }
    var beginning = network
    beginning.output = layer
    beginning = beginning.withoutUnusedNodes()
    let shape = network.nodes[layer].shape
    let findings = try mappings(given, network.inputShape.channels).map { mapping in
      var (sums, squares) = (
        [Double](repeating: 0, count: shape.channels), [Double](repeating: 0, count: shape.channels)
      )
      let plane = shape.height * shape.width
      for index in 0..<pictures.count {
        let values = beginning.evaluate(
          mapping.input.values(of: try pictures.image(index), network.inputShape))
        for (position, value) in values[beginning.output].enumerated() {
          sums[position / plane] += Double(value)
          squares[position / plane] += Double(value) * Double(value)
        }
      }
      let count = Double(max(1, pictures.count * plane))
      let distance = (0..<shape.channels).map { channel in
        let mean = sums[channel] / count
        let variance = max(1e-12, squares[channel] / count - mean * mean)
        let seen = Double(max(1e-12, statistics.variance[channel]))
        let offset = mean - Double(statistics.mean[channel])
        let ratio = log(variance / seen) / 2
        return min(100, offset * offset / seen) + ratio * ratio
      }
      // The middle channel: some channels are nearly constant in training.
      return Finding(mapping: mapping, figure: distance.sorted()[distance.count / 2])
    }
    return PixelEvidence(
      source: .normalization, findings: findings, classes: network.outputShape.count)
  }

  private static func mappings(_ given: Configuration.Input, _ channels: Int) -> [PixelMapping] {
    let configured = PixelMapping(given: given)
    // Events have no pixels to be read in other ways.
    guard given.mode != .events else { return [configured] }
    return [configured]
      + PixelMapping.candidates(channels: channels)
      .filter { !$0.isSame(as: configured, channels: channels) }
  }

  /// A convolution or dense layer on the picture, and the normalization that follows it.
  private static func firstNormalization(
    of network: Network
  ) -> (layer: Int, statistics: Network.BatchNormalization)? {
    for node in network.nodes {
      guard case .batchNormalization(let statistics) = node.operation, let layer = node.inputs.first
      else { continue }
      var source = network.nodes[layer].inputs.first
      if let index = source, case .flatten = network.nodes[index].operation {
        source = network.nodes[index].inputs.first
      }
      switch network.nodes[layer].operation {
      case .convolution, .dense: if source == 0 { return (layer, statistics) }
      default: continue
      }
    }
    return nil
  }
}
