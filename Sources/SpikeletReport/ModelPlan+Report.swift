import SpikeletEvaluation
import SpikeletSupport

extension ModelPlan {
  /// The plan in words: what runs in each slot by which kernel, and the arena over a timestep.
  package var report: String {
    let drawing = ArenaDrawing(summary)
    return [heading, stepTable, drawing.table, drawing.text].joined(separator: "\n\n")
  }

  private var heading: String {
    """
    plan of \(name): \(steps.count) layers, \(summary.buffers.count) buffers, arena \
    \(summary.arenaBytes.grouped) bytes, lower bound \(summary.lowerBound.grouped)
    """
  }

  private var stepTable: String {
    var table = TextTable(
      ["slot", "layer", "tiles", "reads", "kernel", "weights", "bits", "bytes"], right: [0, 6, 7])
    for (index, step) in steps.enumerated() {
      let tiles =
        step.tile.map { "\(step.tiles) of \($0.rows)×\($0.columns)" } ?? step.kind
      for (position, connection) in step.connections.enumerated() {
        let reads = connection.pool.map { "\(connection.source) / \($0)" } ?? connection.source
        let owner = position == 0 ? ["\(index + 1)", step.name, tiles] : ["", "", ""]
        let hasWeights = connection.kernel != nil
        table.add(
          owner + [
            reads, connection.kernel ?? "–", connection.weightOrder ?? "–",
            hasWeights ? "\(connection.weightBits)" : "–",
            hasWeights ? connection.weightBytes.grouped : "–",
          ])
      }
    }
    return table.text
  }

  /// The plan as data.
  package var json: JSONValue {
    .object([
      "model": .string(name), "arenaBytes": .integer(summary.arenaBytes),
      "arenaLowerBoundBytes": .integer(summary.lowerBound),
      "buffers": summary.buffersJSON,
      "layers": .array(steps.map(\.json)),
    ])
  }
}

extension ModelPlan.Step {
  fileprivate var json: JSONValue {
    .object([
      "name": .string(name), "kind": .string(kind), "tiles": .integer(tiles),
      "tile": tile.map { .array([.integer($0.rows), .integer($0.columns)]) } ?? .null,
      "connections": .array(
        connections.map { connection in
          .object([
            "source": .string(connection.source),
            "pool": connection.pool.map { JSONValue.string($0) } ?? .null,
            "kernel": connection.kernel.map { JSONValue.string($0) } ?? .null,
            "weightOrder": connection.weightOrder.map { JSONValue.string($0) } ?? .null,
            "weightBits": .integer(connection.weightBits),
            "weightBytes": .integer(connection.weightBytes),
          ])
        }),
    ])
  }
}
