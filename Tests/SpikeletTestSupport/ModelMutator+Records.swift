import SpikeletRuntime
import SpikeletSupport

extension ModelMutator {
  /// Exchanges two records of one kind, copies one over another, or copies a run of bytes somewhere
  /// else.
  ///
  /// - Parameter header: the header before any change, which knows where the sections are.
  package static func rearrange(
    _ model: inout EditableModel, _ header: ModelHeader, _ random: inout SeededRandom
  ) {
    let tables: [(start: Int32, count: Int32, size: Int)] = [
      (header.layersOffset, header.layerCount, MemoryLayout<NeuronRecord>.size),
      (header.connectionsOffset, header.connectionCount, MemoryLayout<ConnectionRecord>.size),
      (header.buffersOffset, header.bufferCount, MemoryLayout<BufferRecord>.size),
    ]
    let kind = random.pick(0...3)
    guard kind < 3 else { return copyRun(&model, &random) }
    let table = tables[kind]
    let (a, b) = (random.pick(0...Int(table.count) - 1), random.pick(0...Int(table.count) - 1))
    let first = Int(table.start) + a * table.size
    let second = Int(table.start) + b * table.size
    guard a != b, max(first, second) + table.size <= model.bytes.count else { return }
    let isExchange = random.chance(2)
    for i in 0..<table.size {
      if isExchange {
        model.bytes.swapAt(first + i, second + i)
      } else {
        model.bytes[first + i] = model.bytes[second + i]
      }
    }
  }

  /// Copies up to 64 bytes behind the header's first words over others.
  private static func copyRun(_ model: inout EditableModel, _ random: inout SeededRandom) {
    let last = model.bytes.count - 1
    guard last > 20 else { return }
    let (from, to) = (random.pick(16...last), random.pick(16...last))
    let count = min(random.pick(1...64), last + 1 - max(from, to))
    let run = Array(model.bytes[from..<from + count])
    model.bytes.replaceSubrange(to..<to + count, with: run)
  }
}
