import SpikeletCompiler
import SpikeletModel
import SpikeletReference
import SpikeletRuntime
import Testing

/// Predictions, ties and early exits.
@Suite struct ReadOutTests {
  /// A read-out of constant potentials: class c gains `gains[c]` at every timestep.
  private func constant(
    _ gains: [Int], readOut: ReadOut = .potential, threshold: Int = 0, initials: [Int] = []
  ) throws -> [UInt8] {
    let input = Shape(channels: 1)
    let file = try SmallModels.compile(
      [
        .init(
          name: "output", shape: Shape(channels: gains.count),
          connections: [SmallModels.dense(0, input, outputs: gains.count) { _ in 1 }],
          kind: SmallModels.neurons(gains.count, threshold: readOut == .count ? 1 : nil))
      ], input: input, mode: .rate, readOut: readOut
    ) { $0.quantization.membraneBits = 32 }
    var model = EditableModel(file)
    model[layer: 0].biasFractionBits = 0
    for (channel, gain) in gains.enumerated() {
      model.set(\.biasesOffset, layer: 0, channel: channel, to: gain)
      if readOut == .count {
        model.set(\.thresholdsOffset, layer: 0, channel: channel, to: threshold)
        model.set(\.resetsOffset, layer: 0, channel: channel, to: threshold)
      }
      if !initials.isEmpty {
        model.set(\.initialsOffset, layer: 0, channel: channel, to: initials[channel])
      }
    }
    model.sealWithRightBounds()
    try #require(model.error == nil)
    return model.bytes
  }

  struct Outcome: Equatable {
    var prediction: Int32
    var timesteps: Int32
  }

  private func run(
    _ file: [UInt8], timesteps: Int32, exit: ExitPolicy = ExitPolicy(.none)
  ) throws -> (result: Outcome, scores: [Int32]) {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    return try arena.withEngine(file) { engine in
      let pixels: [UInt8] = [0]
      let result = try engine.run(input: pixels.span, timesteps: timesteps, exit: exit)
      return (
        Outcome(prediction: result.prediction, timesteps: result.timesteps), engine.scores
      )
    }
  }

  @Test func theLargestPotentialWins() throws {
    let (result, scores) = try run(constant([3, -2, 10, 9]), timesteps: 5)
    #expect(scores == [15, -10, 50, 45])
    #expect(result == .init(prediction: 2, timesteps: 5))
  }

  @Test func ofEqualPotentialsTheLowestIndexWins() throws {
    #expect(try run(constant([4, 7, 7, 7]), timesteps: 3).result.prediction == 1)
    #expect(try run(constant([-7, -7]), timesteps: 3).result.prediction == 0)
    #expect(try run(constant([0, 0, 0]), timesteps: 3).result.prediction == 0)
  }

  @Test func theOnlyClassIsThePrediction() throws {
    #expect(try run(constant([-1]), timesteps: 2).result.prediction == 0)
  }

  @Test func aCountReadOutCountsSpikesOfEveryTimestep() throws {
    // A neuron with gain g and threshold 10 has fired ⌊g·t/10⌋ times (at most once a step).
    let file = try constant([1, 3, 10, 5], readOut: .count, threshold: 10)
    for t: Int32 in [1, 4, 10, 21] {
      let (result, scores) = try run(file, timesteps: t)
      #expect(scores == [t / 10, t * 3 / 10, t, t / 2])
      #expect(result.prediction == 2)
    }
  }

  @Test func ofEqualCountsTheLargerPotentialWins() throws {
    // After 3 steps: one spike each, potentials left 15−10, 18−10, 12−10.
    let file = try constant([5, 6, 4], readOut: .count, threshold: 10)
    let (result, scores) = try run(file, timesteps: 3)
    #expect(scores == [1, 1, 1])
    #expect(result.prediction == 1)
    // Equal potentials, too: the lowest index.
    let equal = try constant([5, 6, 6], readOut: .count, threshold: 10)
    #expect(try run(equal, timesteps: 3).result.prediction == 1)
    // A count goes before a potential: 25 − 2·10 beats 19 − 10.
    let ahead = try constant([19, 25], readOut: .count, threshold: 10, initials: [0, 0])
    #expect(try run(ahead, timesteps: 1).scores == [1, 1])
  }

