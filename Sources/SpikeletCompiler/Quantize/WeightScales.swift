/// The weight scale of each output channel of a layer: the value of one unit of a weight.
struct WeightScales {
  /// One scale a channel.
  var values: [Double]
  /// The bits of a weight in the file: 4, 8 or 16.
  var bits: Int
  /// The largest magnitude of a weight.
  var limit: Int

  /// Scales that are given, with weights of some bits.
  init(values: [Double], bits: Int) {
    self.values = values
    self.bits = Self.stored(bits: bits)
    limit = Self.limit(bits: bits)
  }

  /// The bits that a weight of `bits` has in the file: a weight of 7 is one of 8 that stays small.
  static func stored(bits: Int) -> Int { bits <= 4 ? 4 : bits <= 8 ? 8 : 16 }

  /// The largest magnitude of a weight; the most negative number is given up, but where training has
  /// used it.
  static func limit(bits: Int) -> Int { 1 << (bits - 1) - 1 }

  /// Chooses the scales of a layer.
  ///
  /// With 5 bits or more the largest weight of the channel becomes the limit. With fewer the scale is
  /// the one of a fixed grid that gives the smallest squared error; it clips a few large weights.
  /// Weights that were trained as whole numbers are these numbers again, see `WeightGrid`; where an
  /// average pool has made sums of them, they take as many bits as the sums do.
  ///
  /// - Parameters:
  ///   - bits: of a weight, 2 to 16, unless it is a sum.
  ///   - isShared: one scale for all channels, for a read-out whose potentials are compared.
  ///   - hasTrainedThresholds: the weights were trained on whole multiples of their scale.
  ///   - unit: the weight of a channelwise spike in a layer that has no other weights.
  init(
    _ layer: SpikingNetwork.Layer, bits: Int, isShared: Bool, hasTrainedThresholds: Bool,
    unit: Double
  ) {
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
      case .maxPool, .potentials: break
      }
    }
    if isShared { rows = [rows.flatMap { $0 }] }
    self.bits = Self.stored(bits: bits)
    let limit = Self.limit(bits: bits)
    self.limit = limit
    let foldedPoolArea = layer.connections.map(\.foldedPoolArea).max() ?? 1
    let sums =
      hasTrainedThresholds && foldedPoolArea > 1
      ? Self.sums(rows, limit: limit * foldedPoolArea) : nil
    if let sums {
      values = sums.scales
      self.bits = max(self.bits, sums.bits)
      self.limit = Self.limit(bits: self.bits)
    } else {
      values = rows.map { row in
        let largest = row.map(abs).max() ?? 0
        if hasTrainedThresholds {
          return WeightGrid.step(of: row, limit: limit, fillsRange: true)
            ?? largest / Double(limit)
        }
        return bits <= 4
          ? Self.leastSquares(row, largest: largest, limit: Double(limit))
          : largest / Double(limit)
      }
    }
    Self.refine(&values, layer, rows: rows, limit: limit)
    if let unit = Self.trainedUnit(layer, rows: rows, limit: limit) {
      values = [Double](repeating: unit, count: values.count)
    }
    if isShared { values = [Double](repeating: values[0], count: channels) }
    // A layer without weights counts in fractions of its spikes; a channel of zeros in any unit.
    let fallback = values.max() ?? 0
    let widest = channelwise.max() ?? 0
    for c in 0..<channels where values[c] == 0 {
      let own = isShared ? widest : channelwise[c]
      values[c] = own > 0 ? own / unit : fallback > 0 ? fallback : 1
    }
  }

  /// Makes scales whole numbers of times smaller, where something that potentials are compared with or
  /// changed by is no whole number of them: weights on a grid stay on it.
  private static func refine(
    _ values: inout [Double], _ layer: SpikingNetwork.Layer, rows: [[Double]], limit: Int
  ) {
    guard case .neurons(let neurons) = layer.kind, neurons.countsFinely,
      neurons.fires || neurons.isCurrent, values.count == rows.count
    else { return }
    for channel in values.indices where values[channel] > 0 {
      let scale = values[channel]
      let amounts = neurons.thresholds.indices.map { neurons.amount($0, channel: channel) }
      var others = neurons.reset == .soft ? amounts : []
      for list in [neurons.initials, neurons.floors] where !list.isEmpty {
        others.append(list[channel])
      }
      let isWhole = others.allSatisfy { abs($0 / scale - ($0 / scale).rounded()) < 1e-6 }
      // What a current is compared with later is seldom whole.
      guard neurons.isCurrent || neurons.leak.rule != .none || !isWhole else { continue }
      let largest = rows[channel].map(abs).max() ?? 0
      let multiple = (largest / scale).rounded()
      guard multiple >= 1, multiple * 2 <= Double(limit) else { continue }
      values[channel] = scale / (Double(limit) / multiple).rounded(.down)
    }
  }

  /// What training counted potentials in, where all weights are whole multiples of it that fit.
  private static func trainedUnit(
    _ layer: SpikingNetwork.Layer, rows: [[Double]], limit: Int
  ) -> Double? {
    guard case .neurons(let neurons) = layer.kind, let unit = neurons.unit, unit > 0 else {
      return nil
    }
    let fits = rows.allSatisfy { row in
      row.allSatisfy { weight in
        let exact = weight / unit
        return abs(exact) <= Double(limit) && abs(exact - exact.rounded()) <= 1e-6
      }
    }
    return fits ? unit : nil
  }

  /// The scales of which all weights are whole multiples, none above `limit`, and the bits that they
  /// need; nil where a channel has none.
  private static func sums(_ rows: [[Double]], limit: Int) -> (scales: [Double], bits: Int)? {
    var scales: [Double] = []
    var widest = 0.0
    for row in rows {
      let largest = row.map(abs).max() ?? 0
      let exact = WeightGrid.step(of: row, limit: limit, fillsRange: false)
      guard let step = largest > 0 ? exact : 0 else { return nil }
      scales.append(step)
      if step > 0 { widest = max(widest, (largest / step).rounded()) }
    }
    return [4, 8, 16].first { widest <= Double(Self.limit(bits: $0)) }.map { (scales, $0) }
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
  ///
  /// - Parameter keepsLowest: whether the most negative number of the bits may be used.
  func quantized(
    _ chosen: WeightScales, keepsLowest: Bool, saturated: inout Int
  ) -> IntegerNetwork.Connection {
    let (scales, bits, limit) = (chosen.values, chosen.bits, chosen.limit)
    let lowest = keepsLowest ? -limit - 1 : -limit
    func integers(_ weights: [Double]) -> [Int] {
      let row = weights.count / scales.count
      return weights.indices.map { i in
        let exact = (weights[i] / scales[i / row]).rounded()
        if exact > Double(limit) || exact < Double(lowest) { saturated += 1 }
        return Int(min(Double(limit), max(Double(lowest), exact)))
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
    case .potentials: synapses = .potentials
    }
    return IntegerNetwork.Connection(
      source: source, pool: pool, pooledShape: pooledShape, synapses: synapses)
  }
}
