import SpikeletClassifier
import SpikeletCompiler
import SpikeletRuntime

/// What a model file consists of, as data: the reports print it, `--json` encodes it.
package struct ModelSummary: Sendable {
  package struct Layer: Sendable {
    package var name: String
    package var kind: String
    package var shape: String
    package var neurons: Int
    package var weights: Int
    package var weightBits: Int
    package var membraneBits: Int
    /// The bytes of all potentials of the layer, and of those that exist at a time.
    package var accumulatorBytes: Int
    package var tileBytes: Int
    /// The rows and columns of the potentials that exist at a time; nil where those are all.
    package var tile: String?
    /// The thresholds of a potential, and how they become spikes; 1 for a max pool.
    package var thresholdCount: Int
    package var coding: String?
    /// Whether the layer is a max pool that runs inside the layer before it.
    package var isFused: Bool
    /// The smallest and the largest threshold; nil where nothing fires or nothing is compared.
    package var thresholds: ClosedRange<Int>?
    /// The proven range of the potentials; nil for max pools.
    package var potentialRange: ClosedRange<Int>?
    /// Multiply–accumulates of the float layer that this one came from, for one picture.
    package var denseOperations: Int
    /// The same for each source: 0 is the input, i the spikes of layer i − 1.
    package var operationsBySource: [Int: Int]
  }

  package struct Buffer: Sendable {
    package var name: String
    package var offset: Int
    package var bytes: Int
    package var firstUse: Int
    package var lastUse: Int
  }

  package var name: String
  package var modelBytes: Int
  package var arenaBytes: Int
  package var input: String
  package var timesteps: Int
  package var maximumTimesteps: Int
  package var readOut: String
  package var exit: String
  package var layers: [Layer]
  package var buffers: [Buffer]
  package var sections: [(name: String, bytes: Int)]
  /// Multiply–accumulates a picture: of the whole float network, and of the layers that read
  /// pixels directly.
  package var operations: (dense: Int, direct: Int)

  package init(_ file: ModelFile) {
    name = file.name
    modelBytes = file.bytes.count
    let header = file.header
    arenaBytes = Int(header.arenaBytes)
    let mode = InputMode(rawValue: header.inputMode) ?? .direct
    input = "\(header.inputChannels)×\(header.inputHeight)×\(header.inputWidth) \(mode)"
    let isMirrored = header.mirrorLooks != 0
    if isMirrored { input += " and mirrored" }
    timesteps = Int(header.timesteps)
    maximumTimesteps = Int(header.maximumTimesteps)
    readOut = header.readOut == ReadOut.potential.rawValue ? "potential" : "count"
    exit = file.withModel { "\(ExitRule(of: $0))" }
    var layers: [Layer] = []
    var direct = 0
    for index in 0..<Int(header.layerCount) {
      let (layer, pixels) = file.withModel { Self.layer($0, index, name: file.layerName(index)) }
      layers.append(layer)
      direct += pixels
    }
    self.layers = layers
    operations = (layers.reduce(0) { $0 + $1.denseOperations }, direct)
    buffers = (0..<Int(header.bufferCount)).map { index in
      let record = file.withModel { $0.buffer(index) }
      let owner = record.layer < 0 ? "input" : layers[Int(record.layer)].name
      let kind = BufferKind(rawValue: record.kind).map { "\($0)" } ?? "?"
      return Buffer(
        name: kind != "inputSpikes"
          ? "\(owner) \(kind)" : isMirrored ? "mirror image" : "input spikes",
        offset: Int(record.offset), bytes: Int(record.bytes), firstUse: Int(record.firstUse),
        lastUse: Int(record.lastUse))
    }
    sections = Self.sections(header)
  }

  private static func sections(_ header: ModelHeader) -> [(name: String, bytes: Int)] {
    let records =
      Int(header.layerCount) * MemoryLayout<NeuronRecord>.size
      + Int(header.connectionCount) * MemoryLayout<ConnectionRecord>.size
      + Int(header.bufferCount) * MemoryLayout<BufferRecord>.size
    let known: [(name: String, bytes: Int)] = [
      ("header", MemoryLayout<ModelHeader>.size), ("records", records),
      ("parameters", Int(header.parametersBytes)), ("weights", Int(header.weightsBytes)),
      ("names", Int(header.namesBytes)), ("provenance", Int(header.provenanceBytes)),
    ]
    let alignment = Int(header.totalBytes) - known.reduce(0) { $0 + $1.bytes }
    return known + [("alignment", alignment)]
  }

  private static func layer(_ model: Model, _ index: Int, name: String) -> (Layer, Int) {
    let record = model.layer(index)
    let synapses = Synapses(model, record)
    let neurons = Int(record.channels) * Int(record.height) * Int(record.width)
    var layer = Layer(
      name: name, kind: synapses.kind,
      shape: "\(record.channels)×\(record.height)×\(record.width)", neurons: neurons,
      weights: synapses.weights, weightBits: synapses.bits, membraneBits: 0, accumulatorBytes: 0,
      tileBytes: 0, tile: nil, thresholdCount: 1, coding: nil, isFused: false, thresholds: nil,
      potentialRange: nil, denseOperations: synapses.operations.values.reduce(0, +),
      operationsBySource: synapses.operations)
    if model.isMaxPool(index) {
      layer.isFused = model.maxPool(index).isFused != 0
    } else {
      layer.fill(model, index)
    }
    return (layer, synapses.direct)
  }

  /// What the connections of a layer come to.
  private struct Synapses {
    var kind = "max pool"
    var weights = 0
    var bits = 0
    /// Multiply–accumulates of the float layer by source, and those of pixels.
    var operations: [Int: Int] = [:]
    var direct = 0

    init(_ model: Model, _ record: LayerRecord) {
      let connections = (0..<Int(record.connectionCount)).map {
        model.connection(Int(record.firstConnection) + $0)
      }
      for connection in connections {
        let count = ModelSummary.operations(model, connection, record)
        operations[Int(connection.source), default: 0] += count
        if connection.source == 0, model.inputMode == .direct { direct += count }
        if connection.weightBits > 0 {
          weights += ModelSummary.weights(model, connection, record)
          bits = Int(connection.weightBits)
        }
      }
      if let first = connections.compactMap(Self.kind).first { kind = first }
      if connections.contains(where: { $0.kind == ConnectionKind.dense.rawValue }) {
        kind = "dense"
      }
      if connections.contains(where: { $0.kind == ConnectionKind.convolution.rawValue }) {
        kind = "convolution"
      }
      if connections.count > 1 { kind += " +\(connections.count - 1)" }
    }

    private static func kind(_ connection: ConnectionRecord) -> String? {
      switch ConnectionKind(rawValue: connection.kind) {
      case .convolution: "convolution"
      case .dense: "dense"
      case .channelwise:
        connection.poolHeight > 1 || connection.poolWidth > 1 ? "average pool" : "identity"
      case .potentials: "current"
      default: nil
      }
    }
  }

  private static func channels(_ model: Model, _ connection: ConnectionRecord) -> Int {
    model.map(Int(connection.source)).channels
  }

  /// The weights of a connection, without the lanes that pad a row.
  private static func weights(
    _ model: Model, _ connection: ConnectionRecord, _ layer: LayerRecord
  ) -> Int {
    let inputs = channels(model, connection)
    let outputs = Int(layer.channels)
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      let window = connection.window
      return outputs * (inputs / Int(window.groups)) * Int(window.height) * Int(window.width)
    case .dense:
      return outputs * inputs * Int(connection.pooledHeight) * Int(connection.pooledWidth)
    default: return outputs
    }
  }

  /// The multiply–accumulates of a connection on a dense map, padding counted as work.
  private static func operations(
    _ model: Model, _ connection: ConnectionRecord, _ layer: LayerRecord
  ) -> Int {
    let channels = channels(model, connection)
    let outputs = Int(layer.channels) * Int(layer.height) * Int(layer.width)
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      let window = connection.window
      return outputs * (channels / Int(window.groups)) * Int(window.height) * Int(window.width)
    case .dense:
      return outputs * channels * Int(connection.pooledHeight) * Int(connection.pooledWidth)
    case .channelwise: return outputs * Int(connection.poolHeight) * Int(connection.poolWidth)
    default: return 0
    }
  }
}

