import SpikeletNetwork
import SpikeletSupport

extension GraphBuilder {
  /// Replaces the weights of the last node by whole numbers times a scale a channel, with the largest
  /// at the end of the range, and its biases by zeros.
  ///
  /// - Returns: the scales, one an output channel.
  @discardableResult
  package mutating func quantize(limit: Int = 127, isShared: Bool = false) -> [Float] {
    var scales: [Float] = []
    func integers(_ weights: [Float], _ channels: Int, _ random: inout SeededRandom) -> [Float] {
      let row = weights.count / channels
      var result: [Float] = []
      for _ in 0..<channels {
        if !isShared || scales.isEmpty { scales.append(Float(random.pick(1...1000)) * 0.0013) }
        var values = (0..<row).map { _ in random.pick(-limit...limit) }
        values[random.pick(0...row - 1)] = random.chance(2) ? limit : -limit
        result += values.map { Float($0) * scales[scales.count - 1] }
      }
      if isShared { scales = [Float](repeating: scales[0], count: channels) }
      return result
    }
    switch nodes[last].operation {
    case .convolution(var layer):
      layer.weights = integers(layer.weights, layer.outputChannels, &random)
      layer.bias = [Float](repeating: 0, count: layer.outputChannels)
      nodes[last].operation = .convolution(layer)
    case .dense(var layer):
      layer.weights = integers(layer.weights, layer.outputs, &random)
      layer.bias = [Float](repeating: 0, count: layer.outputs)
      nodes[last].operation = .dense(layer)
    default: preconditionFailure("only layers with weights")
    }
    return scales
  }

  /// Neurons with `count` thresholds a channel, half way between two whole sums of the last layer.
  ///
  /// - Parameters:
  ///   - units: what a sum of 1 is worth, a channel each.
  ///   - spread: the largest threshold as a sum.
  @discardableResult
  package mutating func fire(
    _ name: String = "", of input: Int? = nil, units: [Float], spread: Int, count: Int = 1,
    isStrict: Bool = true, isPositive: Bool = false, membrane: Network.Membrane? = nil
  ) -> Int {
    var levels = [[Float]](repeating: [], count: count)
    for unit in units {
      let sums = (0..<count).map { _ in random.pick((isPositive ? 1 : -spread / 2)...spread) }
      for (level, sum) in sums.sorted().enumerated() {
        levels[level].append((Float(sum) + 0.5) * unit)
      }
    }
    return threshold(
      name, of: input, .init(thresholds: levels, isStrict: isStrict, membrane: membrane))
  }

  @discardableResult
  package mutating func threshold(
    _ name: String = "", of input: Int? = nil, _ layer: Network.Threshold
  ) -> Int {
    var shape = nodes[input ?? last].shape
    shape.channels *= layer.thresholds.count
    return append(name, .threshold(layer), [input ?? last], shape)
  }
}

/// Random networks with trained thresholds, as the training exports them.
package struct TrainedNetwork {
  package var network: Network
  /// How large a limit the integers of the weights have.
  package var limit: Int

  package init(seed: UInt64, timesteps: Int = 1) {
    var random = SeededRandom(seed: seed &* 7919)
    let limit = random.chance(3) ? 7 : 127
    self.limit = limit
    let isSingle = timesteps == 1
    var graph = GraphBuilder(
      Shape(
        channels: random.pick(1...2), height: random.pick(7...12), width: random.pick(7...12)),
      seed: seed)
    var divisor: Float = 255
    func membrane(_ random: inout SeededRandom) -> Network.Membrane? {
      if isSingle { return nil }
      // Halves are exact in both simulations; other leaks round differently.
      return Network.Membrane(
        leak: random.chance(2) ? nil : .init(multiplier: 128, shift: 8),
        reset: [Reset.soft, .hard, .none][random.pick(0...2)],
        resetsAfterLeak: !seed.isMultiple(of: 2))
    }
    func spread(_ fanIn: Int) -> Int {
      Int(Float(limit) * 0.4 * Float(fanIn).squareRoot() * (divisor == 255 ? 110 : divisor))
    }
    for _ in 0..<random.pick(1...3) {
      let source = graph.nodes[graph.last].shape
      guard min(source.height, source.width) >= 4 else { break }
      let kernel = random.pick(1...3)
      graph.convolution(
        outputs: random.pick(2...5), kernel: kernel, stride: random.pick(1...4) == 1 ? 2 : 1,
        padding: random.pick(0...kernel / 2))
      let scales = graph.quantize(limit: limit)
      let map = graph.nodes[graph.last].shape
      // A pool before the thresholds: a maximum moves after them, an average into the convolution.
      var (unit, sites) = (1 / divisor, 1)
      if isSingle && min(map.height, map.width) >= 2 {
        switch random.pick(1...5) {
        case 1: graph.maxPool()
        case 2:
          graph.averagePool()
          (unit, sites) = (unit / 4, 4)
        default: break
        }
      }
      graph.fire(
        units: scales.map { $0 * unit },
        spread: spread(source.channels * kernel * kernel * sites),
        count: random.pick(1...3), isStrict: random.chance(2), isPositive: !isSingle,
        membrane: membrane(&random))
      divisor = 1
      let shape = graph.nodes[graph.last].shape
      guard min(shape.height, shape.width) >= 4 else { break }
      switch random.pick(0...2) {
      case 0: graph.maxPool()
      case 1:
        graph.averagePool()
        divisor = 4
      default: break
      }
    }
    let inputs = graph.nodes[graph.last].shape.count
    graph.flatten()
    graph.dense(outputs: random.pick(3...8))
    let scales = graph.quantize(limit: limit)
    graph.fire(
      units: scales.map { $0 / divisor }, spread: spread(inputs), count: random.pick(1...2),
      isPositive: !isSingle, membrane: membrane(&random))
    graph.dense("scores", outputs: random.pick(2...6))
    graph.quantize(limit: limit, isShared: true)
    network = graph.network()
    network.timesteps = timesteps
  }
}
