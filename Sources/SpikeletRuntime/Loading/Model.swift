/// A model file, validated and used in place.
///
/// Opening checks everything: sizes, offsets, overlaps, shapes between layers, value ranges, the
/// memory plan and the overflow proof. After that, no input makes an engine read outside the file or
/// write outside its arena, and no potential ever overflows. Nothing is copied or allocated; the
/// bytes must stay unchanged while the model is in use.
public struct Model: ~Escapable {
  let bytes: RawSpan
  public let header: ModelHeader

  /// Opens a model file.
  ///
  /// - Parameter bytes: the whole file, at any alignment.
  /// - Throws: the first thing that is wrong, with the record it is in.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(SpikeletError) {
    guard bytes.byteCount >= MemoryLayout<ModelHeader>.size else {
      throw SpikeletError(
        .tooShort, .file, needed: Int32(MemoryLayout<ModelHeader>.size),
        given: Int32(truncatingIfNeeded: bytes.byteCount))
    }
    self.bytes = bytes
    self.header = ReadRegion(bytes, offset: 0, count: MemoryLayout<ModelHeader>.size)
      .load(0, as: ModelHeader.self)
    try validateHeader()
    try validateLayers()
    try validatePlan()
    try validateExit()
  }

  /// Opens a file that `init(_:)` has opened before, without looking at it again. The caller vouches
  /// that its bytes have not changed since.
  @_lifetime(copy bytes)
  package init(validated bytes: RawSpan) {
    precondition(bytes.byteCount >= MemoryLayout<ModelHeader>.size)
    self.bytes = bytes
    self.header = ReadRegion(bytes, offset: 0, count: MemoryLayout<ModelHeader>.size)
      .load(0, as: ModelHeader.self)
  }
}

extension Model: RecordSource {
  public var layerCount: Int { Int(header.layerCount) }
  public var connectionCount: Int { Int(header.connectionCount) }
  public var bufferCount: Int { Int(header.bufferCount) }
  /// The bytes of the arena that an engine needs.
  public var arenaBytes: Int { Int(header.arenaBytes) }
  /// The bytes of one picture: channels × height × width.
  public var inputCount: Int {
    Int(header.inputChannels) &* Int(header.inputHeight) &* Int(header.inputWidth)
  }
  public var inputMode: InputMode { InputMode(rawValue: header.inputMode) ?? .direct }
  public var readOut: ReadOut { ReadOut(rawValue: header.readOut) ?? .potential }
  /// The number of classes.
  public var classCount: Int { Int(layer(layerCount &- 1).channels) }

  /// The record of one layer.
  @inline(never)
  public func layer(_ index: Int) -> LayerRecord {
    record(index, header.layersOffset, header.layerCount)
  }

  /// The record of one connection; a layer's connections lie side by side.
  @inline(never)
  public func connection(_ index: Int) -> ConnectionRecord {
    record(index, header.connectionsOffset, header.connectionCount)
  }

  /// The record of one buffer of the memory plan.
  @inline(never)
  public func buffer(_ index: Int) -> BufferRecord {
    record(index, header.buffersOffset, header.bufferCount)
  }

  @inline(__always)
  private func record<Record: BitwiseCopyable>(
    _ index: Int, _ offset: Int32, _ count: Int32
  ) -> Record {
    precondition(index >= 0 && index < Int(count))
    let size = MemoryLayout<Record>.size
    return ReadRegion(bytes, offset: Int(offset) &+ index &* size, count: size)
      .load(0, as: Record.self)
  }

  /// A range of the parameters section.
  @inline(never)
  func parameters(_ offset: Int32, count: Int) -> ReadRegion {
    ReadRegion(bytes, offset: Int(header.parametersOffset) &+ Int(offset), count: count)
  }

  /// The weights of a connection.
  func weights(_ connection: ConnectionRecord) -> ReadRegion {
    ReadRegion(
      bytes, offset: Int(header.weightsOffset) &+ Int(connection.weightsOffset),
      count: Int(connection.weightsBytes))
  }

  /// The name of a layer, as UTF-8 bytes of the file.
  public func nameRange(_ layer: LayerRecord) -> Range<Int> {
    let start = Int(header.namesOffset) &+ Int(layer.nameOffset)
    return start..<(start &+ Int(layer.nameBytes))
  }

  /// The provenance JSON's range in the file.
  public var provenanceRange: Range<Int> {
    let start = Int(header.provenanceOffset)
    return start..<(start &+ Int(header.provenanceBytes))
  }
}

extension Model {
  /// A fire threshold of one channel of a layer that fires.
  public func threshold(layer index: Int, channel: Int, level: Int = 0) -> Int32 {
    let layer = layer(index)
    precondition(
      layer.kind == LayerKind.neurons.rawValue && (0..<Int(layer.thresholdCount)).contains(level)
        && (0..<Int(layer.channels)).contains(channel))
    return parameter(
      layer.thresholdsOffset, layer, level &* padded(Int(layer.channels)) &+ channel)
  }
}
