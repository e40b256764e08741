extension Model {
  /// Checks every layer and connection, in order, and the overflow proof of each.
  func validateLayers() throws(SpikeletError) {
    var chain = Chain()
    for index in 0..<layerCount {
      let layer = layer(index)
      let i = Int32(truncatingIfNeeded: index)
      guard let kind = LayerKind(rawValue: layer.kind) else {
        throw SpikeletError(.unsupported, .layerKind, index: i, given: layer.kind)
      }
      try validateCommon(layer, i, &chain)
      switch kind {
      case .neurons: try validateNeurons(neurons(index), i, &chain)
      case .maxPool: try validateMaxPool(maxPool(index), i)
      }
      for c in 0..<layer.connectionCount {
        try validateConnection(layer.firstConnection &+ c, layer, i, kind, &chain)
      }
      if kind == .neurons { try validateParameters(neurons(index), i) }
    }
    guard chain.nextConnection == header.connectionCount else {
      throw SpikeletError(
        .mismatch, .connectionCount, needed: chain.nextConnection, given: header.connectionCount)
    }
    try validateEnd(of: chain)
  }

  /// What follows from one record to the next: where connections and weights go on, and how many maps
  /// have the last reader that they claim.
  struct Chain {
    var nextConnection: Int32 = 0
    /// Where the weights so far end.
    var weightsEnd = Size(Int32(0))
    /// Maps whose last reader, or first late one, is known to be right.
    var confirmedReaders: Int32 = 0
    #if !SPIKELET_WITHOUT_RECURRENCE
      /// Late ones that have to be.
      var claimedReaders: Int32 = 0
    #endif
  }

  /// The checks that need every layer.
  private func validateEnd(of chain: Chain) throws(SpikeletError) {
    guard chain.weightsEnd == header.weightsBytes else {
      throw SpikeletError(
        .mismatch, .weights, needed: chain.weightsEnd.value ?? -1, given: header.weightsBytes)
    }
    // Every map, the input's included, says who reads it last. No reader was later than that; that it
    // is a reader has been seen as often as there are maps.
    var claimed = header.layerCount &+ 1
    #if !SPIKELET_WITHOUT_RECURRENCE
      claimed &+= chain.claimedReaders
    #endif
    guard chain.confirmedReaders == claimed else {
      throw SpikeletError(
        .mismatch, .lastReader, needed: claimed, given: chain.confirmedReaders)
    }
    let last = layer(layerCount &- 1)
    guard last.kind == LayerKind.neurons.rawValue, last.height == 1, last.width == 1,
      (last.spikeChannels == 0) == (readOut == .potential)
    else { throw SpikeletError(.mismatch, .readOut, index: header.layerCount &- 1) }
    // The scores go on where other layers look at the next picture.
    guard !looksAtMirror || !hasDirectInput(last) else {
      throw SpikeletError(.unsupported, .mirrorLooks, index: header.layerCount &- 1, given: 1)
    }
    try validateClassNames()
    for index in 0..<layerCount where isMaxPool(index) {
      let isFused = maxPool(index).isFused
      guard isFused == 0 || (isFused == 1 && canFuse(index)) else {
        throw SpikeletError(
          .unsupported, .fused, index: Int32(truncatingIfNeeded: index), given: isFused)
      }
    }
  }

  @inline(never)
  private func validateCommon(
    _ layer: LayerRecord, _ i: Int32, _ chain: inout Chain
  ) throws(SpikeletError) {
    try nameRange(layer.nameOffset, layer.nameBytes, .layerName, index: i)
    try validateShape(layer, i)
    let next = Size(chain.nextConnection) + Size(layer.connectionCount)
    guard layer.firstConnection == chain.nextConnection, layer.connectionCount >= 1,
      next.fits(header.connectionCount), let next = next.value
    else {
      throw SpikeletError(
        .mismatch, .layerConnections, index: i, needed: chain.nextConnection,
        given: layer.firstConnection)
    }
    chain.nextConnection = next
    try Self.count(layer.lastReader, i &+ 1, header.layerCount, .lastReader, index: i)
    if layer.lastReader == i &+ 1 { chain.confirmedReaders &+= 1 }
    if i == 0 {
      try Self.count(header.inputLastReader, 0, header.layerCount, .lastReader)
      if header.inputLastReader == 0 { chain.confirmedReaders &+= 1 }
    }
  }

  /// Checks the extents of a layer, which a connection may read that comes before the layer.
  #if SPIKELET_WITHOUT_RECURRENCE
    @inline(__always)
  #else
    @inline(never)
  #endif
  func validateShape(_ layer: LayerRecord, _ i: Int32) throws(SpikeletError) {
    let maximum = ModelFormat.maximumExtent
    try Self.count(layer.channels, 1, maximum, .layerShape, index: i)
    try Self.count(layer.height, 1, maximum, .layerShape, index: i)
    try Self.count(layer.width, 1, maximum, .layerShape, index: i)
    try Self.count(layer.spikeChannels, 0, maximum, .layerShape, index: i)
    // Every index that a kernel forms is below one of these.
    let lanes = Size(layer.height) * layer.width * paddedSize(layer.channels) * 4
    guard lanes.value != nil, map(Int(i) &+ 1).size.value != nil else {
      throw SpikeletError(.outOfRange, .layerShape, index: i, needed: maximum)
    }
  }

  /// Whether layers may read potentials, and what the timestep before has left.
  static var readsStates: Bool { ConnectionKind.potentials.isBuilt }

  private func validateNeurons(
    _ layer: NeuronRecord, _ i: Int32, _ chain: inout Chain
  ) throws(SpikeletError) {
    guard layer.membraneBits == 16 || layer.membraneBits == 32 else {
      throw SpikeletError(.unsupported, .membraneBits, index: i, given: layer.membraneBits)
    }
    let isLast = i == header.layerCount &- 1
    // The last layer may never fire, and its spikes are counted one a neuron. Others may where their
    // potentials outlive a timestep: they are the currents of other layers.
    let least: Int32 = isLast || (keepsState && Self.readsStates) ? 0 : 1
    let thresholds = least...(isLast ? 1 : ModelFormat.maximumThresholds)
    guard thresholds.contains(layer.thresholdCount),
      Size(layer.channels) * layer.thresholdCount == layer.layer.spikeChannels
    else {
      throw SpikeletError(
        .unsupported, .thresholds, index: i, needed: thresholds.upperBound,
        given: layer.thresholdCount)
    }
    guard SpikeCoding(rawValue: layer.spikeCoding) != nil,
      layer.thresholdCount > 1 || layer.spikeCoding == SpikeCoding.thermometer.rawValue
    else { throw SpikeletError(.unsupported, .spikeCoding, index: i, given: layer.spikeCoding) }
    // Potentials that outlive a timestep are all there at once.
    guard (1...layer.height).contains(layer.tileRows),
      (1...layer.width).contains(layer.tileColumns), !keepsState || isWhole(layer)
    else {
      throw SpikeletError(.outOfRange, .tile, index: i, needed: layer.height, given: layer.tileRows)
    }
    guard let reset = ResetRule(rawValue: layer.reset),
      layer.thresholdCount > 0 || reset == .none
    else { throw SpikeletError(.unsupported, .reset, index: i, given: layer.reset) }
    try validateLeak(layer, i)
    try Self.count(layer.biasFractionBits, 0, 16, .biases, index: i)
    try Self.count(layer.currentShift, 0, 24, .currentShift, index: i)
    guard layer.reserved.areEmpty else { throw SpikeletError(.notEmpty, .layerKind, index: i) }
    #if SPIKELET_WITHOUT_RECURRENCE
      guard layer.lateReader == 0 else {
        throw SpikeletError(.unsupported, .lateReader, index: i, given: layer.lateReader)
      }
    #else
      // Who reads a map late runs no later than the layer whose map it is.
      try Self.count(layer.lateReader, 0, i &+ 1, .lateReader, index: i)
      if layer.lateReader != 0 { chain.claimedReaders &+= 1 }
    #endif
    try validateParameterRanges(layer, i)
  }

  private func validateLeak(_ layer: NeuronRecord, _ i: Int32) throws(SpikeletError) {
    guard let leak = LeakRule(rawValue: layer.leak) else {
      throw SpikeletError(.unsupported, .leak, index: i, given: layer.leak)
    }
    let isValid =
      switch leak {
      case .none: layer.leakShift == 0 && layer.leakMultiplier == 0
      case .shift: (1..<layer.membraneBits).contains(layer.leakShift) && layer.leakMultiplier == 0
      case .multiplyFloor, .multiplyTowardZero:
        (1...15).contains(layer.leakShift) && layer.leakMultiplier >= 0
          && layer.leakMultiplier <= 1 &<< layer.leakShift
      }
    guard isValid else {
      throw SpikeletError(.outOfRange, .leak, index: i, needed: 15, given: layer.leakShift)
    }
  }

  private func validateParameterRanges(
    _ layer: NeuronRecord, _ i: Int32
  ) throws(SpikeletError) {
    let size = paddedSize(layer.channels) * (layer.membraneBits / 8)
    if layer.thresholdCount > 0 {
      let all = size * layer.thresholdCount
      try parameterRange(layer.thresholdsOffset, all, .thresholds, index: i)
      try parameterRange(layer.resetsOffset, all, .resets, index: i)
    } else if layer.thresholdsOffset != ModelFormat.none || layer.resetsOffset != ModelFormat.none {
      throw SpikeletError(.notEmpty, .thresholds, index: i, given: layer.thresholdsOffset)
    }
    try parameterRange(layer.lowerClampsOffset, size, .clamps, index: i)
    try parameterRange(layer.upperClampsOffset, size, .clamps, index: i)
    try parameterRange(layer.initialsOffset, size, .initials, index: i)
    try parameterRange(layer.biasesOffset, paddedSize(layer.channels) * 4, .biases, index: i)
  }

  @inline(never)
  private func validateMaxPool(_ pool: MaxPoolRecord, _ i: Int32) throws(SpikeletError) {
    guard let rule = MaxPoolRule(rawValue: pool.rule) else {
      throw SpikeletError(.unsupported, .poolRule, index: i, given: pool.rule)
    }
    guard pool.connectionCount == 1 else {
      throw SpikeletError(
        .unsupported, .layerConnections, index: i, needed: 1, given: pool.connectionCount)
    }
    // The largest number that the counters must hold is the number of timesteps.
    let bits: Int32 =
      !keepsState || rule == .any ? 0 : header.maximumTimesteps <= 255 ? 8 : 16
    guard pool.counterBits == bits else {
      throw SpikeletError(.mismatch, .counterBits, index: i, needed: bits, given: pool.counterBits)
    }
    guard pool.layer.spikeChannels == pool.channels else {
      throw SpikeletError(
        .mismatch, .layerShape, index: i, needed: pool.channels, given: pool.layer.spikeChannels)
    }
    guard pool.reserved.areEmpty, pool.reservedToo.areEmpty else {
      throw SpikeletError(.notEmpty, .layerKind, index: i)
    }
  }
}
