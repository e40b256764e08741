import SpikeletEvaluation
import SpikeletSupport

extension ModelSummary {
  /// The whole report: the model, its layers, its arena and its file.
  package var report: String {
    [heading, layerTable, convolutionLine, memoryTable, fileTable].joined(separator: "\n\n")
  }

  package var heading: String {
    """
    \(name): \(input) input, timesteps \(timesteps) (at most \(maximumTimesteps)), \
    \(readOut) read-out, exit \(exit)
    model \(modelBytes.grouped) bytes, arena \(arenaBytes.grouped) bytes
    """
  }

  package var layerTable: String {
    var table = TextTable(
      [
        "layer", "kind", "shape", "weights", "bits", "membrane", "bytes", "band", "threshold",
        "spikes", "potential", "MAC",
      ], right: [3, 4, 5, 6, 11])
    for layer in layers {
      table.add([
        layer.name, layer.kind + (layer.isFused ? ", fused" : ""), layer.shape,
        layer.weights.grouped, layer.weightBits == 0 ? "–" : "\(layer.weightBits)",
        layer.membraneBits == 0 ? "–" : "int\(layer.membraneBits)",
        layer.membraneBits == 0 ? "–" : layer.accumulatorBytes.grouped, layer.band ?? "–",
        layer.thresholds.map { $0.text } ?? "–",
        layer.coding.map { "\(layer.levels) \($0)" } ?? "–",
        layer.potentialRange.map { $0.text } ?? "–", layer.denseOperations.grouped,
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
  package var memoryTable: String {
    var table = TextTable(["arena", "offset", "bytes", "alive in slots"], right: [1, 2])
    for buffer in buffers.sorted(by: { ($0.offset, $0.firstUse) < ($1.offset, $1.firstUse) }) {
      table.add([
        buffer.name, buffer.offset.grouped, buffer.bytes.grouped,
        "\(buffer.firstUse)–\(buffer.lastUse)",
      ])
    }
    table.add(["alignment and gaps", "", gapBytes.grouped, ""])
    table.add(["total", "", arenaBytes.grouped, "lower bound \(lowerBound.grouped)"])
    return table.text
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
      "buffers": .array(
        buffers.map {
          .object([
            "name": .string($0.name), "offset": .integer($0.offset), "bytes": .integer($0.bytes),
            "firstUse": .integer($0.firstUse), "lastUse": .integer($0.lastUse),
          ])
        }),
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
    members["bandBytes"] = .integer(bandBytes)
    members["levels"] = .integer(levels)
    members["levelCoding"] = coding.map { JSONValue.string($0) } ?? .null
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
