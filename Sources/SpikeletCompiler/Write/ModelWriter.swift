import SpikeletRuntime
import SpikeletSupport

/// Writes an integer network as a model file, through the runtime's own records.
public struct ModelWriter {
  let network: IntegerNetwork
  let provenance: JSONValue
  private var header = ModelHeader()
  private var layers: [LayerRecord] = []
  private var connections: [ConnectionRecord] = []
  private var buffers: [BufferRecord] = []
  private var parameters = ParameterTables()
  private var weights: [UInt8] = []
  private var names: [UInt8] = []

  private init(_ network: IntegerNetwork, provenance: JSONValue) {
    self.network = network
    self.provenance = provenance
  }

  /// A model file and the plan of its arena.
  public struct Output: Sendable {
    public var bytes: [UInt8]
    public var plan: MemoryPlanner.Plan
  }

  /// Writes the file, and opens it as any user would: what the engine refuses is never delivered.
  ///
  /// - Parameter sharesTables: whether parameters that are equal are in the file once. Without, the
  ///   file is larger, and each of its values can be changed alone.
  /// - Throws: the engine's own finding, should it refuse the file.
  public static func write(
    _ network: IntegerNetwork, provenance: JSONValue,
    schedule: Schedule = .automatic(budget: nil), sharesTables: Bool = true
  ) throws(SpikeletError) -> Output {
    var writer = ModelWriter(network, provenance: provenance)
    writer.parameters.areShared = sharesTables
    writer.fillHeader()
    for layer in network.layers { writer.append(layer) }
    if network.maximumTimesteps == 1 { writer.plan(schedule) }
    let plan = writer.planBuffers()
    let bytes = writer.assemble()
    _ = try Model(bytes.span.bytes)
    return Output(bytes: bytes, plan: plan)
  }

  private mutating func fillHeader() {
    header.inputMode = network.input.mode.wire.rawValue
    header.inputChannels = Int32(network.inputShape.channels)
    header.inputHeight = Int32(network.inputShape.height)
    header.inputWidth = Int32(network.inputShape.width)
    if network.input.mode == .direct {
      header.zeroPointsOffset = parameters.place(network.input.zeroPoints, bits: 32, padded: false)
    }
    header.poissonSeedLow = UInt32(truncatingIfNeeded: network.input.seed)
    header.poissonSeedHigh = UInt32(truncatingIfNeeded: network.input.seed >> 32)
    header.timesteps = Int32(network.timesteps)
    header.maximumTimesteps = Int32(network.maximumTimesteps)
    header.readOut = network.readOut.wire.rawValue
    let exit = network.exit.policy
    header.exitKind = exit.kind.rawValue
    header.exitParameter = exit.parameter
    header.exitMinimumMargin = exit.minimumMargin
    header.exitMinimumTimestep = exit.minimumTimestep
    if exit.kind == .marginPerStep {
      header.exitTableOffset = parameters.place(
        network.exit.margins.map { Int($0) }, bits: 32, padded: false)
    }
  }

  private mutating func append(_ layer: IntegerNetwork.Layer) {
    var record = LayerRecord()
    record.nameOffset = Int32(names.count)
    record.nameBytes = Int32(layer.name.utf8.count)
    names += Array(layer.name.utf8)
    record.channels = Int32(layer.shape.channels)
    record.height = Int32(layer.shape.height)
    record.width = Int32(layer.shape.width)
    record.firstConnection = Int32(connections.count)
    record.connectionCount = Int32(layer.connections.count)
    var membraneBits = 0
    switch layer.kind {
    case .maxPool(let rule):
      record.kind = LayerKind.maxPool.rawValue
      record.thresholdCount = 1
      record.poolRule = rule.wire.rawValue
      let t = network.maximumTimesteps
      record.counterBits = t == 1 || rule == .any ? 0 : t <= 255 ? 8 : 16
    case .neurons(let neurons):
      membraneBits = neurons.membraneBits
      fill(&record, neurons)
    }
    layers.append(record)
    for connection in layer.connections {
      append(connection, channels: layer.shape.channels, membraneBits: membraneBits)
    }
  }

