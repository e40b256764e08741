import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Channels that no picture moves build, do what the float network does, and are named.
@Suite struct DeadChannelTests {
  private let shape = Shape(channels: 1, height: 8, width: 8)

  /// A network whose second channel has weights and a bias of some size.
  private func network(weight: Float, bias: Float) -> Network {
    var graph = GraphBuilder(shape, seed: 7)
    graph.convolution("conv", outputs: 3)
    graph.relu("relu")
    graph.flatten()
    graph.dense("dense", outputs: 4)
    if case .convolution(var layer) = graph.nodes[1].operation {
      let largest = layer.weights[9..<18].map(abs).max() ?? 1
      for i in 9..<18 { layer.weights[i] *= weight / largest }
      if weight < 0 { for i in 9..<18 { layer.weights[i] = -abs(layer.weights[i]) } }
      layer.bias[1] = bias
      graph.nodes[1].operation = .convolution(layer)
    }
    return graph.network()
  }

  private func built(
    _ network: Network, _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Compiler.Build {
    try build(network, pictures(20, shape), configuration(change))
  }

  @Test(arguments: [
    (-1e-9, -1e-9), (-1e-7, -1e-7), (-1e-8, -1e-8), (-1e-30, -1e-30), (-1e-12, -0.5), (0, 0),
    (0, -0.5),
  ])
  func aChannelThatNeverFiresIsSilent(_ weight: Float, _ bias: Float) throws {
    let build = try built(network(weight: weight, bias: bias))
    #expect(build.notes == ["conv: 1 of 3 channels (1) can never fire"])
    let run = try Simulation(build.bytes, pictures(1, shape)[0], timesteps: 255)
    #expect(run.counts[0][36..<72].allSatisfy { $0 == 0 })
    #expect(run.counts[0].contains { $0 > 0 })
  }

  @Test(arguments: [1e-9, 1e-20, 0])
  func aChannelThatOnlyItsBiasDrivesIsConstant(_ weight: Float) throws {
    let network = network(weight: weight, bias: 0.5)
    let build = try built(network)
    #expect(build.notes == ["conv: 1 of 3 channels (1) fire alike for every picture"])
    let counts = try pictures(2, shape, seed: 3).map {
      Array(try Simulation(build.bytes, $0, timesteps: 255).counts[0][36..<72])
    }
    #expect(counts[0] == counts[1] && counts[0].allSatisfy { $0 > 0 })
  }

  /// The other channels keep their numbers.
  @Test func theOtherChannelsDoNotChange() throws {
    let healthy = try built(network(weight: 0, bias: -0.5))
    let dead = try built(network(weight: -1e-9, bias: -0.5))
    guard case .neurons(let before) = healthy.integer.layers[0].kind,
      case .neurons(let after) = dead.integer.layers[0].kind
    else { return }
    for channel in [0, 2] {
      #expect(before.thresholds[0][channel] == after.thresholds[0][channel])
      #expect(before.weightScales[channel] == after.weightScales[channel])
    }
    for picture in pictures(3, shape, seed: 5) {
      let runs = try [healthy, dead].map { try Simulation($0.bytes, picture, timesteps: 20) }
      #expect(runs[0].scores == runs[1].scores)
    }
  }

  @Test(arguments: [16, 32])
  func membranesOfEitherWidth(_ bits: Int) throws {
    let build = try built(network(weight: -1e-9, bias: -1e-9)) {
      $0.quantization.membraneBits = bits
    }
    #expect(build.notes == ["conv: 1 of 3 channels (1) can never fire"])
  }

  /// 16-bit weights on more pixels than the engine can prove get 8 bits.
  @Test func wideWeightsOnManyPixels() throws {
    let wide = Shape(channels: 1, height: 28, width: 28)
    var graph = GraphBuilder(wide, seed: 5)
    graph.flatten()
    graph.dense("dense", outputs: 8)
    graph.relu("relu")
    graph.dense("scores", outputs: 4)
    if case .dense(var layer) = graph.nodes[2].operation {
      layer.weights = layer.weights.map { abs($0) }
      graph.nodes[2].operation = .dense(layer)
    }
    let network = graph.network()
    let build = try build(
      network, pictures(10, wide), configuration { $0.quantization.weightBits = 16 })
    let widths = build.integer.layers.map { layer -> Int in
      if case .dense(_, let bits) = layer.connections[0].synapses { bits } else { 0 }
    }
    #expect(widths == [8, 16])
    #expect(
      build.notes == [
        "dense: sums of so many weights of 16 bits could overflow 32 bits; they have 8"
      ])
  }
}

/// Weights of a trained network that use the most negative number of their bits.
@Suite struct LowestWeightTests {
  @Test(arguments: [8, 4])
  func areKept(_ bits: Int) throws {
    let limit = 1 << (bits - 1) - 1
    var graph = GraphBuilder(Shape(channels: 1, height: 6, width: 6), seed: 9)
    graph.convolution("conv", outputs: 2)
    graph.fire("fire", units: [1, 1], spread: 1)
    graph.flatten()
    graph.dense("scores", outputs: 3)
    func whole(_ count: Int, step: Float) -> [Float] {
      (0..<count).map { index in
        Float(index == 3 ? -limit - 1 : (index * 7) % (2 * limit - 1) - limit + 1) * step
      }
    }
    if case .convolution(var layer) = graph.nodes[1].operation {
      let row = layer.weights.count / 2
      layer.weights = whole(row, step: 0.125) + whole(row, step: 0.25)
      layer.bias = [0, 0]
      graph.nodes[1].operation = .convolution(layer)
    }
    if case .dense(var layer) = graph.nodes[graph.last].operation {
      layer.weights = whole(layer.weights.count, step: 0.5)
      layer.bias = [0, 0, 0]
      graph.nodes[graph.last].operation = .dense(layer)
    }
    let build = try Compiler.build(
      graph.network().simplified(),
      configuration: configuration { $0.quantization.weightBits = bits }, calibration: nil,
      networkDigest: "digest")
    #expect(build.notes.filter { $0.contains("rounded") }.isEmpty, "\(build.notes)")
    guard
      case .convolution(_, _, let weights, bits) = build.integer.layers[0].connections[0].synapses
    else {
      Issue.record("no convolution of \(bits) bits")
      return
    }
    #expect(weights[3] == -limit - 1 && weights[12] == -limit - 1)
    // The engine adds what the file has.
    let picture = pictures(1, Shape(channels: 1, height: 6, width: 6))[0]
    let run = try Simulation(build.bytes, picture, timesteps: 1)
    let input = Configuration.Input().values(of: picture[...], build.source.inputShape)
    let values = build.source.evaluate(input)
    let spikes = values[2].map { Int($0) }
    #expect(run.counts[0] == spikes)
  }
}
