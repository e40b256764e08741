extension Engine {
  /// The bytes of one buffer of the plan, or nil for no buffer.
  @_lifetime(self: copy self)
  mutating func region(_ buffer: Int32) -> Region? {
    guard buffer != ModelFormat.none else { return nil }
    let record = model.buffer(Int(buffer))
    return Region(&arena, offset: Int(record.offset), count: Int(record.bytes))
  }

  func readRegion(_ buffer: Int32) -> ReadRegion? {
    guard buffer != ModelFormat.none else { return nil }
    let record = model.buffer(Int(buffer))
    return ReadRegion(arena.bytes, offset: Int(record.offset), count: Int(record.bytes))
  }

  /// The spike map of a source: 0 is the encoded input, i the output of layer i − 1.
  func spikes(_ source: Int) -> ReadRegion? {
    readRegion(
      source == 0 ? model.header.inputBuffer : model.layer(source &- 1).spikeBuffer)
  }

  /// Writes the input's spike map of this timestep, where the mode has one.
  @_lifetime(self: copy self)
  mutating func encode(_ input: Span<UInt8>, image: UInt32) {
    guard let spikes = region(model.header.inputBuffer) else { return }
    let pixels = ReadRegion(input)
    switch model.inputMode {
    case .direct: break
    case .rate: InputEncoder.encodeRate(pixels, model.map(0), timestep: timestep, into: spikes)
    case .poisson:
      InputEncoder.encodePoisson(
        pixels, model.map(0), timestep: timestep, image: image,
        seed: SIMD2(model.header.poissonSeedLow, model.header.poissonSeedHigh), into: spikes)
    }
  }

  /// Runs one layer of the current timestep. Layers run in order, each once a timestep.
  @_lifetime(self: copy self)
  public mutating func runLayer(_ index: Int, input: Span<UInt8>) {
    precondition(timestep >= 1 && input.count == model.inputCount)
    let layer = model.layer(index)
    if layer.kind == LayerKind.maxPool.rawValue {
      runMaxPool(layer)
    } else if layer.membraneBits == 16 {
      runNeurons(layer, input, scalar: Int16.self)
    } else {
      runNeurons(layer, input, scalar: Int32.self)
    }
  }

  @_lifetime(self: copy self)
  private mutating func runMaxPool(_ layer: LayerRecord) {
    let connection = model.connection(Int(layer.firstConnection))
    let source = model.map(Int(connection.source))
    let pool = MaxPool(connection, source: source, layer: layer)
    guard let input = spikes(Int(connection.source)), let result = region(layer.spikeBuffer)
    else { return }
    pool.update(input, counters: region(layer.countBuffer), into: result, first: timestep == 1)
  }

  @_lifetime(self: copy self)
  private mutating func runNeurons<Scalar: MembraneScalar>(
    _ layer: LayerRecord, _ input: Span<UInt8>, scalar: Scalar.Type
  ) {
    guard let membranes = region(layer.membraneBuffer) else { return }
    let neurons = Neurons(layer)
    let size = neurons.paddedChannels &* MemoryLayout<Scalar>.size
    let direct = directConnection(layer)
    let initials = model.parameters(layer.initialsOffset, count: size)
    if timestep == 1 {
      if let direct { injectCurrent(direct, layer, input, membranes) }
      // A model of one timestep has no buffer for the current: it lies in the membranes already.
      let isCurrentInPlace = direct != nil && layer.currentBuffer == ModelFormat.none
      neurons.initialize(
        membranes, initials: initials, adding: isCurrentInPlace, scalar: scalar)
    } else {
      Leak(layer).update(
        Membranes(membranes, bits: layer.membraneBits), count: neurons.membraneCount)
    }
    for c in 0..<Int(layer.connectionCount) {
      let connection = model.connection(Int(layer.firstConnection) &+ c)
      if !model.isDirect(connection) { scatter(connection, layer, membranes, scalar: scalar) }
    }
    let isFiring = layer.thresholdCount > 0
    let parameters = NeuronParameters(
      thresholds: model.parameters(
        isFiring ? layer.thresholdsOffset : 0, count: isFiring ? size : 0),
      resets: model.parameters(isFiring ? layer.resetsOffset : 0, count: isFiring ? size : 0),
      lowerClamps: model.parameters(layer.lowerClampsOffset, count: size),
      upperClamps: model.parameters(layer.upperClampsOffset, count: size))
    neurons.update(
      membranes, current: readRegion(layer.currentBuffer),
      biases: direct == nil ? biases(layer) : nil, parameters: parameters,
      spikes: region(layer.spikeBuffer), timestep: timestep, scalar: scalar)
    if layer.spikeBuffer != ModelFormat.none, let scores = region(model.header.scoreBuffer),
      model.header.scoreBuffer == scoreBuffer(of: layer)
    {
      countScores(layer, scores)
    }
  }

  /// The connection that turns the picture into a current, if a layer has one.
  private func directConnection(_ layer: LayerRecord) -> ConnectionRecord? {
    for c in 0..<Int(layer.connectionCount) {
      let connection = model.connection(Int(layer.firstConnection) &+ c)
      if model.isDirect(connection) { return connection }
    }
    return nil
  }

  func biases(_ layer: LayerRecord) -> ReadRegion {
    model.parameters(layer.biasesOffset, count: padded(Int(layer.channels)) &* 4)
  }

  /// Computes the constant current of a picture, into its buffer or, in a model of one timestep, into
  /// the membranes.
  @_lifetime(self: copy self)
  private mutating func injectCurrent(
    _ connection: ConnectionRecord, _ layer: LayerRecord, _ input: Span<UInt8>,
    _ membranes: Region
  ) {
    let source = model.map(0)
    let current = DirectCurrent(
      input: ReadRegion(input),
      zeroPoints: model.parameters(model.header.zeroPointsOffset, count: source.channels &* 4),
      inputChannels: source.channels, inputHeight: source.height, inputWidth: source.width,
      pool: PoolView(connection),
      weights: Weights(model.weights(connection), bits: connection.weightBits),
      biases: biases(layer), shift: layer.currentShift,
      target: Membranes(region(layer.currentBuffer) ?? membranes, bits: layer.membraneBits))
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      current.convolve(Convolution(connection, source: source, layer: layer))
    case .dense: current.multiply(Dense(connection, source: source, layer: layer))
    default: current.scale(Channelwise(connection, source: source, layer: layer))
    }
  }

  /// Adds what the spikes of one source cause.
  @_lifetime(self: copy self)
  private mutating func scatter<Scalar: MembraneScalar>(
    _ connection: ConnectionRecord, _ layer: LayerRecord, _ membranes: Region, scalar: Scalar.Type
  ) {
    guard let spikes = spikes(Int(connection.source)) else { return }
    let source = model.map(Int(connection.source))
    let weights = Weights(model.weights(connection), bits: connection.weightBits)
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      Convolution(connection, source: source, layer: layer).scatter(
        spikes: spikes, weights: weights, membranes: membranes, operations: &synapticOperations,
        scalar: scalar)
    case .dense:
      Dense(connection, source: source, layer: layer).scatter(
        spikes: spikes, weights: weights, membranes: membranes, operations: &synapticOperations,
        scalar: scalar)
    default:
      Channelwise(connection, source: source, layer: layer).scatter(
        spikes: spikes, weights: weights.region,
        membranes: Membranes(membranes, bits: layer.membraneBits), operations: &synapticOperations)
    }
  }
}
