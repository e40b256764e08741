import SpikeletNetwork
import SpikeletSupport

/// Turns a float network into a spiking network: one layer of neurons for every rectifier.
///
/// A spike of a channel stands for λ, the activation at the configured percentile. Convolutions,
/// dense layers and additions become connections; flattening, concatenation and sum pools only
/// change how a consumer addresses its sources. After Rueckauer et al. 2017 and Wu et al. 2022.
public struct SpikingConversion {
  let network: Network
  let configuration: Configuration
  let calibration: Calibration?
  /// Whether the network's thresholds were trained, so that nothing has to be found for it.
  let isTrained: Bool
  /// Rectifiers in a network of trained thresholds.
  var rectifiers: [Int] = []
  var layers: [SpikingNetwork.Layer] = []
  var values: [ConvertedValue?] = []
  var problems: [Problem] = []
  /// The weights that normalizations of currents have repeated.
  var repeatedWeights = 0

  private init(network: Network, configuration: Configuration, calibration: Calibration?) {
    self.network = network
    self.configuration = configuration
    self.calibration = calibration
    isTrained = !network.thresholdNodes.isEmpty
  }

  /// Converts a network.
  ///
  /// - Parameters:
  ///   - network: a simplified network.
  ///   - configuration: how λ is chosen, how neurons reset and leak, how pools are converted.
  ///   - calibration: what λ is chosen from; not needed where thresholds were trained.
  /// - Throws: every node that cannot be converted, with its reason.
  public static func convert(
    _ network: Network, configuration: Configuration, calibration: Calibration?
  ) throws(Diagnostics) -> SpikingNetwork {
    var converter = SpikingConversion(
      network: network, configuration: configuration, calibration: calibration)
    return try converter.run()
  }

  private mutating func run() throws(Diagnostics) -> SpikingNetwork {
    checkTimesteps()
    for index in network.nodes.indices { values.append(convert(index)) }
    reportRectifiers()
    finish()
    if problems.isEmpty { connectDelayed() }
    checkWeights()
    guard problems.isEmpty else {
      throw Diagnostics("\(network.name) cannot be converted", problems)
    }
    let channels = network.inputShape.channels
    let input = configuration.input
    return SpikingNetwork(
      name: configuration.name,
      input: InputCoding(
        mode: input.mode,
        zeroPoints: input.mode == .direct
          ? (0..<channels).map(zeroPoint) : [], seed: input.seed,
        looksAtMirror: input.looksAtMirror),
      inputShape: network.inputShape, layers: layers, readOut: configuration.readOut)
  }

  /// The weights of all layers, at most. Layers that share theirs in the file have their own here.
  static let maximumWeights = 1 << 25

  private mutating func checkWeights() {
    var total = 0
    for layer in layers {
      for connection in layer.connections { total += connection.synapses.weightCount }
      guard total > Self.maximumWeights else { continue }
      problems.append(
        .init(
          layer.node,
          "brings the weights of all layers to \(total); the limit is \(Self.maximumWeights)"))
      return
    }
  }

  /// What to call the layer of a node: exporters write "/features/features.0/Conv"; the module's own
  /// name, "features.0", is what people know.
  func layerName(_ index: Int) -> String {
    let name = network.nodes[index].name
    let parts = name.split(separator: "/")
    guard name.hasPrefix("/"), parts.count >= 2 else { return name }
    return String(parts[parts.count - 2])
  }

  /// Reports a problem of a node.
  mutating func refuse(_ index: Int, _ reason: String, advice: String = "") -> ConvertedValue? {
    problems.append(.init(network.nodes[index].name, reason, advice: advice))
    return nil
  }

  private mutating func convert(_ index: Int) -> ConvertedValue? {
    let node = network.nodes[index]
    if case .input = node.operation { return input() }
    let inputs = node.inputs.compactMap { values[$0] }
    // An input that could not be converted has been reported where it failed.
    guard inputs.count == node.inputs.count else { return nil }
    switch node.operation {
    case .input: return nil
    case .convolution(let convolution): return convert(convolution, index)
    case .dense(let dense): return convert(dense, index)
    case .batchNormalization(let layer): return normalize(layer, index)
    case .relu: return rectify(index)
    case .threshold(let threshold): return appendNeurons(threshold, index)
    case .averagePool(let window, let countsPadding):
      return averagePool(index, window, countsPadding)
    case .maxPool(let window): return maxPool(index, window)
    case .flatten: return inputs[0]
    case .add: return add(index)
    case .concatenate: return concatenate(index)
    case .delayed(let name): return delayed(name, index)
    }
  }

