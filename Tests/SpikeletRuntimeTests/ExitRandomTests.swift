import SpikeletCompiler
import SpikeletReference
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Exits of random networks: the file's policy, the one given by hand and the reference agree, and no
/// policy changes a score before it ends the run.
@Suite struct ExitRandomTests {
  /// A rule of any kind that the model can use.
  private func rule(_ random: inout SeededRandom, _ model: borrowing Model) -> ExitRule {
    let criterion = ExitCriterion.allCases[random.pick(0...3)]
    let steps = Int(model.header.maximumTimesteps)
    let furthest = Int(model.highestMargin)
    func margin() -> Int {
      max(1, min(furthest, random.chance(2) ? random.pick(1...5) : random.pick(1...400)))
    }
    let first = random.pick(1...min(3, steps))
    switch criterion {
    case .marginPerStep:
      let entries = (0..<random.pick(1...min(6, steps))).map { _ in
        random.chance(4) ? nil : margin()
      }
      return ExitRule(.marginPerStep(entries), minimumTimestep: first)
    case .stable:
      let timesteps = random.pick(1...min(4, steps))
      return ExitRule(
        .stable(timesteps: timesteps, margin: random.chance(2) ? 0 : margin()),
        minimumTimestep: first)
    case .count:
      let score = max(1, min(margin(), Int(model.highestScore)))
      return ExitRule(.count(score), minimumTimestep: first)
    case .margin: return ExitRule(.margin(margin()), minimumTimestep: first)
    }
  }

  @Test func fileHandAndReferenceAgree() throws {
    var kinds: [ExitCriterion: Int] = [:]
    for seed in 6000..<6000 + UInt64(TestScale.isFull ? 400 : 60) {
      let network = RandomNetwork(seed: seed)
      guard let plain = try? network.compile() else { continue }
      var random = SeededRandom(seed: seed &+ 1)
      let model = try Model(plain.span.bytes)
      // A read-out whose potential never rises above 0 can reach no score.
      guard model.highestScore >= 1 else { continue }
      let rule = rule(&random, model)
      let file = try network.compile(exit: rule)
      let limit = min(12, model.maximumTimesteps)
      let input = network.input(timesteps: limit)
      var prefix: [[Int32]] = []
      var readOuts: [(prediction: Int, best: Int, second: Int)] = []
      try GuardedArena(byteCount: model.arenaBytes).withEngine(plain) { engine in
        engine.begin()
        for timestep in 1...limit {
          let frame = network.frame(timestep)
          try engine.step(input: frame.span, stream: 3)
          let ranking = engine.rank()
          prefix.append(engine.scores)
          readOuts.append(
            (ranking.prediction, ranking.best, ranking.second))
        }
      }
      let expected = ReferenceModel(file).exitTimestep(readOuts)
      try GuardedArena(byteCount: model.arenaBytes).withEngine(file) { engine in
        #expect(ExitRule(of: engine.model) == rule)
        let own = try engine.run(input: input.span, stream: 3, timesteps: limit)
        #expect(own.timesteps == expected, "network \(seed), \(rule)")
        #expect(engine.scores == prefix[expected - 1], "network \(seed), \(rule)")
        #expect(own.prediction == readOuts[expected - 1].prediction)
        let full = try engine.run(
          input: input.span, stream: 3, timesteps: limit, exit: ExitPolicy.none)
        #expect(full.timesteps == limit)
        #expect(engine.scores == prefix[limit - 1])
      }
      try GuardedArena(byteCount: model.arenaBytes).withEngine(plain) { engine in
        let hand = try engine.run(
          input: input.span, stream: 3, timesteps: limit, exit: rule.policy,
          margins: rule.marginTable.span)
        #expect(hand.timesteps == expected, "network \(seed), \(rule) by hand")
        #expect(engine.scores == prefix[expected - 1])
      }
      if expected > 1, expected < limit, let criterion = rule.criterion {
        kinds[criterion, default: 0] += 1
      }
    }
    // Exits in the middle of a run, of every kind.
    for kind in ExitCriterion.allCases {
      #expect(
        kinds[kind, default: 0] >= (TestScale.isFull ? 4 : 0), "\(kind): \(kinds[kind, default: 0])"
      )
    }
  }
}
