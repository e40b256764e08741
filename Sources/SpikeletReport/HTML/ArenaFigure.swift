import SpikeletEvaluation
import SpikeletSupport

/// The arena in the page: addresses down, slots to the right, and its lower bound; below it the bytes
/// that are in use in each slot.
struct ArenaFigure {
  let summary: ModelSummary
  /// The mark of each buffer, in order of address.
  let marks: [String]

  private let plot = (left: 66.0, top: 30.0, width: 280.0, height: 260.0)

  private var slots: Int { summary.layers.count + 1 }

  private func x(_ slot: Int) -> Double { plot.left + plot.width * Double(slot) / Double(slots) }

  private func y(_ offset: Int) -> Double {
    // The lower bound is rounded up to 16 bytes; it can be no larger than that of the arena.
    plot.top + plot.height * Double(offset) / Double(max(1, summary.arenaBytes))
  }

  /// The bytes of the buffers that are alive in a slot.
  private func bytes(in slot: Int) -> Int {
    summary.buffers.filter { $0.firstUse <= slot && slot <= $0.lastUse }.reduce(0) { $0 + $1.bytes }
  }

  var svg: String {
    let buffers = summary.buffersByAddress
    var canvas = Canvas(
      "arena", width: 360, height: 450, title: "The arena over a timestep",
      description: """
        \(buffers.count) buffers in \(summary.arenaBytes) bytes; together in use are at most \
        \(summary.lowerBound) bytes, the lower bound. The table names every buffer.
        """)
    canvas.text("Offset × time", 4, 16, style: "heading")
    canvas.rectangle(plot.left, plot.top, plot.width, plot.height, style: "plot")
    for (mark, buffer) in zip(marks, buffers) {
      let (left, top) = (x(buffer.firstUse), y(buffer.offset))
      let (width, height) = (x(buffer.lastUse + 1) - left, y(buffer.offset + buffer.bytes) - top)
      canvas.rectangle(
        left, top, width, max(height, 0.7), style: "buffer " + Self.style(of: buffer.name),
        title: "\(mark): \(buffer.name), \(buffer.bytes.grouped) bytes")
      if height >= 12, width >= 12 {
        canvas.text(mark, left + width / 2, top + height / 2 + 4, style: "inside", anchor: "middle")
      }
    }
    canvas.text("0", plot.left - 6, plot.top + 9, anchor: "end")
    canvas.text(summary.arenaBytes.grouped, plot.left - 6, plot.top + plot.height, anchor: "end")
    let bound = y(min(summary.lowerBound, summary.arenaBytes))
    canvas.line([(plot.left, bound), (plot.left + plot.width, bound)], style: "bound")
    if plot.top + plot.height - bound > 14 {
      canvas.text(summary.lowerBound.grouped, plot.left - 6, bound + 4, anchor: "end")
    }
    canvas.text(
      "bytes", 12, plot.top + plot.height / 2, style: "muted", anchor: "middle", turned: true)
    drawUse(on: &canvas)
    return canvas.svg
  }

  /// The columns below: bytes in use, beside the arena and its bound.
  private func drawUse(on canvas: inout Canvas) {
    let (top, height) = (338.0, 76.0)
    let full = Double(max(1, summary.arenaBytes))
    func level(_ bytes: Int) -> Double {
      top + height * (1 - min(1, Double(bytes) / full))
    }
    canvas.text("In use in each slot", 4, 322, style: "heading")
    canvas.rectangle(plot.left, top, plot.width, height, style: "plot")
    for slot in 0..<slots {
      let bytes = bytes(in: slot)
      let layer = slot == 0 ? "input" : summary.layers[slot - 1].name
      let gap = slots > 60 ? 0.0 : 1
      canvas.rectangle(
        x(slot) + gap / 2, level(bytes), x(slot + 1) - x(slot) - gap, top + height - level(bytes),
        style: "fill1", title: "slot \(slot), \(layer): \(bytes.grouped) bytes")
    }
    let bound = level(summary.lowerBound)
    canvas.line([(plot.left, bound), (plot.left + plot.width, bound)], style: "bound")
    canvas.text("0", plot.left - 6, top + height, anchor: "end")
    canvas.text(summary.arenaBytes.grouped, plot.left - 6, top + 9, anchor: "end")
    let every = max(1, (slots + 11) / 12)
    for slot in stride(from: 0, to: slots, by: every) {
      canvas.text("\(slot)", (x(slot) + x(slot + 1)) / 2, top + height + 16, anchor: "middle")
    }
    canvas.text(
      "slot: 0 the input, then each layer", plot.left + plot.width / 2, 446, style: "muted",
      anchor: "middle")
  }

  /// The kinds of buffers, each with a colour of the page's style.
  static let kinds = [
    ("membrane", "fill1"), ("current", "fill6"), ("spikes", "fill3"), ("counts", "fill4"),
    ("scores", "fill2"), ("scratch", "fill5"),
  ]

  private static func style(of name: String) -> String {
    kinds.first { name.hasSuffix($0.0) }?.1 ?? "fill6"
  }
}