  private mutating func input() -> ConvertedValue? {
    let input = configuration.input
    let shape = network.inputShape
    let problems = input.problems(of: shape)
    guard problems.isEmpty else {
      self.problems += problems
      return nil
    }
    if input.mode != .direct, input.mean.contains(where: { $0 != 0 }) {
      self.problems.append(
        .init(
          "input.mean", "spikes cannot stand for negative pixels",
          advice: "use direct input, or train without a mean"))
      return nil
    }
    let step = { (channel: Int) in
      // An event is worth 1. In direct mode a unit is one step of a pixel, otherwise a spike is a
      // full-scale pixel.
      input.mode == .events
        ? 1 : (input.mode == .direct ? 1 : 255) / (input.scale * input.std(of: channel))
    }
    let channels = 0..<shape.channels
    return .spikes([
      ConvertedValue.Segment(
        source: 0, pool: nil, shape: shape, scale: channels.map(step),
        offset: channels.map {
          input.mode == .direct
            ? input.value(of: UInt8(zeroPoint(channel: $0)), channel: $0) : 0
        },
        range: input.mode == .events
          ? 0...1
          : (channels.map { input.value(of: 0, channel: $0) }.min()
            ?? 0)...(channels.map { input.value(of: 255, channel: $0) }.max() ?? 0))
    ])
  }

  /// The pixel that stands for zero behind what normalizes the picture, as nearly as a whole number
  /// can.
  private func zeroPoint(channel: Int) -> Int {
    configuration.input.zeroPoint(channel: channel, inside: network.inputNormalization)
  }

  /// Adds the read-out.
  private mutating func finish() {
    guard problems.isEmpty, let value = values[network.output] else { return }
    var current: ConvertedValue.Current
    if configuration.readOut == .count, isTrained { return finishTrainedCount(value) }
    switch value {
    case .current(let pending): current = pending
    case .spikes(let segments):
      guard let identity = identity(segments, name: layerName(network.output)) else {
        _ = refuse(network.output, "a concatenation cannot be the output")
        return
      }
      current = identity
    }
    guard current.shape.height == 1, current.shape.width == 1 else {
      _ = refuse(
        network.output, "the output is a map of \(current.shape), needed a vector of scores")
      return
    }
    if configuration.readOut == .count, !isTrained {
      _ = appendNeurons(current, node: network.output)
      return
    }
    if let synapse = network.scoresSynapse {
      guard let potential = append(synapse, current, network.output) else { return }
      current = potential
    }
    layers.append(
      SpikingNetwork.Layer(
        name: current.name, node: network.nodes[network.output].name, shape: current.shape,
        connections: current.connections,
        kind: .neurons(
          SpikingNetwork.Neurons(
            bias: current.bias, thresholds: [], hasTrainedThresholds: isTrained, reset: .none,
            initialShare: 0,
            leak: configuration.maximumTimesteps > 1 ? Leak(network.scoresLeak) : Leak(),
            lambda: [Double](repeating: outputScale, count: current.shape.channels),
            predictedRate: 0))))
  }
}

extension SpikingConversion {
  /// The size of the class scores: their λ, the unit in which errors of the read-out are reported.
  private var outputScale: Double {
    let statistics = calibration?.nodes[network.nodes[network.output].name]
    let value = statistics?.layer.lambda(percentile: configuration.conversion.percentile).value ?? 0
    return value > 0 ? value : 1
  }
}

extension Configuration.Input {
  /// What is wrong with these values for pictures, or frames of events, of a shape.
  package func problems(of shape: Shape) -> [Problem] {
    problems(channels: shape.channels)
      + (events?.problems(
        path: "input.events", channels: shape.channels, height: shape.height, width: shape.width)
        ?? [])
  }

  /// What is wrong with these values for a picture of `channels` channels.
  package func problems(channels: Int) -> [Problem] {
    var problems: [Problem] = []
    for (key, list) in [("input.mean", mean), ("input.std", std)]
    where list.count > 1 && list.count != channels {
      problems.append(
        .init(key, "has \(list.count) values, needed one, or one for each of \(channels) channels"))
    }
    if !std.allSatisfy({ $0 > 0 }) {
      problems.append(.init("input.std", "needed values above 0"))
    }
    return problems
  }

  /// The pixel that stands for zero, as nearly as a whole number can.
  func zeroPoint(
    channel: Int, inside: (factors: [Double], offsets: [Double])?
  ) -> Int {
    Int(min(255, max(0, exactZero(channel: channel, inside: inside).rounded())))
  }

  /// The pixel that stands for zero behind these values and a normalization inside the network.
  func exactZero(channel: Int, inside: (factors: [Double], offsets: [Double])?) -> Double {
    let m = mean(of: channel)
    guard let inside, inside.factors[channel] != 0 else { return m * scale }
    let deviation = std(of: channel)
    return (m - inside.offsets[channel] / inside.factors[channel] * deviation) * scale
  }
}