  private mutating func fill(_ record: inout LayerRecord, _ neurons: IntegerNetwork.Neurons) {
    let bits = neurons.membraneBits
    record.kind = LayerKind.neurons.rawValue
    record.bandRows = record.height
    record.bandColumns = record.width
    record.membraneBits = Int32(bits)
    record.thresholdCount = Int32(neurons.thresholds.count)
    record.levelCoding = neurons.thresholdCoding.wire.rawValue
    record.reset = neurons.reset.wire.rawValue
    record.leak = neurons.leak.rule.wire.rawValue
    record.leakMultiplier = Int32(neurons.leak.multiplier)
    record.leakShift = Int32(neurons.leak.shift)
    record.biasFractionBits = Int32(neurons.biasFractionBits)
    record.currentShift = Int32(neurons.currentShift)
    if neurons.fires {
      record.thresholdsOffset = parameters.place(levels: neurons.thresholds, bits: bits)
      record.resetsOffset = parameters.place(levels: neurons.resets, bits: bits)
    }
    record.lowerClampsOffset = parameters.place(neurons.lowerClamps, bits: bits)
    record.upperClampsOffset = parameters.place(neurons.upperClamps, bits: bits)
    record.initialsOffset = parameters.place(neurons.initials, bits: bits)
    record.biasesOffset = parameters.place(neurons.biases, bits: 32)
    record.lowestPotential = Int32(neurons.potentialRange.lowerBound)
    record.highestPotential = Int32(neurons.potentialRange.upperBound)
  }

  private mutating func append(
    _ connection: IntegerNetwork.Connection, channels: Int, membraneBits: Int
  ) {
    var record = ConnectionRecord()
    record.source = Int32(connection.source)
    if let pool = connection.pool {
      record.poolHeight = Int32(pool.kernelHeight)
      record.poolWidth = Int32(pool.kernelWidth)
      record.poolStrideHeight = Int32(pool.strideHeight)
      record.poolStrideWidth = Int32(pool.strideWidth)
      record.poolPaddingTop = Int32(pool.padding.top)
      record.poolPaddingLeft = Int32(pool.padding.left)
    }
    record.pooledHeight = Int32(connection.pooledShape.height)
    record.pooledWidth = Int32(connection.pooledShape.width)
    switch connection.synapses {
    case .convolution(let window, let groups, _, _):
      record.kind = ConnectionKind.convolution.rawValue
      record.kernelHeight = Int32(window.kernelHeight)
      record.kernelWidth = Int32(window.kernelWidth)
      record.strideHeight = Int32(window.strideHeight)
      record.strideWidth = Int32(window.strideWidth)
      record.paddingTop = Int32(window.padding.top)
      record.paddingLeft = Int32(window.padding.left)
      record.groups = Int32(groups)
    case .dense: record.kind = ConnectionKind.dense.rawValue
    case .channelwise: record.kind = ConnectionKind.channelwise.rawValue
    case .maxPool: record.kind = ConnectionKind.maxPool.rawValue
    }
    let packed = WeightPacking.pack(connection, channels: channels, membraneBits: membraneBits)
    // Rows are read as whole vectors; each connection begins at a cache line.
    weights += [UInt8](repeating: 0, count: (64 - weights.count % 64) % 64)
    record.weightBits = Int32(packed.bits)
    record.weightsOffset = Int32(weights.count)
    record.weightsBytes = Int32(packed.bytes.count)
    weights += packed.bytes
    connections.append(record)
  }
}

extension ModelWriter {
  /// Chooses what a model of one timestep keeps.
  private mutating func plan(_ schedule: Schedule) {
    // Neither weights nor parameters decide; without them a draft is small.
    var blank = self
    (blank.weights, blank.parameters) = ([], ParameterTables())
    let empty = blank
    var chosen = layers
    schedule.apply(
      to: &chosen, connections: connections,
      canFuse: { index, layers in
        var draft = empty
        draft.layers = layers
        let bytes = draft.assemble()
        return Model(draft: bytes.span.bytes).canFuse(layers[index], Int32(index))
      },
      arena: { layers in
        var draft = empty
        draft.layers = layers
        return draft.planBuffers().arenaBytes
      })
    layers = chosen
  }

