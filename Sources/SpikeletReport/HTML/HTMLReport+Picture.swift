import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// One picture on its way through the network.
extension HTMLReport {
  func picture(_ evidence: ModelEvidence) -> String {
    let (trace, index) = (evidence.pictureTrace, evidence.picture)
    let label = evidence.className(Int(evidence.result.dataset.labels[index]))
    let outcome = evidence.result.outcomes[index]
    let thumbnail = evidence.pictureThumbnail
    let scale = max(1, 96 / max(1, max(thumbnail.width, thumbnail.height)))
    let image = Markup.image(
      png: thumbnail.png, alt: "Picture \(index), \(label)", width: thumbnail.width * scale,
      height: thumbnail.height * scale)
    let verdict =
      outcome.prediction == Int(evidence.result.dataset.labels[index]) ? "right" : "wrong"
    let words = Markup.escaped(
      """
      Picture \(index) of \(evidence.result.dataset.name) \
      \(evidence.result.dataset.split.rawValue) is \(label), and was taken for \
      \(evidence.className(outcome.prediction)) after timestep \(outcome.timesteps): \(verdict). \
      Below, it runs \(timesteps(trace.timesteps)) without an exit; --picture chooses another one.
      """)
    let rasters = trace.layers.enumerated().filter { $0.element.fires }.map { number, layer in
      let raster = RasterFigure(name: "raster-\(number)", layer: layer, timesteps: trace.timesteps)
      return Markup.drawing(
        raster.svg,
        caption: "\(layer.spikesPerTimestep.reduce(0, +).grouped) spikes of "
          + "\(layer.counts.count.grouped) neurons. \(layer.counts.count { $0 > 0 }.grouped) fired; "
          + "drawn are \(layer.raster.count) from all over the layer.")
    }
    let potentials = trace.layers.enumerated().compactMap { number, layer in
      curves(number, layer, evidence)
    }
    return """
      <div class="with-image">\(image)<p>\(words)</p></div>
      \(scores(evidence))
      <h3>Spikes</h3>
      \(trace.timesteps > 1 ? Markup.grid(rasters) : spikesAtOnce(trace))
      <h3>Potentials</h3>
      \(Markup.paragraph("After each timestep, of the neurons that fired most. A broken line is the "
        + "threshold; a potential that reaches it fires."))
      \(Markup.grid(potentials))
      \(maps(trace))
      """
  }

  /// A number of timesteps in words.
  func timesteps(_ count: Int) -> String {
    count == 1 ? "1 timestep" : "\(count.grouped) timesteps"
  }

  /// The spikes of a single timestep: there is nothing to draw over time.
  private func spikesAtOnce(_ trace: PictureTrace) -> String {
    var table = MarkupTable("Neurons that fired", ["Layer", "Fired", "Of", "Share"])
    for layer in trace.layers where layer.fires {
      let fired = layer.counts.count { $0 > 0 }
      table.add([
        .init(layer.name), .number(fired), .number(layer.counts.count),
        .number(percent(Double(fired) / Double(max(1, layer.counts.count)))),
      ])
    }
    return Markup.paragraph(
      "In one timestep a neuron fires once or not at all; the pictures below show which.")
      + "\n" + table.html
  }

  private func scores(_ evidence: ModelEvidence) -> String {
    let trace = evidence.pictureTrace
    var table = MarkupTable("Scores", ["Timestep", "Best class", "Its score", "Second score"])
    for (t, scores) in trace.scores.enumerated() {
      let best = trace.predictions[t]
      let rest = scores.indices.filter { $0 != best }.map { scores[$0] }.max()
      table.add([
        .number(t + 1), .init(evidence.className(best)), .number(scores[best]),
        .number(rest?.grouped ?? "–"),
      ])
    }
    return trace.timesteps == 1
      ? table.html : Markup.details("The decision after each timestep", table.html)
  }

  /// The potentials of the watched neurons; nil where a layer keeps none.
  private func curves(
    _ number: Int, _ layer: PictureTrace.Layer, _ evidence: ModelEvidence
  ) -> String? {
    let traced = layer.traced.filter { !$0.potentials.isEmpty }
    guard !traced.isEmpty else { return nil }
    let isOutput = !layer.fires && number == evidence.pictureTrace.layers.count - 1
    // More lines than colours could not be told apart.
    let shown =
      isOutput
      ? Array(
        traced.sorted {
          ($1.potentials.last ?? 0, $0.channel) < ($0.potentials.last ?? 0, $1.channel)
        }
        .prefix(6)) : traced
    let curves = shown.map { neuron in
      let place =
        layer.height * layer.width == 1
        ? "neuron \(neuron.channel)" : "\(neuron.channel), \(neuron.row), \(neuron.column)"
      return CurveChart.Curve(
        name: isOutput ? evidence.className(neuron.channel) : place,
        values: neuron.potentials.map(Double.init), level: neuron.threshold.map(Double.init))
    }
    let chart = CurveChart(
      name: "potentials-\(number)", title: "Potentials of \(layer.name)".clipped(44),
      yLabel: "potential", curves: curves)
    let what =
      isOutput
      ? "The scores of the \(shown.count) best of \(layer.channels) classes."
      : layer.height * layer.width == 1
        ? "Neurons by number." : "Neurons by channel, row and column."
    return Markup.drawing(chart.svg, caption: what)
  }

  /// The spikes of each channel over all timesteps, as pictures.
  private func maps(_ trace: PictureTrace) -> String {
    let drawings = trace.layers.compactMap { layer -> String? in
      guard layer.fires else { return nil }
      let mosaic = SpikeMosaic(layer, timesteps: trace.timesteps)
      let image = Markup.image(
        png: mosaic.png,
        alt: "Spikes of \(layer.name), brighter where there are more",
        width: mosaic.width * mosaic.scale, height: mosaic.height * mosaic.scale)
      return "<figure>\(image)<figcaption>"
        + Markup.escaped(
          layer.height * layer.width == 1
            ? "\(layer.name): \(mosaic.channels) of \(layer.channels) neurons, line by line."
            : "\(layer.name): \(mosaic.channels) of \(layer.channels) channels, "
              + "\(layer.height)×\(layer.width) each.") + "</figcaption></figure>"
    }
    guard !drawings.isEmpty else { return "" }
    return "<h3>Where the spikes are</h3>\n"
      + Markup.paragraph("Brighter where a neuron fired more often.") + "\n" + Markup.grid(drawings)
  }
}
