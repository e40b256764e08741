import SpikeletEvaluation
import SpikeletSupport

extension SpikeRates {
  package var text: String {
    var table = TextTable(["layer", "spike map", "rate"], right: [1, 2])
    for layer in layers {
      table.add([layer.name, layer.neurons.grouped, "\((rate(layer) * 100).fixed(2)) %"])
    }
    return table.text
  }

  package var json: JSONValue {
    .array(
      layers.map {
        .object([
          "layer": .string($0.name), "neurons": .integer($0.neurons), "rate": .number(rate($0)),
        ])
      })
  }
}
