import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// The options of a conversion do what they are named after.
@Suite struct ConversionTests {
  private let shape = Shape(channels: 2, height: 8, width: 8)

  /// Two convolutions, an average pool, a max pool, two dense layers.
  private func network(seed: UInt64 = 11) -> Network {
    var graph = GraphBuilder(shape, seed: seed)
    graph.convolution("conv1", outputs: 5, padding: 1)
    graph.relu("relu1")
    graph.averagePool("mean")
    graph.convolution("conv2", outputs: 7, padding: 1)
    graph.relu("relu2")
    graph.maxPool("largest")
    graph.flatten()
    graph.dense("dense1", outputs: 9)
    graph.relu("relu3")
    graph.dense("dense2", outputs: 4)
    return graph.network()
  }

  private func neurons(_ layer: SpikingNetwork.Layer) throws -> SpikingNetwork.Neurons {
    guard case .neurons(let neurons) = layer.kind else {
      throw Diagnostics("\(layer.name) has no neurons", [])
    }
    return neurons
  }

  private func integers(_ layer: IntegerNetwork.Layer) throws -> IntegerNetwork.Neurons {
    guard case .neurons(let neurons) = layer.kind else {
      throw Diagnostics("\(layer.name) has no neurons", [])
    }
    return neurons
  }

  // MARK: λ

