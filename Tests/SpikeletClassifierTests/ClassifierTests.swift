import Foundation
import SpikeletClassifier
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// The owning classifier gives what the engine gives, and says what is wrong on one line.
@Suite struct ClassifierTests {
  private let pixels: [UInt8] = [200, 10, 90, 255]

  @Test func itFindsWhatTheEngineFinds() throws {
    let file = try SmallModels.perceptron()
    let classifier = try Classifier(model: file)
    try GuardedArena(byteCount: classifier.arenaBytes).withEngine(file) { engine in
      for timesteps in [1, 3, classifier.timesteps] {
        let decision = try engine.run(input: pixels.span, timesteps: timesteps)
        let result = try classifier.classify(pixels, timesteps: timesteps)
        #expect(result.prediction == decision.prediction)
        #expect(result.timesteps == decision.timesteps)
        #expect(result.scores == (0..<classifier.classCount).map { engine.score($0) })
        #expect(result.synapticOperations == engine.synapticOperations.value)
      }
    }
  }

  @Test func nothingStaysOfTheInputBefore() throws {
    let classifier = try Classifier(model: SmallModels.perceptron())
    let first = try classifier.classify(pixels)
    let other = try classifier.classify([0, 255, 0, 255])
    #expect(try classifier.classify(pixels) == first)
    #expect(try Classifier(sharing: classifier).classify([0, 255, 0, 255]) == other)
  }

  @Test func threadsChangeNothing() throws {
    let file = try SmallModels.perceptron()
    let alone = try Classifier(model: file)
    #expect(alone.threads == 1)
    for threads in [1, 2, 4, 16] {
      let together = try Classifier(model: file, threads: threads)
      #expect(together.threads == threads && together.arenaBytes >= alone.arenaBytes)
      #expect(try together.classify(pixels) == alone.classify(pixels))
    }
    for threads in [0, 17, -1] {
      #expect(throws: ThreadTeamError.outOfRange(threads)) {
        try Classifier(model: file, threads: threads)
      }
    }
  }

  @Test func theModelIsDescribed() throws {
    let classifier = try Classifier(model: SmallModels.perceptron())
    #expect(classifier.inputCount == 4)
    #expect(classifier.inputChannels == 1)
    #expect(classifier.inputHeight == 2 && classifier.inputWidth == 2)
    #expect(classifier.classCount == 2 && classifier.classNames.isEmpty)
    #expect(classifier.inputMode == .direct && classifier.exitPolicy == .none)
    #expect(classifier.timesteps <= classifier.maximumTimesteps)
  }

  @Test func anExitEndsTheRun() throws {
    let classifier = try Classifier(model: SmallModels.perceptron())
    let full = try classifier.classify(pixels)
    let early = try classifier.classify(pixels, exit: .stable(1))
    #expect(early.timesteps == 1 && full.timesteps == classifier.timesteps)
  }

  @Test func aDeadlineLeavesAPrefix() throws {
    let classifier = try Classifier(model: SmallModels.perceptron())
    let full = try classifier.classify(pixels)
    #expect(full.ending == .lastTimestep && full.late == .zero)
    #expect(try classifier.classify(pixels, exit: .stable(1)).ending == .exit)
    for none in [Duration.zero, .seconds(-5), .nanoseconds(1)] {
      let short = try classifier.classify(pixels, deadline: none)
      #expect(short.ending == .deadline && short.timesteps == 1)
      #expect(short.scores == (try classifier.classify(pixels, timesteps: 1).scores))
    }
    for long in [Duration.seconds(50), .seconds(1_000_000_000)] {
      #expect(try classifier.classify(pixels, deadline: long) == full)
    }
    // Some deadline falls between, whatever this machine's speed; every answer is one of a whole run.
    for microseconds in 1...200 {
      let some = try classifier.classify(pixels, deadline: .microseconds(microseconds))
      let whole = try classifier.classify(pixels, timesteps: some.timesteps)
      #expect(some.scores == whole.scores && some.prediction == whole.prediction)
    }
  }

  @Test func aWrongInputIsRefused() throws {
    let classifier = try Classifier(model: SmallModels.perceptron())
    let error = #expect(throws: SpikeletError.self) { try classifier.classify([1, 2, 3]) }
    #expect(error.map { "\($0)" } == "input has the wrong size: needed 4, given 3")
    #expect(throws: SpikeletError.self) { try classifier.classify(pixels, timesteps: 0) }
    #expect(throws: SpikeletError.self) { try classifier.classify(pixels, exit: .count(-1)) }
    // A refused input leaves nothing behind.
    #expect(try classifier.classify(pixels) == Classifier(sharing: classifier).classify(pixels))
  }

  @Test func aFileThatIsNoModelIsRefusedByName() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "classifier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.spk").path
    func text(_ bytes: [UInt8]?) throws -> String {
      if let bytes { try Data(bytes).write(to: URL(filePath: path)) }
      do {
        _ = try Classifier(contentsOf: path)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(try text(nil) == "\(path): cannot be read: there is no such file or folder")
    #expect(
      try text([UInt8](repeating: 120, count: 500))
        == "\(path): file does not begin with SPKL: it is not a Spikelet model")
    var damaged = try SmallModels.perceptron()
    damaged[damaged.count - 1] ^= 1
    #expect(try text(damaged).hasPrefix("\(path): file is damaged: the checksum does not match"))
    #expect(try text(SmallModels.perceptron()).isEmpty)
  }
}
