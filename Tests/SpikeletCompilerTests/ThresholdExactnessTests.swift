import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletSimulation
import SpikeletTestSupport
import Testing

/// The engine decides as the float network does, spike for spike.
@Suite struct ThresholdExactnessTests {
  private func build(
    _ network: Network, bits: Int = 8, _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Compiler.Build {
    try Compiler.build(
      network.simplified(),
      configuration: configuration {
        $0.quantization.weightBits = bits
        change(&$0)
      }, calibration: nil, networkDigest: "digest")
  }

  /// Whether a note is about channels that never fire, or always: random thresholds make some.
  private func isOfDeadChannels(_ note: String) -> Bool {
    note.hasSuffix("can never fire") || note.hasSuffix("fire alike for every picture")
  }

  /// The integers of a layer's only connection.
  private func integers(_ layer: IntegerNetwork.Layer) -> [Int] {
    switch layer.connections[0].synapses {
    case .convolution(_, _, let weights, _), .dense(let weights, _): weights
    case .channelwise(let weights): weights
    case .maxPool, .potentials: []
    }
  }

  /// Random networks of every kind, in the bits that they were trained with.
  @Test func theEngineEqualsTheFloatNetworkOnRandomNetworks() throws {
    var (equal, spikes) = (0, 0)
    let count = TestScale.cases(400)
    for seed in 1...UInt64(count) {
      let trained = TrainedNetwork(seed: seed)
      let network = try trained.network.simplified()
      let build = try build(network, bits: trained.limit == 7 ? 4 : 8)
      #expect(build.notes.allSatisfy(isOfDeadChannels), "seed \(seed): \(build.notes)")
      #expect(build.configuration.maximumTimesteps == 1)
      var simulator = FloatSimulator(build.spiking)
      for picture in pictures(3, network.inputShape, seed: seed) {
        let input = Configuration.Input().values(of: picture[...], network.inputShape)
        let scores = network.evaluate(input)[network.output]
        let run = try Simulation(build.bytes, picture, timesteps: 1)
        guard case .neurons(let output)? = build.integer.layers.last?.kind else { return }
        for (score, exact) in zip(run.scores, scores) {
          let unit = output.weightScales[0]
          let error = abs(Double(score) * unit - Double(exact))
          #expect(error <= 1e-3 * max(unit, abs(Double(exact))), "seed \(seed)")
        }
        simulator.begin()
        simulator.step(picture[...])
        // Of equal scores one may be larger by the rounding of the weights to float32.
        let best = simulator.scores[simulator.prediction]
        let chosen = simulator.scores[Int(run.prediction)]
        if best - chosen <= 1e-6 * abs(best) { equal += 1 }
        spikes += run.counts.joined().reduce(0, +)
      }
    }
    #expect(equal == 3 * count && spikes > TestScale.cases(10_000))
  }

  @Test(arguments: [8, 4])
  func wholeNumbersComeBackAsTheyWere(bits: Int) throws {
    let limit = bits == 4 ? 7 : 127
    for seed: UInt64 in 1...20 {
      var graph = GraphBuilder(Shape(channels: 1, height: 8, width: 8), seed: seed)
      graph.convolution("conv1", outputs: 5)
      let first = graph.quantize(limit: limit)
      graph.fire(units: first.map { $0 / 255 }, spread: 3000)
      graph.averagePool()
      graph.convolution("conv2", outputs: 4, kernel: 2)
      let second = graph.quantize(limit: limit)
      graph.fire(units: second.map { $0 / 4 }, spread: 60, count: 2)
      graph.flatten()
      graph.dense("scores", outputs: 3)
      let third = graph.quantize(limit: limit, isShared: true)
      let build = try build(graph.network(), bits: bits)
      for (layer, (node, scales)) in zip([1, 4, 7], [first, second, third]).enumerated() {
        let weights: [Float]
        switch graph.nodes[node].operation {
        case .convolution(let layer): weights = layer.weights
        case .dense(let layer): weights = layer.weights
        default: continue
        }
        let row = weights.count / scales.count
        let expected = weights.indices.map { Int((weights[$0] / scales[$0 / row]).rounded()) }
        // A consumer of a layer with two thresholds may hold sums of its weights instead.
        guard build.integer.layers[max(0, layer - 1)].oneHotThresholds == 1 else { continue }
        #expect(integers(build.integer.layers[layer]) == expected, "seed \(seed), layer \(layer)")
      }
      #expect(build.notes.allSatisfy(isOfDeadChannels))
    }
  }

  /// Integers whose largest is not the end of the range, as other tools quantize.
  @Test func wholeNumbersThatDoNotReachTheEndOfTheRange() throws {
    for largest in [1, 3, 17, 90, 126] {
      var graph = GraphBuilder(Shape(channels: 6), seed: UInt64(largest))
      graph.dense("dense", outputs: 4)
      let scales = graph.quantize(limit: largest)
      graph.fire(units: scales.map { $0 / 255 }, spread: largest * 100)
      graph.dense("scores", outputs: 2)
      let build = try build(graph.network())
      #expect(build.notes.count == 1 && build.notes[0].hasPrefix("scores: "))
      for (weight, integer) in zip(
        { () -> [Float] in
          guard case .dense(let layer) = graph.nodes[1].operation else { return [] }
          return layer.weights
        }(), integers(build.integer.layers[0])
      ).enumerated().map({ ($0.offset, $0.element) })
        .map({ (index, pair) in (pair.0 / scales[index / 6], pair.1) })
      {
        // A channel may be finer by a whole factor, never between two whole numbers.
        #expect(integer == 0 || abs(weight) >= 0.5)
      }
      guard case .neurons(let neurons) = build.integer.layers[0].kind else { return }
      for (scale, unit) in zip(neurons.weightScales, scales) {
        let ratio = scale * 255 / Double(unit)
        #expect(
          abs(ratio - ratio.rounded()) < 1e-4 || abs(1 / ratio - (1 / ratio).rounded()) < 1e-3)
      }
    }
  }

