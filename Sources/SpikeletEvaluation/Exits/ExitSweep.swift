import SpikeletCompiler

/// Exit criteria against each other: criterion × parameter → accuracy, timesteps, operations.
///
/// The parameters come from training pictures; the figures are those of other pictures.
package struct ExitSweep: Sendable {
  /// One rule and what it did.
  package struct Point: Sendable {
    package var rule: String
    package var accuracy: Double
    package var meanTimesteps: Double
    package var synapticOperations: Double

    init(_ rule: String, _ statistics: ExitStatistics) {
      self.rule = rule
      accuracy = statistics.accuracy
      meanTimesteps = statistics.meanTimesteps
      synapticOperations = statistics.synapticOperationsPerImage
    }
  }

  /// The points of one criterion, or of the runs without one, by growing timesteps.
  package struct Series: Sendable {
    package var name: String
    package var points: [Point]

    package init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  package let series: [Series]
  /// All timesteps alike: the curve that every criterion has to beat.
  package let fixed: Series
  package let oracle: Point
  package let images: Int

  /// - Parameters:
  ///   - criteria: the criteria to try.
  ///   - training: decisions that the parameters are made from.
  ///   - test: decisions to measure, as many timesteps as `training` or more; criteria use as many as
  ///     `training` has, the fixed curve all.
  ///   - resolution: rules a criterion, about.
  package init(
    criteria: [ExitCriterion], training: DecisionTrace, test: DecisionTrace, resolution: Int
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
  package func frontier(_ series: Series) -> Series {
    var best = -1.0
    let points = series.points.filter { point in
      defer { best = max(best, point.accuracy) }
      return point.accuracy > best
    }
    return Series(name: series.name, points: points)
  }
}
