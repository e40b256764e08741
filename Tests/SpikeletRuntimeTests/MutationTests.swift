import SpikeletReference
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
      guard let file = try? RandomNetwork(seed: seed).compile() else { continue }
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
        let judge = MutantJudge(model, what: "network \(seed), round \(round)", &random)
        tally.judged += try judge.judge() ? 1 : 0
      }
    }
    // A mutator that only ever made good files, or only bad ones, would test nothing.
    #expect(tally.opened > count / 6, "\(tally)")
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

  /// The additions of one timestep above which a model is not run: a changed word can ask for any
  /// number of them, which is slow but no mistake.
  private static let affordableAdditions = 2e6
  private static let steps: Int32 = 3

  init(_ model: EditableModel, what: String, _ random: inout SeededRandom) {
    file = model.bytes
    header = model.header
    self.what = what
    let count = Self.inputCount(model)
    isAffordable =
      count < 1 << 16 && header.arenaBytes < 1 << 24
      && model.additionsOfATimestep < Self.affordableAdditions
    let size = isAffordable ? count : 0
    pictures = (0..<2).map { _ in (0..<size).map { _ in UInt8(random.pick(0...255)) } }
  }

  /// The bytes of a picture, or of a frame of events.
  private static func inputCount(_ model: EditableModel) -> Int {
    (try? Model(model.bytes.span.bytes).inputCount) ?? 0
  }

  /// Compares all three; says whether the model could be run at all.
  func judge() throws -> Bool {
    guard isAffordable else { return false }
    let first = try run(fill: 0x00, around: 0x00)
    let second = try run(fill: 0xFF, around: 0x7F)
    #expect(first == second, "\(what) depends on what the arena held")
    let expected = interpreted()
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
      var values: [UInt64] = []
      for (index, picture) in pictures.enumerated() {
        engine.begin()
        for _ in 0..<timesteps {
          try engine.beginTimestep(input: picture.span, stream: index)
          for layer in 0..<model.layerCount {
            engine.runLayer(layer, input: picture.span)
            let digest = engine.digest(layer: layer)
            values.append(UInt64(digest.high) << 32 | UInt64(digest.low))
          }
          values.append(UInt64(engine.prediction))
          values += engine.scores.map { UInt64(UInt32(bitPattern: $0)) }
        }
        let operations = engine.synapticOperations
        values.append(UInt64(operations.high) << 32 | UInt64(operations.low))
      }
      return values
    }
    #expect(arena.isIntact, "\(what) wrote outside its arena")
    return values
  }

  /// The same values by the interpreter.
  private func interpreted() -> [UInt64] {
    var interpreter = IntegerInterpreter(ReferenceModel(file))
    var values: [UInt64] = []
    for (index, picture) in pictures.enumerated() {
      interpreter.begin()
      for _ in 0..<timesteps {
        interpreter.step(picture, image: UInt32(index))
        values += interpreter.model.layers.indices.map { interpreter.digest(layer: $0) }
        values.append(UInt64(interpreter.prediction))
        values += interpreter.scores.map { UInt64(UInt32(truncatingIfNeeded: $0)) }
      }
      values.append(UInt64(interpreter.synapticOperations))
    }
    return values
  }
}

extension EditableModel {
  /// How often the plain interpreter adds in a timestep: every neuron visits all its inputs, and
  /// every pool window all its sites.
  fileprivate var additionsOfATimestep: Double {
    var sum = 0.0
    for index in 0..<Int(header.layerCount) {
      let layer = self[layer: index]
      let sites = Double(layer.height) * Double(layer.width)
      for c in 0..<Int(layer.connectionCount) {
        let connection = self[connection: Int(layer.firstConnection) + c]
        let channels = Double(sourceChannels(connection.source))
        let pooled = channels * Double(connection.pooledHeight) * Double(connection.pooledWidth)
        let window = Double(connection.poolHeight) * Double(connection.poolWidth)
        let kernel = Double(connection.window.height) * Double(connection.window.width)
        sum += 2 * pooled * window
        switch ConnectionKind(rawValue: connection.kind) {
        case .convolution:
          sum +=
            2 * Double(layer.channels) * sites * channels / Double(connection.window.groups)
            * kernel
        case .dense: sum += 2 * Double(layer.channels) * pooled
        case .channelwise, .maxPool, nil: sum += 2 * Double(layer.channels) * sites
        }
      }
    }
    return sum
  }

  private func sourceChannels(_ source: Int32) -> Int32 {
    guard source > 0 else { return header.inputChannels }
    return self[layer: Int(source) - 1].spikeChannels
  }
}
