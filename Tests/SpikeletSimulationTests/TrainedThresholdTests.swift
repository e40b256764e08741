import SpikeletCompiler
import SpikeletNetwork
import SpikeletReference
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Trained thresholds lose nothing: the integers fire where the real numbers do, spike for spike.
@Suite struct TrainedThresholdTests {
  /// Weights are whole multiples of a channel's step, whose end every channel reaches; thresholds and
  /// biases are any numbers, some of them exactly reachable.
  private struct Sketch {
    var random: SeededRandom
    var layers: [SpikingNetwork.Layer] = []
    let input: Shape
    let bits: Int
    let firesAbove: Bool

    init(seed: UInt64) {
      random = SeededRandom(seed: seed)
      input = Shape(
        channels: random.pick(1...2), height: random.pick(5...9), width: random.pick(5...9))
      bits = random.chance(2) ? 4 : 8
      firesAbove = random.chance(2)
      append(convolution: random.pick(2...5), levels: random.pick(1...4))
      if random.chance(2) { appendMaxPool() }
      append(convolution: random.pick(2...9), levels: random.pick(1...4))
      appendReadOut()
    }

    private var source: Shape { layers.last?.spikeShape ?? input }

    /// The step of each channel, and the weights of the channel.
    private mutating func weights(_ outputs: Int, row: Int) -> (steps: [Double], [Double]) {
      let limit = bits == 4 ? 7 : 127
      let steps = (0..<outputs).map { _ in Double(random.pick(1...9)) / 1024 }
      return (
        steps,
        (0..<outputs * row).map { i in
          let whole = i % row == 0 ? limit : random.pick(-limit...limit) / random.pick(1...3)
          return Double(whole) * steps[i / row]
        }
      )
    }

    private mutating func append(convolution outputs: Int, levels: Int) {
      var (seen, view): (Shape, Window?) = (source, nil)
      if !layers.isEmpty, random.chance(2), seen.height > 3, seen.width > 3 {
        let window = Window(kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2)
        (view, seen) = (
          window, Shape(channels: seen.channels, height: seen.height / 2, width: seen.width / 2)
        )
      }
      let window = Window(
        kernelHeight: 2, kernelWidth: 2, strideHeight: random.pick(1...2),
        strideWidth: random.pick(1...2), padding: .init(top: 1, left: 1, bottom: 1, right: 1))
      let extent = window.outputExtent(height: seen.height, width: seen.width)!
      let shape = Shape(channels: outputs, height: extent.height, width: extent.width)
      let (steps, weights) = weights(outputs, row: seen.channels * 4)
      let unit = layers.isEmpty ? 4000 : 20
      var thresholds: [[Double]] = []
      for level in 0..<levels {
        thresholds.append(
          (0..<outputs).map { channel in
            let before =
              level == 0 ? -2 * unit : Int(thresholds[level - 1][channel] / steps[channel])
            // Every third lies on the grid, where "exceeds" and "reaches" differ.
            let next = Double(before + random.pick(1...2 * unit)) + (random.chance(3) ? 0 : 0.25)
            return next * steps[channel]
          })
      }
      layers.append(
        .init(
          name: "layer\(layers.count)", shape: shape,
          connections: [
            .init(
              source: layers.count, pool: view, pooledShape: seen,
              synapses: .convolution(window: window, groups: 1, weights: weights))
          ],
          kind: .neurons(
            .init(
              bias: steps.map { $0 * Double(random.pick(-8...8)) }, thresholds: thresholds,
              firesAbove: firesAbove, hasTrainedThresholds: true, reset: .none, initialShare: 0,
              leak: .init(),
              lambda: [], predictedRate: 0))))
    }

    private mutating func appendMaxPool() {
      let shape = Shape(
        channels: source.channels, height: (source.height + 1) / 2, width: (source.width + 1) / 2)
      let window = Window(
        kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2,
        padding: .init(top: 0, left: 0, bottom: 1, right: 1))
      layers.append(
        .init(
          name: "pool\(layers.count)", shape: shape,
          connections: [
            .init(source: layers.count, pool: window, pooledShape: shape, synapses: .maxPool)
          ], kind: .maxPool(.any)))
    }

    private mutating func appendReadOut() {
      let (_, weights) = weights(3, row: source.count)
      layers.append(
        .init(
          name: "output", shape: Shape(channels: 3),
          connections: [
            .init(
              source: layers.count, pool: nil, pooledShape: source,
              synapses: .dense(weights: weights))
          ],
          kind: .neurons(
            .init(
              bias: [0, 0, 0], thresholds: [], hasTrainedThresholds: true, reset: .none,
              initialShare: 0,
              leak: .init(), lambda: [], predictedRate: 0))))
    }
  }

  @Test(arguments: [ThresholdCodingChoice.thermometer, .oneHot, .automatic])
  func integersFireWhereRealNumbersDo(coding: ThresholdCodingChoice) throws {
    var spikes = 0
    var oneHot = 0
    for seed in 0..<TestScale.cases(400) {
      var sketch = Sketch(seed: UInt64(seed))
      let network = SpikingNetwork(
        name: "trained",
        input: .init(
          mode: .direct,
          zeroPoints: (0..<sketch.input.channels).map { _ in sketch.random.pick(0...9) }),
        inputShape: sketch.input, layers: sketch.layers, readOut: .potential)
      var configuration = Configuration()
      (configuration.timesteps, configuration.maximumTimesteps) = (1, 1)
      configuration.quantization.weightBits = sketch.bits
      let integer = try Quantizer.quantize(network, configuration: configuration, coding: coding)
      let bytes = try ModelWriter.write(
        integer, plan: ExecutionPlan(integer), provenance: .object([:]))
      let model = ReferenceModel(bytes)
      var interpreter = IntegerInterpreter(model)
      var simulator = FloatSimulator(network)
      let pixels = (0..<sketch.input.count).map { _ in UInt8(sketch.random.pick(0...255)) }
      interpreter.begin()
      interpreter.step(pixels)
      simulator.begin()
      simulator.step(pixels[...])
      for layer in network.layers.indices.dropLast() {
        let expected = simulator.spikeCounts(layer: layer)
        var given = interpreter.spikes[layer + 1]
        if model.layers[layer].isOneHot {
          oneHot += 1
          // Who reached a threshold has reached those below it.
          let neurons = given.count / max(1, model.layers[layer].thresholdCount)
          for i in given.indices.dropLast(neurons).reversed() where given[i + neurons] == 1 {
            given[i] = 1
          }
        }
        try #require(given == expected, "network \(seed), layer \(layer)")
        spikes += given.reduce(0, +)
      }
    }
    #expect(spikes > TestScale.cases(20_000))
    #expect(
      (oneHot > TestScale.cases(100)) == (coding == .oneHot || coding == .automatic), "\(oneHot)")
  }
}
