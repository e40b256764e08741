import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

extension HTMLReport {
  var network: String {
    """
    \(Markup.paragraph("From the input at the top to the scores at the bottom. A box names what a "
      + "layer is, what it reads, and the kernel that reads it."))
    <div class="scroll" role="region" tabindex="0" aria-label="Drawing of the network">
    \(NetworkFigure(plan).svg)
    </div>
    """
  }

  var layers: String {
    var table = MarkupTable(
      "Layers and their weights",
      [
        "Layer", "Kind", "Shape", "Neurons", "Weights", "Bits", "Smallest … largest", "Zeros",
        "Biases", "Multiply–accumulates",
      ])
    for (index, (layer, facts)) in zip(summary.layers, facts).enumerated() {
      table.add([
        .init(layer.name), .init(layer.kind + (layer.isFused ? ", fused" : "")),
        .init(layer.shape), .figure("layers.\(index).neurons", layer.neurons),
        .figure("layers.\(index).weights", layer.weights),
        layer.weightBits == 0
          ? .number("–") : .figure("layers.\(index).weightBits", layer.weightBits),
        .number(facts.weights?.text ?? "–"),
        .number(facts.weights == nil ? "–" : "\((facts.zeroShare * 100).fixed(1)) %"),
        .number(facts.biases?.text ?? "–"),
        .figure("layers.\(index).denseOperations", layer.denseOperations),
      ])
    }
    return [table.html, proofs, conversion, notes].compactMap { $0 }.joined(separator: "\n")
  }

  /// What is proven of the potentials.
  private var proofs: String {
    var table = MarkupTable(
      "Neurons and what is proven of their potentials",
      [
        "Layer", "Potentials", "Threshold", "Spikes", "Rule", "Proven range", "Of the type",
        "Held below at", "Held above at", "At a time", "Bytes",
      ])
    for (index, (layer, facts)) in zip(summary.layers, facts).enumerated()
    where layer.membraneBits > 0 {
      table.add([
        .init(layer.name), .init("int\(layer.membraneBits)"),
        .number(layer.thresholds?.text ?? "–"),
        .init(layer.coding.map { "\(layer.thresholdCount) \($0)" } ?? facts.spikes),
        .init(facts.rule), .number(layer.potentialRange?.text ?? "–"),
        .number(facts.usedRange.map { "\(($0 * 100).fixed(2)) %" } ?? "–"),
        .number(facts.lowerClamps?.text ?? "–"), .number(facts.upperClamps?.text ?? "–"),
        .init(layer.tile ?? "whole"), .figure("layers.\(index).tileBytes", layer.tileBytes),
      ])
    }
    return """
      <h3>Neurons</h3>
      \(Markup.paragraph("The loader computes the proven ranges again from the weights in the file, "
        + "and refuses a model whose potentials could leave their type, whatever the picture. Where "
        + "a potential could go further, it is held at a clamp."))
      \(table.html)
      """
  }

  /// What the compiler decided, where the model was built from a configuration.
  private var conversion: String? {
    guard let build else { return nil }
    var table = MarkupTable(
      "What the compiler decided",
      ["Layer", "λ", "Weight scale", "Bits of bias fraction", "Saturated weights", "Expected rate"])
    let isTrained = !build.build.source.thresholdNodes.isEmpty
    for layer in build.build.integer.layers {
      guard case .neurons(let neurons) = layer.kind else { continue }
      table.add([
        .init(layer.name), .number(isTrained ? "–" : range(neurons.lambda)),
        .number(range(neurons.weightScales)), .number(neurons.biasFractionBits),
        .number(neurons.saturatedWeights),
        .number(neurons.fires && !isTrained ? neurons.predictedRate.fixed(4) : "–"),
      ])
    }
    return "<h3>Conversion</h3>\n\(table.html)"
  }

