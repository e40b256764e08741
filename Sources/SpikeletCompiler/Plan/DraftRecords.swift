import SpikeletNetwork
import SpikeletRuntime

/// The records of a network's layers and connections as its file will have them, but for where
/// parameters, weights, names and buffers lie.
///
/// The planner asks them which buffers they need, for one choice of tiles after the other; the writer
/// fills in what is missing.
struct DraftRecords: RecordSource {
  var header: ModelHeader
  var layers: [Layer] = []
  var connections: [ConnectionRecord] = []
  /// The bits of the network's weights, a connection each; a kernel may keep them in more.
  var weightBits: [Int32] = []
  /// The layers of neurons all of whose potentials begin at 0.
  var restsAtZero: Set<Int> = []

  /// The record of a layer.
  enum Layer {
    case neurons(NeuronRecord)
    case maxPool(MaxPoolRecord)
  }

  func layer(_ index: Int) -> LayerRecord {
    switch layers[index] {
    case .neurons(let record): record.layer
    case .maxPool(let record): record.layer
    }
  }

  func neurons(_ index: Int) -> NeuronRecord {
    guard case .neurons(let record) = layers[index] else { return NeuronRecord() }
    return record
  }

  func maxPool(_ index: Int) -> MaxPoolRecord {
    guard case .maxPool(let record) = layers[index] else { return MaxPoolRecord() }
    return record
  }

  func connection(_ index: Int) -> ConnectionRecord { connections[index] }

  /// Records without layers.
  init(header: ModelHeader) { self.header = header }

  init(_ network: IntegerNetwork) {
    header = ModelHeader(network)
    var lastReaders = Array(0...network.layers.count)
    var lateReaders = [Int: Int]()
    for (index, layer) in network.layers.enumerated() {
      for connection in layer.connections {
        // Nobody reads the map of who does not fire.
        if case .potentials = connection.synapses { continue }
        if connection.source > index {
          lateReaders[connection.source] = min(lateReaders[connection.source] ?? .max, index + 1)
        } else {
          lastReaders[connection.source] = index + 1
        }
      }
    }
    header.inputLastReader = Int32(lastReaders[0])
    for (index, layer) in network.layers.enumerated() {
      var common = LayerRecord(layer, firstConnection: connections.count)
      common.lastReader = Int32(lastReaders[index + 1])
      switch layer.kind {
      case .neurons(let neurons):
        var record = NeuronRecord(common, neurons)
        record.lateReader = Int32(lateReaders[index + 1] ?? 0)
        layers.append(.neurons(record))
        if neurons.initials.allSatisfy({ $0 == 0 }) { restsAtZero.insert(index) }
      case .maxPool(let rule):
        layers.append(.maxPool(MaxPoolRecord(common, rule, network)))
      }
      connections += layer.orderedConnections.map { ConnectionRecord($0, of: layer) }
    }
    weightBits = connections.map(\.weightBits)
    header.layerCount = Int32(layers.count)
    header.connectionCount = Int32(connections.count)
  }

  /// Changes what a layer's record begins with.
  mutating func change(_ index: Int, _ body: (inout LayerRecord) -> Void) {
    switch layers[index] {
    case .neurons(var record):
      body(&record.layer)
      layers[index] = .neurons(record)
    case .maxPool(var record):
      body(&record.layer)
      layers[index] = .maxPool(record)
    }
  }

  /// Changes the record of a layer of neurons; does nothing to a max pool.
  mutating func changeNeurons(_ index: Int, _ body: (inout NeuronRecord) -> Void) {
    guard case .neurons(var record) = layers[index] else { return }
    body(&record)
    layers[index] = .neurons(record)
  }

  /// Changes the record of a max pool; does nothing to neurons.
  mutating func changePool(_ index: Int, _ body: (inout MaxPoolRecord) -> Void) {
    guard case .maxPool(var record) = layers[index] else { return }
    body(&record)
    layers[index] = .maxPool(record)
  }

  /// The connections of a layer.
  func connections(of index: Int) -> ArraySlice<ConnectionRecord> {
    let layer = layer(index)
    return connections[Int(layer.firstConnection)...].prefix(Int(layer.connectionCount))
  }
}

