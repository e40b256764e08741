import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Every check of thresholds, codes, bands and fused pools has a file that fails it.
@Suite struct BandErrorTests {
  /// Two thresholds, a max pool that runs inside the layer before it, a second layer and a read-out,
  /// at one timestep. Connections and layers have equal indices.
  private static func trained(_ tiling: TilingPolicy) throws -> [UInt8] {
    let input = Shape(channels: 1, height: 6, width: 6)
    let pooled = Shape(channels: 4, height: 3, width: 3)
    let window = Window(
      kernelHeight: 3, kernelWidth: 3, padding: .init(top: 1, left: 1, bottom: 1, right: 1))
    let layers: [SpikingNetwork.Layer] = [
      .init(
        name: "conv", shape: Shape(channels: 2, height: 6, width: 6),
        connections: [
          .init(
            source: 0, pool: nil, pooledShape: input,
            synapses: .convolution(
              window: window, groups: 1, weights: (0..<18).map(SmallModels.pattern)))
        ], kind: thresholds([[-20.5, 30.5], [100.5, 90.5]])),
      .init(
        name: "pool", shape: pooled,
        connections: [
          .init(
            source: 1,
            pool: Window(kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2),
            pooledShape: pooled, synapses: .maxPool)
        ], kind: .maxPool(.any)),
      .init(
        name: "second", shape: Shape(channels: 3, height: 3, width: 3),
        connections: [
          .init(
            source: 2, pool: nil, pooledShape: pooled,
            synapses: .convolution(
              window: window, groups: 1, weights: (0..<108).map(SmallModels.pattern)))
        ], kind: thresholds([[-1.5, 0.5, 0.5], [0.5, 0.5, 2.5]])),
      .init(
        name: "output", shape: Shape(channels: 2),
        connections: [
          SmallModels.dense(
            3, Shape(channels: 6, height: 3, width: 3), outputs: 2, weight: SmallModels.pattern)
        ], kind: thresholds([])),
    ]
    var configuration = Configuration()
    (configuration.timesteps, configuration.maximumTimesteps) = (1, 1)
    let integer = try Quantizer.quantize(
      SpikingNetwork(
        name: "trained", input: .init(mode: .direct, zeroPoints: [0]), inputShape: input,
        layers: layers, readOut: .potential), configuration: configuration, coding: .thermometer)
    let plan = try ExecutionPlan(integer, tiling: tiling)
    return try ModelWriter.write(integer, plan: plan, provenance: .object([:]))
  }

  private static func thresholds(_ values: [[Double]]) -> SpikingNetwork.Kind {
    .neurons(
      .init(
        bias: [Double](repeating: 0, count: values.first?.count ?? 2), thresholds: values,
        firesAbove: true, isExact: true, reset: .none, initialShare: 0, leak: .init(), lambda: [],
        predictedRate: 0))
  }

  static let banded = TilingPolicy.tiles(.init(rows: 2, columns: 4), fusesPools: true)

