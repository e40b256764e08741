import SpikeletCompiler
import SpikeletSupport

extension KernelExplanation {
  /// The explanation in words, at most 100 columns.
  package var report: String {
    [heading, optionTable, layerTable, totals].joined(separator: "\n\n")
  }

  private var heading: String {
    let room = arenaLimit.map { " of \($0.grouped)" } ?? ""
    return """
      kernels of \(name.printable) on \(target.rawValue), arena \(arenaBytes.grouped) bytes\(room)
      \(origin.printable)
      """.wrapped(columns: 100)
  }

  /// A heading for each connection, and a row for each kernel that fits it.
  private var optionTable: String {
    var table = TextTable(
      ["  kernel", "instructions", "at half", "scratch", "why"], right: [1, 2, 3])
    for connection in connections {
      for option in connection.options {
        let half =
          option.isTaken && !connection.readsPixels ? Int(connection.atHalf.rounded()).grouped : ""
        table.add([
          (option.isTaken ? "* " : "  ") + option.kernel,
          Int(option.instructions.rounded()).grouped, half, option.scratchBytes.grouped,
          option.reason,
        ])
      }
    }
    var rows = table.text(columns: 100).split(separator: "\n").map(String.init)[...]
    var lines = [rows.removeFirst()]
    for connection in connections {
      lines.append(connection.heading.printable)
      lines += rows.prefix(connection.options.count)
      rows = rows.dropFirst(connection.options.count)
    }
    return lines.joined(separator: "\n") + """


      * taken. Instructions of a timestep, or of a picture where the input is pixels; "at half" where
        half as many neurons fire; scratch in bytes of the arena while the layer runs.
      """
  }

  private var layerTable: String {
    var table = TextTable(
      ["layer", "once a picture", "a timestep", "inner loops", "worst timestep"],
      right: [1, 2, 3, 4])
    for (index, cost) in typical.layers.enumerated() {
      table.add([
        index < layerNames.count ? layerNames[index].shortened(40) : "(encoding, exit)",
        Int(cost.picture.rounded()).grouped, Int(cost.timestep.rounded()).grouped,
        idealShare(index).map { "\(Int((100 * $0).rounded())) %" } ?? "–",
        Int(worst.layers[index].timestep.rounded()).grouped,
      ])
    }
    return table.text(columns: 100) + """


      Inner loops: the share of a layer's instructions that its arithmetic cannot do without.
      """
  }

  /// The inner loops of a layer in all instructions that it takes for a picture; nil where it has none.
  private func idealShare(_ index: Int) -> Double? {
    guard let ideal else { return nil }
    func sum(_ estimate: CostEstimate) -> Double {
      estimate.layers[index].picture + typical.timesteps * estimate.layers[index].timestep
    }
    let (least, all) = (sum(ideal), sum(typical))
    return least > 0 && all > 0 ? least / all : nil
  }

  private var totals: String {
    var table = TextTable(
      ["a picture", "timesteps", "instructions", "a timestep"], right: [1, 2, 3])
    func add(_ name: String, _ estimate: CostEstimate) {
      table.add([
        name, estimate.timesteps.fixed(2), Int(estimate.total.rounded()).grouped,
        Int(estimate.timestep.rounded()).grouped,
      ])
    }
    add("typical", typical)
    add("typical, half as many spikes", atHalf)
    if let rare { add("99.9 % of timesteps in every map", rare) }
    add("worst: everything fires", worst)
    return table.text(columns: 100)
  }

  /// The explanation as data.
  package var json: JSONValue {
    func cost(_ estimate: CostEstimate) -> JSONValue {
      .object([
        "instructions": .number(estimate.total), "picture": .number(estimate.picture),
        "timestep": .number(estimate.timestep), "timesteps": .number(estimate.timesteps),
      ])
    }
    func counts(_ features: CostFeatures) -> JSONValue {
      .object(
        Dictionary(
          uniqueKeysWithValues: features.counts.map { ($0.key.name, JSONValue.number($0.value)) }))
    }
    func layer(_ index: Int) -> JSONValue {
      func pair(_ estimate: CostEstimate) -> JSONValue {
        .object([
          "picture": .number(estimate.layers[index].picture),
          "timestep": .number(estimate.layers[index].timestep),
        ])
      }
      return .object([
        "layer": index < layerNames.count ? .string(layerNames[index]) : .null,
        "typical": pair(typical), "ideal": ideal.map(pair) ?? .null, "worst": pair(worst),
      ])
    }
    return .object([
      "model": .string(name), "target": .string(target.rawValue), "firing": .string(origin),
      "arenaBytes": .integer(arenaBytes),
      "arenaLimitBytes": arenaLimit.map { JSONValue.integer($0) } ?? .null,
      "typical": cost(typical), "atHalfTheRate": cost(atHalf),
      "rare": rare.map(cost) ?? .null, "worst": cost(worst),
      "layers": .array(typical.layers.indices.map(layer)),
      "features": .object([
        "picture": counts(features.picture), "timestep": counts(features.timestep),
      ]),
      "connections": .array(connections.map(\.json)),
    ])
  }
}

extension KernelExplanation.Connection {
  /// From where to where, and how much fires; at most 100 columns.
  fileprivate var heading: String {
    let summed = pool.map { ", sums of \($0.0)×\($0.1)" } ?? ""
    let share = "\((rate * 100).fixed(1)) % \(readsPixels ? "not blank" : "fire")"
    return "\(layer.shortened(32)) from \(source.shortened(32))\(summed): \(share)"
  }

  fileprivate var json: JSONValue {
    .object([
      "layer": .string(layer), "source": .string(source), "readsPixels": .boolean(readsPixels),
      "pool": pool.map { .array([.integer($0.0), .integer($0.1)]) } ?? .null,
      "rate": .number(rate), "atHalfTheRate": .number(atHalf),
      "kernels": .array(
        options.map {
          .object([
            "kernel": .string($0.kernel), "instructions": .number($0.instructions),
            "scratchBytes": .integer($0.scratchBytes), "isTaken": .boolean($0.isTaken),
            "reason": .string($0.reason),
          ])
        }),
    ])
  }
}

extension String {
  /// A name with its middle left out where it has more characters.
  fileprivate func shortened(_ limit: Int) -> String {
    guard count > limit else { return self }
    return prefix(limit / 2) + "…" + suffix(limit - limit / 2 - 1)
  }
}