extension IntegerNetwork.Layer {
  /// The connections in the order of a file: that of their sources.
  var orderedConnections: [IntegerNetwork.Connection] {
    connections.enumerated().sorted {
      ($0.element.source, $0.offset) < ($1.element.source, $1.offset)
    }
    .map(\.element)
  }
}

extension ModelHeader {
  fileprivate init(_ network: IntegerNetwork) {
    self.init()
    inputMode = network.input.mode.wire.rawValue
    inputChannels = Int32(network.inputShape.channels)
    inputHeight = Int32(network.inputShape.height)
    inputWidth = Int32(network.inputShape.width)
    if network.input.mode == .poisson {
      poissonSeedLow = UInt32(truncatingIfNeeded: network.input.seed)
      poissonSeedHigh = UInt32(truncatingIfNeeded: network.input.seed >> 32)
    }
    timesteps = Int32(network.timesteps)
    maximumTimesteps = Int32(network.maximumTimesteps)
    mirrorLooks = network.input.looksAtMirror ? 1 : 0
    readOut = network.readOut.wire.rawValue
    let exit = ExitRecord(network.exit.policy, entries: network.exit.marginTable.count)
    exitKind = exit.kind
    exitParameter = exit.parameter
    exitMinimumMargin = exit.minimumMargin
    exitMinimumTimestep = exit.minimumTimestep
  }
}

extension LayerRecord {
  fileprivate init(_ layer: IntegerNetwork.Layer, firstConnection: Int) {
    self.init()
    channels = Int32(layer.shape.channels)
    height = Int32(layer.shape.height)
    width = Int32(layer.shape.width)
    self.firstConnection = Int32(firstConnection)
    connectionCount = Int32(layer.connections.count)
  }
}

extension NeuronRecord {
  fileprivate init(_ layer: LayerRecord, _ neurons: IntegerNetwork.Neurons) {
    self.init()
    self.layer = layer
    self.layer.kind = LayerKind.neurons.rawValue
    self.layer.spikeChannels = layer.channels * Int32(neurons.thresholds.count)
    tileRows = height
    tileColumns = width
    membraneBits = Int32(neurons.membraneBits)
    thresholdCount = Int32(neurons.thresholds.count)
    spikeCoding = neurons.thresholdCoding.wire.rawValue
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

extension MaxPoolRecord {
  fileprivate init(_ layer: LayerRecord, _ rule: SpikeMaximum, _ network: IntegerNetwork) {
    self.init()
    self.layer = layer
    self.layer.kind = LayerKind.maxPool.rawValue
    self.layer.spikeChannels = layer.channels
    self.rule = rule.wire.rawValue
    counterBits =
      !network.keepsState || rule == .any ? 0 : network.maximumTimesteps <= 255 ? 8 : 16
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
    case .maxPool:
      kind = ConnectionKind.maxPool.rawValue
      return
    case .potentials:
      kind = ConnectionKind.potentials.rawValue
      return
    default: break
    }
    let kernel = SynapseKernel.scatter
    self.kernel = kernel.rawValue
    weightOrder = kernel.weightOrder.rawValue
    switch connection.synapses {
    case .convolution(let convolution, let groups, _, let bits):
      kind = ConnectionKind.convolution.rawValue
      window.height = Int32(convolution.kernelHeight)
      window.width = Int32(convolution.kernelWidth)
      window.strideHeight = Int32(convolution.strideHeight)
      window.strideWidth = Int32(convolution.strideWidth)
      window.paddingTop = Int32(convolution.padding.top)
      window.paddingLeft = Int32(convolution.padding.left)
      window.groups = Int32(groups)
      weightBits = Int32(bits)
    case .dense(_, let bits):
      kind = ConnectionKind.dense.rawValue
      weightBits = Int32(bits)
    case .channelwise:
      kind = ConnectionKind.channelwise.rawValue
      if case .neurons(let neurons) = layer.kind { weightBits = Int32(neurons.membraneBits) }
    case .maxPool, .potentials: break
    }
  }
}
