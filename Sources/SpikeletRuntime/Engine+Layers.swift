extension Engine {
  /// The bytes of one buffer of the plan, or nil for no buffer.
  @inline(never)
  @_lifetime(self: copy self)
  mutating func region(_ buffer: Int32) -> Region? {
    guard buffer != ModelFormat.none else { return nil }
    let record = model.buffer(Int(buffer))
    return Region(&arena, offset: Int(record.offset), count: Int(record.bytes))
  }

  @inline(never)
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
    InputEncoder(
      mode: model.inputMode, timestep: timestep, image: image,
      seed: SIMD2(model.header.poissonSeedLow, model.header.poissonSeedHigh)
    ).encode(ReadRegion(input), model.map(0), into: spikes)
  }

  /// Runs one layer of the current timestep. Layers run in order, each once a timestep.
  @inline(never)
  @_lifetime(self: copy self)
  public mutating func runLayer(_ index: Int, input: Span<UInt8>) {
    precondition(timestep >= 1 && input.count == model.inputCount)
    let layer = model.layer(index)
    if layer.kind == LayerKind.maxPool.rawValue {
      runMaxPool(layer)
    } else {
      runNeurons(layer, input)
    }
    if index == model.layerCount &- 1 { countScores(layer) }
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
  private mutating func runNeurons(_ layer: LayerRecord, _ input: Span<UInt8>) {
    guard let buffer = region(layer.membraneBuffer) else { return }
    let membranes = Membranes(buffer, bits: layer.membraneBits)
    let neurons = Neurons(layer)
    let direct = directConnection(layer)
    if timestep == 1 {
      if let direct { injectCurrent(direct, layer, input, buffer) }
      // A model of one timestep has no buffer for the current: it lies in the membranes already.
      let isCurrentInPlace = direct != nil && layer.currentBuffer == ModelFormat.none
      neurons.initialize(
        membranes, initials: perChannel(layer.initialsOffset, layer), adding: isCurrentInPlace)
    } else {
      Leak(layer).update(membranes, count: neurons.membraneCount)
    }
    for c in 0..<Int(layer.connectionCount) {
      let connection = model.connection(Int(layer.firstConnection) &+ c)
      if !model.isDirect(connection) { scatter(connection, layer, membranes) }
    }
    let parameters = NeuronParameters(
      thresholds: perChannel(layer.thresholdsOffset, layer),
      resets: perChannel(layer.resetsOffset, layer),
      lowerClamps: perChannel(layer.lowerClampsOffset, layer),
      upperClamps: perChannel(layer.upperClampsOffset, layer),
      biases: direct == nil ? biases(layer) : nil,
      current: readRegion(layer.currentBuffer))
    let spikes = region(layer.spikeBuffer)
    if membranes.isWide {
      neurons.update(buffer, parameters, spikes: spikes, timestep: timestep, scalar: Int32.self)
    } else {
      neurons.update(buffer, parameters, spikes: spikes, timestep: timestep, scalar: Int16.self)
    }
  }

  /// A per-channel parameter of a layer, as wide as its membranes; empty where it has none.
  @inline(never)
  private func perChannel(_ offset: Int32, _ layer: LayerRecord) -> ReadRegion {
    let isAbsent = offset == ModelFormat.none
    let size = padded(Int(layer.channels)) &* Int(layer.membraneBits / 8)
    return model.parameters(isAbsent ? 0 : offset, count: isAbsent ? 0 : size)
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
  private mutating func scatter(
    _ connection: ConnectionRecord, _ layer: LayerRecord, _ membranes: Membranes
  ) {
    guard let spikes = spikes(Int(connection.source)) else { return }
    let source = model.map(Int(connection.source))
    let weights = Weights(model.weights(connection), bits: connection.weightBits)
    let target = membranes.region
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      let shape = Convolution(connection, source: source, layer: layer)
      if membranes.isWide {
        shape.scatter(spikes, weights, to: target, &synapticOperations, scalar: Int32.self)
      } else {
        shape.scatter(spikes, weights, to: target, &synapticOperations, scalar: Int16.self)
      }
    case .dense:
      let shape = Dense(connection, source: source, layer: layer)
      if membranes.isWide {
        shape.scatter(spikes, weights, to: target, &synapticOperations, scalar: Int32.self)
      } else {
        shape.scatter(spikes, weights, to: target, &synapticOperations, scalar: Int16.self)
      }
    default:
      Channelwise(connection, source: source, layer: layer)
        .scatter(spikes, weights.region, to: membranes, &synapticOperations)
    }
  }
}
