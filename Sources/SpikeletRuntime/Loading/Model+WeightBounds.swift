extension Model {
  /// The sums of the negative and of the positive contributions that one connection can make in one
  /// timestep to the eight channels of a block.
  ///
  /// A source neuron contributes its weight times 0…m, where m is the size of the pool's window; a
  /// pixel its weight times (0 − zero point)…(255 − zero point), summed over the window.
  func weightBounds(
    _ c: ConnectionRecord, _ index: Int32, _ layer: NeuronRecord, block: Int
  ) throws(SpikeletError) -> ContributionBounds {
    if c.kind == ConnectionKind.channelwise.rawValue {
      return try channelwiseSums(c, index, layer, block: block)
    }
    #if !SPIKELET_WITHOUT_RECURRENCE
      if c.kind == ConnectionKind.potentials.rawValue {
        // The other layer's record has been checked before.
        let other = neurons(Int(c.source &- 1))
        return ContributionBounds(
          low: SIMD8(repeating: min(other.lowestPotential, 0)),
          high: SIMD8(repeating: max(other.highestPotential, 0)))
      }
    #endif
    let layout = weightLayout(c, of: layer.layer)
    let area = c.poolHeight &* c.poolWidth
    // One weight for every input of a channel; no sum exceeds rows · magnitude · 255 · area.
    let perRow = isDirect(c) ? checkedProduct(area, 255) : area
    let magnitude: Int32 = c.weightBits == 16 ? 32768 : 128
    let rows = Int32(truncatingIfNeeded: layout.rowCount / layout.groups)
    guard let perRow, checkedProduct(rows, magnitude, perRow) != nil else {
      throw SpikeletError(.overflow, .weights, index: index, given: rows)
    }
    return layout.groups == 1 ? sums(c, layout, block) : groupedSums(c, layout, block)
  }

  /// Each weight of a row meets another channel, so the sums of eight channels are eight lanes.
  private func sums(
    _ c: ConnectionRecord, _ layout: WeightLayout, _ block: Int
  ) -> ContributionBounds {
    let weights = Weights(weights(c), bits: c.weightBits)
    let lines = WeightLines(layout, block: block)
    var proof = ContributionBounds()
    if isDirect(c) {
      for line in 0..<lines.rows &* lines.count {
        let range = inputRange(c, channel: WeightLines.input(layout, ofLine: line))
        let offset = line / lines.count &* lines.rowStep &+ line % lines.count &* lines.step
        let row = Int16.lengthen(lines.load(weights, lines.first &+ offset))
        accumulate(row, range, into: &proof)
      }
      return proof
    }
    // Spikes are all alike: the positive weights and the negative ones, times as many as can meet.
    var all = SIMD8<Int32>.zero
    var offset = lines.first
    for _ in 0..<lines.count {
      let row = lines.load(weights, offset)
      all &+= Int16.lengthen(row)
      proof.high &+= Int16.lengthen(pointwiseMax(row, .zero))
      offset &+= lines.step
    }
    let area = SIMD8<Int32>(repeating: c.poolHeight &* c.poolWidth)
    proof.low = (all &- proof.high) &* area
    proof.high &*= area
    return proof
  }

  /// Neighbouring lanes may belong to different groups, so each channel sums for itself.
  private func groupedSums(
    _ c: ConnectionRecord, _ layout: WeightLayout, _ block: Int
  ) -> ContributionBounds {
    let weights = Weights(weights(c), bits: c.weightBits)
    var proof = ContributionBounds()
    let rows = layout.rowCount / layout.groups
    let isDirect = isDirect(c)
    for lane in 0..<min(8, layout.outputs &- block &* 8) {
      let output = block &* 8 &+ lane
      let first = output / layout.rowLength &* rows
      let index = output % layout.rowLength
      var (low, high): (Int32, Int32) = (0, 0)
      var offset = first &* layout.rowBytes
      // A pixel's range depends on its channel; spikes are all alike.
      var range = (low: Int32(0), high: c.poolHeight &* c.poolWidth)
      for row in first..<(first &+ rows) {
        if isDirect { range = inputRange(c, channel: WeightLines.input(layout, ofLine: row)) }
        let weight = Int32(weights.weight(offset, index: index))
        let (positive, negative) = (max(weight, 0), min(weight, 0))
        high &+= positive &* range.high &+ negative &* range.low
        low &+= positive &* range.low &+ negative &* range.high
        offset &+= layout.rowBytes
      }
      proof.set(lane, low: low, high: high)
    }
    return proof
  }

  private func channelwiseSums(
    _ c: ConnectionRecord, _ index: Int32, _ layer: NeuronRecord, block: Int
  ) throws(SpikeletError) -> ContributionBounds {
    let weights = weights(c)
    var proof = ContributionBounds()
    for lane in 0..<min(8, Int(layer.channels) &- block &* 8) {
      let channel = block &* 8 &+ lane
      let weight =
        layer.membraneBits == 16
        ? Int32(weights.load(channel &* 2, as: Int16.self))
        : weights.load(channel &* 4, as: Int32.self)
      let range = inputRange(c, channel: channel)
      guard let a = checkedProduct(weight, range.low), let b = checkedProduct(weight, range.high)
      else { throw SpikeletError(.overflow, .weights, index: index, given: weight) }
      proof.set(lane, low: min(min(a, b), 0), high: max(max(a, b), 0))
    }
    return proof
  }

  /// The smallest and largest value of one pooled site of an input channel.
  @inline(never)
  private func inputRange(_ c: ConnectionRecord, channel: Int) -> (low: Int32, high: Int32) {
    let area = c.poolHeight &* c.poolWidth
    guard isDirect(c) else { return (0, area) }
    let zero = parameters(
      header.zeroPointsOffset &+ Int32(truncatingIfNeeded: channel &* 4), count: 4
    ).load(0, as: Int32.self)
    return (0 &- zero &* area, (255 &- zero) &* area)
  }

  @inline(__always)
  private func accumulate(
    _ weights: SIMD8<Int32>, _ range: (low: Int32, high: Int32),
    into proof: inout ContributionBounds
  ) {
    let zero = SIMD8<Int32>.zero
    let positive = weights.replacing(with: zero, where: weights .< zero)
    let negative = weights &- positive
    let low = SIMD8<Int32>(repeating: range.low)
    let high = SIMD8<Int32>(repeating: range.high)
    proof.high &+= positive &* high &+ negative &* low
    proof.low &+= positive &* low &+ negative &* high
  }
}
