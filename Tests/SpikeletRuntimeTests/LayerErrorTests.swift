import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Every check of a layer and of its parameters has a file that fails it.
@Suite struct LayerErrorTests {
  static let records: [WrongWord] = [
    .init("an unknown kind", .unsupported, .layerKind, 2) { $0[layer: 2].kind = 3 },
    .init("a name outside the names", .outOfBounds, .layerName, 1) {
      $0[layer: 1].nameBytes = 1000
    },
    .init("a name of negative length", .outOfBounds, .layerName, 0) {
      $0[layer: 0].nameBytes = -1
    },
    .init("no channels", .outOfRange, .layerShape, 0) { $0[layer: 0].channels = 0 },
    .init("too many neurons", .outOfRange, .layerShape, 2) {
      ($0[layer: 2].height, $0[layer: 2].width) = (65535, 65535)
    },
    .init("another layer's connection", .mismatch, .layerConnections, 2) {
      $0[layer: 2].firstConnection = 1
    },
    .init("no connection", .mismatch, .layerConnections, 0) { $0[layer: 0].connectionCount = 0 },
    .init("more connections than there are", .mismatch, .layerConnections, 4) {
      $0[layer: 4].connectionCount = 2
    },
    .init("a max pool with two connections", .unsupported, .layerConnections, 1) {
      $0[layer: 1].connectionCount = 2
    },
    .init("8-bit membranes", .unsupported, .membraneBits, 0) { $0[neurons: 0].membraneBits = 8 },
    .init("a max pool with a word of neurons", .notEmpty, .layerKind, 1) {
      $0[neurons: 1].thresholdsOffset = 4
    },
    .init("a max pool of other channels than its spikes", .mismatch, .layerShape, 1) {
      $0[layer: 1].spikeChannels = 8
    },
    .init("neurons with a word without a meaning", .notEmpty, .layerKind, 2) {
      $0[neurons: 2].reserved.words[0] = 1
    },
    .init("spikes of another number of thresholds", .unsupported, .thresholds, 0) {
      $0[layer: 0].spikeChannels = 8
    },
    .init("nine thresholds", .unsupported, .thresholds, 0) { $0[neurons: 0].thresholdCount = 9 },
    .init("a hidden layer that never fires", .unsupported, .thresholds, 2) {
      $0[neurons: 2].thresholdCount = 0
    },
    .init("an unknown reset", .unsupported, .reset, 0) { $0[neurons: 0].reset = 3 },
    .init("a read-out with a reset", .unsupported, .reset, 4) { $0[neurons: 4].reset = 1 },
    .init("an unknown leak", .unsupported, .leak, 0) { $0[neurons: 0].leak = 4 },
    .init("no leak with a shift", .outOfRange, .leak, 0) { $0[neurons: 0].leakShift = 1 },
    .init("a leak by a shift of 0", .outOfRange, .leak, 2) { $0[neurons: 2].leak = 1 },
    .init("a leak by a shift of the whole width", .outOfRange, .leak, 2) {
      ($0[neurons: 2].leak, $0[neurons: 2].leakShift) = (1, 16)
    },
    .init("a leak by a multiplier above 1", .outOfRange, .leak, 2) {
      ($0[neurons: 2].leak, $0[neurons: 2].leakShift, $0[neurons: 2].leakMultiplier) = (2, 4, 17)
    },
    .init("a leak by a negative multiplier", .outOfRange, .leak, 2) {
      ($0[neurons: 2].leak, $0[neurons: 2].leakShift, $0[neurons: 2].leakMultiplier) = (3, 4, -1)
    },
    .init("a multiplier of 16 fraction bits", .outOfRange, .leak, 2) {
      ($0[neurons: 2].leak, $0[neurons: 2].leakShift, $0[neurons: 2].leakMultiplier) = (3, 16, 1)
    },
    .init("biases of 17 fraction bits", .outOfRange, .biases, 2) {
      $0[neurons: 2].biasFractionBits = 17
    },
    .init("a current shift of 25", .outOfRange, .currentShift, 0) {
      $0[neurons: 0].currentShift = 25
    },
    .init("a negative current shift", .outOfRange, .currentShift, 0) {
      $0[neurons: 0].currentShift = -1
    },
    .init("an unknown pool rule", .unsupported, .poolRule, 1) { $0[pool: 1].rule = 4 },
    .init("counters of a rule that needs none", .mismatch, .counterBits, 1) {
      $0[pool: 1].rule = 3
    },
    .init("counters wider than needed", .mismatch, .counterBits, 1) {
      $0[pool: 1].counterBits = 16
    },
    .init("counters too narrow for the timesteps", .mismatch, .counterBits, 1) {
      $0.header.maximumTimesteps = 256
    },
    .init("misaligned thresholds", .misaligned, .thresholds, 0) {
      $0[neurons: 0].thresholdsOffset += 2
    },
    .init("no thresholds", .misaligned, .thresholds, 0) { $0[neurons: 0].thresholdsOffset = -1 },
    .init("reset amounts past the parameters", .outOfBounds, .resets, 2) {
      $0[neurons: 2].resetsOffset = $0.header.parametersBytes
    },
    .init("lower clamps past 32 bits", .outOfBounds, .clamps, 2) {
      $0[neurons: 2].lowerClampsOffset = Int32.max - 3
    },
    .init("misaligned upper clamps", .misaligned, .clamps, 3) {
      $0[neurons: 3].upperClampsOffset += 1
    },
    .init("initial potentials past the end", .outOfBounds, .initials, 4) {
      $0[neurons: 4].initialsOffset = $0.header.parametersBytes - 8
    },
    .init("biases past the end", .outOfBounds, .biases, 4) {
      $0[neurons: 4].biasesOffset = $0.header.parametersBytes - 16
    },
  ]

