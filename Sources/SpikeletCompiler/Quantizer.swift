import SpikeletModel
import SpikeletRuntime

/// Turns a spiking network's float weights and thresholds into integers.
///
/// Each output channel has a weight scale a: weights are round(w / a), and threshold, bias and
/// potential count in units of a, so nothing is rescaled at run time. The classes of a potential
/// read-out share one scale. Membranes are 16 bits where the overflow proof leaves them at least two
/// thresholds of room on either side, and 32 bits otherwise.
public struct Quantizer {
  let network: SpikingNetwork
  let configuration: Configuration
  var problems: [ConversionError.Problem] = []

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
    _ network: SpikingNetwork, configuration: Configuration
  ) throws(ConversionError) -> IntegerNetwork {
    var quantizer = Quantizer(network: network, configuration: configuration)
    let layers = network.layers.compactMap { quantizer.quantize($0) }
    guard quantizer.problems.isEmpty else {
      throw ConversionError("\(network.name) cannot be quantized", quantizer.problems)
    }
    let exit = configuration.exit
    return IntegerNetwork(
      name: network.name, input: network.input, inputShape: network.inputShape, layers: layers,
      readOut: network.readOut, timesteps: configuration.timesteps,
      maximumTimesteps: configuration.maximumTimesteps,
      exit: ExitPolicy(
        exit.policy, parameter: Int32(exit.policy == .none ? 0 : exit.margin),
        minimumTimestep: Int32(exit.minimumTimestep)))
  }

  private mutating func quantize(_ layer: SpikingNetwork.Layer) -> IntegerNetwork.Layer? {
    switch layer.kind {
    case .maxPool(let rule):
      return IntegerNetwork.Layer(
        name: layer.name, shape: layer.shape,
        connections: layer.connections.map {
          IntegerNetwork.Connection(
            source: $0.source, pool: $0.pool, pooledShape: $0.pooledShape, synapses: .maxPool)
        }, kind: .maxPool(rule))
    case .neurons(let neurons):
      return quantize(layer, neurons)
    }
  }

  private mutating func quantize(
    _ layer: SpikingNetwork.Layer, _ neurons: SpikingNetwork.Neurons
  ) -> IntegerNetwork.Layer? {
    let bits = configuration.quantization.weightBits
    let scales = WeightScales.choose(
      layer, bits: bits, isShared: !neurons.fires, unit: Self.channelwiseUnit)
    var saturated = 0
    let connections = layer.connections.map {
      $0.quantized(scales: scales, bits: bits, saturated: &saturated)
    }
    let direct = connections.first { network.input.mode == .direct && $0.source == 0 }
    // Pixels count to 255 and spikes to 1: they share neither a weight scale nor the rounding of the
    // current.
    if direct != nil, connections.count > 1 {
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
      configuration.quantization.membraneBits.map { [$0] }
      ?? (neurons.fires ? [16, 32] : [32])
    for membraneBits in candidates {
      let isLast = membraneBits == candidates.last
      let shifts = direct == nil || membraneBits == 32 ? 0...0 : 0...24
      for shift in shifts {
        let fit = MembraneFit(
          neurons: neurons, scales: scales, sums: sums, isDirect: direct != nil, shift: shift,
          bits: membraneBits, maximumTimesteps: configuration.maximumTimesteps)
        guard var result = fit.quantized(headroom: isLast ? 1 : Self.headroom) else { continue }
        if shift > 0, !isLast, (result.thresholds.min() ?? 0) < Self.smallestDirectThreshold {
          break
        }
        result.saturatedWeights = saturated
        return IntegerNetwork.Layer(
          name: layer.name, shape: layer.shape, connections: connections, kind: .neurons(result))
      }
    }
    problems.append(
      .init(
        layer.name, "its potentials do not fit \(candidates.last ?? 32) bits",
        advice: "lower maximumTimesteps or allow 32-bit membranes"))
    return nil
  }
}
