import SpikeletRuntime

/// The records of a network's layers and connections as its file will have them, but for where
/// parameters, weights, names and buffers lie.
///
/// The planner asks them which buffers they need, for one choice of tiles after the other; the writer
/// fills in what is missing.
struct DraftRecords: RecordSource {
  var header: ModelHeader
  var layers: [LayerRecord]
  var connections: [ConnectionRecord]

  func layer(_ index: Int) -> LayerRecord { layers[index] }
  func connection(_ index: Int) -> ConnectionRecord { connections[index] }

  init(_ network: IntegerNetwork) {
    header = ModelHeader(network)
    layers = []
    connections = []
    for layer in network.layers {
      layers.append(
        LayerRecord(layer, firstConnection: connections.count, network.maximumTimesteps))
      connections += layer.connections.map { ConnectionRecord($0, of: layer) }
    }
    header.layerCount = Int32(layers.count)
    header.connectionCount = Int32(connections.count)
  }

  /// The connections of a layer.
  func connections(of layer: LayerRecord) -> ArraySlice<ConnectionRecord> {
    connections[Int(layer.firstConnection)...].prefix(Int(layer.connectionCount))
  }
}

extension ModelHeader {
  fileprivate init(_ network: IntegerNetwork) {
    self.init()
    inputMode = network.input.mode.wire.rawValue
    inputChannels = Int32(network.inputShape.channels)
    inputHeight = Int32(network.inputShape.height)
    inputWidth = Int32(network.inputShape.width)
    poissonSeedLow = UInt32(truncatingIfNeeded: network.input.seed)
    poissonSeedHigh = UInt32(truncatingIfNeeded: network.input.seed >> 32)
    timesteps = Int32(network.timesteps)
    maximumTimesteps = Int32(network.maximumTimesteps)
    readOut = network.readOut.wire.rawValue
    let exit = network.exit.policy
    exitKind = exit.kind.rawValue
    exitParameter = exit.parameter
    exitMinimumMargin = exit.minimumMargin
    exitMinimumTimestep = exit.minimumTimestep
  }
}

extension LayerRecord {
  fileprivate init(_ layer: IntegerNetwork.Layer, firstConnection: Int, _ maximumTimesteps: Int) {
    self.init()
    channels = Int32(layer.shape.channels)
    height = Int32(layer.shape.height)
    width = Int32(layer.shape.width)
    self.firstConnection = Int32(firstConnection)
    connectionCount = Int32(layer.connections.count)
    switch layer.kind {
    case .maxPool(let rule):
      kind = LayerKind.maxPool.rawValue
      thresholdCount = 1
      poolRule = rule.wire.rawValue
      let t = maximumTimesteps
      counterBits = t == 1 || rule == .any ? 0 : t <= 255 ? 8 : 16
    case .neurons(let neurons): fill(neurons)
    }
  }

  private mutating func fill(_ neurons: IntegerNetwork.Neurons) {
    kind = LayerKind.neurons.rawValue
    bandRows = height
    bandColumns = width
    membraneBits = Int32(neurons.membraneBits)
    thresholdCount = Int32(neurons.thresholds.count)
    levelCoding = neurons.thresholdCoding.wire.rawValue
    reset = neurons.reset.wire.rawValue
    leak = neurons.leak.rule.wire.rawValue
    leakMultiplier = Int32(neurons.leak.multiplier)
    leakShift = Int32(neurons.leak.shift)
    biasFractionBits = Int32(neurons.biasFractionBits)
    currentShift = Int32(neurons.currentShift)
    lowestPotential = Int32(neurons.potentialRange.lowerBound)
    highestPotential = Int32(neurons.potentialRange.upperBound)
  }
}

extension ConnectionRecord {
  fileprivate init(_ connection: IntegerNetwork.Connection, of layer: IntegerNetwork.Layer) {
    self.init()
    source = Int32(connection.source)
    if let pool = connection.pool {
      poolHeight = Int32(pool.kernelHeight)
      poolWidth = Int32(pool.kernelWidth)
      poolStrideHeight = Int32(pool.strideHeight)
      poolStrideWidth = Int32(pool.strideWidth)
      poolPaddingTop = Int32(pool.padding.top)
      poolPaddingLeft = Int32(pool.padding.left)
    }
    pooledHeight = Int32(connection.pooledShape.height)
    pooledWidth = Int32(connection.pooledShape.width)
    switch connection.synapses {
    case .convolution(let window, let groups, _, let bits):
      kind = ConnectionKind.convolution.rawValue
      kernelHeight = Int32(window.kernelHeight)
      kernelWidth = Int32(window.kernelWidth)
      strideHeight = Int32(window.strideHeight)
      strideWidth = Int32(window.strideWidth)
      paddingTop = Int32(window.padding.top)
      paddingLeft = Int32(window.padding.left)
      self.groups = Int32(groups)
      weightBits = Int32(bits)
    case .dense(_, let bits):
      kind = ConnectionKind.dense.rawValue
      weightBits = Int32(bits)
    case .channelwise:
      kind = ConnectionKind.channelwise.rawValue
      if case .neurons(let neurons) = layer.kind { weightBits = Int32(neurons.membraneBits) }
    case .maxPool: kind = ConnectionKind.maxPool.rawValue
    }
  }
}
