import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Networks with trained thresholds become spiking networks that decide the same.
@Suite struct ThresholdConversionTests {
  private func converted(
    _ network: Network, _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> SpikingNetwork {
    let simple = try network.simplified()
    let configuration = try configuration(change).resolved(for: simple)
    return try SpikingConversion.convert(simple, configuration: configuration, calibration: nil)
  }

  private func neurons(_ layer: SpikingNetwork.Layer) throws -> SpikingNetwork.Neurons {
    guard case .neurons(let neurons) = layer.kind else {
      throw Diagnostics("\(layer.name) has no neurons", [])
    }
    return neurons
  }

  /// Every spike of every layer, and the scores.
  @Test func aThousandRandomNetworksDecideAsTheirFloatNetwork() throws {
    var spikes = (fired: 0, total: 0)
    for seed in 1...UInt64(TestScale.cases(1000)) {
      let network = try TrainedNetwork(seed: seed).network.simplified()
      let spiking = try converted(network)
      var simulator = FloatSimulator(spiking)
      for picture in pictures(3, network.inputShape, seed: seed) {
        simulator.begin()
        simulator.step(picture[...])
        let values = network.evaluate(
          Configuration.Input().values(of: picture[...], network.inputShape))
        for (index, layer) in spiking.layers.enumerated().dropLast() {
          let node = try #require(network.nodes.firstIndex { $0.name == layer.node })
          let counts = simulator.spikeCounts(layer: index)
          #expect(counts == values[node].map { Int($0) }, "seed \(seed), \(layer.name)")
          spikes.fired += counts.reduce(0, +)
          spikes.total += counts.count
        }
        for (a, b) in zip(simulator.scores, values[network.output]) {
          #expect(abs(a - Double(b)) <= 1e-3 * max(1, abs(a)), "seed \(seed)")
        }
      }
    }
    // Neither silent nor always on.
    #expect(spikes.fired * 10 > spikes.total && spikes.fired * 10 < spikes.total * 9)
  }

  @Test func severalTimestepsCarryPotentialsOn() throws {
    var different = 0
    for seed in 1...UInt64(TestScale.cases(300)) {
      let network = try TrainedNetwork(seed: seed, timesteps: 4).network.simplified()
      let spiking = try converted(network)
      var simulator = FloatSimulator(spiking)
      let picture = pictures(1, network.inputShape, seed: seed)[0]
      simulator.begin()
      for _ in 0..<4 { simulator.step(picture[...]) }
      let input = Configuration.Input().values(of: picture[...], network.inputShape)
      let scores = network.scores(input, timesteps: 4)
      // A sum that meets its threshold exactly may fall on either side in float32.
      let size = scores.map(abs).max() ?? 0
      let isEqual = zip(simulator.scores, scores).allSatisfy {
        abs($0 - Double($1)) <= 1e-3 * Double(max(1, size))
      }
      if !isEqual { different += 1 }
    }
    #expect(different <= 15, "\(different) of 300")
  }

  @Test func thresholdsBiasesAndTimestepsAreHandedOverAsTheyAre() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 4, width: 4))
    graph.convolution("conv", outputs: 2)
    let membrane = Network.Membrane(leak: .init(multiplier: 230, shift: 8), reset: .soft)
    graph.threshold(
      "fire", .init(thresholds: [[0.25, 0.5], [0.75, 0.5]], isStrict: true, membrane: membrane))
    graph.flatten()
    graph.dense("scores", outputs: 3)
    var network = graph.network()
    let single = try converted(network)
    let layer = single.layers[0]
    let neurons = try neurons(layer)
    guard case .convolution(let trained) = network.nodes[1].operation,
      case .convolution(_, _, let weights) = layer.connections[0].synapses
    else { return }
    #expect(layer.node == "fire")
    #expect(layer.spikeShape == Shape(channels: 4, height: 2, width: 2))
    #expect(neurons.thresholds == [[0.25, 0.5], [0.75, 0.5]])
    #expect(neurons.bias == trained.bias.map(Double.init))
    #expect(weights == trained.weights.map { Double($0) * (1 / 255) })
    #expect(neurons.hasTrainedThresholds && neurons.firesAbove && neurons.initialShare == 0)
    #expect((neurons.reset, neurons.leak.rule) == (.none, .none))
    #expect(try self.neurons(single.layers[1]).hasTrainedThresholds)

    network.timesteps = 3
    let several = try self.neurons(converted(network).layers[0])
    #expect(several.reset == .soft)
    #expect(several.leak == .init(rule: .multiplyFloor, multiplier: 230, shift: 8))
    #expect(several.resetFactor == 1)
    // The configuration may run a network for one timestep that was trained for several.
    let one = try self.neurons(
      converted(network) {
        $0.requestedTimesteps = 1
        $0.requestedMaximumTimesteps = 1
      }.layers[0])
    #expect((one.reset, one.leak.rule) == (.none, .none))
  }

  /// β·U − θ = β·(U − θ / β): the engine's reset is before the leak.
  @Test func aResetAfterTheLeakSubtractsMoreBeforeIt() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 4, width: 4))
    graph.convolution("conv", outputs: 2)
    let membrane = Network.Membrane(
      leak: .init(multiplier: 3, shift: 2), reset: .soft, resetsAfterLeak: true)
    graph.threshold("fire", .init(thresholds: [[25, 60]], isStrict: true, membrane: membrane))
    graph.flatten()
    graph.dense("scores", outputs: 3)
    var network = graph.network()
    network.timesteps = 4
    network.scoresLeak = .init(multiplier: 7, shift: 3)
    let spiking = try converted(network)
    #expect(try neurons(spiking.layers[0]).resetFactor == 4 / 3)
    #expect(
      try neurons(spiking.layers[1]).leak
        == .init(rule: .multiplyFloor, multiplier: 7, shift: 3))
    let whole = try Quantizer.quantize(
      spiking, configuration: configuration().resolved(for: network.simplified()))
    guard case .neurons(let first) = whole.layers[0].kind else { return }
    for (channel, threshold) in [25.0, 60].enumerated() {
      let units = threshold / first.weightScales[channel]
      #expect(first.thresholds[0][channel] == Int(units) + 1)
      #expect(first.resets[0][channel] == Int((units * 4 / 3).rounded()))
      // After the leak, half a unit of the reset has become less than half a unit.
      #expect(abs(Double(first.resets[0][channel]) * 0.75 - units) <= 0.375)
    }
    #expect(throws: Diagnostics.self) { try converted(network) { $0.readOut = .count } }
  }

  @Test func timestepsComeFromTheConfigurationThenTheFileThenAreOne() throws {
    var network = TrainedNetwork(seed: 4).network
    var free = configuration()
    network.timesteps = nil
    #expect(try free.resolved(for: network).timesteps == 1)
    #expect(try free.resolved(for: network).maximumTimesteps == 1)
    network.timesteps = 5
    #expect(try free.resolved(for: network).maximumTimesteps == 5)
    free.requestedTimesteps = 2
    #expect(try free.resolved(for: network).maximumTimesteps == 2)
    free.requestedMaximumTimesteps = 9
    #expect(try free.resolved(for: network).timesteps == 2)
    #expect(try free.resolved(for: network).maximumTimesteps == 9)
    var rectifiers = GraphBuilder(Shape(channels: 3))
    rectifiers.relu()
    let converted = try configuration().resolved(for: rectifiers.network())
    #expect((converted.timesteps, converted.maximumTimesteps) == (8, 255))
  }

  // MARK: Pools

  /// Whole sums of four whole numbers are exact as weights of one convolution, if they fit.
  @Test func anAveragePoolBeforeFiringJoinsTheConvolution() throws {
    for area in [1, 2, 3] {
      var graph = GraphBuilder(Shape(channels: 2, height: 10, width: 10), seed: UInt64(area))
      graph.convolution("conv", outputs: 4, padding: 1)
      let scales = graph.quantize(limit: 127)
      graph.averagePool("pool", kernel: area)
      graph.fire("fire", units: scales.map { $0 / 255 / Float(area * area) }, spread: 20_000)
      graph.flatten()
      graph.dense("scores", outputs: 3)
      let network = try graph.network().simplified()
      #expect(
        network.nodes.map(\.name)
          == ["input", "conv", "fire", "node5", "scores"].map {
            $0 == "node5" ? network.nodes[3].name : $0
          })
      let spiking = try converted(network)
      #expect(spiking.layers.count == 2)
      var simulator = FloatSimulator(spiking)
      for picture in pictures(5, network.inputShape) {
        let input = Configuration.Input().values(of: picture[...], network.inputShape)
        simulator.begin()
        simulator.step(picture[...])
        let expected = graph.network().evaluate(input)[
          graph.nodes.firstIndex { $0.name == "fire" }!]
        #expect(simulator.spikeCounts(layer: 0) == expected.map { Int($0) })
      }
    }
  }

  @Test func normalizationAroundThePoolFoldsIntoTheConvolution() throws {
    for isBehind in [false, true] {
      var graph = GraphBuilder(Shape(channels: 2, height: 9, width: 9), seed: 5)
      graph.convolution("conv", outputs: 3, padding: 1)
      if !isBehind { graph.batchNormalization("norm", epsilon: 1e-5) }
      graph.averagePool("pool", kernel: 3)
      if isBehind { graph.batchNormalization("norm", epsilon: 1e-5) }
      graph.threshold("fire", .init(thresholds: [[-0.1, 0.1, 0.2]], isStrict: true))
      let simple = try graph.network().simplified()
      #expect(simple.nodes.map(\.name) == ["input", "conv", "fire"])
      for picture in pictures(20, simple.inputShape) {
        let input = Configuration.Input().values(of: picture[...], simple.inputShape)
        #expect(
          simple.evaluate(input)[simple.output] == graph.network().evaluate(input)[graph.last])
      }
    }
  }

  @Test func thresholdsBehindAMaxPoolMoveBeforeIt() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 9, width: 9), seed: 4)
    graph.convolution("conv", outputs: 3)
    graph.maxPool("pool", kernel: 3, stride: 2, padding: 1)
    graph.threshold(
      "fire", .init(thresholds: [[-0.1, 0.1, 0.2], [0.2, 0.3, 0.4]], isStrict: false))
    let simple = try graph.network().simplified()
    #expect(simple.nodes.map(\.name) == ["input", "conv", "fire", "pool"])
    #expect(simple.nodes[2].shape == Shape(channels: 6, height: 7, width: 7))
    #expect(simple.nodes[3].shape == Shape(channels: 6, height: 4, width: 4))
    for picture in pictures(20, simple.inputShape) {
      let input = Configuration.Input().values(of: picture[...], simple.inputShape)
      #expect(simple.evaluate(input)[simple.output] == graph.network().evaluate(input)[graph.last])
    }
    // Over several timesteps the potentials themselves would be others.
    var several = graph.network()
    guard case .threshold(var layer) = several.nodes[3].operation else { return }
    layer.membrane = .init(reset: .soft)
    several.nodes[3].operation = .threshold(layer)
    #expect(try several.simplified().nodes.map(\.name) == ["input", "conv", "pool", "fire"])
  }

  @Test func thresholdsBehindAFlatteningMoveBeforeIt() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 5, width: 6), seed: 4)
    graph.convolution("conv", outputs: 2)
    graph.averagePool("pool", kernel: 2)
    graph.flatten("flat")
    let pair: [Float] = [0.1, 0.1, 0.1, 0.1]
    func levels(_ low: Float, _ high: Float) -> [Float] { [low, low, high, high] }
    graph.threshold(
      "fire", .init(thresholds: [levels(-0.1, 0), levels(0.1, 0.2)], isStrict: true))
    graph.dense("scores", outputs: 3)
    let simple = try graph.network().simplified()
    #expect(simple.nodes.map(\.name) == ["input", "conv", "fire", "flat", "scores"])
    #expect(simple.nodes[2].shape == Shape(channels: 4, height: 1, width: 2))
    #expect(simple.nodes[3].shape == Shape(channels: 8))
    for picture in pictures(20, simple.inputShape) {
      let input = Configuration.Input().values(of: picture[...], simple.inputShape)
      #expect(simple.evaluate(input)[simple.output] == graph.network().evaluate(input)[graph.last])
    }
    // Where every position has a threshold of its own, nothing can be done.
    var positions = GraphBuilder(Shape(channels: 1, height: 3, width: 4), seed: 4)
    positions.convolution("conv", outputs: 2)
    positions.flatten()
    positions.threshold("fire", .init(thresholds: [pair.indices.map { Float($0) }], isStrict: true))
    positions.dense("scores", outputs: 3)
    let error = #expect(throws: Diagnostics.self) { try converted(positions.network()) }
    #expect(
      error?.problems.map(\.description) == [
        "fire: has a threshold for each position of a map of 2×1×2; use one threshold, or one a "
          + "channel"
      ])
  }

  /// A picture is made of two colors, and majorities of spikes fire.
  @Test func thresholdsOnThePictureAndOnPooledSpikes() throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 6, width: 6), seed: 8)
    graph.threshold("ink", .init(thresholds: [[0.301, 0.55], [0.701, 0.75]], isStrict: true))
    graph.averagePool("mean", kernel: 2)
    graph.threshold(
      "most", .init(thresholds: [[0.2, 0.5, 0.5, 0.7]], isStrict: false))
    graph.flatten()
    graph.dense("scores", outputs: 4)
    let network = try graph.network().simplified()
    let build = try Compiler.build(
      network, configuration: configuration(), calibration: nil, networkDigest: "digest")
    for picture in pictures(30, network.inputShape) {
      let input = Configuration.Input().values(of: picture[...], network.inputShape)
      let values = network.evaluate(input)
      let run = try Simulation(build.bytes, picture, timesteps: 1)
      #expect(run.counts[1] == values[3].map { Int($0) })
    }
  }

  /// Every way to write a spike, from the file to the spikes.
  @Test(arguments: [
    "forms-legacy17", "forms-dynamo20", "heaviside-dynamo20", "below-legacy17", "below-dynamo20",
    "several-legacy17", "several-batchnorm17", "several-dynamo20", "shortcut-dynamo20",
  ])
  func everyExportIsConverted(_ name: String) throws {
    let network = try ONNXImporter.importNetwork(
      contentsOf: Repository.exportedNetwork("spikes-\(name).onnx"))
    let spiking = try converted(network)
    var simulator = FloatSimulator(spiking)
    for picture in pictures(30, network.inputShape) {
      let input = Configuration.Input().values(of: picture[...], network.inputShape)
      let scores = network.evaluate(input)[network.output]
      simulator.begin()
      simulator.step(picture[...])
      for (a, b) in zip(simulator.scores, scores) { #expect(abs(a - Double(b)) < 1e-4) }
    }
  }

  /// Two neurons fire by one potential: a shortcut of spikes weighs exactly 1.
  @Test func shortcutsAndConcatenationsOfSpikes() throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 6, width: 6), seed: 6)
    graph.convolution("stem", outputs: 3, padding: 1)
    let stem = graph.threshold("fire1", .init(thresholds: [[0.1, 0.1, 0.1]], isStrict: true))
    graph.convolution("conv", outputs: 3, padding: 1)
    graph.add([graph.last, stem], name: "sum")
    let outer = graph.threshold("fire2", .init(thresholds: [[0.6, 0.5, 0.4]], isStrict: true))
    graph.concatenate([outer, stem])
    graph.averagePool(kernel: 6)
    graph.flatten()
    graph.dense("scores", outputs: 4)
    let network = try graph.network().simplified()
    let spiking = try converted(network)
    var simulator = FloatSimulator(spiking)
    for picture in pictures(20, network.inputShape) {
      let input = Configuration.Input().values(of: picture[...], network.inputShape)
      let expected = network.evaluate(input)[network.output]
      simulator.begin()
      simulator.step(picture[...])
      for (a, b) in zip(simulator.scores, expected) { #expect(abs(a - Double(b)) < 1e-4) }
    }
  }

  // MARK: The first layer

  /// Mean and deviation fold exactly where nothing is padded, whatever they are.
  @Test func meanAndDeviationFoldExactly() throws {
    for (mean, padding, isExact) in [(0.1307, 0, true), (33 / 255, 1, true), (0.1307, 1, false)] {
      var graph = GraphBuilder(Shape(channels: 1, height: 8, width: 8), seed: 12)
      graph.convolution("conv", outputs: 4, padding: padding)
      graph.threshold("fire", .init(thresholds: [[0.1, -0.2, 0.3, 0]], isStrict: true))
      graph.flatten()
      graph.dense("scores", outputs: 3)
      let network = graph.network()
      let change = { (configuration: inout Configuration) in
        configuration.input.mean = [mean]
        configuration.input.std = [0.3081]
      }
      let spiking = try converted(network, change)
      var simulator = FloatSimulator(spiking)
      for picture in pictures(20, network.inputShape) {
        let input = configuration(change).input.values(of: picture[...], network.inputShape)
        simulator.begin()
        simulator.step(picture[...])
        let expected = network.evaluate(input)[network.output]
        let isEqual = zip(simulator.scores, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 }
        if isExact { #expect(isEqual) }
      }
      let build = try Compiler.build(
        network.simplified(), configuration: configuration(change), calibration: nil,
        networkDigest: "digest")
      let notes = build.notes.filter { $0.contains("padding") }
      #expect(notes.isEmpty == isExact)
      if !isExact {
        #expect(
          notes == [
            "conv: its padding stands for the mean of channel 0, pixel 33.329; it counts as pixel "
              + "33, so that sums at the border are off by 0.329 for each weight outside"
          ])
      }
    }
  }
}