  /// Asks the runtime which buffers the draft needs, how large and how long, and places them.
  private mutating func planBuffers() -> MemoryPlanner.Plan {
    buffers = []
    let draft = assemble()
    let model = Model(draft: draft.span.bytes)
    for layer in Int32(-1)..<Int32(layers.count) {
      for raw in BufferKind.inputSpikes.rawValue...BufferKind.scores.rawValue {
        guard let kind = BufferKind(rawValue: raw), model.needs(kind, layer: layer) else {
          continue
        }
        var record = BufferRecord()
        record.kind = kind.rawValue
        record.layer = layer
        record.bytes = model.requiredBytes(kind, layer: layer)
        let life = model.requiredLifetime(kind, layer: layer)
        record.firstUse = life.first
        record.lastUse = life.last
        refer(kind, layer: layer, to: Int32(buffers.count))
        buffers.append(record)
      }
    }
    let plan = MemoryPlanner.plan(
      buffers.map {
        MemoryPlanner.Request(
          bytes: Int($0.bytes), firstUse: Int($0.firstUse), lastUse: Int($0.lastUse))
      }, alignment: Int(ModelFormat.bufferAlignment))
    for i in buffers.indices { buffers[i].offset = Int32(plan.offsets[i]) }
    header.arenaBytes = Int32(plan.arenaBytes)
    return plan
  }

  private mutating func refer(_ kind: BufferKind, layer: Int32, to buffer: Int32) {
    switch kind {
    case .inputSpikes: header.inputBuffer = buffer
    case .spikes: layers[Int(layer)].spikeBuffer = buffer
    case .membrane: layers[Int(layer)].membraneBuffer = buffer
    case .current: layers[Int(layer)].currentBuffer = buffer
    case .counts: layers[Int(layer)].countBuffer = buffer
    case .scores: header.scoreBuffer = buffer
    }
  }

  /// The sections behind each other, each aligned, with offsets, size and checksum in the header.
  private func assemble() -> [UInt8] {
    var header = header
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<ModelHeader>.size)
    func begin() -> Int32 {
      let alignment = Int(ModelFormat.sectionAlignment)
      bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
      return Int32(bytes.count)
    }
    header.layersOffset = begin()
    header.layerCount = Int32(layers.count)
    for record in layers { bytes.append(record: record) }
    header.connectionsOffset = begin()
    header.connectionCount = Int32(connections.count)
    for record in connections { bytes.append(record: record) }
    header.buffersOffset = begin()
    header.bufferCount = Int32(buffers.count)
    for record in buffers { bytes.append(record: record) }
    header.parametersOffset = begin()
    header.parametersBytes = Int32(parameters.bytes.count)
    bytes += parameters.bytes
    header.weightsOffset = begin()
    header.weightsBytes = Int32(weights.count)
    bytes += weights
    header.namesOffset = begin()
    header.namesBytes = Int32(names.count)
    bytes += names
    header.provenanceOffset = begin()
    let text = Array(provenance.compactText.utf8)
    header.provenanceBytes = Int32(text.count)
    bytes += text
    header.totalBytes = Int32(bytes.count)
    bytes.replace(record: header)
    var checksum = CRC32()
    checksum.update(bytes.span.extracting(16...))
    header.checksum = checksum.value
    bytes.replace(record: header)
    return bytes
  }
}

extension [UInt8] {
  /// Appends a record as it lies in memory: 32-bit words, little-endian.
  fileprivate mutating func append<Record: BitwiseCopyable>(record: Record) {
    Swift.withUnsafeBytes(of: record) { append(contentsOf: $0) }
  }

  fileprivate mutating func replace<Record: BitwiseCopyable>(record: Record) {
    Swift.withUnsafeBytes(of: record) { source in
      replaceSubrange(0..<source.count, with: source)
    }
  }
}
