import Foundation
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletReport
import SpikeletSimulation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The plan of a model names every layer, connection and buffer, and its drawings fit where they go.
@Suite struct PlanReportTests {
  private func plans(_ seeds: Range<UInt64>) -> [ModelPlan] {
    seeds.compactMap { seed in
      guard let bytes = try? RandomNetwork(seed: seed).compile(),
        let file = try? ModelFile(bytes: bytes, name: "random")
      else { return nil }
      return ModelPlan(file)
    }
  }

  @Test func everyConnectionHasALineWithItsKernel() {
    let plans = plans(8000..<8060)
    #expect(plans.count > 40)
    for plan in plans {
      #expect(plan.steps.map(\.name) == plan.summary.layers.map(\.name))
      for step in plan.steps {
        #expect(!step.connections.isEmpty)
        #expect(step.tile == nil || step.tiles >= 1)
        for connection in step.connections where !step.kind.hasPrefix("max pool") {
          #expect(connection.kernel != nil && connection.weightOrder != nil)
          #expect(connection.weightBytes > 0)
        }
      }
      let lines = plan.report.split(separator: "\n", omittingEmptySubsequences: false)
      let connections = plan.steps.reduce(0) { $0 + $1.connections.count }
      #expect(lines[2].hasPrefix("slot  layer"))
      #expect(lines[3 + connections].isEmpty)
    }
  }

  @Test func theDrawingShowsWhatLiesWhere() throws {
    for plan in plans(8000..<8060) {
      let summary = plan.summary
      let lines = ArenaDrawing(summary).text.split(separator: "\n").dropFirst()
      let slots = summary.layers.count + 1
      let width = slots > 20 ? 1 : 3
      for line in lines {
        #expect(line.count == 13 + slots * width && line.count <= 80)
        // A byte in the middle of a cell's range that nothing holds is drawn empty or by a neighbour.
        for (slot, cell) in stride(from: 13, to: line.count, by: width).enumerated() {
          let mark = line[line.index(line.startIndex, offsetBy: cell)]
          let isUsed = summary.buffers.contains { $0.firstUse <= slot && slot <= $0.lastUse }
          #expect(mark == "·" || isUsed)
        }
      }
    }
  }

  @Test func theTableBeforeTheDrawingHasItsLetters() throws {
    let plan = try #require(plans(8000..<8010).first)
    let lines = ArenaDrawing(plan.summary).table.split(separator: "\n")
    #expect(lines[1].hasPrefix("a  ") && lines[2].hasPrefix("b  "))
  }

  @Test func thePictureIsWellFormedAndHasEveryBuffer() throws {
    for plan in plans(8000..<8030) {
      let svg = ArenaDrawing(plan.summary).svg
      #expect(XMLParser(data: Data(svg.utf8)).parse())
      #expect(svg.components(separatedBy: "<title>").count == plan.summary.buffers.count + 1)
    }
  }

  @Test func jsonHasTheSame() throws {
    let plan = try #require(plans(8000..<8010).first)
    let json = plan.json
    guard case .array(let layers)? = json["layers"], case .array(let buffers)? = json["buffers"]
    else { throw CancellationError() }
    #expect(layers.count == plan.steps.count && buffers.count == plan.summary.buffers.count)
  }
}
