import SpikeletRuntime
import SpikeletSupport

/// Writes an integer network and its plan as a model file, through the runtime's own records.
public struct ModelWriter {
  private let network: IntegerNetwork
  private let plan: ExecutionPlan
  private var records: DraftRecords
  private var buffers: [BufferRecord] = []
  private var parameters = ParameterTables()
  private var weights: [UInt8] = []
  private var names: [UInt8] = []

  /// Writes the file, and opens it as any user would: what the engine refuses is never delivered.
  ///
  /// - Parameters:
  ///   - network: the quantized network.
  ///   - plan: how it runs.
  ///   - provenance: where the model comes from; the engine never reads it.
  ///   - classNames: one a class, of one line each; empty for none.
  ///   - sharesTables: whether parameters that are equal are in the file once. Without, the file is
  ///     larger, and each of its values can be changed alone.
  /// - Throws: the engine's own finding, should it refuse the file.
  public static func write(
    _ network: IntegerNetwork, plan: ExecutionPlan, provenance: JSONValue,
    classNames: [String] = [], sharesTables: Bool = true
  ) throws(SpikeletError) -> [UInt8] {
    var writer = ModelWriter(network, plan)
    writer.parameters.areShared = sharesTables
    writer.placeHeaderParameters()
    for index in network.layers.indices { writer.fill(index) }
    writer.fillBuffers()
    writer.place(classNames: classNames)
    let bytes = writer.assemble(provenance: Array(provenance.compactText.utf8))
    _ = try Model(bytes.span.bytes)
    return bytes
  }

  private init(_ network: IntegerNetwork, _ plan: ExecutionPlan) {
    self.network = network
    self.plan = plan
    records = DraftRecords(network)
  }

  private mutating func placeHeaderParameters() {
    if network.input.mode == .direct {
      records.header.zeroPointsOffset = parameters.place(
        network.input.zeroPoints, bits: 32, padded: false)
    }
    if network.exit.criterion == .marginPerStep {
      records.header.exitTableOffset = parameters.place(
        network.exit.marginTable, bits: 32, padded: false)
    }
  }

  /// Completes the records of a layer and of its connections.
  private mutating func fill(_ index: Int) {
    let layer = network.layers[index]
    let name = Array(layer.name.utf8)
    let start = Int32(names.count)
    records.change(index) { ($0.nameOffset, $0.nameBytes) = (start, Int32(name.count)) }
    names += name
    switch records.layers[index] {
    case .maxPool(var record):
      record.isFused = plan.layers[index].isFused ? 1 : 0
      records.layers[index] = .maxPool(record)
    case .neurons(var record):
      record.tileRows = Int32(plan.layers[index].tile.rows)
      record.tileColumns = Int32(plan.layers[index].tile.columns)
      if case .neurons(let neurons) = layer.kind { placeParameters(of: neurons, in: &record) }
      records.layers[index] = .neurons(record)
    }
    let first = Int(records.layer(index).firstConnection)
    for (number, connection) in layer.orderedConnections.enumerated() {
      if case .neurons = layer.kind, records.connections[first + number].kernel != 0 {
        let planned = plan.layers[index].connections[number]
        records.connections[first + number].kernel = planned.kernel.rawValue
        records.connections[first + number].weightOrder = planned.weightOrder.rawValue
        records.connections[first + number].weightBits = Int32(planned.weightBits)
        records.connections[first + number].listRows = Int32(planned.listRows)
      }
      place(connection, first + number, of: records.layer(index))
    }
  }

  private mutating func placeParameters(
    of neurons: IntegerNetwork.Neurons, in record: inout NeuronRecord
  ) {
    let bits = neurons.membraneBits
    if neurons.fires {
      record.thresholdsOffset = parameters.place(tables: neurons.thresholds, bits: bits)
      record.resetsOffset = parameters.place(tables: neurons.resets, bits: bits)
    }
    record.lowerClampsOffset = parameters.place(neurons.lowerClamps, bits: bits)
    record.upperClampsOffset = parameters.place(neurons.upperClamps, bits: bits)
    record.initialsOffset = parameters.place(neurons.initials, bits: bits)
    record.biasesOffset = parameters.place(neurons.biases, bits: 32)
  }

  private mutating func place(
    _ connection: IntegerNetwork.Connection, _ index: Int, of layer: LayerRecord
  ) {
    switch connection.synapses {
    case .maxPool, .potentials: return
    default: break
    }
    let packed = WeightPacking.pack(
      connection, records.weightLayout(records.connections[index], of: layer))
    // Rows are read as whole vectors; each connection begins at a cache line.
    weights += [UInt8](repeating: 0, count: (64 - weights.count % 64) % 64)
    records.connections[index].weightsOffset = Int32(weights.count)
    records.connections[index].weightsBytes = Int32(packed.count)
    weights += packed
  }

  private mutating func place(classNames: [String]) {
    guard !classNames.isEmpty else { return }
    let text = Array(classNames.map { $0 + "\n" }.joined().utf8)
    records.header.classNamesOffset = Int32(names.count)
    records.header.classNamesBytes = Int32(text.count)
    names += text
  }

  private mutating func fillBuffers() {
    for (index, buffer) in plan.buffers.enumerated() {
      var record = BufferRecord()
      record.kind = buffer.kind.rawValue
      record.layer = buffer.layer.map { Int32($0) } ?? ModelFormat.none
      record.bytes = Int32(buffer.bytes)
      record.offset = Int32(buffer.offset)
      record.firstUse = Int32(buffer.slots.lowerBound)
      record.lastUse = Int32(buffer.slots.upperBound)
      refer(buffer.kind, layer: buffer.layer ?? 0, to: Int32(index))
      buffers.append(record)
    }
    records.header.arenaBytes = Int32(plan.arenaBytes)
  }

  private mutating func refer(_ kind: BufferKind, layer: Int, to buffer: Int32) {
    switch kind {
    case .inputSpikes: records.header.inputBuffer = buffer
    case .spikes: records.change(layer) { $0.spikeBuffer = buffer }
    case .scratch: records.change(layer) { $0.scratchBuffer = buffer }
    case .membrane: records.changeNeurons(layer) { $0.membraneBuffer = buffer }
    case .current: records.changeNeurons(layer) { $0.currentBuffer = buffer }
    case .counts: records.changePool(layer) { $0.countBuffer = buffer }
    case .scores: records.header.scoreBuffer = buffer
    }
  }

  /// The sections one after the other, each aligned, with offsets, size and checksum in the header.
  private func assemble(provenance: [UInt8]) -> [UInt8] {
    var header = records.header
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<ModelHeader>.size)
    func begin() -> Int32 {
      let alignment = Int(ModelFormat.sectionAlignment)
      bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
      return Int32(bytes.count)
    }
    header.layersOffset = begin()
    for layer in records.layers {
      switch layer {
      case .neurons(let record): bytes.append(record: record)
      case .maxPool(let record): bytes.append(record: record)
      }
    }
    header.connectionsOffset = begin()
    for record in records.connections { bytes.append(record: record) }
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
    header.provenanceBytes = Int32(provenance.count)
    bytes += provenance
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
