import SpikeletClassifier
import SpikeletRuntime

/// How a model runs, read from its file: what the compiler's `ExecutionPlan` has decided for each layer
/// and what became of it in the arena.
package struct ModelPlan: Sendable {
  /// What runs in one slot of a timestep.
  package struct Step: Sendable {
    /// The layer's name; a max pool that is fused has a step of its own, which does nothing.
    package var name: String
    package var kind: String
    /// The rows and columns of one tile and of the layer; nil for a max pool.
    package var tile: (rows: Int, columns: Int)?
    package var size: (rows: Int, columns: Int)
    package var connections: [Connection]

    /// The tiles that the layer is cut into.
    package var tiles: Int {
      guard let tile, tile.rows > 0, tile.columns > 0 else { return 1 }
      return ((size.rows + tile.rows - 1) / tile.rows)
        * ((size.columns + tile.columns - 1) / tile.columns)
    }
  }

  /// What a layer reads, and the kernel that reads it.
  package struct Connection: Sendable {
    /// "input", or the name of the layer that is read; with what of it, where that is not its spikes of
    /// the same timestep.
    package var source: String
    /// The window of a sum pool over the source; nil without one.
    package var pool: String?
    /// Nil for the window of a max pool and for potentials, which have no weights.
    package var kernel: String?
    package var weightOrder: String?
    package var weightBits: Int
    package var weightBytes: Int
  }

  package var name: String
  package var steps: [Step]
  package var summary: ModelSummary

  package init(_ file: ModelFile) {
    name = file.name
    summary = ModelSummary(file)
    let names = summary.layers.map(\.name)
    steps = names.indices.map { index in
      file.withModel { Self.step($0, index, names: names) }
    }
  }

  private static func step(_ model: Model, _ index: Int, names: [String]) -> Step {
    let layer = model.layer(index)
    var step = Step(
      name: names[index], kind: "neurons", tile: nil,
      size: (Int(layer.height), Int(layer.width)), connections: [])
    if model.isMaxPool(index) {
      step.kind =
        model.maxPool(index).isFused == 0 ? "max pool" : "max pool inside \(names[index - 1])"
    } else {
      let neurons = model.neurons(index)
      step.tile = (Int(neurons.tileRows), Int(neurons.tileColumns))
    }
    step.connections = (0..<Int(layer.connectionCount)).map {
      connection(model.connection(Int(layer.firstConnection) + $0), of: index, names: names)
    }
    return step
  }

  private static func connection(
    _ record: ConnectionRecord, of layer: Int, names: [String]
  ) -> Connection {
    let (height, width) = (record.poolHeight, record.poolWidth)
    var source = record.source == 0 ? "input" : names[Int(record.source) - 1]
    if record.kind == ConnectionKind.potentials.rawValue { source += ", its potentials" }
    if Int(record.source) > layer { source += ", one timestep ago" }
    return Connection(
      source: source,
      pool: height == 1 && width == 1 ? nil : "\(height)×\(width)",
      kernel: SynapseKernel(rawValue: record.kernel).map { "\($0)" },
      weightOrder: WeightOrder(rawValue: record.weightOrder).map { "\($0)" },
      weightBits: Int(record.weightBits), weightBytes: Int(record.weightsBytes))
  }
}
