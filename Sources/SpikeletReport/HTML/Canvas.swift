import Foundation
import SpikeletSupport

/// A drawing in the page: SVG that takes its colours from the page's style, so that it is readable in
/// the dark too, and that says in words what it shows.
struct Canvas {
  let width: Double
  let height: Double
  private let name: String
  private let title: String
  private let description: String
  private var parts: [String] = []

  /// - Parameters:
  ///   - name: unique in the page.
  ///   - title: a few words.
  ///   - description: what there is to see, for those who cannot.
  init(_ name: String, width: Double, height: Double, title: String, description: String) {
    (self.name, self.width, self.height) = (name, width, height)
    (self.title, self.description) = (title, description)
  }

  /// A rectangle; `title` is shown where a pointer rests.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, style: String,
    radius: Double = 0, title: String? = nil
  ) {
    let corner = radius > 0 ? " rx=\"\(radius.fixed(0))\"" : ""
    let shape =
      "<rect class=\"\(style)\" x=\"\(x.plain)\" y=\"\(y.plain)\" "
      + "width=\"\(max(0, width).plain)\" height=\"\(max(0, height).plain)\"\(corner)"
    parts.append(
      title.map { "\(shape)><title>\(Markup.escaped($0))</title></rect>" } ?? "\(shape)/>")
  }

  mutating func text(
    _ value: String, _ x: Double, _ y: Double, style: String = "label", anchor: String = "start",
    turned: Bool = false
  ) {
    let side = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
    let turn = turned ? " transform=\"rotate(-90 \(x.plain) \(y.plain))\"" : ""
    parts.append(
      "<text class=\"\(style)\" x=\"\(x.plain)\" y=\"\(y.plain)\"\(side)\(turn)>"
        + "\(Markup.escaped(value))</text>")
  }

  /// Lines from point to point.
  mutating func line(_ points: [(x: Double, y: Double)], style: String) {
    let places = points.map { "\($0.x.plain),\($0.y.plain)" }.joined(separator: " ")
    parts.append("<polyline class=\"\(style)\" points=\"\(places)\"/>")
  }

  /// A path in SVG's own words.
  mutating func path(_ words: String, style: String) {
    parts.append("<path class=\"\(style)\" d=\"\(words)\"/>")
  }

  /// A point of a line, or an isolated value.
  mutating func dot(_ x: Double, _ y: Double, radius: Double, style: String, title: String? = nil) {
    let shape =
      "<circle class=\"\(style)\" cx=\"\(x.plain)\" cy=\"\(y.plain)\" r=\"\(radius.plain)\""
    parts.append(
      title.map { "\(shape)><title>\(Markup.escaped($0))</title></circle>" } ?? "\(shape)/>")
  }

  /// The element.
  var svg: String {
    """
    <svg viewBox="0 0 \(width.plain) \(height.plain)" width="\(width.plain)" \
    height="\(height.plain)" role="img" aria-labelledby="\(name)-title \(name)-text">
    <title id="\(name)-title">\(Markup.escaped(title))</title>
    <desc id="\(name)-text">\(Markup.escaped(description))</desc>
    \(parts.joined(separator: "\n"))
    </svg>
    """
  }
}

extension Double {
  /// A coordinate: with a hyphen for a minus, and no more decimals than a screen can show.
  package var plain: String {
    let text = fixed(1).replacing("−", with: "-")
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// The marks of an axis.
package enum Ticks {
  /// Round numbers from 0, or from below it, to at least `high`: three to six of them.
  package static func round(_ low: Double, _ high: Double) -> [Double] {
    let span = max(high - min(low, 0), 1e-9)
    // Powers of ten as they are written: multiplied up they would not be round.
    let steps = (-9...18).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
    let step = steps.first { span / $0 <= 5 } ?? span
    let first = (min(low, 0) / step).rounded(.down)
    let last = (high / step).rounded(.up)
    return stride(from: first, through: max(last, first + 1), by: 1).map { $0 * step }
  }

  /// A few of the timesteps 1 … `last`.
  package static func timesteps(_ last: Int) -> [Int] {
    guard last > 6 else { return Array(1...max(1, last)) }
    let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000].first { last / $0 <= 6 }
    return [1] + stride(from: step ?? last, through: last, by: step ?? last).filter { $0 > 1 }
  }

  /// The number without a fraction that says nothing.
  package static func text(_ value: Double) -> String {
    if (value - value.rounded()).magnitude < 1e-9, value.magnitude < 1e15 {
      let whole = Int(value.rounded())
      if whole.magnitude >= 1_000_000 {
        return whole % 1_000_000 == 0
          ? "\((whole / 1_000_000).grouped) M" : "\((value / 1e6).fixed(1)) M"
      }
      return whole.grouped
    }
    return value.magnitude < 0.01 ? value.brief : value.fixed(value.magnitude < 0.1 ? 3 : 2)
  }
}

extension String {
  /// The text without its end where it is longer than there is room for.
  func clipped(_ length: Int) -> String {
    count > length ? prefix(max(0, length - 1)) + "…" : self
  }
}