  /// A pool between a convolution and its thresholds makes sums of weights, which take as many bits
  /// as they need.
  @Test(arguments: [(127, 8, 16), (31, 8, 8), (7, 4, 8), (1, 4, 4)])
  func sumsOfWeightsAreExact(_ limit: Int, _ bits: Int, _ expected: Int) throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 8, width: 8), seed: 3)
    graph.convolution("conv", outputs: 3, padding: 1)
    let units = graph.quantize(limit: limit)
    graph.averagePool("pool")
    graph.fire("fire", units: units.map { $0 / 255 / 4 }, spread: 70 * limit)
    graph.flatten()
    graph.dense("scores", outputs: 3)
    graph.quantize(limit: bits == 8 ? 127 : 7, isShared: true)
    let build = try build(graph.network(), bits: bits)
    #expect(build.notes.isEmpty)
    let synapses = build.integer.layers[0].connections[0].synapses
    guard case .convolution(let window, _, _, let width) = synapses else {
      Issue.record("the first layer is no convolution")
      return
    }
    #expect(width == expected && window.kernelHeight == 4 && window.strideHeight == 2)
    for picture in pictures(20, build.source.inputShape) {
      let input = Configuration.Input().values(of: picture[...], build.source.inputShape)
      let spikes = graph.network().evaluate(input)[3].map { Int($0) }
      #expect(try Simulation(build.bytes, picture, timesteps: 1).counts[0] == spikes)
    }
  }

  @Test func summedWeightsBetweenWholeNumbersAreSaid() throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 8, width: 8), seed: 3)
    graph.convolution("conv", outputs: 3, padding: 1)
    graph.averagePool("pool")
    graph.fire("fire", units: [1, 1, 1], spread: 1)
    graph.flatten()
    graph.dense("scores", outputs: 3)
    graph.quantize(limit: 127, isShared: true)
    let notes = try build(graph.network()).notes.filter { !isOfDeadChannels($0) }
    try #require(notes.count == 1)
    #expect(notes[0].hasPrefix("conv: "))
    #expect(
      notes[0].hasSuffix(
        "units; they are sums of those of a convolution and the average pool after it"))
  }

  /// From the file to the model: every fixture of whole numbers, with the judge's scores.
  @Test(arguments: [("int8-17", 8), ("int8dual-17", 8), ("uint8-13", 8), ("int4-21", 4)])
  func filesOfWholeNumbers(_ name: String, _ bits: Int) throws {
    var network = try ONNXImporter.importNetwork(
      contentsOf: Repository.exportedNetwork("spikes-\(name).onnx"))
    network.timesteps = nil
    let build = try build(network, bits: bits)
    #expect(build.notes.allSatisfy(isOfDeadChannels))
    for picture in pictures(30, network.inputShape) {
      let input = Configuration.Input().values(of: picture[...], network.inputShape)
      let scores = network.evaluate(input)[network.output]
      let run = try Simulation(build.bytes, picture, timesteps: 1)
      guard case .neurons(let output)? = build.integer.layers.last?.kind else { return }
      // The bias of the read-out is no whole number: it is rounded, as any bias.
      for (score, exact) in zip(run.scores, scores) {
        #expect(
          abs(Double(score) * output.weightScales[0] - Double(exact)) < output.weightScales[0])
      }
    }
  }
}