  private func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "–" }
    return low == high ? low.brief : "\(low.brief)…\(high.brief)"
  }

  private var notes: String? {
    guard let notes = build?.build.notes, !notes.isEmpty else { return nil }
    let items = notes.map { "<li>\(Markup.escaped($0))</li>" }
    return "<h3>Notes of the compiler</h3>\n<ul>\(items.joined())</ul>"
  }

  var kernels: String {
    var table = MarkupTable(
      "Kernels in the order in which they run",
      [
        "Slot", "Layer", "Tiles", "Reads", "Kernel", "Why it fits", "Bits", "Weight bytes",
        "Scratch bytes",
      ])
    for (index, step) in plan.steps.enumerated() {
      let tiles = step.tile.map { "\(step.tiles) of \($0.rows)×\($0.columns)" } ?? step.kind
      for connection in step.connections {
        let reads =
          connection.pool.map { "\(connection.source), sums of \($0)" } ?? connection.source
        let hasWeights = connection.kernel != nil
        table.add([
          .init("\(index + 1)"), .init(step.name), .init(tiles), .init(reads),
          .init(connection.kernel ?? "–"), .init(reason(connection)),
          hasWeights ? .number(connection.weightBits) : .number("–"),
          hasWeights ? .number(connection.weightBytes) : .number("–"),
          .number(scratch(of: step.name)),
        ])
      }
    }
    return Markup.paragraph(
      "All kernels that suit a connection give the same bits; they differ in time and in scratch "
        + "memory. <code>spikelet inspect --plan</code> prints the same plan, and "
        + "<code>inspect --explain</code> what each other kernel would have cost.")
      + "\n" + table.html
  }

  /// The bytes of the scratch buffers of a layer.
  private func scratch(of layer: String) -> Int {
    summary.buffers.filter { $0.name == "\(layer) scratch" }.reduce(0) { $0 + $1.bytes }
  }

  /// What a kernel is good for, as far as the model tells.
  private func reason(_ connection: ModelPlan.Connection) -> String {
    switch connection.kernel {
    case "grayLines": "pixels of one channel: those that are not blank are listed"
    case "pictureBlocks": "pixels: eight windows at a time share what they read"
    case "gather": "each site adds up the weights of the spikes in its window, many at a time"
    case "scatter":
      connection.source == "input"
        ? "few rows at a time, or no other suits: each value adds its weights where it reaches"
        : connection.weightBytes < 20_000
          ? "few weights: each spike adds them where it reaches"
          : "a list of the spikes would not fit, or save little: each adds its weights at once"
    default: "the window of a pool has no weights"
    }
  }

  var arena: String {
    let marks = marks
    var table = MarkupTable(
      "The arena, byte for byte", ["", "Buffer", "Offset", "Bytes", "Alive in slots"])
    for (index, buffer) in summary.buffersByAddress.enumerated() {
      table.add([
        .init(marks[index]), .init(buffer.name), .number(buffer.offset), .number(buffer.bytes),
        .init("\(buffer.firstUse)–\(buffer.lastUse)"),
      ])
    }
    table.add([
      "", "alignment and gaps", "", .figure("arenaGapBytes", summary.gapBytes), "",
    ])
    let legend = ArenaFigure.kinds.map { name, style in
      "<li><span class=\"swatch \(style)\"></span>\(name)</li>"
    }
    let over = summary.arenaBytes - summary.lowerBound
    let verdict =
      over <= 0 ? "No plan could be smaller." : "That is \(over.grouped) bytes above the bound."
    return """
      \(Markup.paragraph("The engine needs \(Markup.figure("arenaBytes", summary.arenaBytes)) bytes "
        + "and no others. The lower bound, the bytes that are in use together at the worst moment, "
        + "is \(Markup.figure("arenaLowerBoundBytes", summary.lowerBound)) (the broken line). "
        + verdict))
      <div class="grid">
      <figure>\(ArenaFigure(summary: summary, marks: marks).svg)
      <figcaption>Each buffer of the arena, true to scale; the table has its letters.</figcaption>
      <ul class="legend">\(legend.joined())</ul></figure>
      <div>\(table.html)</div>
      </div>
      \(fileTable)
      """
  }

  /// A letter for each buffer, then two.
  private var marks: [String] {
    let letters = Array("abcdefghijklmnopqrstuvwxyz").map(String.init)
    return summary.buffers.indices.map { index in
      index < 26 ? letters[index] : marks(beyond: index - 26, letters)
    }
  }

  private func marks(beyond index: Int, _ letters: [String]) -> String {
    letters[index / 26 % 26] + letters[index % 26]
  }

  private var fileTable: String {
    var table = MarkupTable("The model file", ["Part", "Bytes"])
    for section in summary.sections {
      table.add([.init(section.name), .figure("sections.\(section.name)", section.bytes)])
    }
    table.add(["total", .figure("modelBytes", summary.modelBytes)])
    return "<h3>File</h3>\n\(table.html)"
  }
}
