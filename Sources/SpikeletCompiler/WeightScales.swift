import SpikeletModel

/// The choice of each output channel's weight scale.
enum WeightScales {
  /// One scale a channel: the value of one unit of a weight.
  ///
  /// With 8 bits the largest weight of the channel becomes 127. With 4 bits the scale is the one of
  /// a fixed grid that gives the smallest squared error; it clips a few large weights. Weights that
  /// were trained as whole numbers are these numbers again, see `WeightGrid`.
  ///
  /// - Parameters:
  ///   - isShared: one scale for all channels, for a read-out whose potentials are compared.
  ///   - isExact: the weights were trained on whole multiples of their scale.
  ///   - unit: the weight of a channelwise spike in a layer that has no other weights.
  static func choose(
    _ layer: SpikingNetwork.Layer, bits: Int, isShared: Bool, isExact: Bool, unit: Double
  ) -> [Double] {
    let channels = layer.shape.channels
    var rows = [[Double]](repeating: [], count: channels)
    var channelwise = [Double](repeating: 0, count: channels)
    for connection in layer.connections {
      switch connection.synapses {
      case .convolution(_, _, let weights), .dense(let weights):
        let count = weights.count / channels
        for c in 0..<channels { rows[c] += weights[c * count..<(c + 1) * count] }
      case .channelwise(let weights):
        for c in 0..<channels { channelwise[c] = max(channelwise[c], abs(weights[c])) }
      case .maxPool: break
      }
    }
    let limit = bits == 4 ? 7.0 : 127.0
    if isShared { rows = [rows.flatMap { $0 }] }
    var scales = rows.map { row in
      let largest = row.map(abs).max() ?? 0
      if isExact { return WeightGrid.step(of: row, limit: Int(limit)) ?? largest / limit }
      return bits == 4
        ? leastSquares(row, largest: largest, limit: limit) : largest / limit
    }
    if isShared { scales = [Double](repeating: scales[0], count: channels) }
    // A layer without weights counts in fractions of its spikes; a channel of zeros in any unit.
    let fallback = scales.max() ?? 0
    let widest = channelwise.max() ?? 0
    for c in 0..<channels where scales[c] == 0 {
      let own = isShared ? widest : channelwise[c]
      scales[c] = own > 0 ? own / unit : fallback > 0 ? fallback : 1
    }
    return scales
  }

  /// The scale among largest/limit × 0.40, 0.42, … 1.00 with the smallest squared error.
  private static func leastSquares(_ row: [Double], largest: Double, limit: Double) -> Double {
    guard largest > 0 else { return 0 }
    var best = (error: Double.infinity, scale: largest / limit)
    for step in 20...50 {
      let scale = largest / limit * Double(step) / 50
      let error = row.reduce(0.0) { sum, weight in
        let quantized = min(limit, max(-limit, (weight / scale).rounded())) * scale
        return sum + (weight - quantized) * (weight - quantized)
      }
      if error < best.error { best = (error, scale) }
    }
    return best.scale
  }
}

extension SpikingNetwork.Connection {
  /// The connection with integer weights; counts those that the scale clips.
  func quantized(
    scales: [Double], bits: Int, saturated: inout Int
  ) -> IntegerNetwork.Connection {
    let limit = bits == 4 ? 7 : 127
    func integers(_ weights: [Double]) -> [Int] {
      let row = weights.count / scales.count
      return weights.indices.map { i in
        let exact = (weights[i] / scales[i / row]).rounded()
        if abs(exact) > Double(limit) { saturated += 1 }
        return Int(min(Double(limit), max(-Double(limit), exact)))
      }
    }
    let synapses: IntegerNetwork.Synapses
    switch self.synapses {
    case .convolution(let window, let groups, let weights):
      synapses = .convolution(
        window: window, groups: groups, weights: integers(weights), bits: bits)
    case .dense(let weights):
      synapses = .dense(weights: integers(weights), bits: bits)
    case .channelwise(let weights):
      synapses = .channelwise(
        weights: zip(weights, scales).map { Int(max(-1e9, min(1e9, ($0 / $1).rounded()))) })
    case .maxPool: synapses = .maxPool
    }
    return IntegerNetwork.Connection(
      source: source, pool: pool, pooledShape: pooledShape, synapses: synapses)
  }
}
