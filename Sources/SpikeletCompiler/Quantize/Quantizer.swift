import SpikeletNetwork
import SpikeletSupport

/// Turns a spiking network's float weights and thresholds into integers.
///
/// Each output channel has a weight scale a: weights are round(w / a), and threshold, bias and
/// potential count in units of a, so nothing is rescaled at run time. The classes of a potential
/// read-out share one scale. Membranes are 16 bits where the overflow proof leaves them at least two
/// thresholds of room on either side, and 32 bits otherwise.
public struct Quantizer {
  let network: SpikingNetwork
  let configuration: Configuration
  let mixesSources: Bool
  var problems: [Problem] = []

  /// The clamps of a 16-bit membrane lie at least this many thresholds from zero.
  static let headroom = 2
  /// A direct current is not rounded so far that a threshold falls below this many units.
  static let smallestDirectThreshold = 128
  /// The weight of a spike in a layer that has only channelwise connections.
  static let channelwiseUnit = 64.0

  /// Quantizes a network.
  ///
  /// - Throws: layers that fit neither width.
  public static func quantize(
    _ network: SpikingNetwork, configuration: Configuration,
    coding: ThresholdCodingChoice = .automatic
  ) throws(Diagnostics) -> IntegerNetwork {
    try quantize(network, configuration: configuration, coding: coding, mixesSources: false)
  }

  /// Quantizes a network.
  ///
  /// - Parameter mixesSources: allows layers that read the picture and spikes. The format and the
  ///   engine know them; converted networks would lose too much by the weight scale that both share.
  /// - Throws: layers that fit neither width.
  package static func quantize(
    _ network: SpikingNetwork, configuration: Configuration, coding: ThresholdCodingChoice,
    mixesSources: Bool
  ) throws(Diagnostics) -> IntegerNetwork {
    var quantizer = Quantizer(
      network: network, configuration: configuration, mixesSources: mixesSources)
    var weights: [LayerWeights] = []
    for index in network.layers.indices {
      weights.append(quantizer.weights(index, before: weights))
    }
    let codings = coding.apply(to: &weights, of: network)
    var results: [IntegerNetwork.Layer?] = []
    for index in network.layers.indices {
      results.append(quantizer.quantize(index, weights[index], codings[index], before: results))
    }
    let layers = results.compactMap { $0 }
    guard quantizer.problems.isEmpty else {
      throw Diagnostics("\(network.name) cannot be quantized", quantizer.problems)
    }
    return IntegerNetwork(
      name: network.name, input: network.input, inputShape: network.inputShape, layers: layers,
      readOut: network.readOut, timesteps: configuration.runTimesteps.usual,
      maximumTimesteps: configuration.runTimesteps.most,
      exit: .none)
  }

  /// What a layer reads of another one's potentials.
  private struct Current {
    /// As a connection names it.
    var source: Int
    var range: ClosedRange<Int>
  }

  /// A layer's connections with whole weights.
  struct LayerWeights {
    var connections: [IntegerNetwork.Connection]
    /// The scale of each output channel; empty for a max pool.
    var scales: [Double] = []
    /// Weights that were clipped to the largest magnitude.
    var saturated = 0
  }

  /// The layer whose potentials a layer reads as its current, counted from 0; nil for none.
  func currentSource(of index: Int) -> Int? {
    network.layers[index].connections.first {
      if case .potentials = $0.synapses { true } else { false }
    }.map { $0.source - 1 }
  }

  /// Whether all channels of a layer have one scale: those of class scores, and of their currents.
  private func isShared(_ index: Int) -> Bool {
    guard case .neurons(let neurons) = network.layers[index].kind, !neurons.fires else {
      return false
    }
    return !neurons.isCurrent
      || network.layers.indices.contains { currentSource(of: $0) == index && isShared($0) }
  }

  private func weights(_ index: Int, before: [LayerWeights]) -> LayerWeights {
    let layer = network.layers[index]
    guard case .neurons(let neurons) = layer.kind else {
      return LayerWeights(
        connections: layer.connections.map {
          IntegerNetwork.Connection(
            source: $0.source, pool: $0.pool, pooledShape: $0.pooledShape, synapses: .maxPool)
        })
    }
    let requested = configuration.quantization.weightBits
    let bits = requested > 8 && !fitsSixteenBits(layer) ? 8 : requested
    let scales: WeightScales
    if let source = currentSource(of: index) {
      // What is added to a current counts in its units.
      scales = WeightScales(values: before[source].scales, bits: bits)
    } else {
      scales = WeightScales(
        layer, bits: bits, isShared: isShared(index),
        hasTrainedThresholds: neurons.hasTrainedThresholds, unit: Self.channelwiseUnit)
    }
    var result = LayerWeights(connections: [], scales: scales.values)
    result.connections = layer.connections.map {
      $0.quantized(
        scales, keepsLowest: neurons.hasTrainedThresholds, saturated: &result.saturated)
    }
    return result
  }

  /// Whether the engine can prove sums of 16-bit weights before it has read any: as many of them as a
  /// neuron has, each of the largest magnitude and with the largest input.
  private func fitsSixteenBits(_ layer: SpikingNetwork.Layer) -> Bool {
    layer.connections.allSatisfy { connection in
      let isDirect = network.input.mode == .direct && connection.source == 0
      let rows = connection.synapses.weightCount / max(1, layer.shape.channels)
      let (most, overflow) = (rows * 32_768).multipliedReportingOverflow(
        by: (connection.pool?.area ?? 1) * (isDirect ? 255 : 1))
      return !overflow && most <= Int(Int32.max)
    }
  }

