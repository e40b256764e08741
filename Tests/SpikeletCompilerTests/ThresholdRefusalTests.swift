import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// What cannot be done with trained thresholds is refused by name, all of it at once.
@Suite struct ThresholdRefusalTests {
  private let shape = Shape(channels: 2, height: 6, width: 6)
  private let single = Network.Threshold(thresholds: [[0.1, 0.2]], isStrict: true)

  private func problems(
    _ network: Network, _ change: (inout Configuration) -> Void = { _ in }
  ) -> [String] {
    do {
      let simple = try network.simplified()
      let configuration = try configuration(change).resolved(for: simple)
      _ = try SpikingConversion.convert(simple, configuration: configuration, calibration: nil)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func rectifiersBesideThresholds() {
    var graph = GraphBuilder(shape)
    graph.convolution("conv1", outputs: 2)
    graph.threshold("fire1", single)
    graph.convolution("conv2", outputs: 2)
    graph.relu("relu")
    graph.convolution("conv3", outputs: 2, kernel: 1)
    graph.relu("relu2")
    graph.flatten()
    graph.dense("scores", outputs: 3)
    #expect(
      problems(graph.network()) == [
        "test: mixes rectifiers ('relu', 'relu2') with trained thresholds ('fire1'); train all of "
          + "it with thresholds, or all of it with ReLU"
      ])
  }

  @Test func aRectifierOnSpikesChangesNothing() {
    var graph = GraphBuilder(shape)
    graph.convolution(outputs: 2)
    graph.threshold("fire", single)
    graph.averagePool()
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 3)
    #expect(problems(graph.network()) == [])
  }

  @Test func layersWithoutNeuronsBetweenThem() {
    var graph = GraphBuilder(shape)
    graph.convolution("conv1", outputs: 2, padding: 1)
    let first = graph.threshold("fire1", single)
    graph.convolution("conv2", outputs: 2, padding: 1)
    graph.convolution("conv3", outputs: 2, padding: 1)
    let second = graph.threshold("fire2", single)
    graph.add([first, second], name: "sum")
    graph.convolution("conv4", outputs: 2)
    graph.flatten()
    graph.dense("scores", outputs: 3)
    #expect(
      problems(graph.network()) == [
        "conv3: needs spikes, but conv2 has no threshold after it; put a comparison between the two"
      ])
    var added = GraphBuilder(shape)
    added.convolution("conv1", outputs: 2, padding: 1)
    let one = added.threshold("fire1", single)
    added.convolution("conv2", outputs: 2, padding: 1)
    let two = added.threshold("fire2", single)
    added.add([one, two], name: "sum")
    added.flatten()
    added.dense("scores", outputs: 3)
    #expect(
      problems(added.network()) == [
        "scores: needs spikes, but node6 has no threshold after it; put a comparison between the two"
      ])
  }

  @Test func severalTimestepsOfAFileThatSaysNothing() {
    var graph = GraphBuilder(shape)
    graph.convolution("conv", outputs: 2)
    graph.threshold("fire", single)
    graph.maxPool("pool")
    graph.flatten()
    graph.dense(outputs: 3)
    graph.threshold(
      "fire2",
      .init(
        thresholds: [[0.1, -0.5, 1], [0.2, 0.5, 1]], isStrict: true,
        membrane: .init(reset: .soft)))
    graph.dense("scores", outputs: 3)
    #expect(problems(graph.network()) == [])
    #expect(
      problems(graph.network()) { $0.timesteps = 3 } == [
        "fire: the file does not say how it leaks and resets, which 3 timesteps need; set timesteps "
          + "to 1, or give spikelet.neurons.fire in the metadata",
        "fire2: has the threshold -0.5 in channel 1, needed more than 0 for 3 timesteps; compare "
          + "with the threshold itself, x > threshold, not x - threshold > 0",
      ])
  }

  @Test func scoresThatCannotBeCounted() {
    var graph = GraphBuilder(shape)
    graph.flatten()
    graph.dense(outputs: 3)
    let last = graph.threshold("fire", .init(thresholds: [[0.1, 0.2, 0.3]], isStrict: true))
    #expect(problems(graph.network()) { $0.readOut = .count } == [])
    #expect(problems(graph.network()) == [])
    graph.dense("scores", of: last, outputs: 3)
    #expect(
      problems(graph.network()) { $0.readOut = .count } == [
        "scores: the scores are not spikes of the last layer, which readOut count counts; set "
          + "readOut to potential"
      ])
  }

  /// Every key that only means something for a conversion.
  @Test func keysThatMeanNothing() throws {
    let json = """
      {"name": "n", "network": "n.onnx", "calibration": "n.calibration.json",
       "maximumTimesteps": 2, "input": {"mode": "poisson"},
       "conversion": {"percentile": 99, "granularity": "layer", "normalization": "weights",
         "initialPotential": "zero", "reset": "soft", "leak": {"rule": "none"},
         "averagePooling": "spiking", "maxPooling": "count"}}
      """
    let configuration = try Configuration(text: json, file: "n.json")
    var network = TrainedNetwork(seed: 1).network
    network.timesteps = 3
    let error = #expect(throws: Diagnostics.self) { try configuration.resolved(for: network) }
    let keys = [
      "calibration", "conversion.percentile", "conversion.granularity", "conversion.normalization",
      "conversion.initialPotential", "conversion.reset", "conversion.leak", "conversion.maxPooling",
    ]
    #expect(
      error?.problems.map(\.description) == keys.map {
        "\($0): means nothing for a network whose thresholds were trained; remove it"
      } + [
        "input.mode: is poisson, but the network was trained on pixels; use direct",
        "conversion.averagePooling: is spiking, which would put neurons into the network that were "
          + "not trained; use sum",
        "maximumTimesteps: is 2, needed at least timesteps, 3; give timesteps, too",
      ])
    #expect(error?.subject == "n does not fit its network")
    // A network of rectifiers takes all of them.
    var rectifiers = GraphBuilder(shape)
    rectifiers.relu()
    let few = #expect(throws: Diagnostics.self) {
      try configuration.resolved(for: rectifiers.network())
    }
    #expect(
      few?.problems.map(\.description) == [
        "maximumTimesteps: is 2, needed at least timesteps, 8; give timesteps, too"
      ])
  }

  @Test func trainedNetworksNeedNoCalibration() throws {
    let network = TrainedNetwork(seed: 2).network
    let deployment = Deployment(
      configuration: configuration(), folder: FileManager.default.temporaryDirectory)
    #expect(throws: Diagnostics.self) { try deployment.requireCalibration(of: network) }
    var rectifiers = GraphBuilder(shape)
    rectifiers.relu()
    let error = #expect(throws: Diagnostics.self) {
      try deployment.requireCalibration(of: rectifiers.network())
    }
    #expect(error?.problems.map(\.place?.name) == ["calibration"])
  }
}
