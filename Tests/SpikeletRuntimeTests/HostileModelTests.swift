import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Forged files of past attacks: sizes that wrap around in 32 bits, connections that share weights, and
/// names that steer a terminal.
@Suite struct HostileModelTests {
  /// Neurons without thresholds, 16 bits, whose parameters all lie at offset 0.
  private func readOut(_ channels: Int32, first: Int32, membrane: Int32) -> NeuronRecord {
    var record = NeuronRecord()
    record.layer.kind = LayerKind.neurons.rawValue
    (record.layer.channels, record.layer.height, record.layer.width) = (channels, 1, 1)
    (record.layer.firstConnection, record.layer.connectionCount) = (first, 1)
    (record.membraneBits, record.membraneBuffer) = (16, membrane)
    (record.lowerClampsOffset, record.upperClampsOffset) = (0, 0)
    (record.initialsOffset, record.biasesOffset) = (0, 0)
    (record.tileRows, record.tileColumns) = (1, 1)
    return record
  }

  private func connection(
    _ kind: ConnectionKind, source: Int32, height: Int32 = 1, width: Int32 = 1, bits: Int32 = 8,
    bytes: Int32
  ) -> ConnectionRecord {
    var record = ConnectionRecord()
    (record.kind, record.source) = (kind.rawValue, source)
    (record.pooledHeight, record.pooledWidth) = (height, width)
    (record.weightBits, record.weightsBytes) = (bits, bytes)
    (record.kernel, record.weightOrder) = (1, 1)
    return record
  }

  /// A dense layer after an input of one site.
  private func dense(inputs: Int32, outputs: Int32, connections: [ConnectionRecord]) -> ForgedModel
  {
    var model = ForgedModel()
    (model.header.inputMode, model.header.inputChannels) = (InputMode.rate.rawValue, inputs)
    (model.header.inputHeight, model.header.inputWidth) = (1, 1)
    (model.header.timesteps, model.header.maximumTimesteps) = (1, 1)
    (model.header.inputLastReader, model.header.inputBuffer) = (1, 0)
    var layer = readOut(outputs, first: 0, membrane: 1)
    layer.layer.lastReader = 1
    layer.layer.connectionCount = Int32(connections.count)
    model.append(layer)
    model.connections = connections
    let lanes = (outputs + 7) / 8 * 8
    model.parameters = [UInt8](repeating: 0, count: Int(lanes) * 4)
    let site = (inputs + 7) / 8
    model.append(.inputSpikes, layer: -1, bytes: site <= 2 ? site : (site + 3) & ~3, uses: 0...1)
    model.append(.membrane, layer: 0, bytes: lanes * 2, uses: 1...1)
    return model
  }

