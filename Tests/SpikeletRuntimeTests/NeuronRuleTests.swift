import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Leak, bias, reset and clamps against plain arithmetic.
@Suite struct NeuronRuleTests {
  /// Neurons without any input: what happens comes from their own parameters.
  private func neurons(
    _ channels: Int, bits: Int, fires: Bool = false, leak: Leak = .init(),
    reset: Reset = .soft, maximumTimesteps: Int = 255
  ) throws -> EditableModel {
    let input = Shape(channels: 1)
    var layers: [SpikingNetwork.Layer] = [
      .init(
        name: "neurons", shape: Shape(channels: channels),
        connections: [SmallModels.dense(0, input, outputs: channels) { _ in 0 }],
        kind: SmallModels.neurons(
          channels, threshold: fires ? 1 : nil, leak: leak, reset: reset))
    ]
    if fires {
      let shape = Shape(channels: channels)
      layers.append(
        .init(
          name: "output", shape: Shape(channels: 1),
          connections: [SmallModels.dense(1, shape, outputs: 1) { _ in 1 }],
          kind: SmallModels.neurons(1, threshold: nil)))
    }
    return EditableModel(
      try SmallModels.compile(layers, input: input, mode: .rate) {
        $0.quantization.membraneBits = bits
        $0.maximumTimesteps = maximumTimesteps
      })
  }

  /// The potentials of layer 0 after each of some timesteps.
  private func potentials(_ model: EditableModel, timesteps: Int) throws -> [[Int]] {
    let pixels: [UInt8] = [0]
    let channels = Int(model[layer: 0].channels)
    return try GuardedArena(byteCount: Int(model.header.arenaBytes)).withEngine(model.bytes) {
      engine in
      engine.begin()
      var result: [[Int]] = []
      for _ in 0..<timesteps {
        try engine.step(input: pixels.span)
        result.append(
          (0..<channels).map {
            Int(engine.potential(layer: 0, channel: $0, row: 0, column: 0))
          })
      }
      return result
    }
  }

  // MARK: Leak

