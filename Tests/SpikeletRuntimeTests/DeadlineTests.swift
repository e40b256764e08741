import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Runs with a deadline, on clocks that say what the tests want.
@Suite struct DeadlineTests {
  /// The lead of class 1 grows by three in each timestep.
  private let file: [UInt8]

  init() throws {
    file = try ConstantScores().constant([1, 4, -9])
  }

  /// What a run gave, its scores, and how often it read the clock.
  private struct Outcome {
    var decision: TimedDecision
    var scores: [Int32]
    var readings: Int
  }

  /// Runs ten timesteps of constant scores; the first of `times` is when the run begins, the others
  /// are when its timesteps end.
  private func run(
    _ times: [UInt32], until deadline: UInt32?, exit: ExitPolicy = .none, pace: inout Pace,
    timesteps: Int = 10
  ) throws -> Outcome {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    let outcome = try arena.withEngine(file) { engine in
      let pixels: [UInt8] = [0]
      var readings = 0
      let decision = try engine.run(
        input: pixels.span, timesteps: timesteps, exit: exit, until: deadline, pace: &pace
      ) {
        defer { readings += 1 }
        return times[readings]
      }
      return Outcome(decision: decision, scores: engine.scores, readings: readings)
    }
    #expect(outcome.readings == outcome.decision.timesteps + 1)
    let steps = Int32(outcome.decision.timesteps)
    #expect(outcome.scores == [steps, 4 * steps, -9 * steps])
    return outcome
  }

  /// Timesteps of equal length from a moment on.
  private func steady(_ start: UInt32, _ ticks: UInt32) -> [UInt32] {
    (0...10).map { start &+ $0 &* ticks }
  }

