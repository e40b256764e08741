import SpikeletCompiler
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// The exit criteria one by one, on scores that are known beforehand.
@Suite struct ExitPolicyTests: ReadOutModels {
  @Test func aMarginEndsTheRunAtTheFirstTimestepThatReachesIt() throws {
    // The lead after t timesteps is 3·t.
    let file = try constant([1, 4, -9])
    for (margin, steps): (Int, Int) in [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (30, 10)] {
      let (result, scores) = try run(
        file, timesteps: 10, exit: ExitPolicy.margin(margin))
      #expect(result == Decision(prediction: 1, timesteps: steps), "margin \(margin)")
      #expect(scores.map { Int($0) } == [steps, 4 * steps, -9 * steps])
    }
  }

  @Test func noExitComesBeforeTheMinimumTimestep() throws {
    let file = try constant([1, 4, -9])
    for minimum: Int in [1, 2, 5, 10] {
      let policy = ExitPolicy.margin(1, from: minimum)
      #expect(try run(file, timesteps: 10, exit: policy).result.timesteps == minimum)
    }
  }

  @Test func aModelOfOneClassExitsAtOnce() throws {
    let policy = ExitPolicy.margin(1)
    #expect(try run(constant([5]), timesteps: 9, exit: policy).result.timesteps == 1)
  }

  @Test func theModelsOwnPolicyAppliesUnlessAnotherIsGiven() throws {
    var model = EditableModel(try constant([1, 4]))
    model.header.exitKind = 1
    model.header.exitParameter = 9
    model.header.exitMinimumTimestep = 2
    model.header.timesteps = 20
    model.seal()
    let pixels: [UInt8] = [0]
    try GuardedArena(byteCount: Int(model.header.arenaBytes)).withEngine(model.bytes) { engine in
      #expect(
        engine.model.exitPolicy == ExitPolicy.margin(9, from: 2))
      let own = try engine.run(input: pixels.span)
      #expect(own.timesteps == 3)
      let full = try engine.run(input: pixels.span, exit: ExitPolicy.none)
      #expect(full.timesteps == 20)
      let short = try engine.run(input: pixels.span, timesteps: 2)
      #expect(short.timesteps == 2)
    }
  }

  @Test func aMarginThatIsNeverReachedRunsToTheEnd() throws {
    let file = try constant([1, 4, -9])
    let furthest = try Model(file.span.bytes).highestMargin
    for margin: Int in [31, 100, furthest] {
      let (result, _) = try run(file, timesteps: 10, exit: ExitPolicy.margin(margin))
      #expect(result == Decision(prediction: 1, timesteps: 10))
    }
    // A tie never leads.
    let tie = try constant([4, 4])
    #expect(
      try run(tie, timesteps: 6, exit: ExitPolicy.margin(1)).result
        == Decision(prediction: 0, timesteps: 6))
  }

  @Test func aCountLooksAtTheLargestScoreAlone() throws {
    // The largest potential after t timesteps is 4·t, however close the second is.
    let file = try constant([3, 4, -9])
    for (score, steps): (Int, Int) in [(1, 1), (4, 1), (5, 2), (40, 10), (41, 10)] {
      let policy = ExitPolicy.count(score)
      #expect(try run(file, timesteps: 10, exit: policy).result.timesteps == steps)
    }
    // With counts it is a number of spikes: class 1 fires at t = 2, 4, 5, 7, 9, 10.
    let counts = try constant([3, 6], readOut: .count, threshold: 10)
    for (score, steps): (Int, Int) in [(1, 2), (2, 4), (3, 5), (4, 7)] {
      let policy = ExitPolicy.count(score)
      #expect(try run(counts, timesteps: 12, exit: policy).result.timesteps == steps)
    }
  }

  @Test func aStablePredictionEndsTheRun() throws {
    // Class 1 begins ahead by 10 and class 0 gains 4 on it each timestep: it leads from t = 3 on,
    // by 2, 6, 10, …; before, class 1 leads by 6, 2.
    let file = try constant([5, 1], initials: [0, 10])
    func steps(_ k: Int, margin: Int = 0, from first: Int = 1) throws -> Decision {
      let policy = ExitPolicy.stable(k, margin: margin, from: first)
      return try run(file, timesteps: 9, exit: policy).result
    }
    #expect(try steps(1) == Decision(prediction: 1, timesteps: 1))
    #expect(try steps(2) == Decision(prediction: 1, timesteps: 2))
    #expect(try steps(3) == Decision(prediction: 0, timesteps: 5))
    #expect(try steps(2, margin: 3) == Decision(prediction: 0, timesteps: 4))
    #expect(try steps(2, margin: 7) == Decision(prediction: 0, timesteps: 5))
    #expect(try steps(2, from: 3) == Decision(prediction: 0, timesteps: 4))
    #expect(try steps(9) == Decision(prediction: 0, timesteps: 9))
  }

  @Test func aTableDemandsItsOwnMarginAtEveryTimestep() throws {
    // The lead after t timesteps is 3·t.
    let file = try constant([1, 4, -9])
    let cases: [([Int?], Int)] = [
      ([3], 1), ([4], 2), ([4, 6], 2), ([4, 7, 8], 3), ([4, 7, 10, nil], 10),
      // The last entry goes on after the table's end.
      ([nil, nil, 16], 6), ([nil, 5], 2), ([nil], 10),
    ]
    for (margins, steps) in cases {
      let rule = ExitRule(.marginPerStep(margins))
      let result = try run(file, timesteps: 10, exit: rule.policy, margins: rule.marginTable).result
      #expect(result == Decision(prediction: 1, timesteps: steps), "\(rule)")
    }
    let late = ExitPolicy.marginPerTimestep(from: 4)
    #expect(try run(file, timesteps: 10, exit: late, margins: [1]).result.timesteps == 4)
  }

  @Test func ofEqualScoresNoneLeads() throws {
    let tie = try constant([4, 4, -1])
    for rule in ["margin:1", "margin-per-step:1", "stable:2:1"].compactMap(ExitRule.init) {
      let result = try run(tie, timesteps: 5, exit: rule.policy, margins: rule.marginTable).result
      #expect(result == Decision(prediction: 0, timesteps: 5), "\(rule)")
    }
    // Without a margin a tie may be stable, and large enough.
    for rule in ["stable:2", "count:8"].compactMap(ExitRule.init) {
      let result = try run(tie, timesteps: 5, exit: rule.policy).result
      #expect(result == Decision(prediction: 0, timesteps: 2), "\(rule)")
    }
  }

  @Test func aRunOfOneTimestepEndsThere() throws {
    let file = try constant([1, 4])
    for text in ["none", "margin:1", "margin:9", "count:99", "stable:2", "margin-per-step:-,1"] {
      let rule = try #require(ExitRule(text))
      let result = try run(file, timesteps: 1, exit: rule.policy, margins: rule.marginTable).result
      #expect(result == Decision(prediction: 1, timesteps: 1), "\(rule)")
    }
  }

  @Test func scoresFurtherApartThan32BitsAreCompared() throws {
    var monitor = ExitMonitor(ExitPolicy.margin(Int(Int32.max)))
    let far = Ranking(prediction: 0, best: Int(Int32.max), second: Int(Int32.min))
    let ends = monitor.ends(after: 1, far, demand: 0)
    #expect(ends)
    let near = Ranking(prediction: 0, best: Int(Int32.max), second: 1)
    let endsNear = monitor.ends(after: 1, near, demand: 0)
    #expect(!endsNear)
  }
}
