import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// One wrong word of a file, and the error that it must cause.
struct WrongWord: CustomTestStringConvertible, Sendable {
  let name: String
  let reason: SpikeletError.Reason
  let field: SpikeletError.Field
  let index: Int32
  let edit: @Sendable (inout EditableModel) -> Void

  init(
    _ name: String, _ reason: SpikeletError.Reason, _ field: SpikeletError.Field, _ index: Int32,
    _ edit: @escaping @Sendable (inout EditableModel) -> Void
  ) {
    (self.name, self.reason, self.field, self.index) = (name, reason, field, index)
    self.edit = edit
  }

  var testDescription: String { name }

  /// Changes the file, seals it and compares what the loader says.
  func check(_ file: [UInt8]) throws {
    var model = EditableModel(file)
    try #require(model.error == nil)
    edit(&model)
    model.seal()
    let error = try #require(model.error)
    #expect(error.reason == reason)
    #expect(error.field == field)
    #expect(error.index == index)
  }
}

/// Every check of the header has a file that fails it.
@Suite struct HeaderErrorTests {
  static let cases: [WrongWord] = [
    .init("no layers", .outOfRange, .layerCount, -1) { $0.header.layerCount = 0 },
    .init("too many layers", .outOfRange, .layerCount, -1) { $0.header.layerCount = 1025 },
    .init("a negative number of connections", .outOfRange, .connectionCount, -1) {
      $0.header.connectionCount = -1
    },
    .init("too many connections", .outOfRange, .connectionCount, -1) {
      $0.header.connectionCount = 4097
    },
    .init("no buffers", .outOfRange, .bufferCount, -1) { $0.header.bufferCount = 0 },
    .init("a misaligned section", .outOfBounds, .section, 0) { $0.header.layersOffset += 4 },
    .init("a section before another", .outOfBounds, .section, 1) {
      $0.header.connectionsOffset = 0
    },
    .init("a section with a hole before it", .outOfBounds, .section, 2) {
      $0.header.buffersOffset += 64
    },
    .init("a negative section size", .outOfBounds, .section, 3) { $0.header.parametersBytes = -4 },
    .init("a section size past 32 bits", .outOfBounds, .section, 4) {
      $0.header.weightsBytes = Int32.max
    },
    .init("names past the end", .outOfBounds, .section, 5) { $0.header.namesBytes += 1 << 20 },
    .init("a provenance past the end", .outOfBounds, .section, 6) {
      $0.header.provenanceBytes += 1
    },
    .init("a provenance that stops early", .wrongSize, .section, -1) {
      $0.header.provenanceBytes -= 1
    },
    .init("an unknown input mode", .unsupported, .inputMode, -1) { $0.header.inputMode = 4 },
    .init("no input channels", .outOfRange, .inputShape, -1) { $0.header.inputChannels = 0 },
    .init("a huge input width", .outOfRange, .inputShape, -1) { $0.header.inputWidth = 65536 },
    .init("an input of too many pixels", .outOfRange, .inputShape, -1) {
      ($0.header.inputHeight, $0.header.inputWidth) = (65535, 65535)
    },
    .init("direct input without zero points", .misaligned, .zeroPoints, -1) {
      $0.header.zeroPointsOffset = -1
    },
    .init("rate input with zero points", .notEmpty, .zeroPoints, -1) { $0.header.inputMode = 1 },
    .init("misaligned zero points", .misaligned, .zeroPoints, -1) {
      $0.header.zeroPointsOffset = 2
    },
    .init("zero points outside the parameters", .outOfBounds, .zeroPoints, -1) {
      $0.header.zeroPointsOffset = $0.header.parametersBytes - 4
    },
    .init("a zero point above 255", .outOfRange, .zeroPoints, -1) {
      $0.setZeroPoint(channel: 1, to: 256)
    },
    .init("a negative zero point", .outOfRange, .zeroPoints, -1) {
      $0.setZeroPoint(channel: 0, to: -1)
    },
    .init("a word without a meaning", .notEmpty, .file, -1) { $0.header.reserved.second = 1 },
    .init("a look at the mirror image among many timesteps", .outOfRange, .mirrorLooks, -1) {
      $0.header.mirrorLooks = 1
    },
    .init("more looks than two", .outOfRange, .mirrorLooks, -1) {
      ($0.header.timesteps, $0.header.maximumTimesteps, $0.header.mirrorLooks) = (2, 2, 2)
    },
    .init("a mirror image of spikes", .outOfRange, .mirrorLooks, -1) {
      ($0.header.timesteps, $0.header.maximumTimesteps, $0.header.mirrorLooks) = (2, 2, 1)
      ($0.header.inputMode, $0.header.zeroPointsOffset) = (1, -1)
    },
    .init("no workers", .outOfRange, .workers, -1) { $0.header.workers = 0 },
    .init("too many workers", .outOfRange, .workers, -1) { $0.header.workers = 17 },
    .init("direct input with a seed", .notEmpty, .inputMode, -1) { $0.header.poissonSeedHigh = 1 },
    .init("class names past the end", .outOfBounds, .classNames, -1) {
      $0.header.classNamesBytes = Int32.max
    },
    .init("class names without a newline each", .mismatch, .classNames, -1) {
      $0.header.classNamesBytes = 4
    },
    .init("no class names at an offset", .notEmpty, .classNames, -1) {
      $0.header.classNamesOffset = 1
    },
    .init("no timesteps", .outOfRange, .timesteps, -1) { $0.header.timesteps = 0 },
    .init("more timesteps than the maximum", .outOfRange, .timesteps, -1) {
      $0.header.timesteps = $0.header.maximumTimesteps + 1
    },
    .init("a maximum of no timesteps", .outOfRange, .timesteps, -1) {
      $0.header.maximumTimesteps = 0
    },
    .init("a maximum above the format's", .outOfRange, .timesteps, -1) {
      $0.header.maximumTimesteps = 65536
    },
    .init("an unknown read-out", .unsupported, .readOut, -1) { $0.header.readOut = 2 },
    .init("a count read-out of a layer that never fires", .mismatch, .readOut, 4) {
      $0.header.readOut = 1
    },
    .init("an unknown exit policy", .unsupported, .exitPolicy, -1) { $0.header.exitKind = 5 },
    .init("no exit policy with a parameter", .outOfRange, .exitPolicy, -1) {
      $0.header.exitParameter = 1
    },
    .init("a margin of zero", .outOfRange, .exitPolicy, -1) { $0.header.exitKind = 1 },
    .init("an exit before the first timestep", .outOfRange, .exitPolicy, -1) {
      $0.header.exitMinimumTimestep = 0
    },
    .init("an exit after the last timestep", .outOfRange, .exitPolicy, -1) {
      $0.header.exitMinimumTimestep = $0.header.maximumTimesteps + 1
    },
    .init("a margin beyond every potential", .outOfRange, .exitPolicy, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (1, Int32.max)
    },
    .init("stable for longer than a run", .outOfRange, .exitPolicy, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (3, $0.header.maximumTimesteps + 1)
    },
    .init("a minimum margin for another criterion", .outOfRange, .exitPolicy, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (1, 1)
      $0.header.exitMinimumMargin = 1
    },
    .init("a table of margins that is not there", .mismatch, .exitTable, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (4, 1)
    },
    .init("a table that nothing reads", .mismatch, .exitTable, -1) {
      $0.header.exitTableOffset = 0
    },
    .init("a table outside the parameters", .outOfBounds, .exitTable, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (4, 2)
      $0.header.exitTableOffset = $0.header.parametersBytes - 4
    },
    .init("a misaligned table", .misaligned, .exitTable, -1) {
      ($0.header.exitKind, $0.header.exitParameter) = (4, 1)
      $0.header.exitTableOffset = 2
    },
    .init("a table with a margin of zero", .outOfRange, .exitTable, -1) {
      // The last layer's biases of padding lanes are zero; any four bytes may be a table.
      ($0.header.exitKind, $0.header.exitParameter) = (4, 1)
      let last = $0[neurons: Int($0.header.layerCount) - 1]
      $0.header.exitTableOffset = last.biasesOffset + last.channels * 4
    },
  ]