  @Test func weightNormalizationSetsEveryThresholdToOne() throws {
    let build = try build(
      network(), pictures(20, shape), configuration { $0.conversion.normalization = .weights })
    for layer in build.spiking.layers {
      guard case .neurons(let neurons) = layer.kind, let threshold = neurons.thresholds.first else {
        continue
      }
      for value in threshold { #expect(abs(value - 1) < 1e-12) }
    }
  }

  @Test func thresholdBalancingLeavesTheWeightsAsTrained() throws {
    let network = network()
    let build = try build(
      network, pictures(20, shape),
      configuration {
        $0.conversion.normalization = .thresholds
        $0.conversion.granularity = .layer
      })
    // The last hidden layer: its inputs share one λ, so that λ / λ remains.
    guard case .dense(let trained) = network.nodes[8].operation,
      case .dense(let weights) = build.spiking.layers[3].connections[0].synapses
    else {
      Issue.record("another network than expected")
      return
    }
    for (a, b) in zip(trained.weights, weights) { #expect(abs(Double(a) - b) < 1e-6) }
    let neurons = try neurons(build.spiking.layers[3])
    let before = try self.neurons(build.spiking.layers[1])
    // The threshold carries both: λ of this layer over λ of the one before.
    for threshold in neurons.thresholds.first ?? [] {
      #expect(abs(threshold - neurons.lambda[0] / before.lambda[0]) < 1e-9)
    }
  }

  /// α cancels: weights, bias and threshold of a channel carry the same factor, and the weight scale
  /// divides it out again. Only a double that rounds to the other side of a half could tell the two
  /// apart, so the integers are equal here, and no tolerance is needed.
  @Test(arguments: [Configuration.Granularity.channel, .layer], [8, 4])
  func bothNormalizationsGiveTheSameIntegersAndSpikes(
    granularity: Configuration.Granularity, weightBits: Int
  ) throws {
    for seed: UInt64 in 20..<26 {
      let network = network(seed: seed)
      let calibrating = pictures(20, shape, seed: seed)
      let builds = try Configuration.Normalization.allCases.map { normalization in
        try build(
          network, calibrating,
          configuration {
            $0.conversion.normalization = normalization
            $0.conversion.granularity = granularity
            $0.quantization.weightBits = weightBits
          })
      }
      for picture in pictures(4, shape, seed: seed + 100) {
        let runs = try builds.map { try Simulation($0.bytes, picture, timesteps: 12) }
        #expect(runs[0] == runs[1], "seed \(seed)")
        #expect(runs[0].counts.joined().reduce(0, +) > 100)
      }
    }
  }

  @Test func granularityDecidesWhoSharesLambda() throws {
    let simple = try network().simplified()
    let statistics = calibration(simple, pictures(20, shape))
    for granularity in Configuration.Granularity.allCases {
      let spiking = try SpikingConversion.convert(
        simple, configuration: configuration { $0.conversion.granularity = granularity },
        calibration: statistics)
      let node = try #require(statistics.nodes["relu1"])
      let lambda = try neurons(spiking.layers[0]).lambda
      switch granularity {
      case .layer: #expect(lambda == [Double](repeating: node.layer.values.last!, count: 5))
      case .channel: #expect(lambda == node.channels.map { $0.values.last! })
      }
    }
  }

  @Test func aChannelThatNeverFiresTakesTheLayersLambda() throws {
    let simple = try network().simplified()
    var statistics = calibration(simple, pictures(20, shape))
    let dead = Calibration.Channel(
      values: .init(repeating: 0, count: 10), clippedMeans: .init(repeating: 0, count: 10))
    var rare = dead
    rare.values[9] = 0.75
    statistics.nodes["relu1"]!.channels[2] = dead
    statistics.nodes["relu1"]!.channels[3] = rare
    let spiking = try SpikingConversion.convert(
      simple, configuration: configuration { $0.conversion.percentile = 99 },
      calibration: statistics)
    let lambda = try neurons(spiking.layers[0]).lambda
    #expect(lambda[2] == statistics.nodes["relu1"]!.layer.lambda(percentile: 99).value)
    #expect(lambda[3] == 0.75)
  }

  @Test func lambdaIsInterpolatedBetweenStoredPercentiles() {
    let channel = Calibration.Channel(
      values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      clippedMeans: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    // Stored: 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100.
    let cases: [(Double, Double)] = [
      (90, 1), (95, 2), (92.5, 1.5), (91, 1.2), (99.25, 4.5), (99.6, 5 + 1.0 / 3), (99.9, 7),
      (99.995, 9.5), (100, 10), (50, 1),
    ]
    for (percentile, value) in cases {
      let lambda = channel.lambda(percentile: percentile)
      #expect(abs(lambda.value - value) < 1e-6, "\(percentile)")
      #expect(abs(lambda.clippedMean - value / 10) < 1e-6, "\(percentile)")
    }
  }

  // MARK: Neurons

  @Test func halfAThresholdIsThereFromTheStartOrNot() throws {
    for initial in Configuration.InitialPotential.allCases {
      let build = try build(
        network(), pictures(20, shape),
        configuration { $0.conversion.initialPotential = initial })
      for layer in build.integer.layers {
        guard case .neurons(let neurons) = layer.kind else { continue }
        for (channel, value) in neurons.initials.enumerated() {
          let threshold = neurons.thresholds.first?[channel] ?? 0
          #expect(value == (initial == .half ? threshold / 2 : 0))
        }
      }
    }
  }

  @Test func theResetIsSoftOrHard() throws {
    for reset in [Reset.soft, .hard] {
      let build = try build(
        network(), pictures(20, shape), configuration { $0.conversion.reset = reset })
      let hidden = try integers(build.integer.layers[0])
      #expect(hidden.reset == reset)
      #expect(
        hidden.resets
          == (reset == .soft ? hidden.thresholds : hidden.thresholds.map { $0.map { _ in 0 } }))
      let readOut = try integers(build.integer.layers.last!)
      #expect(readOut.reset == .none)
    }
  }

  @Test func theLeakReachesEveryHiddenLayerAndNotTheReadOut() throws {
    let leak = Leak(rule: .multiplyFloor, multiplier: 250, shift: 8)
    let build = try build(
      network(), pictures(20, shape), configuration { $0.conversion.leak = leak })
    #expect(try integers(build.integer.layers[0]).leak == leak)
    #expect(try integers(build.integer.layers[3]).leak == leak)
    #expect(try integers(build.integer.layers.last!).leak == .init())
  }

  // MARK: Pools

  @Test func anAveragePoolIsAnAddressMapOrNeurons() throws {
    let sum = try build(
      network(), pictures(20, shape), configuration { $0.conversion.averagePooling = .sum })
    #expect(
      sum.spiking.layers.map(\.name) == ["conv1", "conv2", "largest", "dense1", "dense2"])
    let pool = try #require(sum.spiking.layers[1].connections[0].pool)
    #expect(pool == Window(kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2))
    let spiking = try build(
      network(), pictures(20, shape), configuration { $0.conversion.averagePooling = .spiking })
    #expect(
      spiking.spiking.layers.map(\.name)
        == ["conv1", "mean", "conv2", "largest", "dense1", "dense2"])
    #expect(spiking.spiking.layers[2].connections[0].pool == nil)
    guard case .channelwise = spiking.spiking.layers[1].connections[0].synapses else {
      Issue.record("a spiking average pool has one weight a channel")
      return
    }
  }