  @Test func anotherTimestepRunsOnlyIfItFits() throws {
    for start: UInt32 in [0, 5, UInt32(Int32.max) - 40, UInt32.max - 30] {
      var pace = Pace()
      for (ticks, steps): (UInt32, Int) in [
        (11, 1), (20, 1), (21, 2), (30, 2), (31, 3), (90, 8), (91, 9), (100, 9),
      ] {
        let given = try run(steady(start, 10), until: start &+ ticks, pace: &pace).decision
        #expect(
          given == TimedDecision(prediction: 1, timesteps: steps, ending: .deadline, late: 0),
          "\(ticks) ticks from \(start)")
      }
      #expect(pace.longest == 10)
      let all = try run(steady(start, 10), until: start &+ 101, pace: &pace).decision
      #expect(all.timesteps == 10 && all.ending == .lastTimestep && all.late == 0)
    }
  }

  @Test func whatEndedARunIsSaid() throws {
    var pace = Pace()
    // The lead after t timesteps is 3·t.
    let exit = try run(steady(0, 10), until: 1000, exit: .margin(7), pace: &pace).decision
    #expect(exit == TimedDecision(prediction: 1, timesteps: 3, ending: .exit, late: 0))
    let deadline = try run(steady(0, 10), until: 25, exit: .margin(7), pace: &pace).decision
    #expect(deadline == TimedDecision(prediction: 1, timesteps: 2, ending: .deadline, late: 0))
    let last = try run(
      steady(0, 10), until: 1000, exit: .margin(7), pace: &pace, timesteps: 2
    ).decision
    #expect(last.ending == .lastTimestep && last.timesteps == 2)
    // The exit holds at the last timestep; the deadline passes during it.
    let both = try run(
      [0, 10, 20, 90], until: 45, exit: .margin(7), pace: &pace, timesteps: 3
    ).decision
    #expect(both == TimedDecision(prediction: 1, timesteps: 3, ending: .exit, late: 45))
  }

  @Test func theFirstTimestepAlwaysRuns() throws {
    var pace = Pace()
    for (deadline, late): (UInt32, UInt32) in [(1000, 60), (1059, 1), (1060, 0), (940, 120)] {
      let given = try run([1000, 1060], until: deadline, pace: &pace).decision
      #expect(
        given
          == TimedDecision(
            prediction: 1, timesteps: 1, ending: .deadline, late: deadline == 1060 ? 0 : late))
    }
    let single = try run([1000, 1060], until: 1010, pace: &pace, timesteps: 1).decision
    #expect(single.ending == .lastTimestep && single.late == 50)
    // Further ahead than the clock can tell is in the past.
    let far = try run([0, 10], until: UInt32(Int32.max) + 20, pace: &pace).decision
    #expect(far.ending == .deadline && far.timesteps == 1)
    #expect(try run(steady(0, 1), until: UInt32(Int32.max), pace: &pace).decision.timesteps == 10)
  }

  @Test func noRunIsLaterThanTheLongestTimestep() throws {
    var random = SeededTicks(state: 7)
    var pace = Pace()
    var late = 0
    for _ in 0..<2000 {
      var times: [UInt32] = [random.next()]
      for _ in 0..<10 {
        // One in a hundred is interrupted.
        let ticks = random.next() % 100 == 0 ? 500 + random.next() % 4000 : 20 + random.next() % 9
        times.append(times[times.count - 1] &+ ticks)
      }
      let budget = 1 + random.next() % 400
      let given = try run(times, until: times[0] &+ budget, pace: &pace).decision
      #expect(given.late <= pace.longest)
      if given.late > 0 { late += 1 }
    }
    #expect(late > 20 && late < 400)
    #expect(pace.longest > 500)
  }

  @Test func aSlowTimestepIsRememberedForSomeTime() throws {
    var pace = Pace()
    // The third timestep takes 50 ticks, all others 10.
    _ = try run([0, 10, 20, 70, 80, 90, 100, 110, 120, 130, 140], until: nil, pace: &pace)
    let cautious = try run(steady(0, 10), until: 75, pace: &pace).decision
    #expect(cautious.timesteps == 3 && cautious.ending == .deadline)
    var runs = 2
    while try run(steady(0, 10), until: 75, pace: &pace).decision.timesteps == 3 {
      runs += 1
      try #require(runs < 3000)
    }
    #expect(runs == 2048)
    #expect(pace.longest == 50)
  }

  @Test func aLongFirstTimestepStandsForOthersOnlyUntilOneIsKnown() throws {
    var pace = Pace()
    let times: [UInt32] = [0, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130]
    // 39 ticks are left after the first, which took 40.
    #expect(try run(times, until: 79, pace: &pace).decision.timesteps == 1)
    #expect(try run(times, until: 81, pace: &pace).decision.timesteps == 5)
    #expect(try run(times, until: 79, pace: &pace).decision.timesteps == 4)
    #expect(pace.longest == 40)
  }

  @Test func withoutADeadlineARunOnlyMeasures() throws {
    var pace = Pace()
    let given = try run(steady(0, 30), until: nil, pace: &pace).decision
    #expect(given == TimedDecision(prediction: 1, timesteps: 10, ending: .lastTimestep, late: 0))
    #expect(try run(steady(0, 30), until: 61, pace: &pace).decision.timesteps == 2)
  }

  @Test func whatNoRunTakesIsRefusedBeforeTheClockRuns() throws {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    try arena.withEngine(file) { engine in
      func refusal(_ pixels: [UInt8], timesteps: Int?, exit: ExitPolicy?) -> SpikeletError? {
        var pace = Pace()
        do throws(SpikeletError) {
          _ = try engine.run(
            input: pixels.span, timesteps: timesteps, exit: exit, until: 5, pace: &pace
          ) {
            Issue.record("the clock is read")
            return 0
          }
          return nil
        } catch {
          return pace == Pace() ? error : nil
        }
      }
      #expect(refusal([0, 0], timesteps: nil, exit: nil)?.reason == .wrongInputSize)
      #expect(refusal([0], timesteps: 0, exit: nil)?.reason == .wrongTimesteps)
      #expect(refusal([0], timesteps: nil, exit: .margin(0))?.reason == .outOfRange)
    }
  }
}

/// Makes the model before there is a test.
private struct ConstantScores: ReadOutModels {}

/// Numbers that are the same in every test run.
private struct SeededTicks {
  var state: UInt32

  mutating func next() -> UInt32 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return state >> 8
  }
}
