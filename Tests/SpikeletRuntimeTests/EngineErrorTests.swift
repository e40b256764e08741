import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// An engine refuses what it cannot work with, and says what it needs.
@Suite struct EngineErrorTests {
  private let file: [UInt8]
  private let pixels: [UInt8]
  private let arenaBytes: Int

  init() throws {
    file = try SmallModels.zoo()
    pixels = SmallModels.picture(72)
    arenaBytes = Int(EditableModel(file).header.arenaBytes)
  }

  /// What running the model on an arena throws.
  private func error(
    _ arena: GuardedArena, pixels: [UInt8]? = nil, timesteps: Int? = nil,
    exit: ExitPolicy? = nil, margins: [Int]? = nil
  ) -> SpikeletError? {
    let pixels = pixels ?? self.pixels
    do {
      try arena.withEngine(file) { engine in
        _ = try engine.run(
          input: pixels.span, timesteps: timesteps, exit: exit, margins: margins?.span)
      }
      return nil
    } catch {
      return error as? SpikeletError
    }
  }

  @Test func anArenaOneByteShortIsRefused() {
    #expect(error(GuardedArena(byteCount: arenaBytes)) == nil)
    #expect(
      error(GuardedArena(byteCount: arenaBytes - 1))
        == SpikeletError(
          .arenaTooSmall, .arena, needed: Int32(arenaBytes), given: Int32(arenaBytes - 1)))
    #expect(
      error(GuardedArena(byteCount: 0))
        == SpikeletError(.arenaTooSmall, .arena, needed: Int32(arenaBytes), given: 0))
  }

  @Test(arguments: [1, 2, 4, 8, 15])
  func aMisalignedArenaIsRefused(misalignment: Int) {
    let arena = GuardedArena(
      byteCount: arenaBytes + 16, fill: { _ in 0 }, misalignment: misalignment)
    #expect(error(arena) == SpikeletError(.arenaMisaligned, .arena, needed: 16))
  }

  @Test(arguments: [16, 32, 48])
  func anArenaAtSixteenBytesIsAligned(misalignment: Int) {
    let arena = GuardedArena(byteCount: arenaBytes, fill: { _ in 0 }, misalignment: misalignment)
    #expect(error(arena) == nil)
  }

  @Test(arguments: [0, 71, 73, 144])
  func anInputOfAnotherSizeIsRefused(count: Int) {
    #expect(
      error(GuardedArena(byteCount: arenaBytes), pixels: SmallModels.picture(count))
        == SpikeletError(.wrongInputSize, .input, needed: 72, given: Int32(count)))
  }

  @Test(arguments: [0, -1, 256, Int(Int32.max), Int(Int32.min)])
  func timestepsOutOfRangeAreRefused(timesteps: Int) {
    #expect(
      error(GuardedArena(byteCount: arenaBytes), timesteps: timesteps)
        == SpikeletError(.wrongTimesteps, .timesteps, needed: 255, given: Int32(timesteps)))
  }

  @Test func allTimestepsOfTheModelRun() {
    #expect(error(GuardedArena(byteCount: arenaBytes), timesteps: 255) == nil)
  }

  @Test func aStepBehindTheLastTimestepIsRefused() throws {
    let arena = GuardedArena(byteCount: arenaBytes)
    try arena.withEngine(file) { engine in
      engine.begin()
      for _ in 0..<255 { try engine.step(input: pixels.span) }
      do {
        try engine.step(input: pixels.span)
        Issue.record("timestep 256 ran")
      } catch let error as SpikeletError {
        #expect(error == SpikeletError(.wrongTimesteps, .timesteps, needed: 255, given: 256))
      }
      // The refused step counts for nothing, and the next picture runs.
      #expect(engine.timestep == 255)
      engine.begin()
      try engine.step(input: pixels.span)
      #expect(engine.timestep == 1)
    }
  }

  @Test func exitPoliciesWithoutMeaningAreRefused() {
    let wrong: [(ExitPolicy, Int32, Int32)] = [
      (.margin(0), 1, 0), (.margin(-3), 1, -3), (.margin(1, from: 0), 1, 0),
      (.margin(1, from: 256), 255, 256), (.count(0), 1, 0), (.count(-1), 1, -1),
      (.stable(0), 1, 0), (.stable(256), 255, 256), (.stable(2, margin: -1), 0, -1),
      (.marginPerTimestep(from: 0), 1, 0), (.marginPerTimestep(from: 256), 255, 256),
      // What no word of a file can hold is as wrong as what it can.
      (.margin(Int.min), 1, Int32.min), (.stable(Int.max), 255, Int32.max),
    ]
    for (policy, needed, given) in wrong {
      #expect(
        error(GuardedArena(byteCount: arenaBytes), exit: policy, margins: [1])
          == SpikeletError(.outOfRange, .exitPolicy, needed: needed, given: given))
    }
  }

  @Test func demandsThatNoRunReachesAreRefused() throws {
    let model = try Model(file.span.bytes)
    let (lead, score) = (model.highestMargin, model.highestScore)
    #expect(lead > score && score > 0)
    let wrong: [(ExitPolicy, Int)] = [
      (.margin(lead + 1), lead), (.count(score + 1), score),
      (.stable(2, margin: lead + 1), lead),
    ]
    let arena = GuardedArena(byteCount: arenaBytes)
    for (policy, most) in wrong {
      #expect(
        error(arena, exit: policy)
          == SpikeletError(
            .outOfRange, .exitPolicy, needed: Int32(most), given: Int32(most + 1)))
    }
    #expect(error(arena, exit: ExitPolicy.margin(lead)) == nil)
  }

  @Test func aTableThatIsNotThereIsRefused() {
    // The file has none, and the caller gives none.
    for margins in [nil, []] as [[Int]?] {
      #expect(
        error(
          GuardedArena(byteCount: arenaBytes), exit: .marginPerTimestep(), margins: margins)
          == SpikeletError(.mismatch, .exitTable, needed: 1, given: 0))
    }
  }

  @Test func everyReasonAndFieldHasAText() {
    for raw in 1...17 {
      let reason = SpikeletError.Reason(rawValue: Int32(raw))
      #expect(reason.map { "\($0.text)".isEmpty } == false)
    }
    #expect(SpikeletError.Reason(rawValue: 18) == nil)
    var texts: Set<String> = []
    var raw: Int32 = 0
    while let field = SpikeletError.Field(rawValue: raw) {
      texts.insert("\(field.owner) \(field.text)")
      raw += 1
    }
    // Two fields of one record may not read alike.
    #expect(texts.count == Int(raw))
  }
}
