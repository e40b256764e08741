/// A model file, validated and used in place.
///
/// Opening checks everything: sizes, offsets, overlaps, shapes between layers, value ranges, the
/// memory plan and the overflow proof. After that, no input makes an engine read outside the file or
/// write outside its arena, and no potential ever overflows. Nothing is copied or allocated; the
/// bytes must stay unchanged while the model is in use.
public struct Model: ~Escapable {
  let bytes: RawSpan
  /// The same bytes, for records: they begin with a whole header.
  private var file: ReadRegion {
    @inline(__always) get { ReadRegion(notEmpty: bytes) }
  }

  /// Read in place, so that whoever asks for a word loads that word, and a model is a few words to
  /// pass.
  package var header: ModelHeader {
    @inline(__always) get { file.load(0, as: ModelHeader.self) }
  }

  /// Opens a model file.
  ///
  /// - Parameter bytes: the whole file, at any alignment.
  /// - Throws: the first thing that is wrong, with the record it is in.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(SpikeletError) {
    try Self.validateVersion(bytes)
    self.init(validated: bytes)
    try validateHeader()
    try validateLayers()
    try validateBuffers()
    try validateExit()
  }

  /// Opens a file that `init(_:)` has opened before, without looking at it again. The caller vouches
  /// that its bytes have not changed since.
  @_lifetime(copy bytes)
  package init(validated bytes: RawSpan) {
    precondition(bytes.byteCount >= MemoryLayout<ModelHeader>.size)
    self.bytes = bytes
  }
}

extension Model {
  /// The layers: those of neurons, and max pools.
  public var layerCount: Int { Int(header.layerCount) }
  /// The bytes of the arena that an engine needs, at 16-byte alignment.
  public var arenaBytes: Int { Int(header.arenaBytes) }
  /// The channels of the input.
  public var inputChannels: Int { Int(header.inputChannels) }
  /// The rows of the input.
  public var inputHeight: Int { Int(header.inputHeight) }
  /// The columns of the input.
  public var inputWidth: Int { Int(header.inputWidth) }
  /// The bytes of one input: channels × height × width pixels, or the spike map of one timestep of
  /// events (one bit a channel, the channels of a site side by side; docs/semantics.md).
  public var inputCount: Int {
    inputMode == .events ? map(0).byteCount : inputChannels &* inputHeight &* inputWidth
  }
  /// How an input becomes spikes or a current.
  public var inputMode: InputMode { InputMode(rawValue: header.inputMode) ?? .direct }
  /// What the class scores are.
  public var readOut: ReadOut { ReadOut(rawValue: header.readOut) ?? .potential }
  /// The number of classes.
  public var classCount: Int { Int(layer(layerCount &- 1).channels) }
  /// The timesteps that an inference takes unless the caller or the exit policy says otherwise.
  public var timesteps: Int { Int(header.timesteps) }
  /// The most timesteps that the model was built for: the overflow proof holds for as many.
  public var maximumTimesteps: Int { Int(header.maximumTimesteps) }

  /// The name of a layer, UTF-8.
  @_lifetime(copy self)
  public func layerName(_ index: Int) -> RawSpan {
    let layer = layer(index)
    return text(header.namesOffset &+ layer.nameOffset, layer.nameBytes)
  }

  /// The classes' names, UTF-8, each ended by a newline; empty where the model has none.
  public var classNames: RawSpan {
    @_lifetime(copy self)
    get { text(header.namesOffset &+ header.classNamesOffset, header.classNamesBytes) }
  }

  /// Where the model came from and how it was made: JSON on one line.
  public var provenance: RawSpan {
    @_lifetime(copy self)
    get { text(header.provenanceOffset, header.provenanceBytes) }
  }

  @_lifetime(copy self)
  private func text(_ offset: Int32, _ count: Int32) -> RawSpan {
    bytes.extracting(Int(offset)..<Int(offset &+ count))
  }
}

extension Model: RecordSource {
  @inline(never)
  package func layer(_ index: Int) -> LayerRecord { layerRecord(index) }

  @inline(never)
  package func neurons(_ index: Int) -> NeuronRecord { layerRecord(index) }

  package func maxPool(_ index: Int) -> MaxPoolRecord { layerRecord(index) }

  /// A layer's connections lie side by side.
  @inline(never)
  package func connection(_ index: Int) -> ConnectionRecord {
    record(index, header.connectionsOffset, header.connectionCount)
  }

  package var bufferCount: Int { Int(header.bufferCount) }

  /// The record of one buffer of the memory plan.
  @inline(never)
  package func buffer(_ index: Int) -> BufferRecord {
    record(index, header.buffersOffset, header.bufferCount)
  }

  /// A layer's record, or what it begins with.
  @inline(__always)
  private func layerRecord<Record: BitwiseCopyable>(_ index: Int) -> Record {
    record(index, header.layersOffset, header.layerCount, size: MemoryLayout<NeuronRecord>.size)
  }

  @inline(__always)
  private func record<Record: BitwiseCopyable>(
    _ index: Int, _ offset: Int32, _ count: Int32, size: Int = MemoryLayout<Record>.size
  ) -> Record {
    precondition(index >= 0 && index < Int(count))
    return file.load(Int(offset) &+ index &* size, as: Record.self)
  }

  /// A range of the parameters section.
  @inline(never)
  func parameters(_ offset: Int32, count: Int) -> ReadRegion {
    ReadRegion(bytes, offset: Int(header.parametersOffset) &+ Int(offset), count: count)
  }

  /// The weights of a connection.
  @inline(never)
  func weights(_ connection: ConnectionRecord) -> ReadRegion {
    ReadRegion(
      bytes, offset: Int(header.weightsOffset) &+ Int(connection.weightsOffset),
      count: Int(connection.weightsBytes))
  }

  /// One fire threshold of one channel of a layer that fires.
  package func threshold(layer index: Int, channel: Int, threshold: Int = 0) -> Int32 {
    let record = neurons(index)
    precondition(
      !isMaxPool(index) && (0..<Int(record.thresholdCount)).contains(threshold)
        && (0..<Int(record.channels)).contains(channel))
    return parameter(
      record.thresholdsOffset, record, threshold &* padded(Int(record.channels)) &+ channel)
  }
}
