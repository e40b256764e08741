import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// What opens is safe and means one thing: files with changed words and right checksums either do
/// not open, or run without touching anything outside their arena, whatever it held before, and
/// compute what the interpreter reads in them.
///
/// `SPIKELET_MUTATIONS` sets how many files are damaged.
@Suite struct MutationTests {
  struct Tally {
    var refused: [SpikeletError.Field: Int] = [:]
    var opened = 0
    var repaired = 0
    var judged = 0
  }

  private static let parts = 4
  /// Damaged files of one network.
  private static let rounds = 60

  @Test(arguments: 0..<parts)
  func filesWithChangedWordsAreRefusedOrRunAsTheInterpreterReadsThem(part: Int) throws {
    TestScale.announce()
    let count = TestScale.mutations / Self.parts
    var tally = Tally()
    var tried = 0
    var seed = UInt64(part * 1_000_000)
    while tried < count {
      defer { seed += 1 }
      // Every sixth keeps more than potentials.
      let network = seed % 6 == 5 ? RandomNetwork.stateful(seed: seed) : RandomNetwork(seed: seed)
      guard let file = try? network.compile() else { continue }
      let original = EditableModel(file).header
      var random = SeededRandom(seed: seed ^ 0x5EED)
      for round in 0..<min(Self.rounds, count - tried) {
        tried += 1
        var model = EditableModel(file)
        for _ in 0..<random.pick(1...2) { ModelMutator.mutate(&model, original, &random) }
        model.seal()
        let isRepaired = round % 2 == 0 && ModelMutator.repair(&model)
        if let error = model.error {
          tally.refused[error.field, default: 0] += 1
          continue
        }
        tally.opened += 1
        tally.repaired += isRepaired ? 1 : 0
        let judge = try MutantJudge(model, what: "network \(seed), round \(round)", &random)
        tally.judged += try judge.judge() ? 1 : 0
      }
    }
    // A mutator that only ever made good files, or only bad ones, would test nothing. Of the few files
    // of a debug build as few as a sixth may open.
    #expect(tally.opened > count / (TestScale.isFull ? 6 : 12), "\(tally)")
    #expect(tally.repaired > count / 12, "\(tally)")
    #expect(tally.judged > tally.opened * 9 / 10, "\(tally)")
    #expect(tally.refused.values.reduce(0, +) > count / 3)
    #expect(tally.refused.count > (count > 5000 ? 20 : 10), "\(tally.refused)")
    print("mutants: \(tried) files, \(tally.opened) opened, \(tally.judged) judged")
  }
}

/// Runs one damaged model that opens, by the engine twice and by the interpreter.
private struct MutantJudge {
  let file: [UInt8]
  let header: ModelHeader
  let what: String
  let pictures: [[UInt8]]
  let isAffordable: Bool

  /// The additions of one timestep above which a model is not run.
  private static let affordableAdditions = 2e6
  private static let steps: Int32 = 3

  init(_ model: EditableModel, what: String, _ random: inout SeededRandom) throws {
    file = model.bytes
    header = model.header
    self.what = what
    let opened = try Model(model.bytes.span.bytes)
    let count = opened.inputCount
    isAffordable =
      count < 1 << 16 && header.arenaBytes < 1 << 24
      && MutantValues.additionsOfATimestep(opened) < Self.affordableAdditions
    let size = isAffordable ? count : 0
    pictures = (0..<2).map { _ in (0..<size).map { _ in UInt8(random.pick(0...255)) } }
  }

  /// Compares all three; says whether the model could be run at all.
  func judge() throws -> Bool {
    guard isAffordable else { return false }
    let first = try run(fill: 0x00, around: 0x00)
    let second = try run(fill: 0xFF, around: 0x7F)
    #expect(first == second, "\(what) depends on what the arena held")
    let expected = MutantValues.interpreter(file, pictures, timesteps: timesteps)
    if let place = zip(first, expected).enumerated().first(where: { $0.element.0 != $0.element.1 })
    {
      Issue.record("\(what): value \(place.offset) is \(place.element)")
    }
    #expect(first.count == expected.count, "\(what)")
    return true
  }

  private var timesteps: Int { Int(min(Self.steps, header.maximumTimesteps)) }

  /// The digests of all layers, the prediction and the scores after every timestep of every picture,
  /// by the engine, with other bytes around the file.
  private func run(fill: UInt8, around: UInt8) throws -> [UInt64] {
    let margin = [UInt8](repeating: around, count: 256)
    let padded = margin + file + margin
    let bytes = padded.span.bytes.extracting(margin.count..<margin.count + file.count)
    let model = try Model(bytes)
    let arena = GuardedArena(byteCount: model.arenaBytes, fill: fill)
    let values = try arena.withBytes { arena in
      var engine = try Engine(model: model, arena: arena)
      return try MutantValues.engine(&engine, pictures, timesteps: timesteps)
    }
    #expect(arena.isIntact, "\(what) wrote outside its arena")
    return values
  }
}
