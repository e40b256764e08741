import SpikeletRuntime

extension DraftRecords {
  /// The records of a model file, to ask what its plan costs.
  ///
  /// - Parameter bytes: the file's.
  init(_ model: borrowing Model, bytes: [UInt8]) {
    self.init(header: model.header)
    for index in 0..<Int(model.header.layerCount) {
      if model.isMaxPool(index) {
        layers.append(.maxPool(model.maxPool(index)))
      } else {
        let record = model.neurons(index)
        layers.append(.neurons(record))
        if Self.restsAtZero(record, model.header, bytes) { restsAtZero.insert(index) }
      }
    }
    connections = (0..<Int(model.header.connectionCount)).map { model.connection($0) }
    weightBits = connections.map(\.weightBits)
  }

  /// Whether all potentials of a layer begin at 0.
  private static func restsAtZero(
    _ record: NeuronRecord, _ header: ModelHeader, _ bytes: [UInt8]
  ) -> Bool {
    guard record.initialsOffset != ModelFormat.none else { return true }
    let start = Int(header.parametersOffset + record.initialsOffset)
    let count = padded(Int(record.channels)) * Int(record.membraneBits) / 8
    guard start >= 0, start + count <= bytes.count else { return false }
    return bytes[start..<start + count].allSatisfy { $0 == 0 }
  }
}