  static let values: [WrongWord] = [
    .init("a threshold of 0", .outOfRange, .thresholds, 2) {
      $0.set(\.thresholdsOffset, layer: 2, channel: 3, to: 0)
    },
    .init("a negative threshold", .outOfRange, .thresholds, 0) {
      $0.set(\.thresholdsOffset, layer: 0, channel: 0, to: -5)
    },
    .init("a negative reset", .outOfRange, .resets, 3) {
      $0.set(\.resetsOffset, layer: 3, channel: 1, to: -1)
    },
    .init("a lower clamp above the upper", .outOfRange, .clamps, 2) {
      $0.set(\.lowerClampsOffset, layer: 2, channel: 0, to: 32767)
      $0.set(\.upperClampsOffset, layer: 2, channel: 0, to: 32766)
    },
    .init("an initial potential above the clamp", .outOfRange, .initials, 2) {
      $0.set(\.upperClampsOffset, layer: 2, channel: 0, to: 10)
      $0.set(\.initialsOffset, layer: 2, channel: 0, to: 11)
    },
    .init("an initial potential below the clamp", .outOfRange, .initials, 4) {
      $0.set(\.lowerClampsOffset, layer: 4, channel: 2, to: -10)
      $0.set(\.initialsOffset, layer: 4, channel: 2, to: -11)
    },
    .init("a bias that overflows over the timesteps", .overflow, .biases, 2) {
      $0.set(\.biasesOffset, layer: 2, channel: 0, to: Int(Int32.max) / 255 + 1)
    },
    .init("the most negative bias", .overflow, .biases, 2) {
      $0.set(\.biasesOffset, layer: 2, channel: 0, to: Int(Int32.min))
    },
    .init("a bias that overflows the current's sum", .overflow, .biases, 0) {
      $0.set(\.biasesOffset, layer: 0, channel: 1, to: Int(Int32.max))
    },
    .init("a current that does not fit the membranes", .overflow, .currentShift, 0) {
      $0[neurons: 0].currentShift = 0
      $0.set(\.biasesOffset, layer: 0, channel: 2, to: 1 << 20)
    },
    .init("a timestep that does not fit the membranes", .overflow, .potentialBound, 2) {
      $0[neurons: 2].biasFractionBits = 0
      $0.set(\.biasesOffset, layer: 2, channel: 0, to: 32767)
      $0.set(\.upperClampsOffset, layer: 2, channel: 0, to: 32767)
    },
    .init("a reset far below the range", .overflow, .potentialBound, 2) {
      $0.set(\.resetsOffset, layer: 2, channel: 0, to: 32767)
      $0.set(\.thresholdsOffset, layer: 2, channel: 0, to: 1)
    },
    .init("a lowest potential that is too high", .mismatch, .potentialBound, 2) {
      $0[neurons: 2].lowestPotential += 1
    },
    .init("a lowest potential that is too low", .mismatch, .potentialBound, 0) {
      $0[neurons: 0].lowestPotential -= 1
    },
    .init("a highest potential that is too low", .mismatch, .potentialBound, 4) {
      $0[neurons: 4].highestPotential -= 1
    },
    .init("other weights than the bounds were proven for", .mismatch, .potentialBound, 4) {
      let start = Int($0.header.weightsOffset + $0[connection: 4].weightsOffset)
      for i in 0..<Int($0[connection: 4].weightsBytes) { $0.bytes[start + i] = 0 }
    },
  ]

  @Test(arguments: records)
  func aWrongWordOfALayerIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }

  @Test(arguments: values)
  func aWrongParameterIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }

  @Test func aConnectionThatNoLayerHasIsRefused() throws {
    // The last layer has two connections and claims one; the weights of the other are zeros, so
    // that no bound changes.
    let shape = Shape(channels: 4)
    let file = try SmallModels.compile(
      [
        .init(
          name: "a", shape: shape,
          connections: [SmallModels.dense(0, shape, outputs: 4, weight: SmallModels.pattern)],
          kind: SmallModels.neurons(4, threshold: 500)),
        .init(
          name: "b", shape: shape,
          connections: [
            SmallModels.dense(1, shape, outputs: 4, weight: SmallModels.pattern),
            SmallModels.dense(1, shape, outputs: 4) { _ in 0 },
          ], kind: SmallModels.neurons(4, threshold: nil)),
      ], input: shape)
    var model = EditableModel(file)
    model[layer: 1].connectionCount = 1
    model.seal()
    #expect(model.error == SpikeletError(.mismatch, .connectionCount, needed: 2, given: 3))
  }
}

