import SpikeletEvaluation
import SpikeletSupport

extension ModelSummary {
  /// The whole report: the model, its layers, its arena and its file.
  package var report: String {
    [heading, layerTable, neuronTable, convolutionLine, memoryTable, fileTable]
      .joined(separator: "\n\n")
  }

  package var heading: String {
    """
    \(name): \(input) input, timesteps \(timesteps) (at most \(maximumTimesteps)), \
    \(readOut) read-out, exit \(exit)
    model \(modelBytes.grouped) bytes, arena \(arenaBytes.grouped) bytes
    """
  }

  /// What the layers are: their shapes, weights and operations.
  package var layerTable: String {
    var table = TextTable(
      ["layer", "kind", "shape", "weights", "bits", "MAC"], right: [3, 4, 5])
    for layer in layers {
      table.add([
        layer.name, layer.kind + (layer.isFused ? ", fused" : ""), layer.shape,
        layer.weights.grouped, layer.weightBits == 0 ? "–" : "\(layer.weightBits)",
        layer.denseOperations.grouped,
      ])
    }
    return table.text
  }

  /// What their neurons are: widths, bytes of all potentials, thresholds and proven ranges.
  package var neuronTable: String {
    var table = TextTable(
      ["neurons of", "membrane", "bytes", "tile", "threshold", "spikes", "potential"], right: [2])
    for layer in layers where layer.membraneBits > 0 {
      table.add([
        layer.name, "int\(layer.membraneBits)", layer.accumulatorBytes.grouped,
        layer.tile ?? "whole", layer.thresholds.map { $0.text } ?? "–",
        layer.coding.map { "\(layer.thresholdCount) \($0)" } ?? "–",
        layer.potentialRange.map { $0.text } ?? "–",
      ])
    }
    return table.text
  }

  /// The sums over all convolutions.
  package var convolutionLine: String {
    let (weights, operations, bytes) = convolutions
    return
      "convolutions: \(weights.grouped) weights, \(operations.grouped) operations on dense maps, "
      + "\(bytes.grouped) bytes of potentials"
  }

  /// The arena, byte for byte: buffers in order of address, gaps named.
  package var memoryTable: String { memoryTable(marks: nil) }

  /// The same with the marks of a drawing before the buffers, in order of address.
  func memoryTable(marks: [Character]?) -> String {
    var table = TextTable(
      (marks == nil ? [] : [""]) + ["arena", "offset", "bytes", "alive in slots"],
      right: marks == nil ? [1, 2] : [2, 3])
    let indent = marks == nil ? [] : [""]
    for (index, buffer) in buffersByAddress.enumerated() {
      table.add(
        (marks.map { [String($0[index])] } ?? []) + [
          buffer.name, buffer.offset.grouped, buffer.bytes.grouped,
          "\(buffer.firstUse)–\(buffer.lastUse)",
        ])
    }
    table.add(indent + ["alignment and gaps", "", gapBytes.grouped, ""])
    table.add(indent + ["total", "", arenaBytes.grouped, "lower bound \(lowerBound.grouped)"])
    return table.text
  }

  /// The buffers in order of address, of those at one address the first to be used first.
  var buffersByAddress: [Buffer] {
    buffers.sorted { ($0.offset, $0.firstUse) < ($1.offset, $1.firstUse) }
  }

  package var fileTable: String {
    var table = TextTable(["file", "bytes"], right: [1])
    for section in sections { table.add([section.name, section.bytes.grouped]) }
    table.add(["total", modelBytes.grouped])
    return table.text
  }

  /// Bytes of the arena that no buffer ever holds.
  package var gapBytes: Int {
    var end = 0
    var gaps = 0
    for buffer in buffers.sorted(by: { $0.offset < $1.offset }) {
      gaps += max(0, buffer.offset - end)
      end = max(end, buffer.offset + buffer.bytes)
    }
    return gaps + arenaBytes - end
  }

  /// The largest sum of bytes alive at once, each buffer rounded up to 16: no plan is smaller.
  package var lowerBound: Int {
    let slots = Set(buffers.flatMap { [$0.firstUse, $0.lastUse] })
    return slots.map { slot in
      buffers.filter { $0.firstUse <= slot && slot <= $0.lastUse }
        .reduce(0) { $0 + ($1.bytes + 15) / 16 * 16 }
    }.max() ?? 0
  }

  var buffersJSON: JSONValue {
    .array(
      buffers.map {
        .object([
          "name": .string($0.name), "offset": .integer($0.offset), "bytes": .integer($0.bytes),
          "firstUse": .integer($0.firstUse), "lastUse": .integer($0.lastUse),
        ])
      })
  }

  package var json: JSONValue {
    .object([
      "model": .string(name),
      "modelBytes": .integer(modelBytes),
      "arenaBytes": .integer(arenaBytes),
      "arenaLowerBoundBytes": .integer(lowerBound),
      "arenaGapBytes": .integer(gapBytes),
      "input": .string(input),
      "timesteps": .integer(timesteps),
      "maximumTimesteps": .integer(maximumTimesteps),
      "readOut": .string(readOut),
      "exit": .string(exit),
      "denseOperationsPerImage": .integer(operations.dense),
      "convolutionWeights": .integer(convolutions.weights),
      "convolutionOperations": .integer(convolutions.operations),
      "convolutionAccumulatorBytes": .integer(convolutions.accumulatorBytes),
      "layers": .array(layers.map(\.json)),
      "buffers": buffersJSON,
      "sections": .object(
        Dictionary(uniqueKeysWithValues: sections.map { ($0.name, .integer($0.bytes)) })),
    ])
  }
}

extension ModelSummary.Layer {
  var json: JSONValue {
    func range(_ value: ClosedRange<Int>?) -> JSONValue {
      value.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) } ?? .null
    }
    var members: [String: JSONValue] = [
      "name": .string(name), "kind": .string(kind), "shape": .string(shape),
      "neurons": .integer(neurons), "weights": .integer(weights),
      "weightBits": .integer(weightBits), "membraneBits": .integer(membraneBits),
    ]
    members["thresholds"] = range(thresholds)
    members["potentialRange"] = range(potentialRange)
    members["denseOperations"] = .integer(denseOperations)
    members["accumulatorBytes"] = .integer(accumulatorBytes)
    members["tileBytes"] = .integer(tileBytes)
    members["thresholdCount"] = .integer(thresholdCount)
    members["spikeCoding"] = coding.map { JSONValue.string($0) } ?? .null
    members["isFused"] = .boolean(isFused)
    return .object(members)
  }
}

extension ClosedRange<Int> {
  /// "low…high", or one number.
  var text: String {
    lowerBound == upperBound ? lowerBound.grouped : "\(lowerBound.grouped)…\(upperBound.grouped)"
  }
}
