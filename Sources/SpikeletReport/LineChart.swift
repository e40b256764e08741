import Foundation

/// A chart of lines over a logarithmic x axis, written as SVG.
package struct LineChart: Sendable {
  package enum Style: Sendable { case line, dashed, marker }

  package struct Series: Sendable {
    package var name: String
    package var style: Style
    package var points: [(x: Double, y: Double)]

    package init(name: String, style: Style, points: [(x: Double, y: Double)]) {
      self.name = name
      self.style = style
      self.points = points
    }
  }

  package var title: String
  package var xLabel: String
  package var yLabel: String
  package var series: [Series]
  /// A level to compare with.
  package var reference: (name: String, y: Double)?
  /// Points below are left out.
  package var yRange: ClosedRange<Double>

  private static let size = (width: 760.0, height: 440.0)
  private static let frame = (left: 64.0, right: 178.0, top: 40.0, bottom: 52.0)
  /// Told apart by people who see few colours, too (after Okabe and Ito).
  private static let colors = ["#0072b2", "#009e73", "#cc79a7", "#d55e00", "#555555", "#000000"]

  private var xRange: ClosedRange<Double> {
    let xs = series.flatMap(\.points).map(\.x)
    return 1...max(2, xs.max() ?? 2)
  }

  private func position(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let (size, frame) = (Self.size, Self.frame)
    let share = log2(max(1, x)) / log2(xRange.upperBound)
    let level = (y - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return (
      frame.left + share * (size.width - frame.left - frame.right),
      size.height - frame.bottom - level * (size.height - frame.top - frame.bottom)
    )
  }

  /// The chart as an SVG document.
  package var svg: String {
    let (width, height) = (Int(Self.size.width), Int(Self.size.height))
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" "
        + "font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
      text(title, at: (Self.frame.left, 22), size: 14),
    ]
    parts += axes
    if let reference, yRange.contains(reference.y) {
      let (a, b) = (position(1, reference.y), position(xRange.upperBound, reference.y))
      parts.append(path([a, b], color: "#999999", dash: "2 3"))
      parts.append(text(reference.name, at: (b.x + 8, b.y + 4), color: "#777777"))
    }
    for (index, one) in series.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      parts += draw(one, color: color)
      parts += legend(one, row: index, color: color)
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private var axes: [String] {
    var parts: [String] = []
    let (low, high) = (yRange.lowerBound, yRange.upperBound)
    for tick in stride(from: (low * 5).rounded(.up) / 5, through: high, by: 0.2) {
      let (a, b) = (position(1, tick), position(xRange.upperBound, tick))
      parts.append(path([a, b], color: "#e4e4e4"))
      parts.append(text(tick.fixed(1), at: (a.x - 8, a.y + 4), anchor: "end"))
    }
    var x = 1.0
    while x <= xRange.upperBound {
      let (a, b) = (position(x, low), position(x, high))
      parts.append(path([a, b], color: "#e4e4e4"))
      parts.append(text("\(Int(x))", at: (a.x, a.y + 18), anchor: "middle"))
      x *= 2
    }
    let middle = Self.frame.left + (Self.size.width - Self.frame.left - Self.frame.right) / 2
    parts.append(text(xLabel, at: (middle, Self.size.height - 12), anchor: "middle"))
    let half = Self.size.height / 2
    parts.append(
      "<text x=\"16\" y=\"\(half.fixed(0))\" text-anchor=\"middle\" "
        + "transform=\"rotate(-90 16 \(half.fixed(0)))\">\(yLabel)</text>")
    return parts
  }

  private func draw(_ one: Series, color: String) -> [String] {
    let points = one.points.filter { yRange.contains($0.y) }.map { position($0.x, $0.y) }
    var parts: [String] = []
    if one.style != .marker, points.count > 1 {
      parts.append(path(points, color: color, width: 2, dash: one.style == .dashed ? "6 4" : nil))
    }
    let radius = one.style == .marker ? 5.0 : one.style == .dashed ? 2 : 2.5
    parts += points.map {
      "<circle cx=\"\($0.x.fixed(1))\" cy=\"\($0.y.fixed(1))\" r=\"\(radius.fixed(1))\" "
        + "fill=\"\(color)\"/>"
    }
    return parts
  }

  private func legend(_ one: Series, row: Int, color: String) -> [String] {
    let x = Self.size.width - Self.frame.right + 20
    let y = Self.size.height - Self.frame.bottom - 18 * Double(series.count - row)
    return [
      "<rect x=\"\(x.fixed(0))\" y=\"\((y - 9).fixed(0))\" width=\"14\" height=\"9\" "
        + "fill=\"\(color)\"/>",
      text(one.name, at: (x + 20, y)),
    ]
  }

  private func path(
    _ points: [(x: Double, y: Double)], color: String, width: Double = 1, dash: String? = nil
  ) -> String {
    let places = points.map { "\($0.x.fixed(1)),\($0.y.fixed(1))" }.joined(separator: " ")
    let dashes = dash.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    return "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(color)\" "
      + "stroke-width=\"\(width.fixed(1))\"\(dashes)/>"
  }

  private func text(
    _ value: String, at point: (x: Double, y: Double), anchor: String = "start", size: Int = 12,
    color: String = "#222222"
  ) -> String {
    "<text x=\"\(point.x.fixed(1))\" y=\"\(point.y.fixed(1))\" text-anchor=\"\(anchor)\" "
      + "font-size=\"\(size)\" fill=\"\(color)\">\(value.escapedForXML)</text>"
  }
}
