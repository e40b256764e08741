import SpikeletNetwork

/// Networks whose thresholds were trained: a spike is worth 1, and nothing has to be found.
extension SpikingConversion {
  /// The neurons of trained thresholds.
  mutating func appendNeurons(_ threshold: Network.Threshold, _ index: Int) -> ConvertedValue? {
    let node = network.nodes[index]
    var current: ConvertedValue.Current
    switch values[node.inputs[0]] {
    case nil: return nil
    case .current(let pending): current = pending
    case .spikes(let segments):
      guard let identity = identity(segments, name: layerName(index)) else {
        return refuse(index, "thresholds on a concatenation cannot be converted")
      }
      current = identity
    }
    if let synapse = threshold.synapse {
      guard let potential = append(synapse, current, index) else { return nil }
      current = potential
    }
    guard threshold.thresholds.allSatisfy({ $0.count == current.shape.channels }) else {
      return refuse(
        index, "has a threshold for each position of a map of \(current.shape)",
        advice: "use one threshold, or one a channel")
    }
    var neurons = SpikingNetwork.Neurons(
      bias: current.bias, thresholds: threshold.thresholds.map { $0.map(Double.init) },
      firesAbove: threshold.isStrict, hasTrainedThresholds: true, reset: .none, initialShare: 0,
      leak: Leak(), lambda: [Double](repeating: 1, count: current.shape.channels),
      predictedRate: 0)
    neurons.initials = threshold.initials.map(Double.init)
    neurons.unit = threshold.unit
    neurons.countsFinely = threshold.countsFinely
    if configuration.maximumTimesteps > 1, let membrane = threshold.membrane {
      neurons.amounts = threshold.amounts.map { $0.map(Double.init) }
      neurons.floors = threshold.floors.map(Double.init)
      (neurons.reset, neurons.leak) = (membrane.reset, Leak(membrane.leak))
      neurons.resetFactor = membrane.resetFactor
      guard requirePositive(threshold, index) else { return nil }
    }
    layers.append(
      SpikingNetwork.Layer(
        name: current.name, node: node.name, shape: current.shape,
        connections: current.connections, kind: .neurons(neurons)))
    let channels = node.shape.channels
    return .spikes([
      ConvertedValue.Segment(
        source: layers.count, pool: nil, shape: node.shape,
        scale: [Double](repeating: 1, count: channels),
        offset: [Double](repeating: 0, count: channels), range: 0...1)
    ])
  }

  /// A potential that is carried on fires again and again at a threshold that is not positive.
  private mutating func requirePositive(_ threshold: Network.Threshold, _ index: Int) -> Bool {
    for values in threshold.thresholds {
      guard let channel = values.indices.first(where: { values[$0] <= 0 }) else { continue }
      _ = refuse(
        index,
        "has the threshold \(values[channel]) in channel \(channel), needed more than 0 for "
          + "\(configuration.maximumTimesteps) timesteps",
        advice: "compare with the threshold itself, x > threshold, not x - threshold > 0")
      return false
    }
    return true
  }

  /// Several timesteps need to know what a potential keeps from one to the next.
  mutating func checkTimesteps() {
    let timesteps = configuration.maximumTimesteps
    guard isTrained, timesteps > 1 else { return }
    for index in network.thresholdNodes {
      guard case .threshold(let threshold) = network.nodes[index].operation,
        threshold.membrane == nil
      else { continue }
      _ = refuse(
        index, "the file does not say how it leaks and resets, which \(timesteps) timesteps need",
        advice: "set timesteps to 1, or give spikelet.neurons.\(network.nodes[index].name) in "
          + "the metadata")
    }
  }

  /// One error for a network of both kinds of neurons.
  mutating func reportRectifiers() {
    guard !rectifiers.isEmpty else { return }
    // Those after the first could not be looked at.
    let rectifiers = network.nodes.indices.filter {
      guard case .relu = network.nodes[$0].operation else { return false }
      return values[$0] == nil
    }
    func list(_ nodes: [Int]) -> String {
      nodes.prefix(3).map { "'\(network.nodes[$0].name)'" }.joined(separator: ", ")
        + (nodes.count > 3 ? " and \(nodes.count - 3) more" : "")
    }
    problems.append(
      .init(
        network.name,
        "mixes rectifiers (\(list(rectifiers))) with trained thresholds "
          + "(\(list(network.thresholdNodes)))",
        advice: "train all of it with thresholds, or all of it with ReLU"))
  }

  /// The read-out of a network that is trained to end with spikes.
  mutating func finishTrainedCount(_ value: ConvertedValue) {
    guard network.scoresLeak == nil, network.scoresSynapse == nil else {
      _ = refuse(
        network.output, "the file's scores leak, and readOut count counts spikes, which do not",
        advice: "set readOut to potential")
      return
    }
    guard case .spikes(let segments) = value, segments.count == 1,
      segments[0].source == layers.count, segments[0].pool == nil,
      segments[0].shape.height == 1, segments[0].shape.width == 1,
      case .neurons(let neurons)? = layers.last?.kind, neurons.thresholds.count == 1
    else {
      _ = refuse(
        network.output, "the scores are not spikes of the last layer, which readOut count counts",
        advice: "set readOut to potential")
      return
    }
  }
}

extension Leak {
  /// The leak of a trained potential; none where its factor is 1.
  init(_ leak: Network.Membrane.Leak?) {
    self.init()
    if let leak, leak.multiplier != 1 << leak.shift {
      self.init(
        rule: leak.roundsTowardZero ? .multiplyTowardZero : .multiplyFloor,
        multiplier: leak.multiplier, shift: leak.shift)
    }
  }
}
