import SpikeletRuntime
import SpikeletSupport

/// Damages model files as chance or an attacker would.
package enum ModelMutator {
  /// Changes one word of the header, of a record, or of the parameters, or a byte of the weights.
  ///
  /// - Parameter header: the header before any change, which knows where the sections are.
  package static func mutate(
    _ model: inout EditableModel, _ header: ModelHeader, _ random: inout SeededRandom
  ) {
    let words: (start: Int, count: Int)
    switch random.pick(0...9) {
    case 0: words = (16, MemoryLayout<ModelHeader>.size / 4 - 4)
    case 1...3:
      words = (
        Int(header.layersOffset), Int(header.layerCount) * MemoryLayout<NeuronRecord>.size / 4
      )
    case 4...6:
      words = (
        Int(header.connectionsOffset),
        Int(header.connectionCount) * MemoryLayout<ConnectionRecord>.size / 4
      )
    case 7:
      words = (
        Int(header.buffersOffset), Int(header.bufferCount) * MemoryLayout<BufferRecord>.size / 4
      )
    case 8: words = (Int(header.parametersOffset), Int(header.parametersBytes) / 4)
    default:
      guard header.weightsBytes > 0 else { return }
      let byte = Int(header.weightsOffset) + random.pick(0...Int(header.weightsBytes) - 1)
      model.bytes[byte] = UInt8(random.pick(0...255))
      return
    }
    guard words.count > 0 else { return }
    let offset = words.start + random.pick(0...words.count - 1) * 4
    let before: Int32 = model.load(offset)
    let other: Int32 = model.load(words.start + random.pick(0...words.count - 1) * 4)
    let extremes: [Int32] = [
      0, 1, -1, 2, 7, 8, 9, 15, 16, 17, 32, 255, 256, 32767, -32768, 65535, 65536, Int32.max,
      Int32.min, Int32.max - 15,
    ]
    let value: Int32 =
      switch random.pick(0...9) {
      case 0...3: extremes[random.pick(0...extremes.count - 1)]
      case 4: before &+ 1
      case 5: before &- 1
      case 6: other
      case 7: Int32(random.pick(0...40))
      case 8: before &* 2
      default: Int32(truncatingIfNeeded: random.next())
      }
    model.store(value, offset)
  }

  /// Corrects the bounds, the sizes of weights and the memory plan to what a changed record asks
  /// for, as a forger would; says whether the file opens now.
  package static func repair(_ model: inout EditableModel) -> Bool {
    for _ in 0..<20 {
      guard let error = model.error else { return true }
      let index = Int(error.index)
      switch (error.reason, error.field) {
      case (.mismatch, .potentialBound):
        if model[neurons: index].lowestPotential == error.givenWord {
          model[neurons: index].lowestPotential = error.neededWord
        } else {
          model[neurons: index].highestPotential = error.neededWord
        }
      case (.mismatch, .weights) where index >= 0:
        model[connection: index].weightsBytes = error.neededWord
      case (.outOfBounds, .weights) where index >= 0:
        model[connection: index].weightsOffset = error.neededWord
      case (.mismatch, .lastReader) where index >= 0:
        model[layer: index].lastReader = error.neededWord
      case (.mismatch, .counterBits): model[pool: index].counterBits = error.neededWord
      case (_, .bufferRange), (_, .bufferLifetime): planAgain(&model)
      default: return false
      }
      model.seal()
    }
    return model.error == nil
  }

  /// Gives every buffer what the loader asks for, one after the other, those of every slot first.
  private static func planAgain(_ model: inout EditableModel) {
    var records: [BufferRecord] = []
    let bytes = model.bytes
    do {
      let draft = Model(validated: bytes.span.bytes)
      for index in 0..<Int(model.header.bufferCount) {
        var record = model[buffer: index]
        guard let kind = BufferKind(rawValue: record.kind), record.layer < model.header.layerCount,
          record.layer >= (kind == .inputSpikes ? -1 : 0),
          let bytes = draft.requiredBytes(kind, layer: record.layer).value, bytes < 1 << 22
        else { return }
        record.bytes = bytes
        let life = draft.requiredLifetime(kind, layer: record.layer)
        (record.firstUse, record.lastUse) = (life.first, life.last)
        records.append(record)
      }
    }
    var end: Int32 = 0
    for isPersistent in [true, false] {
      for index in records.indices {
        let record = records[index]
        let isAlways = record.firstUse == 0 && record.lastUse == model.header.layerCount
        guard isAlways == isPersistent else { continue }
        records[index].offset = end
        end = (end &+ record.bytes &+ 15) & ~15
      }
    }
    guard end < 1 << 22 else { return }
    model.header.arenaBytes = records.map { ($0.offset + $0.bytes + 15) & ~15 }.max() ?? 0
    for (index, record) in records.enumerated() { model[buffer: index] = record }
  }
}
