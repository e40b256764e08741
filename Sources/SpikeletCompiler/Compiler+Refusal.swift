import SpikeletRuntime
import SpikeletSupport

extension Compiler {
  /// What the engine refuses, by the name of the layer.
  static func refusal(_ error: SpikeletError, of network: IntegerNetwork) -> Diagnostics {
    var layer: IntegerNetwork.Layer?
    switch "\(error.field.owner)" {
    case "layer" where network.layers.indices.contains(error.index):
      layer = network.layers[error.index]
    case "connection":
      // Connections are numbered through all layers.
      var first = 0
      layer = network.layers.first { layer in
        first += layer.connections.count
        return error.index < first
      }
    default: break
    }
    var bits: [Int] = []
    for connection in layer?.connections ?? [] {
      switch connection.synapses {
      case .convolution(_, _, _, let width), .dense(_, let width): bits.append(width)
      case .channelwise, .maxPool, .potentials: break
      }
    }
    let widths = bits.max().map { " with weights of \($0) bits" } ?? ""
    return Diagnostics(
      "\(network.name) cannot be written",
      [
        .init(
          layer?.name ?? network.name,
          "the engine refuses the model\(widths): \(error.field.text) \(error.reason.text)",
          advice: error.reason == .overflow
            ? "use narrower weights (quantization.weights), or lower maximumTimesteps" : "")
      ])
  }
}
