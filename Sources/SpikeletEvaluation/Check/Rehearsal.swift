import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletNetwork

/// A build before there are statistics: everything that the real one would refuse, and about what it
/// will cost.
///
/// The activations are those of a few drawn pictures. Shapes, kernels and the file's size are those of
/// the real build; widths of potentials, and so the arena, may differ where λ does.
package struct Rehearsal: Sendable {
  /// As the file has it, before it is simplified.
  package let imported: Network
  package let build: Compiler.Build

  /// Pictures that λ is guessed from.
  private static let pictures = 8

  /// - Parameters:
  ///   - deployment: its calibration need not be there yet.
  ///   - imported: the deployment's network, where it has been imported before.
  ///   - isDraft: whether nobody wrote the configuration, so that the name of a calibration is to be
  ///     filled in where the network needs one.
  /// - Throws: what `Deployment.build` throws but for the calibration's file.
  package init(
    _ deployment: Deployment, _ imported: ImportedNetwork? = nil, isDraft: Bool = false
  ) throws {
    var deployment = deployment
    // The numbers of a calibrated exit belong to the statistics.
    if deployment.configuration.exit.calibrated != nil {
      deployment.configuration.exit = Configuration.Exit()
    }
    let source = try imported ?? deployment.loadNetwork()
    let network = source.network
    self.imported = source.original
    if isDraft, network.thresholdNodes.isEmpty {
      deployment.configuration.calibration = "calibration.json"
    }
    // A picture and spikes that come back share no layer, so that it becomes spikes as well.
    if isDraft, !network.delayedNames.isEmpty { deployment.configuration.input.mode = .rate }
    let configuration = deployment.configuration
    if network.thresholdNodes.isEmpty { try deployment.requireCalibration(of: network) }
    var calibration: Calibration?
    if network.thresholdNodes.isEmpty {
      calibration = try Self.calibration(of: network, configuration, digest: source.digest)
    }
    build = try Compiler.build(
      network, configuration: configuration, calibration: calibration, networkDigest: source.digest,
      board: configuration.board.map { try Board(named: $0, near: deployment.folder) })
  }

  /// Statistics of drawn pictures.
  private static func calibration(
    of network: Network, _ configuration: Configuration, digest: String
  ) throws -> Calibration {
    let run = CalibrationRun(network: network, input: configuration.input)
    let drawn = drawnPictures(for: network)
    var histograms = run.emptyHistograms()
    for index in 0..<drawn.count { run.observe(try drawn.image(index), into: &histograms) }
    var calibration = run.calibration(
      histograms, networkDigest: digest, dataset: "drawn", split: Split.train.rawValue,
      images: drawn.count)
    // A channel that so few pictures do not move is not dead: it gets what its layer has.
    for (name, node) in calibration.nodes {
      var node = node
      let whole = node.layer.values.last ?? 0 > 0 ? node.layer : Calibration.Channel.ones
      for channel in node.channels.indices where node.channels[channel].values.last ?? 0 <= 0 {
        node.channels[channel] = whole
      }
      node.layer = whole
      calibration.nodes[name] = node
    }
    return calibration
  }

  /// Pictures of a network's own shape that belong to nobody.
  package static func drawnPictures(for network: Network) -> Dataset {
    let shape = network.inputShape
    return Dataset.drawn(
      channels: shape.channels, height: shape.height, width: shape.width, count: pictures)
  }
}

extension Calibration.Channel {
  /// What a layer gets that no picture moved.
  fileprivate static var ones: Self {
    Self(
      values: Calibration.percentiles.map { _ in 1 },
      clippedMeans: Calibration.percentiles.map { _ in 0.5 })
  }
}
