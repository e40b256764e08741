import CSpikelet
import Foundation
import SpikeletC
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletRuntime
import Testing

/// What spikelet.h says twice, in C and in Swift, is the same. `make c-example` runs the library
/// itself, from C.
@Suite struct CInterfaceTests {
  @Test func errorCodesAreTheRuntimesReasons() {
    let codes: [(SpikeletError.Reason, Int)] = [
      (.tooShort, SPIKELET_TOO_SHORT), (.wrongMagic, SPIKELET_WRONG_MAGIC),
      (.unsupportedVersion, SPIKELET_UNSUPPORTED_VERSION), (.wrongSize, SPIKELET_WRONG_SIZE),
      (.wrongChecksum, SPIKELET_WRONG_CHECKSUM), (.outOfRange, SPIKELET_OUT_OF_RANGE),
      (.outOfBounds, SPIKELET_OUT_OF_BOUNDS), (.misaligned, SPIKELET_MISALIGNED),
      (.mismatch, SPIKELET_MISMATCH), (.overlap, SPIKELET_OVERLAP),
      (.overflow, SPIKELET_OVERFLOW), (.unsupported, SPIKELET_UNSUPPORTED),
      (.arenaTooSmall, SPIKELET_ARENA_TOO_SMALL),
      (.arenaMisaligned, SPIKELET_ARENA_MISALIGNED),
      (.wrongInputSize, SPIKELET_WRONG_INPUT_SIZE), (.wrongTimesteps, SPIKELET_WRONG_TIMESTEPS),
      (.notEmpty, SPIKELET_NOT_EMPTY),
    ]
    for (reason, code) in codes {
      #expect(Int(reason.rawValue) == code)
      #expect(String(cString: spikelet_error_string(Int32(code))) == "\(reason.text)")
    }
    // A new reason needs a line in the header, and here.
    let reasons = (-1000...1000).filter { SpikeletError.Reason(rawValue: $0) != nil }
    #expect(reasons == codes.map { Int32($0.1) })
  }

  @Test func fieldsHaveTheRuntimesNames() {
    for number in Int32(-3)...200 {
      let field = SpikeletError.Field(rawValue: number)
      let name = field.map { "\($0.text)" } ?? "unknown field"
      #expect(String(cString: spikelet_field_string(number)) == name)
      #expect(String(cString: spikelet_owner_string(number)) == "\(field?.owner ?? "model")")
    }
  }

  @Test func theStateHasTheSizeThatTheHeaderSays() {
    #expect(spikelet_state_size() == MemoryLayout<spikelet_t>.size)
    #expect(MemoryLayout<spikelet_t>.size == (MemoryLayout<Int>.size == 8 ? 80 : 56))
    #expect(SPIKELET_ARENA_ALIGNMENT == ModelFormat.bufferAlignment)
  }

  @Test func endingsAreTheRuntimes() {
    let codes: [(Ending, Int)] = [
      (.exit, SPIKELET_ENDED_BY_EXIT), (.lastTimestep, SPIKELET_ENDED_BY_LAST_TIMESTEP),
      (.deadline, SPIKELET_ENDED_BY_DEADLINE),
    ]
    for (ending, code) in codes { #expect(Int(ending.rawValue) == code) }
    #expect((-9...99).filter { Ending(rawValue: $0) != nil } == codes.map { Int32($0.1) })
  }

  @Test(arguments: ["lenet5-avg", "lenet5-max"])
  func goldenScoresAreReached(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let golden = try GoldenFolder(root.appending(path: "golden-vectors").appending(path: name))
    let model = try ModelFile(contentsOf: golden.configurationURL)
    let vectors = try golden.vectors(model: model)
    let pictures = try golden.pictures()
    var engine = spikelet_t()
    model.bytes.withUnsafeBytes { file in
      #expect(spikelet_open(&engine, file.baseAddress, file.count) == 0)
      let arena = UnsafeMutableRawBufferPointer.allocate(
        byteCount: spikelet_arena_size(&engine), alignment: Int(SPIKELET_ARENA_ALIGNMENT))
      defer { arena.deallocate() }
      #expect(spikelet_attach(&engine, arena.baseAddress, arena.count) == 0)
      for (image, expected) in vectors.images.enumerated() {
        var prediction: Int32 = -1
        var timesteps: Int32 = -1
        let pixels = pictures[image]
        let steps = Int32(vectors.timesteps)
        #expect(
          spikelet_run(
            &engine, pixels, pixels.count, UInt32(image), steps, &prediction, &timesteps) == 0)
        #expect(timesteps == steps)
        var scores = [Int32](repeating: 0, count: Int(spikelet_class_count(&engine)))
        #expect(spikelet_scores(&engine, &scores, scores.count) == 0)
        #expect(scores.map(Int.init) == expected.scores)
        #expect(Int(prediction) == expected.prediction)
      }
      #expect(engine.error.code == 0)
    }
  }
}
