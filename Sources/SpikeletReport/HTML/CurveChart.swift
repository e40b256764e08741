import SpikeletSupport

/// Values over timesteps, a line each.
package struct CurveChart {
  package struct Curve {
    var name: String
    /// After timestep 1, 2, ….
    var values: [Double]
    /// A level that it is compared with, drawn broken in the same colour.
    var level: Double?

    package init(name: String, values: [Double], level: Double? = nil) {
      self.name = name
      self.values = values
      self.level = level
    }
  }

  let name: String
  let title: String
  let yLabel: String
  let curves: [Curve]
  /// The y axis; nil for one that holds every value and 0.
  var range: ClosedRange<Double>?

  package init(
    name: String, title: String, yLabel: String, curves: [Curve], range: ClosedRange<Double>? = nil
  ) {
    self.name = name
    self.title = title
    self.yLabel = yLabel
    self.curves = curves
    self.range = range
  }

  private let plot = (left: 66.0, top: 30.0, width: 280.0, height: 140.0)
  /// The colours that the page's style has.
  private static let colours = 6

  private var timesteps: Int { curves.map(\.values.count).max() ?? 1 }

  private func x(_ t: Int) -> Double {
    timesteps == 1
      ? plot.left + plot.width / 2
      : plot.left + plot.width * Double(t - 1) / Double(timesteps - 1)
  }

  package var svg: String {
    let all = curves.flatMap { $0.values + ($0.level.map { [$0] } ?? []) }
    let ticks: [Double]
    if let range {
      let step = (range.upperBound - range.lowerBound) / 4
      ticks = (0...4).map { range.lowerBound + step * Double($0) }
    } else {
      ticks = Ticks.round(all.min() ?? 0, all.max() ?? 1)
    }
    let (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
    func y(_ value: Double) -> Double {
      plot.top + plot.height * (1 - (min(max(value, low), high) - low) / max(high - low, 1e-12))
    }
    let isNamed = curves.count > 1
    let rows = isNamed ? (curves.count + 1) / 2 : 0
    var canvas = Canvas(
      name, width: 360, height: 216 + 16 * Double(rows), title: title, description: words)
    canvas.text(title, 4, 16, style: "heading")
    for tick in ticks {
      canvas.line([(plot.left, y(tick)), (plot.left + plot.width, y(tick))], style: "rule")
      canvas.text(Ticks.text(tick), plot.left - 6, y(tick) + 4, anchor: "end")
    }
    for t in Ticks.timesteps(timesteps) {
      canvas.text("\(t)", x(t), plot.top + plot.height + 16, anchor: "middle")
    }
    for (index, curve) in curves.enumerated() {
      let colour = index % Self.colours + 1
      if let level = curve.level {
        canvas.line(
          [(plot.left, y(level)), (plot.left + plot.width, y(level))], style: "level\(colour)")
      }
      let points = curve.values.enumerated().map { (x($0.offset + 1), y($0.element)) }
      if points.count > 1 { canvas.line(points, style: "line\(colour)") }
      if points.count <= 40 {
        for (offset, point) in points.enumerated() {
          canvas.dot(
            point.0, point.1, radius: 2.5, style: "fill\(colour)",
            title: "\(curve.name), timestep \(offset + 1): \(Ticks.text(curve.values[offset]))")
        }
      }
      guard isNamed else { continue }
      let (column, row) = (Double(index % 2), Double(index / 2))
      canvas.rectangle(8 + 176 * column, 212 + 16 * row, 12, 8, style: "fill\(colour)")
      canvas.text(curve.name.clipped(24), 25 + 176 * column, 220 + 16 * row)
    }
    canvas.text("timestep", plot.left + plot.width / 2, 202, style: "muted", anchor: "middle")
    canvas.text(
      yLabel, 12, plot.top + plot.height / 2, style: "muted", anchor: "middle", turned: true)
    return canvas.svg
  }

  /// What there is to see, for those who cannot: where each line begins and ends.
  private var words: String {
    curves.map { curve in
      guard let first = curve.values.first, let last = curve.values.last else { return curve.name }
      let level = curve.level.map { ", threshold \(Ticks.text($0))" } ?? ""
      return "\(curve.name): \(Ticks.text(first)) after timestep 1, \(Ticks.text(last)) after "
        + "timestep \(curve.values.count)\(level)"
    }.joined(separator: "; ")
  }
}
