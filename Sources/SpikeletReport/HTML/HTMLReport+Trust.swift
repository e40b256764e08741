import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

extension HTMLReport {
  /// What the model takes of each board.
  var boardsHTML: String {
    let bytes = summary.arenaBytes + summary.modelBytes
    var table = MarkupTable(
      "Footprint on each board",
      [
        "Board", "Target", "Processor", "Arena and model, bytes", "Of the memory for it",
        "The arena fits", "The model fits",
      ])
    for board in boards {
      let share = Double(bytes) / Double(max(1, board.availableBytes))
      table.add([
        .init(board.name), .init(board.target), .init(board.processor), .number(bytes),
        .number(
          bytes > board.availableBytes
            ? "does not fit: \((share * 100).fixed(0)) %" : "\((share * 100).fixed(3)) %"),
        .init(board.home(ofBytes: summary.arenaBytes)),
        .init(board.home(ofBytes: summary.modelBytes)),
      ])
    }
    let found =
      boards.isEmpty
      ? Markup.paragraph(
        "No description of a board was found: they lie in a folder <code>boards</code> beside the "
          + "configuration, or above it.") : table.html
    return """
      \(Markup.paragraph("The first cache that is large enough holds the arena, or the model. The "
        + "program and its stack come on top: some hundred kilobytes, most of them shared."))
      \(found)
      \(instructions)
      \(cost)
      """
  }

  /// What a picture takes of each board's processor.
  private var instructions: String {
    guard !costs.isEmpty, !boards.isEmpty else { return "" }
    var table = MarkupTable(
      "Instructions of one picture on each board",
      ["Board", "Mean picture", "Rare", "Everything fires", "Layer that takes most", "Mean time"])
    for board in boards {
      guard let cost = costs.first(where: { $0.target.rawValue == board.target }) else { continue }
      let rate = board.instructionsPerMicrosecond
      let name = "instructions-\(cost.target.rawValue)"
      table.add([
        .init(board.name), .figure(name, Int(cost.typical.total.rounded())),
        cost.rare.map { .number(Int($0.total.rounded())) } ?? .number("not measured"),
        .number(Int(cost.worst.total.rounded())), .init(Self.largest(cost)),
        .number(
          rate > 0 ? "\((cost.typical.total / rate).fixed(0)) µs" : "not measured"),
      ])
    }
    let origin = costs[0].origin
    return table.html + "\n"
      + Markup.paragraph(
        Markup.escaped(
          "\(origin.prefix(1).uppercased())\(origin.dropFirst()). Estimated from what the kernels "
            + "take in an emulator, as ")
          + "<code>spikelet build --explain</code> does. Rare is what "
          + "one of a thousand timesteps exceeds. A time needs "
          + "<code>instructionsPerMicrosecond</code> in the board's description, which is measured "
          + "there.")
  }

  /// The layer that takes most of a mean picture's instructions, and its share.
  private static func largest(_ cost: KernelExplanation) -> String {
    let layers = cost.typical.layers.map { $0.picture + cost.typical.timesteps * $0.timestep }
    guard let index = layers.indices.max(by: { layers[$0] < layers[$1] }), cost.typical.total > 0
    else { return "none" }
    let name = cost.layerNames.indices.contains(index) ? cost.layerNames[index] : "the input"
    return "\(name.printable), \((100 * layers[index] / cost.typical.total).fixed(0)) %"
  }

  /// What a picture costs on any of them.
  private var cost: String {
    var table = MarkupTable("Operations of one picture", ["Operation", "A picture"])
    if let result = evidence?.result {
      table.add([
        "additions of a weight, because of spikes",
        .init(
          html: Markup.figure(
            "synapticOperationsPerImage", result.synapticOperationsPerImage,
            Int(result.synapticOperationsPerImage).grouped), isNumber: true),
      ])
    } else {
      table.add([
        "additions of a weight, because of spikes, at 0.1 spikes a neuron and timestep",
        .number(
          Int(summary.synapticOperations(rates: [0.1]) * Double(summary.timesteps))),
      ])
    }
    table.add([
      "multiplications of pixels, once",
      .figure("multiplyAccumulatesPerImage", summary.operations.direct),
    ])
    table.add([
      "multiply–accumulates of the float network",
      .figure("denseOperationsPerImage", summary.operations.dense),
    ])
    return "<h3>Cost</h3>\n\(table.html)\n"
      + Markup.paragraph(
        "These counts are the same on every board; the time is what "
          + "<code>spikelet-board --repeat</code> measures there.")
  }

  var goldenHTML: String {
    guard let golden else {
      return Markup.paragraph(
        "No golden vectors of this model were found. <code>spikelet golden</code> records them, "
          + "and <code>--golden</code> names their folder.")
    }
    let folder = "<code>\(Markup.escaped(golden.folder))</code>"
    var parts: [String] = []
    switch golden.verdict {
    case .exact:
      parts.append(
        badge("good", "exact")
          + " The engine computes what the vectors in \(folder) say: "
          + Markup.escaped(
            "\(golden.images.grouped) pictures × \(golden.timesteps) timesteps × "
              + "\(golden.layers) layers, \(golden.digests.grouped) digests, and the same exits."))
    case .differs(let problem):
      parts.append(
        badge("bad", "differs")
          + " The engine does not compute what the vectors in \(folder) say. "
          + Markup.escaped(problem))
    case .otherModel(let digest):
      parts.append(
        badge("bad", "of another model")
          + " The vectors in \(folder) were made from a model with the SHA-256 "
          + "<code>\(Markup.escaped(digest))</code>. <code>spikelet golden</code> records new ones."
      )
    }
    switch golden.floats {
    case .none: break
    case .within:
      parts.append(
        badge("good", "close")
          + " It is within the tolerances of another framework's simulation in floating point.")
    case .outside(let failures):
      parts.append(
        badge("bad", "too far")
          + " It is outside the tolerances of another framework's simulation: "
          + Markup.escaped(failures.joined(separator: "; ")) + ".")
    case .needsConfiguration:
      parts.append(
        "There are vectors in floating point as well; what the potentials are worth stands in "
          + "the configuration, which builds another model now.")
    }
    return parts.map(Markup.paragraph).joined(separator: "\n")
  }

  private func badge(_ style: String, _ words: String) -> String {
    "<strong class=\"badge \(style)\">\(words)</strong>"
  }

  var provenance: String {
    var table = MarkupTable("Where the model comes from", ["Key", "Value"])
    table.add([
      "SHA-256 of the file",
      .init(html: "<code>\(SHA256.hexDigest(of: file.bytes))</code>"),
    ])
    if let json = try? JSONParser.parse(file.provenance), case .object(let members) = json {
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        table.add([.init(key), .init(html: "<code>\(Markup.escaped(Self.words(value)))</code>")])
      }
    } else {
      table.add(["provenance", .init(file.provenance.isEmpty ? "none" : file.provenance)])
    }
    return table.html
  }

  private static func words(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text }
    return value.compactText
  }
}
