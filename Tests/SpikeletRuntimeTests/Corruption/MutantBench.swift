import SpikeletReference
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport

/// Opens mutants of a model file, and runs those that open, with the file, the arena and the pictures
/// against pages that nobody may touch.
///
/// An access outside of them ends the process, which says then what was running. The arena has exactly
/// the bytes that the mutant asks for, and holds at first what the mutants before it left there.
final class MutantBench {
  enum Outcome: Equatable {
    case refused(SpikeletError)
    /// With a digest of the predictions and scores after every timestep.
    case ran(UInt32)
    /// Asks for more work than a run has time for.
    case tooLarge
  }

  /// A base that mutants are made of.
  let base: [UInt8]
  private let number: Int
  private let file: GuardedMemory
  private let arena = GuardedMemory(capacity: Int(Int32.max))
  private let pictures = (0..<2).map { _ in GuardedMemory(capacity: 1 << 22) }
  private var pictureSize = -1

  static let steps: Int32 = 3
  /// Additions of a timestep above which nothing is run, and above which nothing is judged.
  private static let affordable = 5e7
  private static let judgeable = 2e6

  /// - Parameters:
  ///   - number: of the thread, for `FaultReport`.
  ///   - room: bytes that mutants may have more than the base.
  init(_ base: [UInt8], number: Int, room: Int = 4096) {
    self.base = base
    self.number = number
    file = GuardedMemory(capacity: base.count + room)
    FaultReport.install()
  }

  /// The mutant's bytes, which the caller changes and then gives to `outcome`.
  func place(_ count: Int, atEnd: Bool) -> UnsafeMutableRawBufferPointer {
    file.bytes(count, atEnd: atEnd)
  }

  /// Opens a mutant, and runs it where it opens.
  ///
  /// - Parameter name: three numbers that name it when the process ends.
  func outcome(_ mutant: UnsafeMutableRawBufferPointer, atEnd: Bool, _ name: (Int, Int, Int))
    -> Outcome
  {
    FaultReport.note(number, name.0, name.1, name.2)
    do throws(SpikeletError) {
      let model = try Model(mutant.bytes)
      guard isAffordable(model, Self.affordable) else { return .tooLarge }
      preparePictures(model.inputCount)
      let size = model.arenaBytes
      let bytes = arena.bytes(size, atEnd: atEnd, alignment: 16)
      defer { if size > 1 << 24 { arena.forget() } }
      var engine = try Engine(model: model, arena: bytes.mutableBytes)
      var digest: UInt32 = 0x811C_9DC5
      for (index, memory) in pictures.enumerated() {
        let picture = memory.bytes(pictureSize, atEnd: true).bindMemory(to: UInt8.self)
        engine.begin()
        for _ in 0..<min(Self.steps, model.header.maximumTimesteps) {
          try engine.step(input: picture.span, stream: index)
          digest = (digest ^ UInt32(truncatingIfNeeded: engine.prediction)) &* 0x0100_0193
          for score in engine.scores {
            digest = (digest ^ UInt32(bitPattern: score)) &* 0x0100_0193
          }
        }
      }
      return .ran(digest)
    } catch {
      return .refused(error)
    }
  }

  /// What is said of a mutant that opens where engine and interpreter differ; nil where they agree;
  /// false where the interpreter would take too long.
  func verdict(_ mutant: UnsafeMutableRawBufferPointer, atEnd: Bool) throws -> (
    isJudged: Bool, difference: String?
  ) {
    let model = try Model(mutant.bytes)
    guard isAffordable(model, Self.judgeable), pictureSize < 1 << 16 else { return (false, nil) }
    let timesteps = Int(min(Self.steps, model.header.maximumTimesteps))
    let inputs = pictures.map { Array($0.bytes(pictureSize, atEnd: true)) }
    let bytes = arena.bytes(model.arenaBytes, atEnd: atEnd, alignment: 16)
    var engine = try Engine(model: model, arena: bytes.mutableBytes)
    let given = try MutantValues.engine(&engine, inputs, timesteps: timesteps)
    let needed = MutantValues.interpreter(Array(mutant), inputs, timesteps: timesteps)
    guard given != needed else { return (true, nil) }
    let place = zip(given, needed).enumerated().first { $0.element.0 != $0.element.1 }
    return (true, "value \(place?.offset ?? -1) is \(place.map { "\($0.element)" } ?? "missing")")
  }

  private func isAffordable(_ model: Model, _ limit: Double) -> Bool {
    model.inputCount <= 1 << 22 && MutantValues.additionsOfATimestep(model) < limit
  }

  /// Pictures with every kind of pixel, as Tests/c/replay-mutants.c makes them.
  private func preparePictures(_ size: Int) {
    guard size != pictureSize else { return }
    pictureSize = size
    for (index, memory) in pictures.enumerated() {
      let bytes = memory.bytes(size, atEnd: true)
      for i in 0..<size {
        bytes[i] = UInt8(truncatingIfNeeded: i &* 37 &+ i >> 8 &* 13 &+ index &* 91)
      }
    }
  }
}

/// What became of the mutants.
struct CorruptionTally {
  var refused: [String: Int] = [:]
  var ran = 0
  var judged = 0
  /// Opened, but asked for too much work.
  var tooLarge = 0
  /// What may not be: one line each.
  var failures: [String] = []

  var tried: Int { refusals + ran + tooLarge }
  var refusals: Int { refused.values.reduce(0, +) }

  mutating func add(_ outcome: MutantBench.Outcome) {
    switch outcome {
    case .refused(let error):
      refused["\(error.field.text) \(error.reason)", default: 0] += 1
    case .ran: ran += 1
    case .tooLarge: tooLarge += 1
    }
  }

  static func + (a: CorruptionTally, b: CorruptionTally) -> CorruptionTally {
    var sum = a
    sum.refused.merge(b.refused) { $0 + $1 }
    sum.ran += b.ran
    sum.judged += b.judged
    sum.tooLarge += b.tooLarge
    sum.failures += b.failures
    return sum
  }

  /// One line of counts, and one of the checks that refused most, or of all.
  func report(_ what: String, all: Bool) {
    let most = refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let list = most.prefix(all ? most.count : 12).map { "\($0.key) \($0.value)" }
    print(
      "corruption: \(what): \(tried) mutants: \(refusals) refused by \(refused.count) checks, "
        + "\(ran) ran in bounds, \(judged) of them judged by the interpreter, \(tooLarge) not run, "
        + "\(failures.count) else\n  refused: \(list.joined(separator: ", "))")
  }
}