  /// Floor division, whatever the signs.
  private func floorDivide(_ a: Int, _ b: Int) -> Int {
    a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0)
  }

  private func leaked(_ u: Int, _ leak: Leak) -> Int {
    switch leak.rule {
    case .none: u
    case .shift: u - floorDivide(u, 1 << leak.shift)
    case .multiplyFloor: floorDivide(u * leak.multiplier, 1 << leak.shift)
    case .multiplyTowardZero: u * leak.multiplier / (1 << leak.shift)
    }
  }

  static let leaks: [Leak] =
    [1, 2, 5, 14].map { .init(rule: .shift, shift: $0) }
    + [Leak.Rule.multiplyFloor, .multiplyTowardZero].flatMap { rule in
      [(0, 1), (1, 1), (2, 1), (7, 3), (200, 8), (32767, 15), (1, 15), (32768, 15)].map {
        .init(rule: rule, multiplier: $0.0, shift: $0.1)
      }
    } + [.init()]

  @Test(arguments: leaks, [16, 32])
  func aLeakIsItsFormulaOnEveryPotential(leak: Leak, bits: Int) throws {
    let limit = bits == 16 ? 32767 : Int(Int32.max)
    var initials = [0, limit, -limit, limit - 1, 1 - limit]
    for power in 0..<bits - 1 {
      initials += [1 << power, -(1 << power), (1 << power) - 1, 1 - (1 << power), 3 << power / 2]
    }
    initials = initials.filter { abs($0) <= limit }
    var model = try neurons(initials.count, bits: bits, leak: leak)
    for (channel, initial) in initials.enumerated() {
      model.set(\.lowerClampsOffset, layer: 0, channel: channel, to: -limit)
      model.set(\.upperClampsOffset, layer: 0, channel: channel, to: limit)
      model.set(\.initialsOffset, layer: 0, channel: channel, to: initial)
    }
    model.sealWithRightBounds()
    try #require(model.error == nil)
    let found = try potentials(model, timesteps: 4)
    // The first timestep begins with the initial potential; the leak comes before every later one.
    var expected = initials
    for t in 0..<4 {
      if t > 0 { expected = expected.map { leaked($0, leak) } }
      #expect(found[t] == expected, "timestep \(t + 1)")
    }
  }

  @Test func aShiftStopsAtSmallPositivePotentialsAndNotAtNegativeOnes() throws {
    var model = try neurons(2, bits: 16, leak: .init(rule: .shift, shift: 4))
    model.set(\.initialsOffset, layer: 0, channel: 0, to: 15)
    model.set(\.initialsOffset, layer: 0, channel: 1, to: -15)
    model.sealWithRightBounds()
    let last = try #require(try potentials(model, timesteps: 40).last)
    #expect(last == [15, 0])
  }

  // MARK: Bias

  @Test(arguments: [0, 1, 5, 12, 16])
  func aBiasIsSpreadWithoutDrift(fractionBits: Int) throws {
    let biases = [0, 1, -1, 3, -3, 4095, -4096, 4097, 65535, -65536, 1_000_003, -7_654_321]
    var model = try neurons(biases.count, bits: 32)
    model[neurons: 0].biasFractionBits = Int32(fractionBits)
    for (channel, bias) in biases.enumerated() {
      model.set(\.biasesOffset, layer: 0, channel: channel, to: bias)
    }
    model.sealWithRightBounds()
    try #require(model.error == nil)
    let found = try potentials(model, timesteps: 255)
    for t in 1...255 {
      #expect(
        found[t - 1] == biases.map { floorDivide($0 * t, 1 << fractionBits) }, "timestep \(t)")
    }
  }

  // MARK: Reset and clamps

  @Test(arguments: [Reset.none, .soft, .hard], [16, 32])
  func aResetFollowsItsRule(reset: Reset, bits: Int) throws {
    let gains = [3, 7, 10, 25, 0, -4, 9, 11, 1, 19]
    var model = try neurons(
      gains.count, bits: bits, fires: true, reset: reset, maximumTimesteps: 40)
    model[neurons: 0].biasFractionBits = 0
    for (channel, gain) in gains.enumerated() {
      model.set(\.biasesOffset, layer: 0, channel: channel, to: gain)
      model.set(\.thresholdsOffset, layer: 0, channel: channel, to: 10)
      // Another amount than the threshold: a soft reset subtracts the amount.
      model.set(\.resetsOffset, layer: 0, channel: channel, to: reset == .soft ? 8 : 0)
    }
    model.sealWithRightBounds()
    try #require(model.error == nil)
    let found = try potentials(model, timesteps: 40)
    var expected = [Int](repeating: 0, count: gains.count)
    for t in 0..<40 {
      for c in gains.indices {
        expected[c] += gains[c]
        guard expected[c] >= 10 else { continue }
        if reset == .soft { expected[c] -= 8 }
        if reset == .hard { expected[c] = 0 }
      }
      #expect(found[t] == expected, "timestep \(t + 1)")
    }
  }

  @Test(arguments: [16, 32])
  func aPotentialStaysWithinItsClamps(bits: Int) throws {
    var model = try neurons(4, bits: bits)
    model[neurons: 0].biasFractionBits = 0
    for (channel, gain) in [100, -100, 7, -7].enumerated() {
      model.set(\.biasesOffset, layer: 0, channel: channel, to: gain)
      model.set(\.lowerClampsOffset, layer: 0, channel: channel, to: -450)
      model.set(\.upperClampsOffset, layer: 0, channel: channel, to: 330)
    }
    model.sealWithRightBounds()
    try #require(model.error == nil)
    let found = try potentials(model, timesteps: 6)
    #expect(found.map { $0[0] } == [100, 200, 300, 330, 330, 330])
    #expect(found.map { $0[1] } == [-100, -200, -300, -400, -450, -450])
    #expect(found[5][2...] == [42, -42])
  }

  @Test func aThresholdIsReachedByEquality() throws {
    var model = try neurons(3, bits: 16, fires: true)
    for (channel, initial) in [9, 10, 11].enumerated() {
      model.set(\.thresholdsOffset, layer: 0, channel: channel, to: 10)
      model.set(\.resetsOffset, layer: 0, channel: channel, to: 10)
      model.set(\.initialsOffset, layer: 0, channel: channel, to: initial)
    }
    model.sealWithRightBounds()
    #expect(try potentials(model, timesteps: 1)[0] == [9, 0, 1])
  }
}
