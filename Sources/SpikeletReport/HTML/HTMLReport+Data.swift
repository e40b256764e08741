import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

extension HTMLReport {
  /// What pictures show; nothing where there were none.
  var dataSections: [Section] {
    guard let evidence else { return [] }
    return [
      Section(name: "accuracy", title: "Accuracy", html: accuracy(evidence)),
      Section(name: "firing", title: "Firing rates", html: firing(evidence)),
      Section(name: "picture", title: "One picture", html: picture(evidence)),
      Section(name: "wrong", title: "Wrong pictures", html: wrong(evidence)),
    ]
  }

  // MARK: Accuracy and exits

  private func accuracy(_ evidence: ModelEvidence) -> String {
    let result = evidence.result
    let (correct, images) = (
      Markup.figure("correct", result.correct), Markup.figure("images", result.images)
    )
    let share = Markup.figure("accuracy", result.accuracy, percent(result.accuracy))
    let mean = Markup.figure("meanTimesteps", result.meanTimesteps, result.meanTimesteps.fixed(2))
    let data = Markup.escaped("\(result.dataset.name) \(result.dataset.split.rawValue)")
    let first = Markup.paragraph(
      "Of \(images) pictures of \(data), \(correct) are right: \(share), after \(mean) of "
        + "\(timesteps(result.timesteps)) on average. The digest of all scores is "
        + "<code>\(result.scoresDigest)</code>.")
    let exits = ExitReport(rule: evidence.rule, result: result, trace: evidence.trace)
    return [first, curves(evidence), exitText(exits), classes(evidence)].joined(separator: "\n")
  }

  private func curves(_ evidence: ModelEvidence) -> String {
    let rights = evidence.rightByTimestep
    let images = Double(max(1, evidence.trace.images))
    let shares = rights.map { Double($0) / images * 100 }
    let low = max(0, ((shares.min() ?? 0) / 10).rounded(.down) * 10)
    var table = MarkupTable(
      "Accuracy after each timestep, without an exit", ["Timestep", "Right", "Accuracy"])
    for (index, right) in rights.enumerated() {
      table.add([
        .number(index + 1), .figure("rightAfter.\(index + 1)", right),
        .number(percent(Double(right) / images)),
      ])
    }
    let chart = CurveChart(
      name: "accuracy-curve", title: "Accuracy over timesteps", yLabel: "accuracy, %",
      curves: [.init(name: "accuracy", values: shares, level: nil)],
      range: low...(low >= 100 ? 101 : 100))
    let drawing = Markup.drawing(
      chart.svg,
      caption: "All pictures run to the same timestep; the axis begins at \(low.fixed(0)) %.")
    return Markup.grid([drawing, histogram(evidence)])
      + "\n" + Markup.details("Accuracy after each timestep, as a table", table.html)
  }

  private func histogram(_ evidence: ModelEvidence) -> String {
    let exits = ExitReport(rule: evidence.rule, result: evidence.result, trace: evidence.trace)
    let hasExit = evidence.rule != .none
    let statistics = hasExit ? exits.statistics : exits.oracle
    let columns = zip(statistics.exits, statistics.rights).enumerated().map {
      ColumnChart.Column(label: "\($0.offset + 1)", value: $0.element.0, part: $0.element.1)
    }
    let chart = ColumnChart(
      name: "exit-histogram", title: hasExit ? "Exit timesteps" : "Exit timesteps of an oracle",
      xLabel: "timestep", yLabel: "pictures", columns: columns,
      labelEvery: max(1, (columns.count + 11) / 12))
    let own =
      "Where the pictures ended by \("\(evidence.rule)".clipped(60)); the darker part of a column is right."
    let oracle = """
      The model has no exit: every picture runs \(timesteps(evidence.result.timesteps)). Drawn is when \
      they could end at the earliest and be right as often; no exit can be better.
      """
    return Markup.drawing(chart.svg, caption: hasExit ? own : oracle)
  }

  private func exitText(_ report: ExitReport) -> String {
    var table = MarkupTable(
      "Exits compared", ["", "Accuracy", "Mean timesteps", "Additions a picture"])
    func add(_ name: String, _ key: String, _ value: ExitStatistics) {
      table.add([
        .init(name),
        .init(
          html: Markup.figure("\(key).accuracy", value.accuracy, percent(value.accuracy)),
          isNumber: true),
        .init(
          html: Markup.figure(
            "\(key).meanTimesteps", value.meanTimesteps, value.meanTimesteps.fixed(2)),
          isNumber: true),
        .number(Int(value.synapticOperationsPerImage)),
      ])
    }
    if report.rule != .none { add("\(report.rule)".clipped(60), "exit", report.statistics) }
    add("all of \(timesteps(report.full.exits.count))", "exit.full", report.full)
    add("oracle: no exit can be earlier and as right", "exit.oracle", report.oracle)
    let saved =
      report.rule == .none
      ? ""
      : Markup.paragraph(
        Markup.escaped(
          "The exit saves \((report.savedOperations * 100).fixed(1)) % of the additions; half of the "
            + "pictures have ended by timestep \(report.statistics.medianTimestep), 99 % by timestep "
            + "\(report.statistics.p99Timestep)."))
    return "<h3>Exits</h3>\n\(saved)\n\(table.html)"
  }

