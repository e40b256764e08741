import SpikeletCompiler
import SpikeletEvaluation
import SpikeletReport
import SpikeletRuntime
import SpikeletSupport
import Testing

/// Statistics and calibration on traces whose answers are known.
@Suite struct ExitCalibratorTests {
  /// One picture of class 0 from (prediction, margin) after each timestep; 10 operations a timestep.
  private func decisions(_ steps: [(Int, Int)]) -> [DecisionTrace.Decision] {
    steps.enumerated().map { t, step in
      .init(
        ranking: Ranking(prediction: step.0, best: step.1, second: 0),
        synapticOperations: UInt64(10 * (t + 1)))
    }
  }

  private func trace(_ pictures: [[(Int, Int)]]) -> DecisionTrace {
    DecisionTrace(
      timesteps: pictures[0].count, labels: [UInt16](repeating: 0, count: pictures.count),
      decisions: pictures.flatMap(decisions))
  }

  @Test func statisticsFollowFromTheDecisions() {
    let trace = trace([
      [(0, 5), (0, 9), (0, 9)], [(1, 2), (0, 6), (0, 9)], [(1, 7), (1, 8), (0, 9)],
      [(1, 1), (1, 1), (1, 1)],
    ])
    let statistics = trace.statistics(ExitRule(.margin(5)))
    #expect(statistics.exits == [2, 1, 1])
    #expect(statistics.rights == [1, 1, 0])
    #expect(statistics.synapticOperations == 10 + 20 + 10 + 30)
    #expect((statistics.accuracy, statistics.meanTimesteps) == (0.5, 1.75))
    #expect((statistics.medianTimestep, statistics.p99Timestep) == (1, 3))
    #expect(statistics.timestep(quantile: 0.75) == 2)
    let fixed = trace.statistics(fixed: 2)
    #expect((fixed.exits, fixed.correct) == ([0, 4, 0], 2))
    // Right at the first, second and third timestep, and never: that one ends at once.
    #expect(trace.oracle.exits == [2, 1, 1])
    #expect(trace.oracle.correct == 3)
    #expect(trace.prefix(timesteps: 2).oracle.exits == [3, 1])
  }

  /// 60 pictures right from the start with a margin of 50 + i, and 60 that are wrong with the margin
  /// `wrong` at first and right later.
  private func twoKinds(wrong: Int) -> DecisionTrace {
    var pictures: [[(Int, Int)]] = []
    for i: Int in 0..<120 {
      let first: (Int, Int) = i % 2 == 0 ? (0, 50 + i) : (1, wrong)
      pictures.append([first, (0, 300), (0, 400)])
    }
    return trace(pictures)
  }

  @Test func aTableSeparatesWhatAMarginCanSeparate() throws {
    let calibrator = try ExitCalibrator(twoKinds(wrong: 40), maximumAccuracyLoss: 0.1)
    let choice = calibrator.choice(of: .marginPerStep)
    // The smallest margin of those that are right already.
    #expect(choice.rule == ExitRule(.marginPerStep([50, 300])))
    #expect((choice.chosenOn.loss, choice.heldBack.loss) == (0, 0))
    #expect(choice.chosenOn.meanTimesteps == 1.5 - 1.0 / 22)
    let margin = calibrator.choice(of: .margin)
    #expect(margin.chosenOn.loss == 0)
    #expect(margin.chosenOn.meanTimesteps < 1.6)
  }

  @Test func whereMarginsCannotSeparateNobodyLeaves() throws {
    let calibrator = try ExitCalibrator(twoKinds(wrong: 500), maximumAccuracyLoss: 0.1)
    let choice = calibrator.choice(of: .marginPerStep)
    guard case .marginPerStep(let margins) = choice.rule.condition else {
      Issue.record("\(choice.rule)")
      return
    }
    #expect(margins.first == .some(nil))
    #expect(choice.chosenOn.meanTimesteps == 2)
    #expect(choice.chosenOn.loss == 0)
  }

  @Test func everyCriterionKeepsTheDemandedAccuracy() throws {
    var random = SeededRandom(seed: 5)
    // Margins grow with time; the larger one is, the more likely the decision is right.
    let pictures = (0..<3600).map { _ -> [(Int, Int)] in
      let ease = random.pick(1...100)
      return (1...8).map { t in
        let margin = max(0, ease * t / 4 + random.pick(-20...20))
        return (random.pick(0...60) < margin + 12 ? 0 : 1, margin)
      }
    }
    let calibrator = try ExitCalibrator(trace(pictures), maximumAccuracyLoss: 0.01)
    #expect((calibrator.chosenOn.images, calibrator.heldBack.images) == (3300, 300))
    let choices = calibrator.choices()
    for kind in ExitCriterion.allCases {
      let choice = try #require(choices[kind])
      #expect(choice.rule.criterion == kind || choice.rule == .none)
      #expect(choice.chosenOn.loss <= 0.01 && choice.heldBack.loss <= 0.01, "\(kind)")
      #expect(choice.chosenOn.meanTimesteps <= 8)
    }
    let table = try #require(choices[.marginPerStep])
    #expect(table.chosenOn.meanTimesteps < 7)
  }

  @Test func tooFewPicturesSayHowManyWouldDo() {
    let error = #expect(throws: Diagnostics.self) {
      try ExitCalibrator(twoKinds(wrong: 40), maximumAccuracyLoss: 0.001)
    }
    #expect(
      error?.description == """
        120 pictures cannot tell a loss of 0.001
          exit.maximumAccuracyLoss: needed 12,000 training pictures for it; these can tell 0.1 at \
        best; use more pictures or allow a larger loss
        """)
    #expect(ExitCalibrator.picturesNeeded(0.0005) == 24000)
  }

  @Test func aCalibrationReadsBackEqual() throws {
    let calibrator = try ExitCalibrator(twoKinds(wrong: 40), maximumAccuracyLoss: 0.1)
    let calibration = calibrator.calibration(networkDigest: "abc", dataset: "noise")
    #expect(ExitCalibration.parse(calibration.json) == calibration)
    #expect(calibration.table(of: .marginPerStep).contains("▸  margin-per-step"))
    for key in ["format", "networkSHA256", "timesteps", "criteria", "heldBack"] {
      var damaged = calibration.json
      damaged[key] = .string("x")
      if key == "networkSHA256" { damaged[key] = .number(1) }
      #expect(ExitCalibration.parse(damaged) == nil, "\(key)")
    }
  }

  @Test func aChartDrawsEverySeries() {
    let sweep = ExitSweep(
      criteria: ExitCriterion.allCases, training: twoKinds(wrong: 40),
      test: twoKinds(wrong: 40), resolution: 8)
    let svg = sweep.chart(title: "a < b", reference: 1).svg
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    for text in ["a &lt; b", "count", "margin-per-step", "fixed", "oracle", "float network"] {
      #expect(svg.contains(text), "\(text)")
    }
    #expect(sweep.csv.split(separator: "\n").count > 10)
    #expect(sweep.oracle.meanTimesteps == 1.5)
    #expect(sweep.fixed.points.map(\.accuracy) == [0.5, 1, 1])
  }
}
