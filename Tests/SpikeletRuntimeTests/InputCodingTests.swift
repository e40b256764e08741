import SpikeletNetwork
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// The input encoders and the generators behind them.
@Suite struct InputCodingTests {
  /// A model with an encoded input of one channel and any read-out.
  private func model(_ mode: InputCoding.Mode, width: Int, seed: UInt64? = nil) throws -> [UInt8] {
    let input = Shape(channels: 1, height: 1, width: width)
    let file = try SmallModels.compile(
      [
        .init(
          name: "output", shape: Shape(channels: 1),
          connections: [SmallModels.dense(0, input, outputs: 1) { _ in 0.01 }],
          kind: SmallModels.neurons(1, threshold: nil))
      ], input: input, mode: mode
    ) { $0.maximumTimesteps = 300 }
    var model = EditableModel(file)
    if let seed {
      model.header.poissonSeedLow = UInt32(truncatingIfNeeded: seed)
      model.header.poissonSeedHigh = UInt32(truncatingIfNeeded: seed >> 32)
      model.seal()
    }
    return model.bytes
  }

  /// The input spikes of every timestep.
  private func spikes(
    _ file: [UInt8], _ pixels: [UInt8], image: UInt32 = 0, timesteps: Int
  ) throws -> [[Bool]] {
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    return try arena.withEngine(file) { engine in
      engine.begin()
      var result: [[Bool]] = []
      for _ in 0..<timesteps {
        try engine.beginTimestep(input: pixels.span, stream: Int(image))
        result.append(
          pixels.indices.map { engine.spike(source: 0, channel: 0, row: 0, column: $0) })
      }
      return result
    }
  }

  @Test func rateCodingHasFiredExactlyItsShareAtEveryTimestep() throws {
    let pixels = (0...255).map { UInt8($0) }
    let spikes = try spikes(model(.rate, width: 256), pixels, timesteps: 300)
    var counts = [Int](repeating: 0, count: 256)
    for t in 1...300 {
      for p in 0...255 {
        if spikes[t - 1][p] { counts[p] += 1 }
        #expect(counts[p] == p * t / 255, "pixel \(p) after \(t) timesteps")
      }
    }
  }

  @Test func poissonCodingFiresAtTheRateOfThePixel() throws {
    // 64 pixels of each of a few values, 300 timesteps: 19,200 draws each.
    let values: [UInt8] = [0, 1, 25, 64, 128, 200, 254, 255]
    let pixels = values.flatMap { [UInt8](repeating: $0, count: 64) }
    let spikes = try spikes(model(.poisson, width: pixels.count), pixels, timesteps: 300)
    for (i, value) in values.enumerated() {
      let fired = spikes.reduce(0) { $0 + $1[i * 64..<(i + 1) * 64].count { $0 } }
      let p = Double(value) / 255
      let expected = 19200 * p
      let deviation = (19200 * p * (1 - p)).squareRoot()
      #expect(abs(Double(fired) - expected) <= 4 * deviation, "pixel \(value): \(fired)")
    }
  }

  @Test func poissonDrawsOfNeighboursAndTimestepsAreIndependent() throws {
    let pixels = [UInt8](repeating: 128, count: 256)
    let spikes = try spikes(model(.poisson, width: 256), pixels, timesteps: 300)
    let p = 128.0 / 255
    // Pairs that fire together: p² of them, whichever draws are paired.
    for (dt, dx) in [(0, 1), (0, 4), (1, 0), (1, 1), (7, 0)] {
      var together = 0
      var pairs = 0
      for t in 0..<300 - dt {
        for x in 0..<256 - dx {
          pairs += 1
          if spikes[t][x], spikes[t + dt][x + dx] { together += 1 }
        }
      }
      let expected = Double(pairs) * p * p
      let deviation = (Double(pairs) * p * p * (1 - p * p)).squareRoot()
      #expect(abs(Double(together) - expected) < 5 * deviation, "offset \(dt), \(dx)")
    }
  }

  @Test func poissonSpikesDependOnPictureSeedAndTimestepOnly() throws {
    let pixels = [UInt8](repeating: 100, count: 64)
    let file = try model(.poisson, width: 64, seed: 1)
    let first = try spikes(file, pixels, image: 5, timesteps: 20)
    // Another picture before makes no difference, another number or seed does.
    let arena = GuardedArena(byteCount: Int(EditableModel(file).header.arenaBytes))
    try arena.withEngine(file) { engine in
      for image: UInt32 in [9, 5, 2, 5] {
        engine.begin()
        for t in 0..<20 {
          try engine.beginTimestep(input: pixels.span, stream: Int(image))
          let now = pixels.indices.map {
            engine.spike(source: 0, channel: 0, row: 0, column: $0)
          }
          if image == 5 { #expect(now == first[t]) }
        }
      }
    }
    #expect(try spikes(file, pixels, image: 6, timesteps: 20) != first)
    for seed: UInt64 in [2, 1 << 32 | 1] {
      let other = try model(.poisson, width: 64, seed: seed)
      #expect(try spikes(other, pixels, image: 5, timesteps: 20) != first)
    }
    // One pixel's value moves only that pixel's spikes.
    var changed = pixels
    changed[10] = 255
    let after = try spikes(file, changed, image: 5, timesteps: 20)
    for t in 0..<20 {
      for x in 0..<64 where x != 10 { #expect(after[t][x] == first[t][x]) }
    }
  }

  /// The known answers of the Random123 distribution for philox4x32-10.
  @Test func philoxGivesItsKnownAnswers() {
    #expect(
      Philox.draw(counter: .zero, key: .zero)
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = UInt32.max
    #expect(
      Philox.draw(counter: SIMD4(repeating: ones), key: SIMD2(repeating: ones))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.draw(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        key: SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func crc32GivesItsCheckValueInPartsToo() {
    let text = Array("123456789".utf8)
    var whole = CRC32()
    #expect(whole.value == 0)
    whole.update(text.span)
    #expect(whole.value == 0xCBF4_3926)
    for cut in 0...9 {
      var parts = CRC32()
      parts.update(text.span.extracting(0..<cut))
      parts.update(text.span.extracting(cut..<9))
      #expect(parts.value == 0xCBF4_3926)
    }
  }

  @Test func zeroPointsAreSubtractedFromEveryPixel() throws {
    let input = Shape(channels: 2, height: 1, width: 2)
    let file = try SmallModels.compile(
      [
        .init(
          name: "output", shape: Shape(channels: 1),
          connections: [SmallModels.dense(0, input, outputs: 1) { $0 < 2 ? 1 : -1 }],
          kind: SmallModels.neurons(1, threshold: nil))
      ], input: input)
    var model = EditableModel(file)
    model.setZeroPoint(channel: 0, to: 100)
    model.setZeroPoint(channel: 1, to: 255)
    model.sealWithRightBounds()
    let pixels: [UInt8] = [0, 130, 255, 7]
    try GuardedArena(byteCount: Int(model.header.arenaBytes)).withEngine(model.bytes) { engine in
      engine.begin()
      try engine.step(input: pixels.span)
      // 127·(0 − 100) + 127·(130 − 100) − 127·(255 − 255) − 127·(7 − 255)
      #expect(engine.score(0) == 127 * (-100 + 30 + 248))
    }
  }
}
