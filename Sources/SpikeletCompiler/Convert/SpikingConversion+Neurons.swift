extension SpikingConversion {
  /// Gives a current neurons of its own; the result is their spikes.
  ///
  /// - Parameter node: the node whose calibrated activations choose λ.
  mutating func appendNeurons(_ current: ConvertedValue.Current, node index: Int) -> ConvertedValue?
  {
    guard let lambda = lambda(index, channels: current.shape.channels) else { return nil }
    let scale = scaling(current, lambda: lambda.values)
    let options = configuration.conversion
    layers.append(
      SpikingNetwork.Layer(
        name: current.name, node: network.nodes[index].name, shape: current.shape,
        connections: current.connections.map { $0.scaled(byOutput: scale) },
        kind: .neurons(
          SpikingNetwork.Neurons(
            bias: zip(current.bias, scale).map(*),
            thresholds: [zip(lambda.values, scale).map(*)],
            reset: options.reset,
            initialShare: options.initialPotential == .half ? 0.5 : 0,
            leak: options.leak, lambda: lambda.values, predictedRate: lambda.rate))))
    return .spikes([
      ConvertedValue.Segment(
        source: layers.count, pool: nil, shape: current.shape, scale: lambda.values,
        offset: [Double](repeating: 0, count: current.shape.channels),
        range: 0...(lambda.values.max() ?? 1))
    ])
  }

  /// The α of current normalization, a channel each: weights, bias and threshold are multiplied by
  /// it, which changes no spike (Wu et al. 2022). With α = 1/λ every threshold is 1 (weight
  /// normalization); with α = 1/(scale of the inputs) the weights stay as trained where the inputs
  /// share one λ (threshold balancing).
  private func scaling(_ current: ConvertedValue.Current, lambda: [Double]) -> [Double] {
    switch configuration.conversion.normalization {
    case .weights: lambda.map { 1 / $0 }
    case .thresholds: lambda.map { _ in 1 / current.inputScale }
    }
  }

  /// λ of a node, one value a channel, and the firing rate to expect.
  private mutating func lambda(
    _ index: Int, channels: Int
  ) -> (values: [Double], rate: Double)? {
    let node = network.nodes[index]
    guard let statistics = calibration?.nodes[node.name] else {
      _ = refuse(
        index, "has no activation statistics", advice: "run `spikelet calibrate` again")
      return nil
    }
    guard statistics.channels.count == channels else {
      _ = refuse(
        index,
        "has statistics of \(statistics.channels.count) channels, needed \(channels)",
        advice: "run `spikelet calibrate` again")
      return nil
    }
    let percentile = configuration.conversion.percentile
    let whole = statistics.layer.lambda(percentile: percentile)
    // A layer that is never active still needs a threshold.
    let fallback = whole.value > 0 ? whole.value : 1
    switch configuration.conversion.granularity {
    case .layer:
      return (
        [Double](repeating: fallback, count: channels), whole.clippedMean / fallback
      )
    case .channel:
      let each = statistics.channels.map { $0.lambda(percentile: percentile) }
      let rates = each.map { $0.value > 0 ? $0.clippedMean / $0.value : 0 }
      // A channel that is hardly ever active at this percentile takes what it reaches at most, and
      // one that never is takes the layer's λ.
      let values = zip(each, statistics.channels).map { lambda, channel in
        lambda.value > 0
          ? lambda.value : (channel.values.last ?? 0) > 0 ? channel.values.last! : fallback
      }
      return (values, rates.reduce(0, +) / Double(channels))
    }
  }

  mutating func rectify(_ index: Int) -> ConvertedValue? {
    let source = network.nodes[index].inputs[0]
    switch values[source] {
    case .current where isTrained:
      rectifiers.append(index)
      return nil
    case .current(let current): return appendNeurons(current, node: index)
    case .spikes(let segments):
      // A normalization may have made spikes stand for negative values.
      if segments.contains(where: { $0.isNormalized && !$0.isNonnegative && $0.source != 0 }) {
        guard let current = identity(segments, name: layerName(index)) else {
          return refuse(index, "a rectifier on a concatenation that was normalized")
        }
        return appendNeurons(current, node: index)
      }
      // Spikes are never negative; a picture with a mean can be.
      guard segments.allSatisfy(\.isNonnegative) else {
        return refuse(index, "a rectifier on a picture with a mean cannot be converted")
      }
      if case .relu(let ceiling?) = network.nodes[index].operation,
        let largest = segments.map(\.range.upperBound).max(), Double(ceiling) < largest
      {
        return refuse(
          index, "a clipped ReLU of spikes that can stand for more than \(ceiling)",
          advice: "clip before the first ReLU")
      }
      return values[source]
    case nil: return nil
    }
  }

  /// A current that repeats spikes, one to one. Nil for a concatenation.
  func identity(_ segments: [ConvertedValue.Segment], name: String) -> ConvertedValue.Current? {
    guard segments.count == 1, let segment = segments.first else { return nil }
    return ConvertedValue.Current(
      name: name, shape: segment.shape,
      connections: [
        SpikingNetwork.Connection(
          source: segment.source, pool: segment.pool, pooledShape: segment.shape,
          synapses: .channelwise(weights: segment.scale))
      ],
      bias: segment.offset, inputScale: inputScale(segments),
      isNonnegative: segment.isNonnegative)
  }

  /// The spikes of an input of a node. A sum of spikes becomes spikes by neurons of its own; a
  /// current that can be negative is refused.
  mutating func spikes(_ source: Int, for index: Int) -> [ConvertedValue.Segment]? {
    switch values[source] {
    case nil: return nil
    case .spikes(let segments): return segments
    case .current where isTrained:
      _ = refuse(
        index, "needs spikes, but \(network.nodes[source].name) has no threshold after it",
        advice: "put a comparison between the two")
      return nil
    case .current(let current):
      guard current.isNonnegative else {
        let pair = network.reasonAgainstPair(at: index).map {
          ", and the two cannot be multiplied out: \($0)"
        }
        _ = refuse(
          index,
          "needs spikes, but \(network.nodes[source].name) has no rectifier after it"
            + (pair ?? ""),
          advice: "put a ReLU between the two")
        return nil
      }
      guard let fired = appendNeurons(current, node: source), case .spikes(let segments) = fired
      else {
        return nil
      }
      values[source] = fired
      return segments
    }
  }
}

extension SpikingNetwork.Connection {
  /// The same connection with every weight multiplied by its output channel's factor.
  func scaled(byOutput factors: [Double]) -> Self {
    var result = self
    switch synapses {
    case .convolution(let window, let groups, let weights):
      let row = weights.count / factors.count
      result.synapses = .convolution(
        window: window, groups: groups,
        weights: weights.indices.map { weights[$0] * factors[$0 / row] })
    case .dense(let weights):
      let row = weights.count / factors.count
      result.synapses = .dense(weights: weights.indices.map { weights[$0] * factors[$0 / row] })
    case .channelwise(let weights):
      result.synapses = .channelwise(weights: zip(weights, factors).map(*))
    case .maxPool, .potentials: break
    }
    return result
  }
}
