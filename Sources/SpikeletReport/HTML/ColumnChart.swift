import SpikeletSupport

/// Columns beside each other: a histogram. Small enough for a telephone.
package struct ColumnChart {
  package struct Column {
    var label: String
    var value: Int
    /// A part of it that is shown in another colour, such as those that are right.
    var part: Int?

    package init(label: String, value: Int, part: Int? = nil) {
      self.label = label
      self.value = value
      self.part = part
    }
  }

  let name: String
  let title: String
  let xLabel: String
  let yLabel: String
  let columns: [Column]
  /// Columns between two labels.
  var labelEvery = 1

  package init(
    name: String, title: String, xLabel: String, yLabel: String, columns: [Column],
    labelEvery: Int = 1
  ) {
    self.name = name
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.columns = columns
    self.labelEvery = labelEvery
  }

  private var plot: (left: Double, top: Double, width: Double, height: Double) {
    (66, 30, 284, 118)
  }

  package var svg: String {
    let most = columns.map(\.value).max() ?? 0
    var canvas = Canvas(
      name, width: 360, height: 196, title: title,
      description: "Columns: "
        + columns.prefix(64).map { "\($0.label): \($0.value)" }
        .joined(separator: "; "))
    let ticks = Ticks.round(0, Double(max(1, most)))
    let top = ticks.last ?? 1
    func y(_ value: Double) -> Double { plot.top + plot.height * (1 - value / top) }
    canvas.text(title, 4, 16, style: "heading")
    for tick in ticks {
      canvas.line(
        [(plot.left, y(tick)), (plot.left + plot.width, y(tick))], style: "rule")
      canvas.text(Ticks.text(tick), plot.left - 6, y(tick) + 4, anchor: "end")
    }
    let step = plot.width / Double(max(1, columns.count))
    for (index, column) in columns.enumerated() {
      let x = plot.left + step * Double(index)
      let words = "\(column.label): \(column.value.grouped)"
      let gap = step > 4 ? 1.0 : 0
      canvas.rectangle(
        x + gap / 2, y(Double(column.value)), step - gap,
        plot.top + plot.height
          - y(
            Double(column.value)), style: column.part == nil ? "fill1" : "fill2", title: words)
      if let part = column.part {
        canvas.rectangle(
          x + gap / 2, y(Double(part)), step - gap, plot.top + plot.height - y(Double(part)),
          style: "fill1", title: "\(words), \(part.grouped) of them right")
      }
      if index % labelEvery == 0 {
        canvas.text(column.label, x + step / 2, plot.top + plot.height + 16, anchor: "middle")
      }
    }
    canvas.text(xLabel, plot.left + plot.width / 2, 188, style: "muted", anchor: "middle")
    canvas.text(
      yLabel, 12, plot.top + plot.height / 2, style: "muted", anchor: "middle", turned: true)
    return canvas.svg
  }
}