/// Every check of the memory plan has a file that fails it.
@Suite struct PlanErrorTests {
  static let cases: [WrongWord] = [
    .init("a negative arena", .outOfRange, .arenaBytes, -1) { $0.header.arenaBytes = -16 },
    .init("an arena past 32 bits", .outOfRange, .arenaBytes, -1) {
      $0.header.arenaBytes = Int32.max
    },
    .init("an input buffer in direct mode", .mismatch, .inputBuffer, -1) {
      $0.header.inputBuffer = 0
    },
    .init("a score buffer for potentials", .mismatch, .scoreBuffer, 4) {
      $0.header.scoreBuffer = 0
    },
    .init("no spike buffer", .mismatch, .spikeBuffer, 2) { $0[layer: 2].spikeBuffer = -1 },
    .init("another layer's spike buffer", .mismatch, .spikeBuffer, 2) {
      $0[layer: 2].spikeBuffer = 0
    },
    .init("another layer's membranes", .mismatch, .membraneBuffer, 3) {
      $0[neurons: 3].membraneBuffer = 1
    },
    .init("scratch that no kernel needs", .mismatch, .scratchBuffer, 2) {
      $0[layer: 2].scratchBuffer = 4
    },
    .init("a buffer of every slot that does not follow the one before", .overlap, .bufferRange, 2) {
      $0[buffer: 2].offset += 16
    },
    .init("a buffer of some slots among those of all", .overlap, .bufferRange, 0) {
      $0[buffer: 0].offset = $0[buffer: 1].offset
    },
    .init("a current of a layer that reads no picture", .mismatch, .currentBuffer, 2) {
      $0[neurons: 2].currentBuffer = 2
    },
    .init("no counters", .mismatch, .countBuffer, 1) { $0[pool: 1].countBuffer = -1 },
    .init("a buffer of another kind", .mismatch, .bufferKind, 3) { $0[buffer: 3].kind = 2 },
    .init("a buffer of another layer", .mismatch, .bufferKind, 6) { $0[buffer: 6].layer = 3 },
    .init("a buffer that is too small", .mismatch, .bufferRange, 5) { $0[buffer: 5].bytes -= 1 },
    .init("a buffer that is too large", .mismatch, .bufferRange, 1) { $0[buffer: 1].bytes += 16 },
    .init("a misaligned buffer", .outOfBounds, .bufferRange, 1) { $0[buffer: 1].offset += 8 },
    .init("a buffer at a negative offset", .outOfBounds, .bufferRange, 4) {
      $0[buffer: 4].offset = -16
    },
    .init("a buffer past 32 bits", .outOfBounds, .bufferRange, 9) {
      $0[buffer: 9].offset = Int32.max - 15
    },
    .init("a buffer that begins to live later", .mismatch, .bufferLifetime, 1) {
      $0[buffer: 1].firstUse = 1
    },
    .init("a buffer that stops living earlier", .mismatch, .bufferLifetime, 0) {
      $0[buffer: 0].lastUse = 1
    },
    .init("an arena smaller than its buffers", .outOfBounds, .bufferRange, 1) {
      $0.header.arenaBytes = $0[buffer: 1].offset + $0[buffer: 1].bytes - 1
      for i in 0..<10 where i != 1 && $0[buffer: i].offset > $0[buffer: 1].offset {
        $0[buffer: i].offset = 0
      }
    },
    .init("two buffers in one place that meet in one slot only", .overlap, .bufferRange, 3) {
      $0[buffer: 3].offset = $0[buffer: 0].offset
    },
    .init("two buffers in one place", .overlap, .bufferRange, 9) {
      $0[buffer: 9].offset = $0[buffer: 1].offset
    },
  ]

  @Test(arguments: cases)
  func aWrongWordOfThePlanIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }

  @Test func buffersThatNeverMeetMayShareBytes() throws {
    // The spikes of the first and of the third layer live in slots 1–2 and 3–4.
    var model = EditableModel(try SmallModels.zoo())
    #expect(model[buffer: 0].lastUse < model[buffer: 5].firstUse)
    model[buffer: 5].offset = model[buffer: 0].offset
    model[buffer: 7].offset = model.header.arenaBytes
    model[buffer: 3].offset = model.header.arenaBytes + 64
    model.header.arenaBytes += 256
    model.seal()
    #expect(model.error == nil)
  }
}
