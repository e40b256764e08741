import SpikeletEvaluation
import SpikeletSupport

extension Profile {
  /// The figures for people: first what the whole costs, then where it goes.
  package func text(peakMemoryBytes: Int) -> String {
    [whole(peakMemoryBytes), layerTable, remark].joined(separator: "\n\n")
  }

  /// Performance and memory as a table of two columns, in the order of Arm's model pages.
  private func whole(_ peakMemoryBytes: Int) -> String {
    var table = TextTable([name, ""], right: [])
    table.add(["input", input])
    table.add(["first inference", Self.microseconds(first)])
    table.add(["median (p50)", Self.microseconds(quantile(0.5))])
    table.add(["p90", Self.microseconds(quantile(0.9))])
    table.add(["p99", Self.microseconds(quantile(0.99))])
    table.add(["inferences", "\((inferences.count + 1).grouped), one thread"])
    table.add(["mean timesteps", meanTimesteps.fixed(2)])
    table.add(["arena", "\(arenaBytes.grouped) bytes"])
    table.add(["model", "\(modelBytes.grouped) bytes"])
    table.add(["peak memory of this process", "\(peakMemoryBytes.grouped) bytes"])
    return table.text
  }

  private var layerTable: String {
    var table = TextTable(
      [
        "layer", "kernel", "µs a timestep", "share", "spikes", "additions", "additions a ns",
        "weight bytes",
      ], right: [2, 3, 4, 5, 6, 7])
    let sum = layers.reduce(UInt64(0)) { $0 + $1.nanoseconds }
    let maps = Double(max(1, timesteps))
    for layer in layers {
      let time = Double(layer.nanoseconds)
      table.add([
        layer.name, layer.kernels.joined(separator: ", "), (time / 1000 / maps).fixed(2),
        "\((100 * time / Double(max(1, sum))).fixed(1)) %",
        Int((Double(layer.spikes) / maps).rounded()).grouped,
        Int((Double(layer.synapticOperations) / maps).rounded()).grouped,
        layer.synapticOperations == 0
          ? "–" : (Double(layer.synapticOperations) / max(1, time)).fixed(2),
        Int((Double(layer.weightBytes) / maps).rounded()).grouped,
      ])
    }
    return table.text
  }

  private var remark: String {
    """
    Layers: a mean of \(timesteps.grouped) timesteps without an early exit; the clock between them
    costs some of the time. Multiplications of pixels are not additions.
    """
  }

  private static func microseconds(_ nanoseconds: UInt64) -> String {
    "\((Double(nanoseconds) / 1000).fixed(1)) µs"
  }

  /// The figures as data: times in nanoseconds, of layers for a timestep.
  package func json(peakMemoryBytes: Int) -> JSONValue {
    let maps = Double(max(1, timesteps))
    return .object([
      "model": .string(name), "input": .string(input), "threads": .integer(1),
      "firstNanoseconds": .integer(Int(first)),
      "p50Nanoseconds": .integer(Int(quantile(0.5))),
      "p90Nanoseconds": .integer(Int(quantile(0.9))),
      "p99Nanoseconds": .integer(Int(quantile(0.99))),
      "inferences": .integer(inferences.count + 1), "meanTimesteps": .number(meanTimesteps),
      "arenaBytes": .integer(arenaBytes), "modelBytes": .integer(modelBytes),
      "peakMemoryBytes": .integer(peakMemoryBytes),
      "layers": .array(
        layers.map { layer in
          .object([
            "name": .string(layer.name), "kernels": .array(layer.kernels.map { .string($0) }),
            "nanoseconds": .number(Double(layer.nanoseconds) / maps),
            "spikes": .number(Double(layer.spikes) / maps),
            "synapticOperations": .number(Double(layer.synapticOperations) / maps),
            "weightBytes": .number(Double(layer.weightBytes) / maps),
          ])
        }),
    ])
  }
}