  /// Wrong words of the banded model.
  static let words: [WrongWord] = [
    .init("thresholds out of order", .outOfRange, .thresholds, 0) {
      // Eight lanes further lies the second threshold of the first channel.
      $0.set(\.thresholdsOffset, layer: 0, channel: 8, to: -32_000)
    },
    .init("no threshold", .unsupported, .thresholds, 2) { $0[neurons: 2].thresholdCount = 0 },
    .init("a negative number of thresholds", .unsupported, .thresholds, 2) {
      $0[neurons: 2].thresholdCount = -1
    },
    .init("more thresholds than parameters", .outOfBounds, .thresholds, 0) {
      $0[neurons: 0].thresholdsOffset = $0.header.parametersBytes - 16
    },
    .init("more spikes than a map holds", .unsupported, .thresholds, 0) {
      ($0[layer: 0].channels, $0[neurons: 0].thresholdCount) = (65535, 2)
    },
    .init("two thresholds in the read-out", .unsupported, .thresholds, 3) {
      $0[neurons: 3].thresholdCount = 2
    },
    .init("a subtraction at a threshold below 1", .outOfRange, .thresholds, 0) {
      $0[neurons: 0].reset = ResetRule.soft.rawValue
    },
    .init("an unknown code", .unsupported, .spikeCoding, 0) { $0[neurons: 0].spikeCoding = 2 },
    .init("a code of no levels", .unsupported, .spikeCoding, 3) { $0[neurons: 3].spikeCoding = 1 },
    .init("a band of no rows", .outOfRange, .tile, 0) { $0[neurons: 0].tileRows = 0 },
    .init("a band of negative rows", .outOfRange, .tile, 2) { $0[neurons: 2].tileRows = -2 },
    .init("a band of more rows than there are", .outOfRange, .tile, 0) {
      $0[neurons: 0].tileRows = 7
    },
    .init("a band of no columns", .outOfRange, .tile, 0) { $0[neurons: 0].tileColumns = 0 },
    .init("a band of more columns than there are", .outOfRange, .tile, 2) {
      $0[neurons: 2].tileColumns = 4
    },
    .init("a band that the membranes do not hold", .mismatch, .bufferRange, 0) {
      $0[neurons: 0].tileRows = 3
    },
    .init("bands over several timesteps", .outOfRange, .tile, 0) {
      $0.header.maximumTimesteps = 2
    },
    .init("an unknown way to fuse", .unsupported, .fused, 1) { $0[pool: 1].isFused = 2 },
    .init("a fused pool of overlapping windows", .unsupported, .fused, 1) {
      $0[connection: 1].poolHeight = 3
    },
    .init("a fused pool with padding", .unsupported, .fused, 1) {
      $0[connection: 1].poolPaddingTop = 1
    },
    .init("a fused pool that is not the only reader", .unsupported, .fused, 1) {
      $0[connection: 2].source = 1
      ($0[layer: 0].lastReader, $0[layer: 1].lastReader) = (3, 2)
      ($0[connection: 2].pooledHeight, $0[connection: 2].pooledWidth) = (6, 6)
    },
    .init("spikes of a layer with a fused pool", .mismatch, .spikeBuffer, 0) {
      $0[layer: 0].spikeBuffer = 0
    },
    .init("no fused pool where the plan has one", .mismatch, .spikeBuffer, 0) {
      $0[pool: 1].isFused = 0
    },
  ]

  @Test(arguments: words)
  func aWrongWordIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(Self.trained(Self.banded))
  }

  @Test func aFusedPoolNeedsASingleTimestep() throws {
    var model = EditableModel(try SmallModels.zoo())
    model[pool: 1].isFused = 1
    model.seal()
    #expect(model.error == SpikeletError(.unsupported, .fused, index: 1, given: 1))
  }

  /// At one timestep nothing is subtracted and any threshold is as good as another.
  @Test func thresholdsMayBeAnyNumberAtOneTimestep() throws {
    let model = EditableModel(try Self.trained(Self.banded))
    #expect(model[neurons: 0].reset == ResetRule.none.rawValue)
    #expect(model.error == nil)
    try model.bytes.span.withModel { opened in
      #expect(opened.threshold(layer: 0, channel: 0) < 0)
      #expect(opened.threshold(layer: 0, channel: 0, threshold: 1) > 0)
    }
  }

  /// Bands and fused pools are ways to run a model; the scores do not know of them.
  @Test func bandsChangeNothingButTheArena() throws {
    let whole = try Self.trained(.whole)
    var arenas: Set<Int32> = [EditableModel(whole).header.arenaBytes]
    for rows in 1...6 {
      for columns in [1, 2, 5, 6] {
        for fusesPools in [false, true] {
          let file = try Self.trained(
            .tiles(.init(rows: rows, columns: columns), fusesPools: fusesPools))
          arenas.insert(EditableModel(file).header.arenaBytes)
          for seed in 0..<5 {
            let pixels = SmallModels.picture(36, seed: UInt64(seed))
            #expect(try scores(file, pixels) == scores(whole, pixels))
          }
        }
      }
    }
    #expect(arenas.count > 6)
  }

  private func scores(_ file: [UInt8], _ pixels: [UInt8]) throws -> [Int32] {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes), fill: 0x5A)
    let scores = try arena.withEngine(file) { engine in
      _ = try engine.run(input: pixels.span)
      return engine.scores
    }
    #expect(arena.isIntact)
    return scores
  }
}

extension Span<UInt8> {
  fileprivate func withModel(_ body: (borrowing Model) throws -> Void) throws {
    try body(try Model(bytes))
  }
}
