import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Every check of connections that read potentials, or the spikes of one timestep before, has a file that
/// fails it.
@Suite struct StateErrorTests {
  /// A synaptic current of the input and of the spikes that come back; its neurons; a current of those;
  /// its potentials, the scores. Connections 0 and 1 belong to the first layer, 2 to 4 to the others.
  private static func model() throws -> [UInt8] {
    let (input, hidden, output) = (
      Shape(channels: 4), Shape(channels: 3), Shape(channels: 2)
    )
    func current(_ source: Int, _ shape: Shape) -> SpikingNetwork.Connection {
      .init(source: source, pool: nil, pooledShape: shape, synapses: .potentials)
    }
    func kind(_ channels: Int) -> SpikingNetwork.Kind {
      let kind = SmallModels.neurons(
        channels, threshold: nil, leak: .init(rule: .multiplyFloor, multiplier: 3, shift: 2))
      guard case .neurons(var neurons) = kind else { return kind }
      neurons.isCurrent = true
      return .neurons(neurons)
    }
    return try SmallModels.compile(
      [
        .init(
          name: "current", shape: hidden,
          connections: [
            SmallModels.dense(0, input, outputs: 3, weight: SmallModels.pattern),
            SmallModels.dense(2, hidden, outputs: 3) { SmallModels.pattern($0 + 1) },
          ], kind: kind(3)),
        .init(
          name: "neurons", shape: hidden, connections: [current(1, hidden)],
          kind: SmallModels.neurons(3, threshold: 1)),
        .init(
          name: "sum", shape: output,
          connections: [SmallModels.dense(2, hidden, outputs: 2, weight: SmallModels.pattern)],
          kind: kind(2)),
        .init(
          name: "output", shape: output, connections: [current(3, output)],
          kind: SmallModels.neurons(2, threshold: nil)),
      ], input: input, mode: .rate)
  }

  static let words: [WrongWord] = [
    .init("potentials of the input", .unsupported, .connectionSource, 2) {
      $0[connection: 2].source = 0
    },
    .init("potentials of a later layer", .unsupported, .connectionSource, 2) {
      $0[connection: 2].source = 3
    },
    .init("a layer's own potentials", .unsupported, .connectionSource, 2) {
      $0[connection: 2].source = 2
    },
    .init("potentials of a layer that fires", .mismatch, .connectionSource, 4) {
      $0[connection: 4].source = 2
    },
    .init("spikes of a layer that never fires", .mismatch, .connectionSource, 3) {
      $0[connection: 3].source = 1
    },
    .init("potentials of another shape", .mismatch, .pool, 4) { $0[connection: 4].source = 1 },
    .init("potentials in a sum pool", .mismatch, .pool, 2) { $0[connection: 2].poolHeight = 2 },
    .init("potentials with a kernel", .notEmpty, .weights, 2) { $0[connection: 2].kernel = 1 },
    .init("potentials with weights", .notEmpty, .weights, 2) { $0[connection: 2].weightBits = 8 },
    .init("potentials with a window", .notEmpty, .connectionKind, 2) {
      $0[connection: 2].window.height = 1
    },
    .init("an unknown kind", .unsupported, .connectionKind, 2) { $0[connection: 2].kind = 6 },
    .init("a late reader that is not announced", .mismatch, .lateReader, 1) {
      $0[neurons: 1].lateReader = 0
    },
    .init("a late reader that is announced for later", .mismatch, .lateReader, 1) {
      $0[neurons: 1].lateReader = 2
    },
    .init("a late reader that is nobody", .mismatch, .lastReader, -1) {
      $0[neurons: 3].lateReader = 2
    },
    .init("a late reader behind its layer", .outOfRange, .lateReader, 2) {
      $0[neurons: 2].lateReader = 4
    },
    .init("a negative late reader", .outOfRange, .lateReader, 2) {
      $0[neurons: 2].lateReader = -1
    },
    .init("a later layer of an impossible shape", .outOfRange, .layerShape, 1) {
      $0[layer: 1].channels = -3
    },
    .init("one timestep", .unsupported, .thresholds, 0) {
      ($0.header.timesteps, $0.header.maximumTimesteps) = (1, 1)
    },
    .init("a map that does not outlive the timestep", .mismatch, .bufferLifetime, 2) {
      $0[buffer: 2].firstUse = 2
    },
    .init("another bound of a current", .mismatch, .potentialBound, 0) {
      $0[neurons: 0].highestPotential += 1
    },
    .init("another bound of neurons with a current", .mismatch, .potentialBound, 1) {
      $0[neurons: 1].lowestPotential -= 1
    },
  ]

  @Test(arguments: words)
  func wrongWordsAreRefused(_ word: WrongWord) throws { try word.check(Self.model()) }

  /// What a current adds is a part of the overflow proof of who reads it.
  @Test func aCurrentThatIsTooLargeIsRefused() throws {
    var model = EditableModel(try Self.model())
    // Clamps that are wider than the proof of the current allows for those who read it.
    for channel in 0..<3 {
      model.set(\.upperClampsOffset, layer: 0, channel: channel, to: 32_000)
      model.set(\.lowerClampsOffset, layer: 0, channel: channel, to: -32_000)
    }
    model.header.maximumTimesteps = 60_000
    model.seal()
    model.sealWithRightBounds()
    let error = try #require(model.error)
    #expect(error.reason == .overflow && error.field == .potentialBound, "\(error)")
  }
}
