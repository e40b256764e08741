import SpikeletCompiler
import SpikeletNetwork
import SpikeletTestSupport
import Testing

/// Firing rates approach the activations that they stand for.
@Suite struct RateConvergenceTests {
  private let shape = Shape(channels: 2, height: 8, width: 8)
  private let timesteps = 200

  /// The errors of all neurons after a run, as shares of the largest λ of their layer: a channel
  /// that is hardly ever active has a λ that lies below the rounding of the weights.
  private func errors(
    _ network: Network, _ configuration: Configuration
  ) throws -> (mean: Double, largest: Double, fired: Int) {
    let calibrating = pictures(8, network.inputShape, seed: 31)
    let build = try build(network, calibrating, configuration)
    var sum = 0.0
    var largest = 0.0
    var total = 0
    var fired = 0
    for picture in calibrating {
      let values = build.source.evaluate(
        configuration.input.values(of: picture[...], network.inputShape))
      let run = try Simulation(build.bytes, picture, timesteps: timesteps)
      for (index, layer) in build.spiking.layers.enumerated() {
        guard case .neurons(let neurons) = layer.kind, neurons.fires else { continue }
        let node = try #require(build.source.nodes.firstIndex { $0.name == layer.node })
        let plane = layer.shape.height * layer.shape.width
        let unit = try #require(neurons.lambda.max())
        for (i, count) in run.counts[index].enumerated() {
          let lambda = neurons.lambda[i / plane]
          let activation = min(max(Double(values[node][i]), 0), lambda)
          let error = abs(Double(count) / Double(timesteps) * lambda - activation) / unit
          sum += error
          largest = max(largest, error)
          total += 1
          fired += count
        }
      }
    }
    return (sum / Double(total), largest, fired)
  }

  private func expectConvergence(
    _ network: Network, mean: Double = 0.0025, largest: Double = 0.03,
    _ change: (inout Configuration) -> Void = { _ in }
  ) throws {
    let configuration = configuration {
      $0.timesteps = timesteps
      $0.maximumTimesteps = timesteps
      change(&$0)
    }
    let errors = try errors(network, configuration)
    #expect(errors.mean < mean)
    #expect(errors.largest < largest)
    #expect(errors.fired > 1000)
  }

  private func chain(seed: UInt64) -> Network {
    var graph = GraphBuilder(shape, seed: seed)
    graph.convolution(outputs: 6, padding: 1)
    graph.relu()
    graph.convolution(outputs: 8, stride: 2, padding: 1)
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 12)
    graph.relu()
    graph.dense(outputs: 4)
    return graph.network()
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func theRatesOfThreeLayersConvergeToTheirActivations(seed: UInt64) throws {
    try expectConvergence(chain(seed: seed))
    try expectConvergence(chain(seed: seed)) { $0.conversion.granularity = .layer }
  }

  @Test func theRatesOfAResidualNetworkConverge() throws {
    var graph = GraphBuilder(shape, seed: 5)
    graph.convolution(outputs: 6, padding: 1)
    let skip = graph.relu()
    graph.convolution(outputs: 6, padding: 1)
    graph.relu()
    let branch = graph.convolution(outputs: 6, padding: 1)
    graph.add([branch, skip], name: "sum")
    let second = graph.relu()
    // A branch that changes the shape has a convolution of its own.
    let main = graph.convolution(of: second, outputs: 8, stride: 2, padding: 1)
    let projection = graph.convolution(of: second, outputs: 8, kernel: 1, stride: 2)
    graph.add([main, projection])
    graph.relu()
    graph.averagePool(kernel: 4)
    graph.flatten()
    graph.dense(outputs: 4)
    try expectConvergence(graph.network())
  }

  @Test func theRatesOfAConcatenationConverge() throws {
    var graph = GraphBuilder(shape, seed: 6)
    graph.convolution(outputs: 4, padding: 1)
    let first = graph.relu()
    graph.convolution(outputs: 5, padding: 1)
    let second = graph.relu()
    graph.concatenate([first, second, first])
    graph.convolution(outputs: 6, stride: 2)
    let mixed = graph.relu()
    graph.flatten(of: mixed)
    graph.dense(outputs: 8)
    graph.relu()
    graph.dense(outputs: 3)
    try expectConvergence(graph.network())
  }

  @Test func theRatesBehindPoolsConverge() throws {
    for pooling in Configuration.AveragePooling.allCases {
      var graph = GraphBuilder(shape, seed: 7)
      graph.convolution(outputs: 6, padding: 1)
      graph.relu()
      graph.averagePool()
      graph.convolution(outputs: 8, padding: 1)
      graph.relu()
      graph.maxPool()
      graph.flatten()
      graph.dense(outputs: 10)
      graph.relu()
      graph.dense(outputs: 3)
      try expectConvergence(graph.network()) { $0.conversion.averagePooling = pooling }
    }
  }

  @Test func theRatesOfAGroupedConvolutionConverge() throws {
    var graph = GraphBuilder(shape, seed: 8)
    graph.convolution(outputs: 6, padding: 1)
    graph.relu()
    graph.convolution(outputs: 6, padding: 1, groups: 6)
    graph.relu()
    graph.convolution(outputs: 9, kernel: 1, groups: 3)
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 4)
    try expectConvergence(graph.network())
  }

  /// Rate input reaches the neurons in whole spikes of a full-scale pixel.
  @Test func theRatesOfRateInputConverge() throws {
    try expectConvergence(chain(seed: 9)) { $0.input.mode = .rate }
  }

  /// A hard reset throws away what lies above the threshold, so rates fall short: the difference
  /// between the two resets is not only in a name.
  @Test func aHardResetLosesRate() throws {
    let soft = try errors(
      chain(seed: 1),
      configuration {
        ($0.timesteps, $0.maximumTimesteps) = (timesteps, timesteps)
      })
    let hard = try errors(
      chain(seed: 1),
      configuration {
        ($0.timesteps, $0.maximumTimesteps) = (timesteps, timesteps)
        $0.conversion.reset = .hard
      })
    #expect(hard.mean > 3 * soft.mean)
    #expect(hard.fired < soft.fired)
  }
}
