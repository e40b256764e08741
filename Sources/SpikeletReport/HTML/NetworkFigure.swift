import SpikeletEvaluation
import SpikeletSupport

/// The network as boxes and the connections between them, from the input down.
///
/// Boxes of one rank stand side by side. A connection to the next rank is a line; one that passes ranks
/// runs in a lane beside all boxes, and changes sides only in the gaps between ranks, so that it
/// crosses none.
struct NetworkFigure {
  private let boxes: [Box]
  private let links: [Link]
  private let ranks: [[Int]]
  private let laneCount: Int

  private struct Box {
    var lines: [String]
    var title: String
    var rank = 0
    var column = 0
    var height: Double { 14 + 16 * Double(lines.count) }
  }

  private struct Link {
    var source: Int
    var target: Int
    /// Nil for one to the next rank.
    var lane: Int?
  }

  private static let (boxWidth, columnGap, rankGap) = (300.0, 14.0, 34.0)
  private static let (laneWidth, margin) = (12.0, 4.0)

  init(_ plan: ModelPlan) {
    let summary = plan.summary
    var boxes = [Box(lines: ["input", summary.input], title: "input \(summary.input)")]
    var links: [Link] = []
    for (index, step) in plan.steps.enumerated() {
      let layer = summary.layers[index]
      var box = Box(lines: Self.lines(step, layer), title: step.name)
      // What comes back one timestep later is told in the box: a line would lead up.
      for source in layer.operationsBySource.keys.sorted() where source <= index {
        links.append(Link(source: source, target: index + 1))
        box.rank = max(box.rank, boxes[source].rank + 1)
      }
      boxes.append(box)
    }
    var ranks = [[Int]](repeating: [], count: (boxes.map(\.rank).max() ?? 0) + 1)
    for index in boxes.indices {
      boxes[index].column = ranks[boxes[index].rank].count
      ranks[boxes[index].rank].append(index)
    }
    laneCount = Self.assignLanes(&links, boxes)
    (self.boxes, self.links, self.ranks) = (boxes, links, ranks)
  }

  private static func lines(_ step: ModelPlan.Step, _ layer: ModelSummary.Layer) -> [String] {
    var lines = [step.name, "\(layer.kind), \(layer.shape)"]
    var weights = ""
    if layer.weights > 0 {
      weights = "\(layer.weights.grouped) weights of \(layer.weightBits) bits"
    }
    if layer.membraneBits > 0 {
      weights += (weights.isEmpty ? "" : ", ") + "int\(layer.membraneBits)"
    }
    if !weights.isEmpty { lines.append(weights) }
    for connection in step.connections {
      let pool = connection.pool.map { ", sums of \($0)" } ?? ""
      let kernel = connection.kernel.map { ": \($0)" } ?? ""
      lines.append("reads \(connection.source)\(pool)\(kernel)")
    }
    return lines
  }

  /// Gives each connection that passes ranks a lane that no other one uses beside it.
  private static func assignLanes(_ links: inout [Link], _ boxes: [Box]) -> Int {
    var ends: [Int] = []
    for index in links.indices {
      let (first, last) = (boxes[links[index].source].rank, boxes[links[index].target].rank)
      guard last - first > 1 else { continue }
      let lane = ends.firstIndex { $0 <= first } ?? ends.count
      if lane == ends.count { ends.append(last) } else { ends[lane] = last }
      links[index].lane = lane
    }
    return ends.count
  }

  private var columns: Int { ranks.map(\.count).max() ?? 1 }
  private var boxesWidth: Double {
    Double(columns) * Self.boxWidth + Double(columns - 1) * Self.columnGap
  }

  /// The top of each rank.
  private var tops: [Double] {
    var tops: [Double] = []
    var y = Self.margin
    for rank in ranks {
      tops.append(y)
      y += height(of: rank) + Self.rankGap
    }
    return tops
  }

  private func height(of rank: [Int]) -> Double { rank.map { boxes[$0].height }.max() ?? 0 }

  private func left(_ box: Box) -> Double {
    let count = Double(ranks[box.rank].count)
    let used = count * Self.boxWidth + (count - 1) * Self.columnGap
    return Self.margin + (boxesWidth - used) / 2
      + Double(box.column) * (Self.boxWidth + Self.columnGap)
  }

  var svg: String {
    let tops = tops
    let lanes = Double(laneCount) * Self.laneWidth
    let width = boxesWidth + 2 * Self.margin + (laneCount > 0 ? lanes + 8 : 0)
    let height = (tops.last ?? 0) + (ranks.last.map(height(of:)) ?? 0) + Self.margin
    var canvas = Canvas(
      "network", width: width, height: height, title: "The network", description: words)
    for link in links { draw(link, tops, on: &canvas) }
    for (index, box) in boxes.enumerated() {
      let (x, y) = (left(box), tops[box.rank])
      canvas.rectangle(
        x, y, Self.boxWidth, box.height, style: index == 0 ? "box first" : "box", radius: 5,
        title: box.title)
      for (row, line) in box.lines.enumerated() {
        canvas.text(
          line.clipped(row == 0 ? 36 : 44), x + 10, y + 19 + 16 * Double(row),
          style: row == 0 ? "heading" : "label")
      }
    }
    return canvas.svg
  }

  private func draw(_ link: Link, _ tops: [Double], on canvas: inout Canvas) {
    let (source, target) = (boxes[link.source], boxes[link.target])
    let x0 = left(source) + Self.boxWidth / 2
    let y0 = tops[source.rank] + source.height
    let bottom = tops[source.rank] + height(of: ranks[source.rank])
    let (x1, y1) = (left(target) + Self.boxWidth / 2, tops[target.rank])
    guard let lane = link.lane else {
      canvas.line([(x0, y0), (x0, bottom), (x1, y1 - 7), (x1, y1 - 1)], style: "wire")
      arrow(x1, y1, on: &canvas)
      return
    }
    // A little aside, so that two connections of one box can be told apart.
    let shift = 24 + 10 * Double(lane)
    let x = Self.margin + boxesWidth + 8 + Self.laneWidth * (Double(lane) + 0.5)
    let leave = bottom + 6 + 3 * Double(lane % 3)
    let arrive = y1 - 12 - 3 * Double(lane % 3)
    canvas.line(
      [
        (x0 + shift, y0), (x0 + shift, leave), (x, leave), (x, arrive), (x1 + shift, arrive),
        (x1 + shift, y1 - 1),
      ], style: "wire")
    arrow(x1 + shift, y1, on: &canvas)
  }

  private func arrow(_ x: Double, _ y: Double, on canvas: inout Canvas) {
    canvas.path(
      "M\(x.plain) \(y.plain)l-4 -7h8z", style: "head")
  }

  /// What is connected with what, for those who cannot see it.
  private var words: String {
    boxes.indices.dropFirst().map { index in
      let sources = links.filter { $0.target == index }.map { boxes[$0.source].title }
      return "\(boxes[index].title) reads \(sources.joined(separator: " and "))"
    }.joined(separator: "; ")
  }
}
