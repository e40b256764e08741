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
    if source != 0 { return readRegion(model.layer(source &- 1).spikeBuffer) }
    return model.looksAtMirror ? nil : readRegion(model.header.inputBuffer)
  }

  /// The timestep of a layer: each look is the first one, but for potentials that are scores.
  @inline(never)
  func timestep(of layer: Int) -> Int {
    let isScore = layer == model.layerCount &- 1 && model.readOut == .potential
    return model.looksAtMirror && !isScore ? 1 : timestep
  }

  /// The picture that this timestep looks at.
  @inline(never)
  func picture(_ input: Span<UInt8>) -> ReadRegion {
    if timestep == 2, model.looksAtMirror, let mirrored = readRegion(model.header.inputBuffer) {
      return mirrored
    }
    return ReadRegion(input)
  }

  /// Writes the input's spike map of this timestep, where the mode has one, or its mirror image.
  @inline(never)
  @_lifetime(self: copy self)
  mutating func encode(_ input: Span<UInt8>, stream: UInt32) {
    guard let spikes = region(model.header.inputBuffer) else { return }
    if model.looksAtMirror {
      if timestep == 2 {
        InputEncoder.mirror(ReadRegion(input), width: model.inputWidth, into: spikes)
      }
      return
    }
    InputEncoder(
      mode: model.inputMode, timestep: Int32(truncatingIfNeeded: timestep), image: stream,
      seed: SIMD2(model.header.poissonSeedLow, model.header.poissonSeedHigh)
    ).encode(ReadRegion(input), model.map(0), into: spikes)
  }

  /// Runs one layer of the current timestep. Layers run in order, each once a timestep.
  @inline(never)
  @_lifetime(self: copy self)
  public mutating func runLayer(_ index: Int, input: Span<UInt8>) {
    precondition(timestep >= 1 && input.count == model.inputCount)
    if model.isMaxPool(index) {
      // A fused pool has run inside the layer before it.
      let pool = model.maxPool(index)
      if pool.isFused == 0 { runMaxPool(pool) }
    } else {
      runNeurons(model.neurons(index), index, input)
    }
    if index == model.layerCount &- 1 { countScores(model.layer(index)) }
  }

  @_lifetime(self: copy self)
  private mutating func runMaxPool(_ layer: MaxPoolRecord) {
    let connection = model.connection(Int(layer.firstConnection))
    let source = model.map(Int(connection.source))
    let pool = MaxPool(connection, source: source, pool: layer)
    guard let input = spikes(Int(connection.source)), let result = region(layer.spikeBuffer)
    else { return }
    pool.update(input, counters: region(layer.countBuffer), into: result, first: timestep == 1)
  }

  /// Runs a layer of neurons, tile by tile.
  @_lifetime(self: copy self)
  private mutating func runNeurons(_ layer: NeuronRecord, _ index: Int, _ input: Span<UInt8>) {
    guard let buffer = region(layer.membraneBuffer) else { return }
    // The layer whose spikes these are, and the window that they are merged into.
    let isPooled = model.isPooled(index)
    let last = model.layer(isPooled ? index &+ 1 : index)
    let spikes = region(last.spikeBuffer)
    let map = model.map(isPooled ? index &+ 2 : index &+ 1)
    var (poolHeight, poolWidth) = (1, 1)
    if isPooled {
      let window = model.connection(Int(last.firstConnection))
      (poolHeight, poolWidth) = (Int(window.poolHeight), Int(window.poolWidth))
    }
    let keepsPotentials = model.keepsPotentials(layer: index)
    let isDirect = model.hasDirectInput(layer.layer)
    let parameters = parameters(layer, isDirect: isDirect)
    var listed = 0
    var top = 0
    while top < Int(layer.height) {
      var left = 0
      while left < Int(layer.width) {
        let tile = Tile(layer, top: top, left: left)
        let target = spikes.map {
          SpikeTarget(
            $0, map: map, isPooled: isPooled, poolHeight: poolHeight, poolWidth: poolWidth,
            layer: layer, tile: tile, keepsPotentials: keepsPotentials)
        }
        #if SPIKELET_WITHOUT_RECURRENCE
          if top &+ left == 0, let target { target.clear() }
        #endif
        #if !SPIKELET_WITHOUT_THREADS
          if let team {
            run(team, layer, index, tile, input, buffer, target, isDirect, parameters, &listed)
            left &+= Int(layer.tileColumns)
            continue
          }
        #endif
        run(layer, index, tile, input, buffer, target, isDirect, parameters, &listed)
        left &+= Int(layer.tileColumns)
      }
      top &+= Int(layer.tileRows)
    }
  }

  /// Runs the neurons of one tile.
  @_lifetime(self: copy self)
  private mutating func run(
    _ layer: NeuronRecord, _ index: Int, _ tile: Tile, _ input: Span<UInt8>, _ buffer: Region,
    _ spikes: SpikeTarget?, _ isDirect: Bool, _ parameters: NeuronParameters,
    _ listed: inout Int
  ) {
    let membranes = Membranes(buffer, bits: layer.membraneBits)
    let neurons = Neurons(layer, tile: tile)
    let timestep = timestep(of: index)
    if timestep == 1 {
      if isDirect { injectCurrent(layer, tile, picture(input), buffer) }
      // A model of one timestep has no buffer for the current: it lies in the membranes already.
      let isCurrentInPlace = isDirect && layer.currentBuffer == ModelFormat.none
      neurons.initialize(membranes, initials: parameters.initials, adding: isCurrentInPlace)
    } else {
      Leak(layer).update(membranes, count: neurons.membraneCount)
    }
    for c in 0..<Int(layer.connectionCount) {
      let connection = model.connection(Int(layer.firstConnection) &+ c)
      // Before the first timestep nothing has fired.
      if model.isDirect(connection) || (timestep == 1 && model.isLate(connection, in: index)) {
        continue
      }
      guard let values = self.spikes(Int(connection.source)) else {
        #if !SPIKELET_WITHOUT_RECURRENCE
          if let currents = potentials(connection) { neurons.take(currents, into: membranes) }
        #endif
        continue
      }
      addSpikes(of: connection, values, layer, tile, membranes, &listed)
    }
    #if !SPIKELET_WITHOUT_RECURRENCE
      // Not earlier: a layer may have read its own spikes of the timestep before.
      if tile.top &+ tile.left == 0, let spikes { spikes.clear() }
    #endif
    neurons.update(
      membranes, parameters, spikes: spikes, timestep: Int32(truncatingIfNeeded: timestep))
  }

  #if !SPIKELET_WITHOUT_RECURRENCE
    /// The potentials that a connection which has no spikes to read adds to those of its layer.
    @inline(never)
    @_lifetime(self: copy self)
    mutating func potentials(_ connection: ConnectionRecord) -> Membranes? {
      let source = model.neurons(Int(connection.source) &- 1)
      guard let region = region(source.membraneBuffer) else { return nil }
      return Membranes(region, bits: source.membraneBits)
    }
  #endif

  /// The per-channel parameters of a layer.
  private func parameters(_ layer: NeuronRecord, isDirect: Bool) -> NeuronParameters {
    let levels = layer.thresholdCount
    return NeuronParameters(
      initials: perChannel(layer.initialsOffset, layer),
      thresholds: perChannel(layer.thresholdsOffset, layer, count: levels),
      resets: perChannel(layer.resetsOffset, layer, count: levels),
      lowerClamps: perChannel(layer.lowerClampsOffset, layer),
      upperClamps: perChannel(layer.upperClampsOffset, layer),
      biases: isDirect ? nil : biases(layer), current: readRegion(layer.currentBuffer))
  }

  /// A per-channel parameter of a layer, as wide as its membranes; empty where it has none.
  @inline(never)
  private func perChannel(_ offset: Int32, _ layer: NeuronRecord, count: Int32 = 1) -> ReadRegion {
    let isAbsent = offset == ModelFormat.none
    let size = padded(Int(layer.channels)) &* Int(layer.membraneBits / 8 &* count)
    return model.parameters(isAbsent ? 0 : offset, count: isAbsent ? 0 : size)
  }

  func biases(_ layer: NeuronRecord) -> ReadRegion {
    model.parameters(layer.biasesOffset, count: padded(Int(layer.channels)) &* 4)
  }

  /// One `Int32` a channel of the picture.
  var zeroPoints: ReadRegion {
    model.parameters(
      model.header.zeroPointsOffset, count: Int(model.header.inputChannels) &* 4)
  }

  /// Computes the constant current of a picture, into its buffer or, in a model of one timestep,
  /// into the membranes of the tile.
  @inline(never)
  @_lifetime(self: copy self)
  private mutating func injectCurrent(
    _ layer: NeuronRecord, _ tile: Tile, _ picture: ReadRegion, _ membranes: Region
  ) {
    let connection = model.connection(Int(layer.firstConnection))
    let current = DirectCurrent(layer)
    let target = Membranes(region(layer.currentBuffer) ?? membranes, bits: layer.membraneBits)
    // Currents of 16 bits are sums of 32 before they are rounded. The membranes, which hold nothing
    // yet, have room for half of the sums at a time.
    let isSplit = current.isWide && !target.isWide
    let sums = Membranes(isSplit ? membranes : target.region, bits: current.isWide ? 32 : 16)
    let rows = isSplit ? model.sumRows(layer) : tile.height
    let counted = synapticOperations
    var top = tile.top
    while top < tile.top &+ tile.height {
      var part = tile
      part.height = min(rows, tile.top &+ tile.height &- top)
      part.top = top
      current.begin(sums, biases: biases(layer), sites: part.sites)
      addPixels(of: connection, picture, zeroPoints: zeroPoints, layer, part, sums)
      if current.shift > 0 {
        current.round(
          sums, into: target,
          start: (top &- tile.top) &* tile.width &* current.paddedChannels, sites: part.sites)
      }
      top &+= rows
    }
    // Multiplications of pixels do not count.
    synapticOperations = counted
  }
}