  @Test(arguments: cases)
  func aWrongWordOfTheHeaderIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }
}

/// Every check of a connection has a file that fails it.
@Suite struct ConnectionErrorTests {
  static let cases: [WrongWord] = [
    .init("an unknown kind", .unsupported, .connectionKind, 0) { $0[connection: 0].kind = 6 },
    .init("a max pool into neurons", .unsupported, .connectionKind, 3) {
      $0[connection: 3].kind = ConnectionKind.maxPool.rawValue
    },
    .init("weights into a max pool", .unsupported, .connectionKind, 1) {
      $0[connection: 1].kind = ConnectionKind.channelwise.rawValue
    },
    .init("a layer that reads itself unannounced", .mismatch, .lateReader, 2) {
      $0[connection: 2].source = 3
    },
    .init("a layer that reads a later one unannounced", .mismatch, .lateReader, 3) {
      $0[connection: 0].source = 4
    },
    .init("a source that is no layer", .outOfRange, .connectionSource, 2) {
      $0[connection: 2].source = 6
    },
    .init("a layer that reads a later max pool", .unsupported, .connectionSource, 0) {
      $0[connection: 0].source = 2
    },
    .init("a max pool that reads itself", .unsupported, .connectionSource, 1) {
      $0[connection: 1].source = 2
    },
    .init("a max pool of later spikes", .unsupported, .connectionSource, 1) {
      $0[connection: 1].source = 3
    },
    .init("a negative source", .outOfRange, .connectionSource, 2) {
      $0[connection: 2].source = -1
    },
    .init("a max pool of the picture", .unsupported, .connectionSource, 1) {
      $0[connection: 1].source = 0
      $0.header.inputLastReader = 2
      $0[layer: 0].lastReader = 1
    },
    .init("a reader that the input does not know", .mismatch, .lastReader, -1) {
      $0[connection: 2].source = 0
    },
    .init("a reader that a layer does not know", .mismatch, .lastReader, 2) {
      $0[layer: 2].lastReader = 3
    },
    .init("a last reader that does not read", .mismatch, .lastReader, -1) {
      $0[layer: 0].lastReader = 3
    },
    .init("a last reader past the end", .outOfRange, .lastReader, 1) {
      $0[layer: 1].lastReader = 6
    },
    .init("a last reader of the input past the end", .outOfRange, .lastReader, -1) {
      $0.header.inputLastReader = 6
    },
    .init("a window of a pool", .notEmpty, .connectionKind, 1) {
      $0[connection: 1].window.height = 1
    },
    .init("a word without a meaning", .notEmpty, .connectionKind, 4) {
      $0[connection: 4].reserved = 1
    },
    .init("an unknown kernel", .unsupported, .synapseKernel, 0) { $0[connection: 0].kernel = 99 },
    .init("no kernel", .unsupported, .synapseKernel, 2) { $0[connection: 2].kernel = 0 },
    .init("an order that its kernel does not read", .mismatch, .weightOrder, 2) {
      $0[connection: 2].weightOrder = 99
    },
    .init("a pool without rows", .outOfRange, .pool, 3) { $0[connection: 3].poolHeight = 0 },
    .init("a pool without a stride", .outOfRange, .pool, 3) {
      $0[connection: 3].poolStrideWidth = 0
    },
    .init("a pool padded by its whole window", .outOfRange, .pool, 3) {
      $0[connection: 3].poolPaddingTop = 2
    },
    .init("a negative pool padding", .outOfRange, .pool, 3) {
      $0[connection: 3].poolPaddingLeft = -1
    },
    .init("a pool of too many pixels", .outOfRange, .pool, 3) {
      ($0[connection: 3].poolHeight, $0[connection: 3].poolWidth) = (65535, 65535)
    },
    .init("a pool whose last window begins outside", .mismatch, .pool, 3) {
      $0[connection: 3].poolStrideHeight = 3
    },
    .init("a pool whose last window begins just after the last column", .mismatch, .pool, 3) {
      $0[connection: 3].poolStrideWidth = 3
    },
    .init("a pool stride past 32 bits", .outOfRange, .pool, 3) {
      $0[connection: 3].poolStrideHeight = Int32.max
    },
    .init("no pool that changes the shape", .mismatch, .pool, 0) {
      $0[connection: 0].pooledHeight = 5
    },
    .init("an average pool of other rows than its layer", .mismatch, .pool, 3) {
      $0[connection: 3].pooledHeight = 1
    },
    .init("a max pool of other columns than its layer", .mismatch, .pool, 1) {
      $0[connection: 1].pooledWidth = 2
    },
    .init("a kernel without columns", .outOfRange, .kernel, 0) {
      $0[connection: 0].window.width = 0
    },
    .init("a convolution without a stride", .outOfRange, .kernel, 0) {
      $0[connection: 0].window.strideHeight = 0
    },
    .init("a negative padding", .outOfRange, .kernel, 2) {
      $0[connection: 2].window.paddingTop = -1
    },
    .init("a convolution whose last window is past 32 bits", .outOfRange, .kernel, 0) {
      $0[connection: 0].window.strideWidth = Int32.max
    },
    .init("no groups", .mismatch, .groups, 2) { $0[connection: 2].window.groups = 0 },
    .init("groups that do not divide the channels", .mismatch, .groups, 2) {
      $0[connection: 2].window.groups = 3
    },
    .init("groups that do not divide the input", .mismatch, .groups, 0) {
      $0[connection: 0].window.groups = 4
    },
    .init("a dense layer on a map", .mismatch, .kernel, 2) {
      $0[connection: 2].kind = ConnectionKind.dense.rawValue
      $0[connection: 2].window = ConvolutionWindow()
    },
    .init("weights of 5 bits", .unsupported, .weightBits, 0) { $0[connection: 0].weightBits = 5 },
    .init("average weights narrower than the membranes", .unsupported, .weightBits, 3) {
      $0[connection: 3].weightBits = 8
    },
    .init("4-bit weights of 8-bit size", .mismatch, .weights, 4) {
      $0[connection: 4].weightBits = 4
    },
    .init("fewer weights than the kernel takes", .mismatch, .weights, 0) {
      $0[connection: 0].weightsBytes -= 1
    },
    .init("more kernel rows than weights", .mismatch, .weights, 2) {
      $0[connection: 2].window.height = 4
    },
    .init("a max pool with weights", .notEmpty, .weights, 1) {
      $0[connection: 1].weightsBytes = 8
    },
    .init("weights at a negative offset", .outOfBounds, .weights, 0) {
      $0[connection: 0].weightsOffset = -8
    },
    .init("weights past the section", .outOfBounds, .weights, 4) {
      $0[connection: 4].weightsOffset += 1
    },
    .init("weights that another connection has too", .outOfBounds, .weights, 2) {
      $0[connection: 2].weightsOffset = 0
    },
    .init("weights that no connection has", .mismatch, .weights, -1) {
      $0.bytes.insert(
        contentsOf: [UInt8](repeating: 0, count: 64), at: Int($0.header.namesOffset))
      $0.header.weightsBytes += 64
      $0.header.namesOffset += 64
      $0.header.provenanceOffset += 64
    },
    .init("weights past 32 bits", .outOfBounds, .weights, 4) {
      $0[connection: 4].weightsOffset = Int32.max
    },
  ]

