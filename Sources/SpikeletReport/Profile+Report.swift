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
    let team = threads == 1 ? "one thread" : "\(threads) threads"
    table.add(["inferences", "\((inferences.count + 1).grouped), \(team)"])
    if let cut {
      let share = "\((100 * cut.share).fixed(1)) % of the time"
      table.add(["cut into parts", share])
      table.add(["gain on idle cores", "\(cut.speedup.fixed(2)) × at best"])
    }
    table.add(["mean timesteps", meanTimesteps.fixed(2)])
    for (name, value) in deadline?.rows ?? [] { table.add([name, value]) }
    table.add(["arena", "\(arenaBytes.grouped) bytes"])
    table.add(["model", "\(modelBytes.grouped) bytes"])
    table.add(["peak memory of this process", "\(peakMemoryBytes.grouped) bytes"])
    return table.text
  }

  private var layerTable: String {
    var table = TextTable(
      [
        "layer", "kernel", "µs a timestep", "share", "spikes", "rows", "additions",
        "additions a ns", "of ideal", "weight bytes",
      ], right: [2, 3, 4, 5, 6, 7, 8, 9])
    let sum = layers.reduce(UInt64(0)) { $0 + $1.nanoseconds }
    let maps = Double(max(1, timesteps))
    for layer in layers {
      let time = Double(layer.nanoseconds)
      table.add([
        layer.name, layer.kernels.joined(separator: ", "), (time / 1000 / maps).fixed(2),
        "\((100 * time / Double(max(1, sum))).fixed(1)) %",
        Int((Double(layer.spikes) / maps).rounded()).grouped,
        Int((Double(layer.rows) / maps).rounded()).grouped,
        Int((Double(layer.synapticOperations) / maps).rounded()).grouped,
        layer.synapticOperations == 0
          ? "–" : (Double(layer.synapticOperations) / max(1, time)).fixed(2),
        shareOfIdeal(layer).map { "\(Int(($0 * 100).rounded())) %" } ?? "–",
        Int((Double(layer.weightBytes) / maps).rounded()).grouped,
      ])
    }
    return table.text
  }

  /// What a layer reaches of the additions that this machine can make; nil where it adds nothing.
  private func shareOfIdeal(_ layer: Layer) -> Double? {
    guard layer.synapticOperations > 0, layer.nanoseconds > 0, idealAdditions > 0 else {
      return nil
    }
    return Double(layer.synapticOperations) / Double(layer.nanoseconds) / idealAdditions
  }

  private var remark: String {
    """
    Layers: a mean of \(timesteps.grouped) timesteps without an early exit; the clock between them
    costs some of the time. Multiplications of pixels are not additions. Ideal are \
    \(idealAdditions.fixed(1)) additions a ns: a gather's inner loop on weights in the nearest cache.
    """
  }

  private static func microseconds(_ nanoseconds: UInt64) -> String {
    "\((Double(nanoseconds) / 1000).fixed(1)) µs"
  }

  /// The figures as data: times in nanoseconds, of layers for a timestep.
  package func json(peakMemoryBytes: Int) -> JSONValue {
    let maps = Double(max(1, timesteps))
    return .object([
      "model": .string(name), "input": .string(input), "threads": .integer(threads),
      "firstNanoseconds": .integer(Int(first)),
      "p50Nanoseconds": .integer(Int(quantile(0.5))),
      "p90Nanoseconds": .integer(Int(quantile(0.9))),
      "p99Nanoseconds": .integer(Int(quantile(0.99))),
      "inferences": .integer(inferences.count + 1), "meanTimesteps": .number(meanTimesteps),
      "arenaBytes": .integer(arenaBytes), "modelBytes": .integer(modelBytes),
      "idealAdditionsPerNanosecond": .number(idealAdditions),
      "cutShare": cut.map { .number($0.share) } ?? .null,
      "gainAtBest": cut.map { .number($0.speedup) } ?? .null,
      "peakMemoryBytes": .integer(peakMemoryBytes),
      "deadline": deadline?.json ?? .null,
      "layers": .array(
        layers.map { layer in
          .object([
            "name": .string(layer.name), "kernels": .array(layer.kernels.map { .string($0) }),
            "nanoseconds": .number(Double(layer.nanoseconds) / maps),
            "spikes": .number(Double(layer.spikes) / maps),
            "rows": .number(Double(layer.rows) / maps),
            "shareOfIdeal": shareOfIdeal(layer).map { .number($0) } ?? .null,
            "synapticOperations": .number(Double(layer.synapticOperations) / maps),
            "weightBytes": .number(Double(layer.weightBytes) / maps),
          ])
        }),
    ])
  }
}