extension ModelSummary.Layer {
  /// Fills in what only neurons have.
  fileprivate mutating func fill(_ model: Model, _ index: Int) {
    let record = model.neurons(index)
    membraneBits = Int(record.membraneBits)
    accumulatorBytes = neurons * membraneBits / 8
    tileBytes = Int(model.buffer(Int(record.membraneBuffer)).bytes)
    let isWhole = record.tileRows == record.height && record.tileColumns == record.width
    tile = isWhole ? nil : "\(record.tileRows)×\(record.tileColumns)"
    thresholdCount = Int(record.thresholdCount)
    if thresholdCount > 1 {
      coding = record.spikeCoding == SpikeCoding.oneHot.rawValue ? "one-hot" : "thermometer"
    }
    let values = (0..<thresholdCount).flatMap { threshold in
      (0..<Int(record.channels)).map {
        Int(model.threshold(layer: index, channel: $0, threshold: threshold))
      }
    }
    if let low = values.min(), let high = values.max() { thresholds = low...high }
    potentialRange = Int(record.lowestPotential)...Int(record.highestPotential)
  }
}

extension ModelSummary {
  /// What the convolutions take: the figures that several thresholds a potential cut down.
  package var convolutions: (weights: Int, operations: Int, accumulatorBytes: Int) {
    let all = layers.filter { $0.kind.hasPrefix("convolution") }
    return (
      all.reduce(0) { $0 + $1.weights }, all.reduce(0) { $0 + $1.denseOperations },
      all.reduce(0) { $0 + $1.accumulatorBytes }
    )
  }

  /// The additions of a weight that a timestep takes at given firing rates, in spikes a neuron and
  /// timestep: one for every source of spikes in order, the last of them for all that follow.
  package func synapticOperations(rates: [Double]) -> Double {
    let isDirect = operations.direct > 0
    var sources = Set(layers.flatMap(\.operationsBySource.keys)).sorted()
    if isDirect { sources.removeAll { $0 == 0 } }
    return layers.reduce(0) { sum, layer in
      layer.operationsBySource.reduce(sum) { sum, entry in
        guard let index = sources.firstIndex(of: entry.key), !rates.isEmpty else { return sum }
        return sum + Double(entry.value) * rates[min(index, rates.count - 1)]
      }
    }
  }
}