  private mutating func quantize(
    _ index: Int, _ weights: LayerWeights, _ coding: ThresholdCoding,
    before: [IntegerNetwork.Layer?]
  ) -> IntegerNetwork.Layer? {
    let layer = network.layers[index]
    var weights = weights
    var current: Current?
    if let source = currentSource(of: index) {
      // A current that does not fit has been reported.
      guard case .neurons(let neurons)? = before[source]?.kind else { return nil }
      let unit = Double(1 << neurons.currentShift)
      let scales = neurons.weightScales.map { $0 * unit }
      weights = CoarserScales(weights: weights, isShared: false, onlySilent: false)
        .divided(by: zip(scales, weights.scales).map(/))
      current = Current(source: source + 1, range: neurons.potentialRange)
    }
    let connections = weights.connections
    guard case .neurons(let neurons) = layer.kind else {
      guard case .maxPool(let rule) = layer.kind else { return nil }
      return IntegerNetwork.Layer(
        name: layer.name, shape: layer.shape, connections: connections, kind: .maxPool(rule))
    }
    let direct = connections.first { network.input.mode == .direct && $0.source == 0 }
    // Pixels count to 255 and spikes to 1: they share neither a weight scale nor the rounding of the
    // current.
    if direct != nil, connections.count > 1, !mixesSources {
      problems.append(
        .init(
          layer.name, "reads the picture together with other sources",
          advice: "use rate input, or a layer of its own for the picture"))
      return nil
    }
    let widths =
      configuration.quantization.membraneBits.map { [$0] }
      ?? (neurons.fires || neurons.isCurrent ? [16, 32] : [32])
    if direct != nil, network.input.looksAtMirror, index == network.layers.count - 1 {
      problems.append(
        .init(
          layer.name, "has the scores and reads the picture, whose mirror image is yet to come",
          advice: "remove input.looks"))
      return nil
    }
    if let fitted = fitted(
      neurons, layer, weights, isDirect: direct != nil, isShared: isShared(index), current, widths)
    {
      var result = fitted.neurons
      result.saturatedWeights = weights.saturated
      result.thresholdCoding = coding
      return IntegerNetwork.Layer(
        name: layer.name, shape: layer.shape, connections: fitted.weights.connections,
        kind: .neurons(result))
    }
    problems.append(
      .init(
        layer.name, "its potentials do not fit \(widths.last ?? 32) bits",
        advice: "lower maximumTimesteps or allow 32-bit membranes"))
    return nil
  }

  /// A layer's neurons in the narrowest potentials, and its weights: as they are, or of channels that
  /// fit no potential in larger units.
  private func fitted(
    _ neurons: SpikingNetwork.Neurons, _ layer: SpikingNetwork.Layer, _ weights: LayerWeights,
    isDirect: Bool, isShared: Bool, _ current: Current?, _ widths: [Int]
  ) -> (neurons: IntegerNetwork.Neurons, weights: LayerWeights)? {
    func sums(_ weights: LayerWeights) -> ContributionSums {
      ContributionSums(
        connections: weights.connections, channels: layer.shape.channels,
        zeroPoints: isDirect ? network.input.zeroPoints : nil,
        currents: { $0 == current?.source ? current?.range : nil })
    }
    func fit(
      _ weights: LayerWeights, _ sums: ContributionSums, _ bits: Int, _ shift: Int
    ) -> MembraneFit {
      MembraneFit(
        neurons: neurons, scales: weights.scales, sums: sums, isDirect: isDirect, shift: shift,
        bits: bits,
        // Scores go on from look to look.
        maximumTimesteps: neurons.fires
          ? configuration.maximumTimesteps : configuration.runTimesteps.most,
        isBoundByLeak: neurons.isCurrent || current != nil)
    }
    let shifts = isDirect && !neurons.hasTrainedThresholds && current == nil
    let exact = sums(weights)
    return firstFit(widths, shifts: shifts && layer.connections.count == 1) {
      (bits, shift, headroom) in
      fit(weights, exact, bits, shift).quantized(headroom: headroom).map { ($0, weights) }
    }
      ?? firstFit(current == nil ? widths : [], shifts: shifts) { (bits, shift, headroom) in
        CoarserScales(weights: weights, isShared: isShared, onlySilent: bits == 16)
          .quantized(headroom: headroom) { fit($0, sums($0), bits, shift) }
      }
  }

  /// The first width of potentials, and the least rounding of a direct current, at which a layer fits.
  ///
  /// Where another width is left, a layer must leave headroom, and its thresholds must stay large
  /// under the rounding.
  ///
  /// - Parameters:
  ///   - widths: of potentials, in the order in which they are tried.
  ///   - shifts: whether a current of 16 bits may be rounded.
  ///   - attempt: the neurons and their weights with so many bits, rounded by so many, with so much
  ///     headroom; nil where they do not fit.
  private func firstFit(
    _ widths: [Int], shifts: Bool,
    _ attempt: (_ bits: Int, _ shift: Int, _ headroom: Int)
      -> (IntegerNetwork.Neurons, LayerWeights)?
  ) -> (neurons: IntegerNetwork.Neurons, weights: LayerWeights)? {
    for bits in widths {
      let isLast = bits == widths.last
      for shift in shifts && bits == 16 ? 0...24 : 0...0 {
        guard let (neurons, weights) = attempt(bits, shift, isLast ? 1 : Self.headroom) else {
          continue
        }
        if shift > 0, !isLast,
          (neurons.thresholds.first?.min() ?? 0) < Self.smallestDirectThreshold
        {
          break
        }
        return (neurons, weights)
      }
    }
    return nil
  }
}
