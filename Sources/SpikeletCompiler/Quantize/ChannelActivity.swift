/// What a layer's channels can do at all, by the bounds of what one timestep adds to a potential.
struct ChannelActivity {
  enum Kind {
    /// It depends on the picture whether a neuron fires.
    case normal
    /// No input lets a neuron fire within the most timesteps.
    case silent
    /// Its neurons fire at the same timesteps whatever the input is.
    case constant
  }

  /// One a channel.
  let kinds: [Kind]

  init(
    _ layer: IntegerNetwork.Layer, _ neurons: IntegerNetwork.Neurons, in network: IntegerNetwork
  ) {
    let isDirect = network.input.mode == .direct && layer.connections.contains { $0.source == 0 }
    let sums = ContributionSums(
      connections: layer.connections, channels: layer.shape.channels,
      zeroPoints: isDirect ? network.input.zeroPoints : nil, currents: network.potentialRange(of:))
    kinds = (0..<layer.shape.channels).map { channel in
      guard let first = neurons.thresholds.first?[channel] else { return .normal }
      let bias = neurons.biases[channel]
      let half = neurons.currentShift == 0 ? 0 : 1 << (neurons.currentShift - 1)
      let highest =
        isDirect
        ? sums.high[channel] + (sums.directHigh[channel] + bias + half) >> neurons.currentShift
        : sums.high[channel] - ((-bias) >> neurons.biasFractionBits)
      let lowest =
        isDirect
        ? sums.low[channel] + (sums.directLow[channel] + bias + half) >> neurons.currentShift
        : sums.low[channel] + bias >> neurons.biasFractionBits
      // Within the timesteps no potential rises further than this, and leaks only lower it.
      let growth = max(highest, 0).multipliedReportingOverflow(by: network.maximumTimesteps)
      let most = growth.overflow ? Int.max : neurons.initials[channel] + growth.partialValue
      if most < first { return .silent }
      let last = neurons.thresholds.last?[channel] ?? first
      let hasNoInput =
        sums.low[channel] == 0 && sums.high[channel] == 0 && sums.directLow[channel] == 0
        && sums.directHigh[channel] == 0
      // At one timestep, or where every timestep brings the largest threshold, all of them fire.
      let initial = neurons.initials[channel]
      if hasNoInput || (lowest >= last && initial >= 0) { return .constant }
      return .normal
    }
  }
}
