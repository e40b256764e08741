extension Model {
  /// Checks every layer and connection, in order, and the overflow proof of each.
  func validateLayers() throws(SpikeletError) {
    var nextConnection: Int32 = 0
    for index in 0..<layerCount {
      let layer = layer(index)
      let i = Int32(truncatingIfNeeded: index)
      guard let kind = LayerKind(rawValue: layer.kind) else {
        throw SpikeletError(.unsupported, .layerKind, index: i, given: layer.kind)
      }
      try validateCommon(layer, i, &nextConnection)
      switch kind {
      case .neurons: try validateNeurons(layer, i)
      case .maxPool: try validateMaxPool(layer, i)
      }
      var directConnections: Int32 = 0
      for c in 0..<Int(layer.connectionCount) {
        let index = Int(layer.firstConnection) &+ c
        let connection = connection(index)
        try validateConnection(connection, Int32(truncatingIfNeeded: index), layer, i, kind)
        if isDirect(connection) { directConnections &+= 1 }
      }
      guard directConnections <= 1 else {
        throw SpikeletError(
          .unsupported, .layerConnections, index: i, needed: 1, given: directConnections)
      }
      if kind == .neurons { try validateParameters(layer, i) }
    }
    guard nextConnection == header.connectionCount else {
      throw SpikeletError(
        .mismatch, .connectionCount, needed: nextConnection, given: header.connectionCount)
    }
    // Who reads a map is known when every layer is.
    for index in 0..<layerCount {
      let layer = layer(index)
      let i = Int32(truncatingIfNeeded: index)
      guard layer.isFused == 0 || (layer.isFused == 1 && canFuse(layer, i)) else {
        throw SpikeletError(.unsupported, .fused, index: i, given: layer.isFused)
      }
    }
    let last = layer(layerCount &- 1)
    guard last.kind == LayerKind.neurons.rawValue, last.height == 1, last.width == 1,
      (last.thresholdCount == 0) == (readOut == .potential)
    else { throw SpikeletError(.mismatch, .readOut, index: header.layerCount &- 1) }
  }

  @inline(never)
  private func validateCommon(
    _ layer: LayerRecord, _ i: Int32, _ nextConnection: inout Int32
  ) throws(SpikeletError) {
    guard layer.nameOffset >= 0, layer.nameBytes >= 0,
      let end = checkedSum(layer.nameOffset, layer.nameBytes), end <= header.namesBytes
    else { throw SpikeletError(.outOfBounds, .layerName, index: i, given: layer.nameOffset) }
    let maximum = ModelFormat.maximumExtent
    guard (1...maximum).contains(layer.channels), (1...maximum).contains(layer.height),
      (1...maximum).contains(layer.width),
      let lanes = checkedProduct(layer.height, layer.width, (layer.channels &+ 7) & ~7),
      checkedProduct(lanes, 4) != nil
    else { throw SpikeletError(.outOfRange, .layerShape, index: i, needed: maximum) }
    guard layer.firstConnection == nextConnection, layer.connectionCount >= 1,
      let next = checkedSum(nextConnection, layer.connectionCount), next <= header.connectionCount
    else {
      throw SpikeletError(
        .mismatch, .layerConnections, index: i, needed: nextConnection,
        given: layer.firstConnection)
    }
    nextConnection = next
  }

  private func validateNeurons(_ layer: LayerRecord, _ i: Int32) throws(SpikeletError) {
    guard layer.membraneBits == 16 || layer.membraneBits == 32 else {
      throw SpikeletError(.unsupported, .membraneBits, index: i, given: layer.membraneBits)
    }
    let isLast = i == header.layerCount &- 1
    // Only the last layer may never fire, and its spikes are counted one a neuron.
    let thresholds = isLast ? 0...1 : 1...ModelFormat.maximumThresholds
    guard thresholds.contains(layer.thresholdCount),
      layer.channels &* layer.thresholdCount <= ModelFormat.maximumExtent
    else {
      throw SpikeletError(
        .unsupported, .thresholds, index: i, needed: thresholds.upperBound,
        given: layer.thresholdCount)
    }
    guard LevelCoding(rawValue: layer.levelCoding) != nil,
      layer.thresholdCount > 1 || layer.levelCoding == LevelCoding.thermometer.rawValue
    else { throw SpikeletError(.unsupported, .levelCoding, index: i, given: layer.levelCoding) }
    // Potentials that outlive a timestep are all there at once.
    guard (1...layer.height).contains(layer.bandRows),
      (1...layer.width).contains(layer.bandColumns), !keepsState || isWhole(layer)
    else {
      throw SpikeletError(.outOfRange, .band, index: i, needed: layer.height, given: layer.bandRows)
    }
    guard let reset = ResetRule(rawValue: layer.reset),
      layer.thresholdCount > 0 || reset == .none
    else { throw SpikeletError(.unsupported, .reset, index: i, given: layer.reset) }
    guard let leak = LeakRule(rawValue: layer.leak) else {
      throw SpikeletError(.unsupported, .leak, index: i, given: layer.leak)
    }
    let validLeak =
      switch leak {
      case .none: layer.leakShift == 0 && layer.leakMultiplier == 0
      case .shift: (1..<layer.membraneBits).contains(layer.leakShift) && layer.leakMultiplier == 0
      case .multiplyFloor, .multiplyTowardZero:
        (1...15).contains(layer.leakShift) && layer.leakMultiplier >= 0
          && layer.leakMultiplier <= 1 &<< layer.leakShift
      }
    guard validLeak else {
      throw SpikeletError(.outOfRange, .leak, index: i, needed: 15, given: layer.leakShift)
    }
    guard (0...16).contains(layer.biasFractionBits) else {
      throw SpikeletError(
        .outOfRange, .biases, index: i, needed: 16, given: layer.biasFractionBits)
    }
    guard (0...24).contains(layer.currentShift) else {
      throw SpikeletError(
        .outOfRange, .currentShift, index: i, needed: 24, given: layer.currentShift)
    }
    guard layer.poolRule == 0, layer.counterBits == 0, layer.countBuffer == ModelFormat.none else {
      throw SpikeletError(.mismatch, .poolRule, index: i, given: layer.poolRule)
    }
    let size = ((layer.channels &+ 7) & ~7) &* (layer.membraneBits / 8)
    if layer.thresholdCount > 0 {
      let all = size &* layer.thresholdCount
      try parameterRange(layer.thresholdsOffset, all, .thresholds, index: i)
      try parameterRange(layer.resetsOffset, all, .resets, index: i)
    } else if layer.thresholdsOffset != ModelFormat.none || layer.resetsOffset != ModelFormat.none {
      throw SpikeletError(
        .mismatch, .thresholds, index: i, needed: ModelFormat.none, given: layer.thresholdsOffset)
    }
    try parameterRange(layer.lowerClampsOffset, size, .clamps, index: i)
    try parameterRange(layer.upperClampsOffset, size, .clamps, index: i)
    try parameterRange(layer.initialsOffset, size, .initials, index: i)
    try parameterRange(
      layer.biasesOffset, ((layer.channels &+ 7) & ~7) &* 4, .biases, index: i)
  }

  @inline(never)
  private func validateMaxPool(_ layer: LayerRecord, _ i: Int32) throws(SpikeletError) {
    guard let rule = MaxPoolRule(rawValue: layer.poolRule) else {
      throw SpikeletError(.unsupported, .poolRule, index: i, given: layer.poolRule)
    }
    guard layer.connectionCount == 1 else {
      throw SpikeletError(
        .unsupported, .layerConnections, index: i, needed: 1, given: layer.connectionCount)
    }
    // The largest number that the counters must hold is the number of timesteps.
    let bits: Int32 =
      !keepsState || rule == .any ? 0 : header.maximumTimesteps <= 255 ? 8 : 16
    guard layer.counterBits == bits else {
      throw SpikeletError(.mismatch, .counterBits, index: i, needed: bits, given: layer.counterBits)
    }
    guard layer.membraneBits == 0, layer.thresholdCount == 1 else {
      throw SpikeletError(.mismatch, .membraneBits, index: i, given: layer.membraneBits)
    }
  }
}
