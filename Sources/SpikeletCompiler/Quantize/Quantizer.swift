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
    var weights = network.layers.map { quantizer.weights($0) }
    let codings = coding.apply(to: &weights, of: network)
    let layers = network.layers.indices.compactMap {
      quantizer.quantize(network.layers[$0], weights[$0], codings[$0])
    }
    guard quantizer.problems.isEmpty else {
      throw Diagnostics("\(network.name) cannot be quantized", quantizer.problems)
    }
    return IntegerNetwork(
      name: network.name, input: network.input, inputShape: network.inputShape, layers: layers,
      readOut: network.readOut, timesteps: configuration.timesteps,
      maximumTimesteps: configuration.maximumTimesteps,
      exit: .none)
  }

  /// A layer's connections with whole weights.
  struct LayerWeights {
    var connections: [IntegerNetwork.Connection]
    /// The scale of each output channel; empty for a max pool.
    var scales: [Double] = []
    /// Weights that were clipped to the largest magnitude.
    var saturated = 0
  }

  private func weights(_ layer: SpikingNetwork.Layer) -> LayerWeights {
    guard case .neurons(let neurons) = layer.kind else {
      return LayerWeights(
        connections: layer.connections.map {
          IntegerNetwork.Connection(
            source: $0.source, pool: $0.pool, pooledShape: $0.pooledShape, synapses: .maxPool)
        })
    }
    let requested = configuration.quantization.weightBits
    let scales = WeightScales(
      layer, bits: requested == 16 && !fitsSixteenBits(layer) ? 8 : requested,
      isShared: !neurons.fires,
      hasTrainedThresholds: neurons.hasTrainedThresholds, unit: Self.channelwiseUnit)
    var result = LayerWeights(connections: [], scales: scales.values)
    result.connections = layer.connections.map {
      $0.quantized(
        scales: scales.values, bits: scales.bits, keepsLowest: neurons.hasTrainedThresholds,
        saturated: &result.saturated)
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
    _ layer: SpikingNetwork.Layer, _ weights: LayerWeights, _ coding: ThresholdCoding
  ) -> IntegerNetwork.Layer? {
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
    let sums = ContributionSums(
      connections: connections, channels: layer.shape.channels,
      zeroPoints: direct == nil ? nil : network.input.zeroPoints)
    let candidates =
      configuration.quantization.membraneBits.map { [$0] } ?? (neurons.fires ? [16, 32] : [32])
    for membraneBits in candidates {
      let isLast = membraneBits == candidates.last
      let canShift =
        direct != nil && connections.count == 1 && membraneBits == 16
        && !neurons.hasTrainedThresholds
      for shift in canShift ? 0...24 : 0...0 {
        let fit = MembraneFit(
          neurons: neurons, scales: weights.scales, sums: sums, isDirect: direct != nil,
          shift: shift, bits: membraneBits, maximumTimesteps: configuration.maximumTimesteps)
        guard var result = fit.quantized(headroom: isLast ? 1 : Self.headroom) else { continue }
        if shift > 0, !isLast,
          (result.thresholds.first?.min() ?? 0) < Self.smallestDirectThreshold
        {
          break
        }
        result.saturatedWeights = weights.saturated
        result.thresholdCoding = coding
        return IntegerNetwork.Layer(
          name: layer.name, shape: layer.shape, connections: connections, kind: .neurons(result))
      }
    }
    for membraneBits in candidates {
      let isLast = membraneBits == candidates.last
      let canShift = direct != nil && membraneBits == 16 && !neurons.hasTrainedThresholds
      let coarser = CoarserScales(
        weights: weights, isShared: !neurons.fires, onlySilent: membraneBits == 16)
      for shift in canShift ? 0...24 : 0...0 {
        let fit = { (weights: LayerWeights) in
          MembraneFit(
            neurons: neurons, scales: weights.scales,
            sums: ContributionSums(
              connections: weights.connections, channels: layer.shape.channels,
              zeroPoints: direct == nil ? nil : network.input.zeroPoints),
            isDirect: direct != nil, shift: shift, bits: membraneBits,
            maximumTimesteps: configuration.maximumTimesteps)
        }
        let headroom = isLast ? 1 : Self.headroom
        guard case (var result, let weights)? = coarser.quantized(headroom: headroom, fit: fit)
        else {
          continue
        }
        if shift > 0, !isLast,
          (result.thresholds.first?.min() ?? 0) < Self.smallestDirectThreshold
        {
          break
        }
        result.saturatedWeights = weights.saturated
        result.thresholdCoding = coding
        return IntegerNetwork.Layer(
          name: layer.name, shape: layer.shape, connections: weights.connections,
          kind: .neurons(result))
      }
    }
    problems.append(
      .init(
        layer.name, "its potentials do not fit \(candidates.last ?? 32) bits",
        advice: "lower maximumTimesteps or allow 32-bit membranes"))
    return nil
  }
}
