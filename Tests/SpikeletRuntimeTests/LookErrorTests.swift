import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// A layer that has the scores can't look at another picture: what it was told would be lost.
@Suite struct LookErrorTests {
  private func file(_ change: (inout Configuration) -> Void) throws -> [UInt8] {
    let input = Shape(channels: 1, height: 2, width: 2)
    return try SmallModels.compile(
      [
        .init(
          name: "scores", shape: Shape(channels: 2),
          connections: [SmallModels.dense(0, input, outputs: 2, weight: SmallModels.pattern)],
          kind: SmallModels.neurons(2, threshold: nil))
      ], input: input, change)
  }

  @Test func theCompilerRefusesScoresThatReadThePicture() throws {
    let error = #expect(throws: Diagnostics.self) {
      try file {
        ($0.timesteps, $0.maximumTimesteps, $0.input.looksAtMirror) = (1, 1, true)
      }
    }
    #expect(
      error?.problems.map(\.description) == [
        "scores: has the scores and reads the picture, whose mirror image is yet to come; "
          + "remove input.looks"
      ])
  }

  @Test func theLoaderRefusesThemToo() throws {
    var model = EditableModel(try file { ($0.timesteps, $0.maximumTimesteps) = (2, 2) })
    try #require(model.error == nil)
    model.header.mirrorLooks = 1
    model.seal()
    #expect(model.error == SpikeletError(.unsupported, .mirrorLooks, index: 0, given: 1))
  }
}
