import SpikeletCompiler
import SpikeletRuntime

/// What a model file consists of, as data: the reports print it, `--json` encodes it.
public struct ModelSummary: Sendable {
  public struct Layer: Sendable {
    public var name: String
    public var kind: String
    public var shape: String
    public var neurons: Int
    public var weights: Int
    public var weightBits: Int
    public var membraneBits: Int
    /// The bytes of all potentials of the layer, and of those that exist at a time.
    public var accumulatorBytes: Int
    public var bandBytes: Int
    /// The rows and columns of the potentials that exist at a time; nil where those are all.
    public var band: String?
    /// The thresholds of a potential, and how they become spikes; 1 for a max pool.
    public var levels: Int
    public var coding: String?
    /// Whether the layer is a max pool that runs inside the layer before it.
    public var isFused: Bool
    /// The smallest and the largest threshold; nil where nothing fires or nothing is compared.
    public var thresholds: ClosedRange<Int>?
    /// The proven range of the potentials; nil for max pools.
    public var potentialRange: ClosedRange<Int>?
    /// Multiply–accumulates of the float layer that this one came from, for one picture.
    public var denseOperations: Int
    /// The same for each source: 0 is the input, i the spikes of layer i − 1.
    public var operationsBySource: [Int: Int]
  }

  public struct Buffer: Sendable {
    public var name: String
    public var offset: Int
    public var bytes: Int
    public var firstUse: Int
    public var lastUse: Int
  }

  public var name: String
  public var modelBytes: Int
  public var arenaBytes: Int
  public var input: String
  public var timesteps: Int
  public var maximumTimesteps: Int
  public var readOut: String
  public var exit: String
  public var layers: [Layer]
  public var buffers: [Buffer]
  public var sections: [(name: String, bytes: Int)]
  /// Multiply–accumulates a picture: of the whole float network, and of the layers that read
  /// pixels directly.
  public var operations: (dense: Int, direct: Int)

  public init(_ file: ModelFile) {
    name = file.name
    modelBytes = file.bytes.count
    let header = file.header
    arenaBytes = Int(header.arenaBytes)
    let mode = InputMode(rawValue: header.inputMode) ?? .direct
    input = "\(header.inputChannels)×\(header.inputHeight)×\(header.inputWidth) \(mode)"
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
        name: kind == "inputSpikes" ? "input spikes" : "\(owner) \(kind)",
        offset: Int(record.offset), bytes: Int(record.bytes), firstUse: Int(record.firstUse),
        lastUse: Int(record.lastUse))
    }
    sections = Self.sections(header)
  }

  private static func sections(_ header: ModelHeader) -> [(name: String, bytes: Int)] {
    let records =
      Int(header.layerCount) * MemoryLayout<LayerRecord>.size
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
    var kind = record.kind == LayerKind.maxPool.rawValue ? "max pool" : ""
    var weights = 0
    var bits = 0
    var operations: [Int: Int] = [:]
    var direct = 0
    for c in 0..<Int(record.connectionCount) {
      let connection = model.connection(Int(record.firstConnection) + c)
      let count = Self.operations(model, connection, record)
      operations[Int(connection.source), default: 0] += count
      if connection.source == 0, model.inputMode == .direct { direct += count }
      if connection.weightBits > 0 {
        weights += Self.weights(model, connection, record)
        bits = Int(connection.weightBits)
      }
      switch ConnectionKind(rawValue: connection.kind) {
      case .convolution: kind = "convolution"
      case .dense: kind = "dense"
      case .channelwise where kind.isEmpty:
        kind = connection.poolHeight > 1 || connection.poolWidth > 1 ? "average pool" : "identity"
      default: break
      }
    }
    if record.connectionCount > 1 { kind += " +\(record.connectionCount - 1)" }
    let isNeurons = record.kind == LayerKind.neurons.rawValue
    let levels = isNeurons ? Int(record.thresholdCount) : 1
    let thresholds = (0..<(isNeurons ? levels * Int(record.channels) : 0)).map {
      let (level, channel) = $0.quotientAndRemainder(dividingBy: Int(record.channels))
      return Int(model.threshold(layer: index, channel: channel, level: level))
    }
    let neurons = Int(record.channels) * Int(record.height) * Int(record.width)
    let isWhole = record.bandRows == record.height && record.bandColumns == record.width
    let buffer = record.membraneBuffer
    let layer = Layer(
      name: name, kind: kind, shape: "\(record.channels)×\(record.height)×\(record.width)",
      neurons: neurons, weights: weights, weightBits: bits,
      membraneBits: Int(record.membraneBits),
      accumulatorBytes: neurons * Int(record.membraneBits) / 8,
      bandBytes: buffer == ModelFormat.none ? 0 : Int(model.buffer(Int(buffer)).bytes),
      band: !isNeurons || isWhole ? nil : "\(record.bandRows)×\(record.bandColumns)",
      levels: levels,
      coding: levels < 2
        ? nil : record.levelCoding == LevelCoding.oneHot.rawValue ? "one-hot" : "thermometer",
      isFused: record.isFused != 0,
      thresholds: thresholds.isEmpty ? nil : thresholds.min()!...thresholds.max()!,
      potentialRange: isNeurons
        ? Int(record.lowestPotential)...Int(record.highestPotential) : nil,
      denseOperations: operations.values.reduce(0, +), operationsBySource: operations)
    return (layer, direct)
  }

  private static func channels(_ model: Model, _ connection: ConnectionRecord) -> Int {
    guard connection.source > 0 else { return Int(model.header.inputChannels) }
    let source = model.layer(Int(connection.source) - 1)
    return Int(source.channels) * max(1, Int(source.thresholdCount))
  }

  /// The weights of a connection, without the lanes that pad a row.
  private static func weights(
    _ model: Model, _ connection: ConnectionRecord, _ layer: LayerRecord
  ) -> Int {
    let inputs = channels(model, connection) / Int(connection.groups)
    let outputs = Int(layer.channels)
    switch ConnectionKind(rawValue: connection.kind) {
    case .convolution:
      return outputs * inputs * Int(connection.kernelHeight) * Int(connection.kernelWidth)
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
      return outputs * (channels / Int(connection.groups)) * Int(connection.kernelHeight)
        * Int(connection.kernelWidth)
    case .dense:
      return outputs * channels * Int(connection.pooledHeight) * Int(connection.pooledWidth)
    case .channelwise: return outputs * Int(connection.poolHeight) * Int(connection.poolWidth)
    default: return 0
    }
  }
}

extension ModelSummary {
  /// What the convolutions take: the figures that several thresholds a potential cut down.
  public var convolutions: (weights: Int, operations: Int, accumulatorBytes: Int) {
    let all = layers.filter { $0.kind.hasPrefix("convolution") }
    return (
      all.reduce(0) { $0 + $1.weights }, all.reduce(0) { $0 + $1.denseOperations },
      all.reduce(0) { $0 + $1.accumulatorBytes }
    )
  }

  /// The additions of a weight that a timestep takes at given firing rates, in spikes a neuron and
  /// timestep: one for every source of spikes in order, the last of them for all that follow.
  public func synapticOperations(rates: [Double]) -> Double {
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
