import SpikeletCompiler
import SpikeletRuntime

/// Exit criteria against each other: criterion × parameter → accuracy, timesteps, operations.
///
/// The parameters come from training pictures; the figures are those of other pictures.
public struct ExitSweep: Sendable {
  /// One rule and what it did.
  public struct Point: Sendable {
    public var rule: String
    public var accuracy: Double
    public var meanTimesteps: Double
    public var synapticOperations: Double

    init(_ rule: String, _ statistics: ExitStatistics) {
      self.rule = rule
      accuracy = statistics.accuracy
      meanTimesteps = statistics.meanTimesteps
      synapticOperations = statistics.synapticOperationsPerImage
    }
  }

  /// The points of one criterion, or of the runs without one, by growing timesteps.
  public struct Series: Sendable {
    public var name: String
    public var points: [Point]
  }

  public let series: [Series]
  /// All timesteps alike: the curve that every criterion has to beat.
  public let fixed: Series
  public let oracle: Point
  public let images: Int

  /// - Parameters:
  ///   - criteria: the criteria to try.
  ///   - training: decisions that the parameters are made from.
  ///   - test: decisions to measure, as many timesteps as `training` or more; criteria use as many as
  ///     `training` has, the fixed curve all.
  ///   - resolution: rules a criterion, about.
  public init(
    criteria: [ExitPolicy.Kind], training: DecisionTrace, test: DecisionTrace, resolution: Int
  ) {
    let measured = test.prefix(timesteps: training.timesteps)
    var candidates = ExitCandidates(training)
    candidates.resolution = resolution
    candidates.latestBeginning = 1
    series = criteria.map { kind in
      var points: [Point] = []
      for rule in candidates.rules(of: kind) {
        let point = Point("\(rule)", measured.statistics(rule))
        if !points.contains(where: { $0.meanTimesteps == point.meanTimesteps }) {
          points.append(point)
        }
      }
      return Series(name: kind.name, points: points.sorted { $0.meanTimesteps < $1.meanTimesteps })
    }
    fixed = Series(
      name: "fixed",
      points: (1...test.timesteps).map { Point("T=\($0)", test.statistics(fixed: $0)) })
    oracle = Point("oracle", measured.oracle)
    images = test.images
  }

  /// The rules of a criterion that no other of its rules beats in both accuracy and timesteps.
  public func frontier(_ series: Series) -> Series {
    var best = -1.0
    let points = series.points.filter { point in
      defer { best = max(best, point.accuracy) }
      return point.accuracy > best
    }
    return Series(name: series.name, points: points)
  }
}

extension ExitSweep {
  /// The frontier of every criterion, the fixed curve and the oracle.
  public var text: String {
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
  public var csv: String {
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

  public var json: JSONValue {
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
  public func chart(title: String, reference: Double?) -> LineChart {
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
