import SpikeletReport
import SpikeletSupport
import Testing

/// Axes have round numbers, and what is drawn stays inside its drawing.
@Suite struct FigureTests {
  @Test(arguments: [
    (0.0, 1.0), (0, 7), (0, 10), (0, 1499), (-3200, 2500), (-0.3, 0), (0, 0.007),
    (0, 2_147_483_647),
    (-2_147_483_648, 2_147_483_647),
  ])
  func marksAreRoundAndHoldEverything(low: Double, high: Double) throws {
    let ticks = Ticks.round(low, high)
    #expect((2...8).contains(ticks.count))
    #expect(try #require(ticks.first) <= min(low, 0) && ticks.last ?? 0 >= high)
    for tick in ticks { #expect(Ticks.text(tick).count <= 8, "\(tick)") }
    #expect(Set(ticks.map(Ticks.text)).count == ticks.count)
  }

  @Test func marksOfTimestepsBeginAtOneAndAreFew() {
    #expect(Ticks.timesteps(1) == [1])
    #expect(Ticks.timesteps(4) == [1, 2, 3, 4])
    #expect(Ticks.timesteps(255) == [1, 50, 100, 150, 200, 250])
    #expect(Ticks.timesteps(65_535).count < 10)
  }

  @Test func numbersReadWell() {
    #expect(Ticks.text(1500) == "1,500")
    #expect(Ticks.text(0.30000000000000004) == "0.30")
    #expect(Ticks.text(-2_000_000) == "−2 M")
    #expect(12.0.plain == "12" && (-3.25).plain == "-3.3" && 0.04.plain == "0")
  }

  @Test func emptyChartsAreDrawn() {
    let columns = ColumnChart(name: "a", title: "t", xLabel: "x", yLabel: "y", columns: [])
    #expect(columns.svg.contains("</svg>"))
    let zeros = ColumnChart(
      name: "a", title: "t", xLabel: "x", yLabel: "y",
      columns: [.init(label: "1", value: 0, part: 0)])
    #expect(!zeros.svg.contains("nan"))
    let flat = CurveChart(
      name: "b", title: "t", yLabel: "y", curves: [.init(name: "c", values: [0], level: nil)])
    #expect(!flat.svg.contains("nan"))
  }
}