  @Test(arguments: [SpikeMaximum.countMaximum, .gated])
  func theMaxPoolFollowsItsRule(rule: SpikeMaximum) throws {
    let build = try build(
      network(), pictures(20, shape), configuration { $0.conversion.maxPooling = rule })
    guard case .maxPool(let found) = build.integer.layers[2].kind else {
      Issue.record("the third layer is the max pool")
      return
    }
    #expect(found == rule)
    let run = try Simulation(build.bytes, pictures(1, shape)[0], timesteps: 30)
    // The count maximum of a window is exactly the maximum of its inputs' counts.
    let (channels, side) = (7, 4)
    guard rule == .countMaximum else { return }
    for c in 0..<channels {
      for y in 0..<2 {
        for x in 0..<2 {
          let window = [0, 1].flatMap { dy in
            [0, 1].map { dx in run.counts[1][(c * side + 2 * y + dy) * side + 2 * x + dx] }
          }
          #expect(run.counts[2][(c * 2 + y) * 2 + x] == window.max()!)
        }
      }
    }
  }

  @Test func twoAveragePoolsBecomeOneSumPool() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 13, width: 13), seed: 9)
    graph.convolution(outputs: 3, kernel: 2)
    graph.relu()
    graph.averagePool(kernel: 2)
    graph.averagePool(kernel: 3, stride: 1)
    graph.flatten()
    graph.dense(outputs: 2)
    let shape = Shape(channels: 1, height: 13, width: 13)
    let build = try build(graph.network(), pictures(5, shape), configuration())
    #expect(
      build.spiking.layers[1].connections[0].pool
        == Window(kernelHeight: 6, kernelWidth: 6, strideHeight: 2, strideWidth: 2))
  }

  @Test func layersOfAnExporterAreCalledAsTheirModules() throws {
    var graph = GraphBuilder(Shape(channels: 4), seed: 9)
    graph.dense("/features/features.0/Gemm", outputs: 3)
    graph.relu("/features/features.1/Relu")
    graph.dense("plain", outputs: 2)
    let build = try build(graph.network(), pictures(5, Shape(channels: 4)), configuration())
    #expect(build.spiking.layers.map(\.name) == ["features.0", "plain"])
  }

  // MARK: Input

  @Test func aPictureWithMeanAndDeviationEntersAsTheFloatNetworkSeesIt() throws {
    // One dense layer straight on the picture: potentials after t steps are t times the scores.
    let shape = Shape(channels: 2, height: 2, width: 2)
    var graph = GraphBuilder(shape, seed: 13)
    graph.flatten()
    graph.dense(outputs: 3)
    let network = graph.network()
    let configuration = configuration {
      $0.input.mean = [0.4, 0.5]
      $0.input.std = [0.2, 0.3]
    }
    let build = try build(network, pictures(5, shape), configuration)
    let scale = try integers(build.integer.layers[0]).weightScales[0]
    for picture in pictures(5, shape, seed: 4) {
      let exact = network.evaluate(configuration.input.values(of: picture[...], shape)).last!
      let run = try Simulation(build.bytes, picture, timesteps: 10)
      for (score, value) in zip(run.scores, exact) {
        #expect(abs(Double(score) * scale / 10 - Double(value)) < 0.03)
      }
    }
  }
}