  private func classes(_ evidence: ModelEvidence) -> String {
    var table = MarkupTable("Accuracy of each class", ["Class", "Pictures", "Right", "Accuracy"])
    for (label, counts) in evidence.wrong.classes.sorted(by: { $0.key < $1.key }) {
      table.add([
        .init(evidence.className(label)), .number(counts.pictures), .number(counts.right),
        .number(percent(Double(counts.right) / Double(max(1, counts.pictures)))),
      ])
    }
    return Markup.details("Accuracy of each class", table.html)
  }

  // MARK: Rates

  private func firing(_ evidence: ModelEvidence) -> String {
    var table = MarkupTable(
      "Mean firing rates, in spikes a neuron and timestep",
      ["Layer", "Spike map", "Spikes", "Rate"])
    for (index, layer) in evidence.rates.layers.enumerated() {
      let rate = evidence.rates.rate(layer)
      table.add([
        .init(layer.name), .number(layer.neurons), .number(layer.spikes),
        .init(
          html: Markup.figure("spikeRates.\(index).rate", rate, percent(rate)), isNumber: true),
      ])
    }
    let bins = 20
    let charts = evidence.neurons.layers.enumerated().map { index, layer in
      let counts = evidence.neurons.histogram(layer, bins: bins)
      let columns =
        [ColumnChart.Column(label: "0", value: counts.silent)]
        + counts.bins.enumerated().map {
          .init(
            label: $0.offset % 5 == 4 ? (Double($0.offset + 1) / Double(bins)).fixed(2) : "",
            value: $0.element)
        }
      let chart = ColumnChart(
        name: "rates-\(index)", title: "Rates of \(layer.name)".clipped(44),
        xLabel: "spikes a timestep, up to", yLabel: "neurons", columns: columns)
      let silent = Double(counts.silent) / Double(max(1, layer.spikes.count))
      return Markup.drawing(
        chart.svg,
        caption: "\(percent(silent)) of \(layer.spikes.count.grouped) neurons never fired.")
    }
    let sample = evidence.neurons
    return """
      \(Markup.paragraph("Means over all pictures and timesteps, without an early exit."))
      \(table.html)
      <h3>Neuron by neuron</h3>
      \(Markup.paragraph("How many neurons of a layer fire how often: \(sample.pictures.grouped) "
        + "pictures from all over the set, \(timesteps(sample.timesteps)) each. The first column "
        + "holds the neurons that never fired."))
      \(Markup.grid(charts))
      """
  }

  // MARK: Wrong pictures

  private func wrong(_ evidence: ModelEvidence) -> String {
    let wrong = evidence.wrong
    guard wrong.count > 0 else { return Markup.paragraph("There are none.") }
    let items = wrong.shown.map { picture in
      let (label, given) = (
        evidence.className(picture.label), evidence.className(picture.prediction)
      )
      let thumbnail = picture.thumbnail
      let scale = max(1, 64 / max(1, max(thumbnail.width, thumbnail.height)))
      let image = Markup.image(
        png: thumbnail.png, alt: "Picture \(picture.index): \(label), taken for \(given)",
        width: thumbnail.width * scale, height: thumbnail.height * scale)
      return "<li>\(image)<span>\(Markup.escaped(label)) <span aria-hidden=\"true\">→</span> "
        + "<strong>\(Markup.escaped(given))</strong></span>"
        + "<span class=\"small\">no. \(picture.index), t = \(picture.timesteps)</span></li>"
    }
    var table = MarkupTable("What is taken for what", ["Class", "Taken for", "Pictures"])
    for pair in wrong.confusions.prefix(100) {
      table.add([
        .init(evidence.className(pair.label)), .init(evidence.className(pair.prediction)),
        .number(pair.count),
      ])
    }
    let all = wrong.shown.count == wrong.count
    let count = Markup.figure("wrong", wrong.count)
    return """
      \(Markup.paragraph("\(count) pictures are taken for another class. "
        + (all ? "All of them:" : "The first \(wrong.shown.count):")))
      <ul class="pictures">\(items.joined(separator: "\n"))</ul>
      \(Markup.details("What is taken for what", table.html))
      """
  }
}
