extension Model {
  /// Checks the values of a layer's parameters and the overflow proof of every channel.
  func validateParameters(_ layer: NeuronRecord, _ i: Int32) throws(SpikeletError) {
    var lowest = Int32.max
    var highest = Int32.min
    for block in 0..<Int((layer.channels &+ 7) / 8) {
      let sums = try timestepSums(layer, i, block: block)
      for lane in 0..<min(8, Int(layer.channels) &- block &* 8) {
        let range = try channelRange(
          layer, i, channel: block &* 8 &+ lane, low: sums.low[lane], high: sums.high[lane])
        lowest = min(lowest, range.low)
        highest = max(highest, range.high)
      }
    }
    guard lowest == layer.lowestPotential else {
      throw SpikeletError(
        .mismatch, .potentialBound, index: i, needed: lowest, given: layer.lowestPotential)
    }
    guard highest == layer.highestPotential else {
      throw SpikeletError(
        .mismatch, .potentialBound, index: i, needed: highest, given: layer.highestPotential)
    }
  }

  /// What one timestep adds to the eight channels of a block, at least and at most.
  private func timestepSums(
    _ layer: NeuronRecord, _ i: Int32, block: Int
  ) throws(SpikeletError) -> ContributionBounds {
    var proof = ContributionBounds()
    var hasCurrent = false
    for c in 0..<Int(layer.connectionCount) {
      let index = Int(layer.firstConnection) &+ c
      let connection = connection(index)
      let part = try weightBounds(
        connection, Int32(truncatingIfNeeded: index), layer, block: block)
      if isDirect(connection) {
        hasCurrent = true
        let current = try currentRange(part, layer, i, block: block)
        try add(current, to: &proof, i)
      } else {
        try add(part, to: &proof, i)
      }
    }
    if !hasCurrent {
      let biases = parameters(
        layer.biasesOffset, count: Int((layer.channels &+ 7) & ~7) &* 4)
      var part = ContributionBounds()
      for lane in 0..<8 {
        let bias = biases.load((block &* 8 &+ lane) &* 4, as: Int32.self)
        // B·t is formed for every timestep.
        guard bias != Int32.min, checkedProduct(abs(bias), header.maximumTimesteps) != nil else {
          throw SpikeletError(.overflow, .biases, index: i, given: bias)
        }
        part.set(
          lane, low: bias &>> layer.biasFractionBits,
          high: 0 &- ((0 &- bias) &>> layer.biasFractionBits))
      }
      try add(part, to: &proof, i)
    }
    return proof
  }

  /// The range of the rounded direct current, bias included, given that of the weighted pixels.
  private func currentRange(
    _ part: ContributionBounds, _ layer: NeuronRecord, _ i: Int32, block: Int
  ) throws(SpikeletError) -> ContributionBounds {
    let biases = parameters(layer.biasesOffset, count: Int((layer.channels &+ 7) & ~7) &* 4)
    let half: Int32 = layer.currentShift == 0 ? 0 : 1 &<< (layer.currentShift &- 1)
    var result = ContributionBounds()
    let limit: Int32 = layer.membraneBits == 16 ? 32767 : Int32.max
    for lane in 0..<8 {
      let bias = biases.load((block &* 8 &+ lane) &* 4, as: Int32.self)
      // Every partial sum begins with the bias, so the bias alone is inside the range too.
      guard let low = checkedSum(part.low[lane], bias),
        let high = checkedSum(part.high[lane], bias),
        let rounded = checkedSum(high, half)
      else { throw SpikeletError(.overflow, .biases, index: i, given: bias) }
      result.low[lane] = (low &+ half) &>> layer.currentShift
      result.high[lane] = rounded &>> layer.currentShift
      guard result.low[lane] >= 0 &- limit, result.high[lane] <= limit else {
        throw SpikeletError(
          .overflow, .currentShift, index: i, needed: limit, given: result.high[lane])
      }
    }
    return result
  }

  private func add(
    _ part: ContributionBounds, to sum: inout ContributionBounds, _ i: Int32
  ) throws(SpikeletError) {
    // A timestep's negative and positive contributions count apart: any of them may come first. Each moves
    // a sum away from zero; one that comes nearer has passed 32 bits.
    let low = sum.low &+ pointwiseMin(part.low, .zero)
    let high = sum.high &+ pointwiseMax(part.high, .zero)
    let passed = SIMD8<Int32>.zero.replacing(with: 1, where: low .> sum.low)
      .replacing(with: 1, where: high .< sum.high)
    guard passed.wrappedSum() == 0 else {
      throw SpikeletError(.overflow, .potentialBound, index: i)
    }
    (sum.low, sum.high) = (low, high)
  }

  /// Checks one channel's parameters and returns the range of its potential.
  private func channelRange(
    _ layer: NeuronRecord, _ i: Int32, channel: Int, low: Int32, high: Int32
  ) throws(SpikeletError) -> (low: Int32, high: Int32) {
    let lower = parameter(layer.lowerClampsOffset, layer, channel)
    let upper = parameter(layer.upperClampsOffset, layer, channel)
    let initial = parameter(layer.initialsOffset, layer, channel)
    guard lower <= upper else {
      throw SpikeletError(.outOfRange, .clamps, index: i, needed: upper, given: lower)
    }
    guard initial >= lower, initial <= upper else {
      throw SpikeletError(.outOfRange, .initials, index: i, needed: upper, given: initial)
    }
    var floorAfterFire: Int32 = 0
    // Where nothing is subtracted and nothing outlives the timestep, a threshold may be any number.
    let isFree = !keepsState && layer.reset == ResetRule.none.rawValue
    var least = isFree ? Int32.min : 1
    for number in 0..<Int(layer.thresholdCount) {
      let index = number &* padded(Int(layer.channels)) &+ channel
      let threshold = parameter(layer.thresholdsOffset, layer, index)
      let amount = parameter(layer.resetsOffset, layer, index)
      guard threshold >= least else {
        throw SpikeletError(.outOfRange, .thresholds, index: i, needed: least, given: threshold)
      }
      least = threshold
      guard amount >= 0 else {
        throw SpikeletError(.outOfRange, .resets, index: i, needed: 0, given: amount)
      }
      if layer.reset == ResetRule.soft.rawValue {
        floorAfterFire = min(floorAfterFire, threshold &- amount)
      }
    }
    guard
      let range = ContributionBounds.potentialRange(
        lowest: low, highest: high, initial: initial, floorAfterFire: floorAfterFire,
        lowerClamp: lower, upperClamp: upper, timesteps: timesteps(of: layer),
        bits: layer.membraneBits)
    else { throw SpikeletError(.overflow, .potentialBound, index: i, given: high) }
    return range
  }

  /// The timesteps over which a layer's potentials add up: of looks only those of the scores do.
  @inline(never)
  private func timesteps(of layer: NeuronRecord) -> Int32 {
    looksAtMirror && layer.thresholdCount != 0 ? 1 : header.maximumTimesteps
  }

  /// One value of a per-channel parameter that is as wide as the membranes.
  @inline(never)
  func parameter(_ offset: Int32, _ layer: NeuronRecord, _ channel: Int) -> Int32 {
    if layer.membraneBits == 16 {
      let values = parameters(offset &+ Int32(truncatingIfNeeded: channel &* 2), count: 2)
      return Int32(values.load(0, as: Int16.self))
    }
    return parameters(offset &+ Int32(truncatingIfNeeded: channel &* 4), count: 4)
      .load(0, as: Int32.self)
  }
}
