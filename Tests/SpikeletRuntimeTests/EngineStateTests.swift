import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// No state outside the picture at hand: results depend on the model, the picture and the number of
/// timesteps, never on what ran or lay in the arena before.
@Suite struct EngineStateTests {
  /// A compiled random network.
  struct Sample {
    var seed: UInt64
    var file: [UInt8]
    var pixels: [UInt8]
    var timesteps: Int
    var isEvents: Bool

    /// What a run of some timesteps takes: of events the same frame each time.
    func input(timesteps: Int) -> [UInt8] {
      isEvents ? (0..<timesteps).flatMap { _ in pixels } : pixels
    }
  }

  static let samples: [Sample] = (UInt64(5000)..<5200).compactMap { seed in
    let network = seed % 4 == 3 ? RandomNetwork.stateful(seed: seed) : RandomNetwork(seed: seed)
    guard let file = try? network.compile() else { return nil }
    return Sample(
      seed: seed, file: file, pixels: network.pixels, timesteps: network.timesteps,
      isEvents: network.spiking.input.mode == .events)
  }

  private func arenaBytes(_ sample: Sample) -> Int {
    Int(EditableModel(sample.file).header.arenaBytes)
  }

  /// The digests and scores of all timesteps.
  private func trace(_ engine: inout Engine, _ sample: Sample) throws -> [UInt64] {
    var result: [UInt64] = []
    engine.begin()
    for _ in 0..<sample.timesteps {
      result.append(try engine.digestOfStep(sample.pixels, image: 3))
      result += engine.scores.map { UInt64(UInt32(bitPattern: $0)) }
      result.append(UInt64(engine.prediction))
    }
    return result
  }

  @Test func thereAreEnoughNetworks() { #expect(Self.samples.count > 150) }

  @Test func anArenaMayHoldAnythingBefore() throws {
    var random = SeededRandom(seed: 7)
    for sample in Self.samples {
      let size = arenaBytes(sample)
      let noise = (0..<size).map { _ in UInt8(random.pick(0...255)) }
      let fills: [(Int) -> UInt8] = [{ _ in 0 }, { _ in 0xFF }, { _ in 0xA5 }, { noise[$0] }]
      let traces = try fills.map { fill in
        try GuardedArena(byteCount: size, fill: fill).withEngine(sample.file) {
          try trace(&$0, sample)
        }
      }
      #expect(traces.allSatisfy { $0 == traces[0] }, "network \(sample.seed)")
    }
  }

  @Test func bytesAroundTheArenaStayUntouched() throws {
    for sample in Self.samples {
      for pattern: UInt8 in [0x00, 0xFF] {
        let arena = GuardedArena(
          byteCount: arenaBytes(sample), fill: { _ in 0x5A }, pattern: pattern)
        _ = try arena.withEngine(sample.file) { try trace(&$0, sample) }
        #expect(arena.isIntact, "network \(sample.seed)")
      }
    }
  }

  @Test func aSecondRunAndARunAfterAnotherPictureAreEqual() throws {
    for sample in Self.samples {
      let other = sample.pixels.map { 255 - $0 }
      try GuardedArena(byteCount: arenaBytes(sample)).withEngine(sample.file) { engine in
        let whole =
          sample.isEvents
          ? [UInt8](repeating: 9, count: other.count * engine.model.timesteps) : other
        let fresh = try trace(&engine, sample)
        #expect(try trace(&engine, sample) == fresh, "network \(sample.seed)")
        _ = try engine.run(input: whole.span, stream: 9)
        #expect(try trace(&engine, sample) == fresh, "network \(sample.seed)")
        // A picture that is given up halfway leaves nothing behind either.
        engine.begin()
        try engine.step(input: other.span, stream: 9)
        #expect(try trace(&engine, sample) == fresh, "network \(sample.seed)")
      }
    }
  }

  @Test func aShortRunIsThePrefixOfALongOne() throws {
    for sample in Self.samples {
      try GuardedArena(byteCount: arenaBytes(sample)).withEngine(sample.file) { engine in
        let maximum = Int(engine.model.header.maximumTimesteps)
        let longest = min(12, maximum)
        var scores: [[Int32]] = []
        var operations: [OperationCount] = []
        engine.begin()
        for _ in 0..<longest {
          try engine.step(input: sample.pixels.span, stream: 3)
          scores.append(engine.scores)
          operations.append(engine.synapticOperations)
        }
        for t in 1...longest {
          let input = sample.input(timesteps: t)
          let result = try engine.run(
            input: input.span, stream: 3, timesteps: t, exit: .none)
          #expect(result.timesteps == t)
          #expect(result.prediction == engine.prediction)
          #expect(engine.scores == scores[t - 1], "network \(sample.seed), timestep \(t)")
          #expect(engine.synapticOperations == operations[t - 1], "network \(sample.seed)")
        }
      }
    }
  }

  @Test func twoEnginesOfOneModelDoNotMeet() throws {
    for sample in Self.samples.prefix(40) {
      let other = sample.pixels.map { 255 - $0 }
      let size = arenaBytes(sample)
      let alone = try GuardedArena(byteCount: size).withEngine(sample.file) {
        try trace(&$0, sample)
      }
      let (first, second) = (GuardedArena(byteCount: size), GuardedArena(byteCount: size))
      try first.withEngine(sample.file) { a in
        try second.withEngine(sample.file) { b in
          a.begin()
          b.begin()
          var mixed: [UInt64] = []
          for _ in 0..<sample.timesteps {
            mixed.append(try a.digestOfStep(sample.pixels, image: 3))
            mixed += a.scores.map { UInt64(UInt32(bitPattern: $0)) }
            try b.step(input: other.span, stream: 4)
            mixed.append(UInt64(a.prediction))
          }
          #expect(mixed == alone, "network \(sample.seed)")
        }
      }
    }
  }

  @Test func spikeCountsAgreeWithSingleSpikes() throws {
    for sample in Self.samples.prefix(60) {
      try GuardedArena(byteCount: arenaBytes(sample)).withEngine(sample.file) { engine in
        engine.begin()
        try engine.beginTimestep(input: sample.pixels.span, stream: 3)
        for layer in 0..<engine.model.layerCount {
          engine.runLayer(layer, input: sample.pixels.span)
          let record = engine.model.layer(layer)
          var count = 0
          for channel in 0..<Int(record.spikeChannels) {
            for row in 0..<Int(record.height) {
              for column in 0..<Int(record.width)
              where engine.spike(source: layer + 1, channel: channel, row: row, column: column) {
                count += 1
              }
            }
          }
          #expect(engine.spikeCount(source: layer + 1) == count, "network \(sample.seed)")
        }
      }
    }
  }
}