  /// 65,535 × 16,392 weights of 16 bits are 2,148,499,440 bytes: as a word of 32 bits a negative number.
  @Test func weightsOfMoreThanTwoGigabytesAreRefused() {
    let wrapped = Int32(truncatingIfNeeded: 65_535 * 16_392 * 2)
    #expect(wrapped < 0)
    for bytes in [wrapped, 0, Int32.max] {
      let weights = connection(.dense, source: 0, bits: 16, bytes: bytes)
      let model = dense(inputs: 65_535, outputs: 16_392, connections: [weights]).file
      #expect(
        model.error
          == SpikeletError(.mismatch, .weights, index: 0, needed: -1, given: bytes))
    }
  }

  /// The counters of a pool behind neurons of several thresholds need more than 4 GB; their size in 32
  /// bits is small, or negative.
  @Test(arguments: [
    (8191, 8, 2, 16_387), (8191, 8, 14, 2341), (8191, 4, 14, 3300),
  ]) func countersOfMoreThanTwoGigabytesAreRefused(
    channels: Int, thresholds: Int, height: Int, width: Int
  ) {
    let fired = channels * thresholds
    let sites = height * width
    let lanes = (channels + 7) / 8 * 8
    func map(_ channels: Int) -> Int { ((channels + 7) / 8 + 3) / 4 * 4 }
    let counters = sites * fired * 2
    #expect(counters > Int(Int32.max))
    let wrapped = Int32(truncatingIfNeeded: counters)

    var model = ForgedModel()
    model.header.inputMode = InputMode.rate.rawValue
    (model.header.inputChannels, model.header.inputHeight) = (1, Int32(height))
    model.header.inputWidth = Int32(width)
    (model.header.timesteps, model.header.maximumTimesteps) = (1, 300)
    (model.header.inputLastReader, model.header.inputBuffer) = (1, 0)
    model.parameters = [UInt8](repeating: 0, count: lanes * 4)
    var neurons = readOut(Int32(channels), first: 0, membrane: 2)
    (neurons.layer.height, neurons.layer.width) = (Int32(height), Int32(width))
    (neurons.tileRows, neurons.tileColumns) = (Int32(height), Int32(width))
    (neurons.layer.spikeChannels, neurons.layer.lastReader) = (Int32(fired), 2)
    (neurons.layer.spikeBuffer, neurons.thresholdCount) = (1, Int32(thresholds))
    neurons.thresholdsOffset = Int32(model.parameters.count)
    model.parameters += (0..<lanes * thresholds).flatMap { _ in [1, 0] as [UInt8] }
    neurons.resetsOffset = Int32(model.parameters.count)
    model.parameters += [UInt8](repeating: 0, count: lanes * thresholds * 2)
    model.append(neurons)
    var pool = MaxPoolRecord()
    pool.layer.kind = LayerKind.maxPool.rawValue
    (pool.layer.channels, pool.layer.spikeChannels) = (Int32(fired), Int32(fired))
    (pool.layer.height, pool.layer.width) = (1, 1)
    (pool.layer.firstConnection, pool.layer.connectionCount) = (1, 1)
    (pool.layer.lastReader, pool.layer.spikeBuffer) = (3, 3)
    (pool.rule, pool.counterBits, pool.countBuffer) = (MaxPoolRule.countMaximum.rawValue, 16, 4)
    model.append(pool)
    var last = readOut(1, first: 2, membrane: 5)
    last.layer.lastReader = 3
    model.append(last)

    var taps = connection(
      .convolution, source: 0, height: Int32(height), width: Int32(width), bytes: Int32(lanes))
    (taps.window.height, taps.window.width) = (1, 1)
    (taps.window.strideHeight, taps.window.strideWidth, taps.window.groups) = (1, 1, 1)
    var window = connection(.maxPool, source: 1, bits: 0, bytes: 0)
    (window.poolHeight, window.poolWidth, window.kernel, window.weightOrder) = (2, 2, 0, 0)
    var all = connection(.dense, source: 2, bytes: Int32(fired * 8))
    all.weightsOffset = Int32((lanes + 63) & ~63)
    model.connections = [taps, window, all]
    model.weights = [UInt8](repeating: 0, count: Int(all.weightsOffset) + fired * 8)

    model.append(.inputSpikes, layer: -1, bytes: Int32(sites), uses: 0...1)
    model.append(.spikes, layer: 0, bytes: Int32(sites * map(fired)), uses: 1...2)
    model.append(.membrane, layer: 0, bytes: Int32(sites * lanes * 2), uses: 0...3)
    model.append(.spikes, layer: 1, bytes: Int32(map(fired)), uses: 2...3)
    model.append(.counts, layer: 1, bytes: wrapped, uses: 0...3)
    model.append(.membrane, layer: 2, bytes: 16, uses: 0...3)
    #expect(
      model.file.error
        == SpikeletError(.mismatch, .bufferRange, index: 4, needed: -1, given: wrapped))
  }

  /// Connections that share their weights made opening take a second for each.
  @Test func sharedWeightsAreRefused() {
    let one = connection(.dense, source: 0, bytes: 512 * 8)
    for count in [2, 1024, 4096] {
      var model = dense(
        inputs: 512, outputs: 8, connections: Array(repeating: one, count: count))
      model.weights = [UInt8](repeating: 0, count: 512 * 8)
      #expect(
        model.file.error == SpikeletError(.outOfBounds, .weights, index: 1, needed: 4096))
    }
    let many = dense(inputs: 512, outputs: 8, connections: Array(repeating: one, count: 16_384))
    #expect(
      many.file.error
        == SpikeletError(.outOfRange, .connectionCount, needed: 4096, given: 16_384))
  }

  /// A layer may have any name; the engine gives its bytes as they are, and nothing of the provenance
  /// matters to it. The tools show both with escapes (HostileCommandTests, `scripts/tool boards`).
  @Test func namesMayHoldAnything() throws {
    var model = dense(
      inputs: 8, outputs: 2,
      connections: [
        connection(.dense, source: 0, bytes: 64)
      ])
    model.weights = [UInt8](repeating: 0, count: 64)
    model.names = Array("\u{1B}[2J\u{1B}]0;x\u{7}evil\nrow".utf8) + [0xFF, 0xFE]
    model.provenance = [UInt8](repeating: 0x5B, count: 100_000)
    model.layers[0].withUnsafeMutableBytes {
      $0.storeBytes(of: Int32(model.names.count), toByteOffset: 8, as: Int32.self)
    }
    let file = model.file
    #expect(file.error == nil)
    let opened = try Model(file.bytes.span.bytes)
    #expect(opened.layerName(0).withUnsafeBytes { Array($0) } == model.names)
  }
}