  @Test(arguments: cases)
  func aWrongWordOfAConnectionIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }

  /// Taps outside the map add nothing, so a window may lie outside altogether.
  @Test func aConvolutionWhoseLastWindowLiesInThePaddingRuns() throws {
    var model = EditableModel(try SmallModels.zoo())
    (model[connection: 0].window.strideHeight, model[connection: 0].window.paddingTop) = (2, 4)
    (model[connection: 2].window.strideWidth, model[connection: 2].window.paddingLeft) = (3, 0)
    model.sealWithRightBounds()
    #expect(model.error == nil)
    let pixels = SmallModels.picture(72)
    let arena = GuardedArena(byteCount: Int(model.header.arenaBytes))
    try arena.withEngine(model.bytes) { engine in
      for _ in 0..<4 { try engine.step(input: pixels.span) }
    }
    #expect(arena.isIntact)
  }

  @Test func aWeightSizeErrorSaysWhatIsNeeded() throws {
    var model = EditableModel(try SmallModels.zoo())
    let size = model[connection: 0].weightsBytes
    model[connection: 0].weightsBytes = size + 3
    model.seal()
    #expect(
      model.error
        == SpikeletError(.mismatch, .weights, index: 0, needed: size, given: size + 3))
  }

  @Test func aLayerThatReadsThePictureTwiceIsRefused() throws {
    // The compiler refuses to write such a layer, so both connections of layer 1 are turned.
    let input = SmallModels.dense(0, .init(channels: 4), outputs: 4, weight: SmallModels.pattern)
    let later = SmallModels.dense(1, .init(channels: 4), outputs: 4, weight: SmallModels.pattern)
    let file = try SmallModels.compile(
      [
        .init(
          name: "a", shape: .init(channels: 4), connections: [input],
          kind: SmallModels.neurons(4, threshold: 500)),
        .init(
          name: "b", shape: .init(channels: 4), connections: [later, later],
          kind: SmallModels.neurons(4, threshold: nil)),
      ], input: .init(channels: 4))
    var model = EditableModel(file)
    model[connection: 1].source = 0
    model[connection: 2].source = 0
    model.header.inputLastReader = 2
    model[layer: 0].lastReader = 1
    model.seal()
    #expect(
      model.error == SpikeletError(.unsupported, .layerConnections, index: 1, needed: 1, given: 2))
  }
}
