import SpikeletRuntime

/// A model file put together from records, whatever they say: the sections where they belong, and a
/// right checksum.
package struct ForgedModel {
  package var header = ModelHeader()
  package var layers: [[UInt8]] = []
  package var connections: [ConnectionRecord] = []
  package var buffers: [BufferRecord] = []
  package var parameters: [UInt8] = []
  package var weights: [UInt8] = []
  package var names: [UInt8] = []
  package var provenance: [UInt8] = []

  package init() {}

  package mutating func append(_ layer: some BitwiseCopyable) {
    layers.append(withUnsafeBytes(of: layer) { Array($0) })
  }

  /// Adds a buffer behind the others; what does not fit in 31 bits ends where it began.
  package mutating func append(
    _ kind: BufferKind, layer: Int32, bytes: Int32, uses: ClosedRange<Int32>
  ) {
    var record = BufferRecord()
    (record.kind, record.layer, record.bytes) = (kind.rawValue, layer, bytes)
    record.offset = header.arenaBytes
    (record.firstUse, record.lastUse) = (uses.lowerBound, uses.upperBound)
    header.arenaBytes = (header.arenaBytes + max(bytes, 0) + 15) & ~15
    buffers.append(record)
  }

  package var file: EditableModel {
    var header = header
    (header.layerCount, header.connectionCount) = (Int32(layers.count), Int32(connections.count))
    header.bufferCount = Int32(buffers.count)
    (header.parametersBytes, header.weightsBytes) = (Int32(parameters.count), Int32(weights.count))
    (header.namesBytes, header.provenanceBytes) = (Int32(names.count), Int32(provenance.count))
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<ModelHeader>.size)
    func section(_ content: [UInt8]) -> Int32 {
      let start = (bytes.count + 63) & ~63
      bytes += [UInt8](repeating: 0, count: start - bytes.count) + content
      return Int32(start)
    }
    func words<Record>(_ records: [Record]) -> [UInt8] { records.withUnsafeBytes { Array($0) } }
    header.layersOffset = section(layers.flatMap { $0 })
    header.connectionsOffset = section(words(connections))
    header.buffersOffset = section(words(buffers))
    header.parametersOffset = section(parameters)
    header.weightsOffset = section(weights)
    header.namesOffset = section(names)
    header.provenanceOffset = section(provenance)
    var model = EditableModel(bytes)
    model.header = header
    model.seal()
    return model
  }
}
