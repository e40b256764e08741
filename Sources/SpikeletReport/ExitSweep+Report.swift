import SpikeletEvaluation
import SpikeletSupport

extension ExitSweep {
  /// The frontier of every criterion, the fixed curve and the oracle.
  package var text: String {
    var table = TextTable(
      ["criterion", "rule", "accuracy", "mean timesteps", "synaptic operations"], right: [2, 3, 4])
    func add(_ name: String, _ point: Point) {
      let rule = point.rule.count > 60 ? point.rule.prefix(58) + " …" : point.rule[...]
      table.add([
        name, String(rule), "\((point.accuracy * 100).fixed(2)) %", point.meanTimesteps.fixed(2),
        Int(point.synapticOperations).grouped,
      ])
    }
    for one in series {
      for point in frontier(one).points { add(one.name, point) }
    }
    for point in fixed.points where Int(point.meanTimesteps).nonzeroBitCount == 1 {
      add(fixed.name, point)
    }
    add("oracle", oracle)
    return table.text
  }

  /// Every point, one a line.
  package var csv: String {
    var lines = ["criterion,rule,accuracy,meanTimesteps,synapticOperationsPerImage"]
    for one in series + [fixed, Series(name: "oracle", points: [oracle])] {
      for point in one.points {
        lines.append(
          "\(one.name),\"\(point.rule)\",\(point.accuracy),\(point.meanTimesteps),"
            + "\(point.synapticOperations)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: JSONValue {
    func points(_ one: Series) -> JSONValue {
      .array(
        one.points.map {
          .object([
            "rule": .string($0.rule), "accuracy": .number($0.accuracy),
            "meanTimesteps": .number($0.meanTimesteps),
            "synapticOperationsPerImage": .number($0.synapticOperations),
          ])
        })
    }
    var members = [fixed.name: points(fixed)]
    for one in series { members[one.name] = points(one) }
    members["oracle"] = points(Series(name: "oracle", points: [oracle]))
    return .object(["images": .integer(images), "points": .object(members)])
  }

  /// Accuracy over mean timesteps, a line for each criterion's frontier.
  ///
  /// - Parameter reference: the accuracy of the float network, where it is known.
  package func chart(title: String, reference: Double?) -> LineChart {
    func line(_ one: Series, _ style: LineChart.Style) -> LineChart.Series {
      LineChart.Series(
        name: one.name, style: style,
        points: one.points.map { ($0.meanTimesteps, $0.accuracy * 100) })
    }
    var lines = series.map { line(frontier($0), .line) }
    lines.append(line(fixed, .dashed))
    lines.append(line(Series(name: "oracle", points: [oracle]), .marker))
    let best = lines.flatMap(\.points).map(\.y).max() ?? 100
    return LineChart(
      title: title, xLabel: "mean timesteps", yLabel: "accuracy, %", series: lines,
      reference: reference.map { ("float network", $0 * 100) }, yRange: (best - 1.6)...(best + 0.1))
  }
}
