import SpikeletEvaluation
import SpikeletSupport

/// The arena over a timestep: addresses downwards, slots to the right, and what lies where.
///
/// The planner's question is which buffers may share addresses because they are never alive at the
/// same time; the drawing answers it at a glance, and shows what is left empty.
package struct ArenaDrawing: Sendable {
  private let summary: ModelSummary
  private let buffers: [ModelSummary.Buffer]
  private let slots: Int

  package init(_ summary: ModelSummary) {
    self.summary = summary
    buffers = summary.buffersByAddress
    slots = summary.layers.count + 1
  }

  private var arenaBytes: Int { summary.arenaBytes }

  /// A letter for each buffer, in order of address; after the alphabets they begin again.
  private var marks: [Character] {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return buffers.indices.map { alphabet[$0 % alphabet.count] }
  }

  /// The table of the arena with the drawing's letters.
  package var table: String { summary.memoryTable(marks: marks) }

  /// The drawing for a terminal of 80 columns: a cell shows what takes most of its bytes and slots.
  package var text: String {
    let letters = Array(zip(marks, buffers))
    let rows = min(16, max(1, arenaBytes / 16))
    let columns = min(slots, 60)
    let width = slots > 20 ? 1 : 3
    var lines = ["arena over a timestep: addresses down, slots 0 to \(slots - 1) to the right"]
    for row in 0..<rows {
      let bytes = arenaBytes * row / rows..<arenaBytes * (row + 1) / rows
      var line = String(bytes.lowerBound.grouped.padded(to: 11)) + "  "
      for column in 0..<columns {
        let span = slots * column / columns..<slots * (column + 1) / columns
        let cell = letters.max { share($0.1, bytes, span) < share($1.1, bytes, span) }
        let isUsed = cell.map { share($0.1, bytes, span) > 0 } ?? false
        line += String(repeating: isUsed ? cell!.0 : "·", count: width)
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  /// How many bytes times slots of a cell a buffer takes.
  private func share(
    _ buffer: ModelSummary.Buffer, _ bytes: Range<Int>, _ span: Range<Int>
  ) -> Int {
    let height = bytes.clamped(to: buffer.offset..<buffer.offset + buffer.bytes).count
    let width = span.clamped(to: buffer.firstUse..<buffer.lastUse + 1).count
    return height * width
  }

  /// The drawing as an SVG document: a rectangle for each buffer, true to scale.
  package var svg: String {
    let (left, top, width, height) = (70.0, 40.0, 620.0, 360.0)
    func x(_ slot: Int) -> Double { left + width * Double(slot) / Double(max(1, slots)) }
    func y(_ offset: Int) -> Double { top + height * Double(offset) / Double(max(1, arenaBytes)) }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 440\" "
        + "font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"720\" height=\"440\" fill=\"#ffffff\"/>",
      "<text x=\"\(left)\" y=\"22\" font-size=\"14\">arena of \(arenaBytes.grouped) bytes "
        + "over a timestep</text>",
      "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(width)\" height=\"\(height)\" "
        + "fill=\"#f4f4f4\" stroke=\"#999999\"/>",
    ]
    for buffer in buffers {
      let (x0, y0) = (x(buffer.firstUse), y(buffer.offset))
      let (w, h) = (x(buffer.lastUse + 1) - x0, y(buffer.offset + buffer.bytes) - y0)
      let name = "\(buffer.name), \(buffer.bytes.grouped) bytes".printable.escapedForXML
      parts.append(
        "<rect x=\"\(x0.fixed(1))\" y=\"\(y0.fixed(1))\" width=\"\(w.fixed(1))\" "
          + "height=\"\(max(h, 0.5).fixed(1))\" fill=\"\(Self.color(of: buffer.name))\" "
          + "stroke=\"#ffffff\" stroke-width=\"0.5\"><title>\(name)</title></rect>")
      if h >= 13, Double(name.count) * 5.5 < w {
        parts.append(
          "<text x=\"\((x0 + 4).fixed(1))\" y=\"\((y0 + h / 2 + 4).fixed(1))\" "
            + "fill=\"#ffffff\">\(name)</text>")
      }
    }
    for offset in [0, arenaBytes / 2, arenaBytes] {
      parts.append(
        "<text x=\"\(left - 6)\" y=\"\((y(offset) + 4).fixed(1))\" "
          + "text-anchor=\"end\">\(offset.grouped)</text>")
    }
    parts.append(
      "<text x=\"\(left)\" y=\"\(top + height + 22)\">slots 0 to \(slots - 1): the input's spikes, "
        + "then each layer</text>")
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// A colour for each kind of buffer, told apart by people who see few colours too (after Okabe
  /// and Ito).
  private static func color(of name: String) -> String {
    let kinds = [
      ("membrane", "#0072b2"), ("current", "#56a0d3"), ("spikes", "#009e73"),
      ("counts", "#cc79a7"), ("scores", "#d55e00"), ("scratch", "#8a6d00"),
    ]
    return kinds.first { name.hasSuffix($0.0) }?.1 ?? "#555555"
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    String(repeating: " ", count: max(0, count - self.count)) + self
  }
}