  // MARK: Early exit

  @Test func aMarginEndsTheRunAtTheFirstTimestepThatReachesIt() throws {
    // The lead after t timesteps is 3·t.
    let file = try constant([1, 4, -9])
    for (margin, steps): (Int32, Int32) in [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (30, 10)] {
      let (result, scores) = try run(
        file, timesteps: 10, exit: ExitPolicy(.margin, parameter: margin))
      #expect(result == .init(prediction: 1, timesteps: steps), "margin \(margin)")
      #expect(scores == [steps, 4 * steps, -9 * steps])
    }
  }

  @Test func aMarginThatIsNeverReachedRunsToTheEnd() throws {
    let file = try constant([1, 4, -9])
    for margin: Int32 in [31, 1000, Int32.max] {
      let (result, _) = try run(file, timesteps: 10, exit: ExitPolicy(.margin, parameter: margin))
      #expect(result == .init(prediction: 1, timesteps: 10))
    }
    // A tie never leads.
    let tie = try constant([4, 4])
    #expect(
      try run(tie, timesteps: 6, exit: ExitPolicy(.margin, parameter: 1)).result
        == .init(prediction: 0, timesteps: 6))
  }

  @Test func noExitComesBeforeTheMinimumTimestep() throws {
    let file = try constant([1, 4, -9])
    for minimum: Int32 in [1, 2, 5, 10] {
      let policy = ExitPolicy(.margin, parameter: 1, minimumTimestep: minimum)
      #expect(try run(file, timesteps: 10, exit: policy).result.timesteps == minimum)
    }
  }

  @Test func aModelOfOneClassExitsAtOnce() throws {
    let policy = ExitPolicy(.margin, parameter: 1)
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
        engine.model.exitPolicy == ExitPolicy(.margin, parameter: 9, minimumTimestep: 2))
      let own = try engine.run(input: pixels.span)
      #expect(own.timesteps == 3)
      let full = try engine.run(input: pixels.span, exit: ExitPolicy(.none))
      #expect(full.timesteps == 20)
      let short = try engine.run(input: pixels.span, timesteps: 2)
      #expect(short.timesteps == 2)
    }
  }

  @Test func anEarlyExitGivesTheScoresOfTheFullRunsPrefix() throws {
    var early = 0
    for seed: UInt64 in 6000..<6120 {
      let network = RandomNetwork(seed: seed)
      guard let file = try? network.compile() else { continue }
      let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
      try arena.withEngine(file) { engine in
        let limit = min(12, engine.model.header.maximumTimesteps)
        var prefix: [[Int32]] = []
        engine.begin()
        for _ in 0..<limit {
          try engine.step(input: network.pixels.span)
          prefix.append(engine.scores)
        }
        for margin: Int32 in [1, 2, 40, 500] {
          let result = try engine.run(
            input: network.pixels.span, timesteps: limit,
            exit: ExitPolicy(.margin, parameter: margin))
          let leads = prefix.map { scores -> Bool in
            let sorted = scores.map(Int.init).sorted(by: >)
            return sorted.count == 1 || sorted[0] - sorted[1] >= Int(margin)
          }
          let expected = leads.firstIndex(of: true).map { Int32($0 + 1) } ?? limit
          #expect(result.timesteps == expected, "network \(seed), margin \(margin)")
          #expect(engine.scores == prefix[Int(expected) - 1], "network \(seed)")
          if expected > 1, expected < limit { early += 1 }
        }
      }
    }
    #expect(early > 30)
  }
}
