import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Models whose scores are known beforehand.
protocol ReadOutModels {}

extension ReadOutModels {
  /// A read-out of constant potentials: class c gains `gains[c]` at every timestep.
  func constant(
    _ gains: [Int], readOut: OutputScores = .potential, threshold: Int = 0, initials: [Int] = []
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
    model[neurons: 0].biasFractionBits = 0
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

  func run(
    _ file: [UInt8], timesteps: Int, exit: ExitPolicy = .none, margins: [Int]? = nil
  ) throws -> (result: Decision, scores: [Int32]) {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    return try arena.withEngine(file) { engine in
      let pixels: [UInt8] = [0]
      let result = try engine.run(
        input: pixels.span, timesteps: timesteps, exit: exit, margins: margins?.span)
      return (result, engine.scores)
    }
  }
}
