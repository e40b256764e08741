import SpikeletNetwork

/// Channels whose numbers fit no potential get a larger unit.
///
/// Training may leave a channel with weights of 10⁻⁹ beside a threshold of 1, or a bias that alone
/// decides. In units of such weights the threshold has no number. The weights of a dead channel
/// become 0, and so do those of a constant one: nothing else is lost. Wide weights on many inputs,
/// 16 bits on 784 pixels, lose a few of their last bits.
struct CoarserScales {
  let weights: Quantizer.LayerWeights
  /// One unit for all channels.
  let isShared: Bool
  /// Allows no channel to lose more than weights that become 0.
  let onlySilent: Bool

  /// The unit of no channel is multiplied more often than this: floats reach no further.
  private static let attempts = 64

  /// A layer's integers in larger units, and its weights; nil where no unit does.
  ///
  /// - Parameter fit: how the layer is tried with weights in some units.
  func quantized(
    headroom: Int, fit: (Quantizer.LayerWeights) -> MembraneFit
  ) -> (neurons: IntegerNetwork.Neurons, weights: Quantizer.LayerWeights)? {
    var factors = [Double](repeating: 1, count: weights.scales.count)
    for _ in 0..<Self.attempts {
      let coarser = divided(by: factors)
      let fit = fit(coarser)
      let failing = factors.indices.filter { !fit.fits($0, headroom: headroom) }
      if failing.isEmpty {
        guard !onlySilent || losesZerosAlone(factors) else { return nil }
        return fit.quantized(headroom: headroom).map { ($0, coarser) }
      }
      for channel in failing {
        factors[channel] *= max(2, fit.excess(channel))
        guard factors[channel].isFinite else { return nil }
      }
      if isShared { factors = factors.map { [largest = factors.max() ?? 1] _ in largest } }
    }
    return nil
  }

  private func losesZerosAlone(_ factors: [Double]) -> Bool {
    var isAlone = true
    for connection in weights.connections {
      connection.forEachWeight(channels: factors.count) { channel, _, weight in
        if factors[channel] > 1, Double(abs(weight)) / factors[channel] >= 0.5 { isAlone = false }
      }
    }
    return isAlone
  }

  /// The weights in units that are so many times larger, a factor a channel.
  func divided(by factors: [Double]) -> Quantizer.LayerWeights {
    var result = weights
    result.scales = zip(weights.scales, factors).map(*)
    result.connections = weights.connections.map { connection in
      var connection = connection
      func divided(_ values: [Int]) -> [Int] {
        let row = max(1, values.count / factors.count)
        return values.indices.map { Int((Double(values[$0]) / factors[$0 / row]).rounded()) }
      }
      switch connection.synapses {
      case .convolution(let window, let groups, let values, let bits):
        connection.synapses = .convolution(
          window: window, groups: groups, weights: divided(values), bits: bits)
      case .dense(let values, let bits):
        connection.synapses = .dense(weights: divided(values), bits: bits)
      case .channelwise(let values): connection.synapses = .channelwise(weights: divided(values))
      case .maxPool, .potentials: break
      }
      return connection
    }
    return result
  }
}

extension MembraneFit {
  /// Whether a channel's numbers fit, whatever those of the others.
  func fits(_ channel: Int, headroom: Int) -> Bool {
    let bias = isSingle ? 0 : neurons.bias[channel] / scales[channel]
    guard abs(bias) <= biasLimit,
      let sums = contributions(channel, bias: Int(bias.rounded()), fraction: 0),
      let thresholds = thresholds(channel, sums), let amounts = amounts(channel, thresholds)
    else { return false }
    guard let initial = initial(channel, thresholds) else { return false }
    return clamps(
      sums, thresholds: thresholds, amounts: amounts, initial: initial,
      floor: floor(channel), headroom: headroom) != nil
  }

  /// How many times too large the threshold or the bias of a channel is: a power of two.
  func excess(_ channel: Int) -> Double {
    let largest = neurons.thresholds.map { abs($0[channel]) }.max() ?? 0
    // What a soft reset subtracts may be more than the threshold, and a floor lower than both.
    let amounts = neurons.amounts.map { abs($0[channel]) }.max() ?? largest * neurons.resetFactor
    let others = [neurons.initials, neurons.floors].map { $0.isEmpty ? 0 : abs($0[channel]) }
    let threshold = max(largest, amounts, others[0], others[1])
    let bias = isSingle ? 0 : abs(neurons.bias[channel])
    let needed = max(
      threshold / (Double(limit) * Double(1 << shift)), bias / biasLimit)
    let factor = needed / scales[channel]
    guard factor > 1 else { return 1 }
    return factor.isFinite ? Double(sign: .plus, exponent: factor.exponent, significand: 1) : factor
  }
}
