import SpikeletReference
import SpikeletRuntime
import SpikeletSimulation
import SpikeletTestSupport
import Testing

/// Engine and interpreter agree on random networks, at every layer and timestep.
///
/// `SPIKELET_SEED` replays one network; `SPIKELET_NETWORKS` sets how many are tried.
@Suite struct BitExactnessTests {
  @Test func randomNetworks() throws {
    TestScale.announce()
    var compiled = 0
    var spikes = 0
    var features: [String: Int] = [:]
    // Inputs that fire altogether, not at all, and in every tenth between.
    var shares = [Int](repeating: 0, count: 11)
    let seeds = TestScale.seed.map { [$0] } ?? (0..<UInt64(TestScale.networks)).map { $0 }
    for seed in seeds {
      let network = RandomNetwork(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      for feature in ReferenceModel(bytes).features { features[feature, default: 0] += 1 }
      if let share = network.firingShare { shares[Int(share * 10)] += 1 }
      spikes += try compare(network, bytes, seed: seed).spikes
    }
    // A generator that made nothing, or networks that never fired, would test nothing.
    if TestScale.seed == nil {
      #expect(compiled > seeds.count * 8 / 10, "\(compiled) of \(seeds.count) networks compiled")
      #expect(spikes > compiled * 20)
      // What is rare may be missing among few.
      for feature in ReferenceModel.wantedFeatures where seeds.count >= 1000 {
        let found = features[feature, default: 0]
        #expect(found >= seeds.count / 120, "\(feature): \(found) of \(compiled)")
      }
      if seeds.count >= 1000 { #expect(!shares.contains(0), "firing shares in tenths: \(shares)") }
      print("bit-exact: \(compiled) random networks, \(spikes) spikes")
    }
  }

  /// Synaptic currents, and spikes that come back one timestep later.
  @Test func statefulNetworks() throws {
    var (compiled, spikes) = (0, 0)
    var states: [String: Int] = [:]
    let seeds = TestScale.seed.map { [$0] } ?? (0..<UInt64(TestScale.networks / 4)).map { $0 }
    for seed in seeds {
      let network = RandomNetwork.stateful(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      for state in ReferenceModel(bytes).states { states[state, default: 0] += 1 }
      spikes += try compare(network, bytes, seed: seed).spikes
    }
    guard TestScale.seed == nil else { return }
    #expect(compiled > seeds.count * 6 / 10, "\(compiled) of \(seeds.count) networks compiled")
    #expect(spikes > compiled * 20)
    for state in ReferenceModel.wantedStates where seeds.count >= 300 {
      #expect(
        states[state, default: 0] >= seeds.count / 100, "\(state): \(states[state, default: 0])")
    }
    print("bit-exact: \(compiled) random networks with states, \(spikes) spikes")
  }

  /// Gathers of sums, whose entries have counts: long runs of them into lanes of every width.
  @Test func pooledNetworks() throws {
    var (compiled, spikes) = (0, 0)
    var features: [String: Int] = [:]
    let seeds = TestScale.seed.map { [$0] } ?? (0..<UInt64(TestScale.networks / 5)).map { $0 }
    for seed in seeds {
      let network = RandomNetwork.pooled(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      let layer = ReferenceModel(bytes).layers[0]
      let gather = layer.connections[0]
      if gather.kernel == 2, gather.weightBits == 8 {
        let lanes = layer.channels > 56 ? 64 : layer.channels > 24 ? 32 : 16
        let width = gather.kind == 2 ? gather.pooledWidth : gather.kernelWidth
        features["\(lanes) lanes, \(layer.membraneBits) bits", default: 0] += 1
        // More than sums of 16 bits have room for, where each is worth seven.
        if layer.membraneBits == 32, width * network.spiking.inputShape.channels > 72 {
          features["\(lanes) lanes, long runs", default: 0] += 1
        }
      }
      spikes += try compare(network, bytes, seed: seed).spikes
    }
    guard TestScale.seed == nil else { return }
    #expect(compiled > seeds.count * 9 / 10, "\(compiled) of \(seeds.count) networks compiled")
    #expect(spikes > compiled * 20)
    for lanes in [16, 32, 64] where seeds.count >= 300 {
      for what in ["16 bits", "32 bits", "long runs"] {
        let found = features["\(lanes) lanes, \(what)", default: 0]
        #expect(found >= seeds.count / 100, "\(lanes) lanes, \(what): \(features)")
      }
    }
    print("bit-exact: \(compiled) random networks of sum pools, \(spikes) spikes")
  }

  /// Fifty layers with branches, at every layer and timestep; in an arena that is close to the bytes
  /// in use at the worst moment.
  @Test func deepNetworks() throws {
    var (compiled, reached, arena, bound) = (0, 0, 0, 0)
    let seeds = (0..<UInt64(TestScale.cases(60)))
    for seed in seeds {
      let network = RandomNetwork.deep(seed: seed, layers: 50)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      let layers = ReferenceModel(bytes).layers
      try #require(layers.count >= 50)
      // Additions, concatenations and maps with several readers.
      #expect(layers.contains { $0.connections.count > 1 })
      let readers = layers.flatMap { $0.connections.map { $0.source } }
      #expect(Set(readers).count < readers.count)
      if try compare(network, bytes, seed: seed).last { reached += 1 }
      let plan = try network.plan()
      arena += plan.arenaBytes
      bound += plan.lowerBound
    }
    #expect(compiled > seeds.count * 8 / 10, "\(compiled) of \(seeds.count) networks compiled")
    // Networks whose last layers never fire would test half of what they seem to.
    #expect(reached > compiled / 2, "\(reached) of \(compiled) networks fire to the end")
    #expect(arena * 100 <= bound * 105, "arenas \(arena) of \(bound) bytes that live together")
  }

  /// The first neuron that differs, with what it has and should have.
  private func difference(
    _ engine: borrowing Engine, _ interpreter: IntegerInterpreter, _ layer: Int
  ) -> String {
    let record = interpreter.model.layers[layer]
    let synapses = record.connections.map {
      "kind \($0.kind) of source \($0.source), pool \($0.poolHeight)×\($0.poolWidth), "
        + "kernel \($0.kernelHeight)×\($0.kernelWidth), stride \($0.strideHeight)×\($0.strideWidth), "
        + "groups \($0.groups)"
    }
    let what =
      "layer \(layer), int\(record.membraneBits), \(record.thresholdCount) thresholds, "
      + "input mode \(interpreter.model.inputMode), \(synapses)"
    let plane = record.height * record.width
    for i in 0..<record.spikeChannels * plane {
      let (channel, row, column) = (i / plane, i % plane / record.width, i % record.width)
      let place = "\(what) at channel \(channel), row \(row), column \(column)"
      if !record.isMaxPool, record.keepsPotentials, channel < record.channels {
        let given = engine.potential(layer: layer, channel: channel, row: row, column: column)
        let needed = interpreter.potentials[layer][i]
        if Int(given) != needed { return "\(place): potential \(given), expected \(needed)" }
      }
      if !interpreter.spikes[layer + 1].isEmpty {
        let given = engine.spike(source: layer + 1, channel: channel, row: row, column: column)
        let needed = interpreter.spikes[layer + 1][i] == 1
        if given != needed { return "\(place): spike \(given), expected \(needed)" }
      }
    }
    return "\(what): equal, but not its digest"
  }

  /// Runs both side by side; returns the number of spikes, and whether the layer before the read-out
  /// ever fired.
  private func compare(
    _ network: RandomNetwork, _ bytes: [UInt8], seed: UInt64
  ) throws -> (spikes: Int, last: Bool) {
    var interpreter = IntegerInterpreter(ReferenceModel(bytes))
    let model = try Model(bytes.span.bytes)
    let storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, model.arenaBytes), alignment: 16)
    defer { storage.deallocate() }
    for i in storage.indices { storage[i] = UInt8(truncatingIfNeeded: i &* 37 &+ 11) }
    var engine = try Engine(model: model, arena: storage.mutableBytes)
    var (spikes, last) = (0, false)
    interpreter.begin()
    engine.begin()
    for timestep in 1...network.timesteps {
      let frame = network.frame(timestep)
      interpreter.step(frame, image: 5)
      try engine.beginTimestep(input: frame.span, stream: 5)
      for layer in 0..<model.layerCount {
        engine.runLayer(layer, input: frame.span)
        let digest = engine.digest(layer: layer)
        let value = UInt64(digest.high) << 32 | UInt64(digest.low)
        try #require(
          value == interpreter.digest(layer: layer),
          "SPIKELET_SEED=\(seed): \(difference(engine, interpreter, layer)), timestep \(timestep)")
        let fired = engine.spikeCount(source: layer + 1)
        spikes += fired
        if layer == model.layerCount - 2, fired > 0 { last = true }
      }
      try #require(engine.prediction == Int32(interpreter.prediction), "SPIKELET_SEED=\(seed)")
      for c in interpreter.scores.indices {
        try #require(Int(engine.score(c)) == interpreter.scores[c], "SPIKELET_SEED=\(seed)")
      }
    }
    let counted =
      UInt64(engine.synapticOperations.high) << 32 | UInt64(engine.synapticOperations.low)
    try #require(counted == UInt64(interpreter.synapticOperations), "SPIKELET_SEED=\(seed)")
    // The overflow proof holds for every layer: no potential ever left its proven range.
    for layer in 0..<model.layerCount where !interpreter.model.layers[layer].isMaxPool {
      let record = model.neurons(layer)
      let seen = interpreter.extremes[layer]
      try #require(
        Int(record.lowestPotential) <= seen.lowerBound
          && seen.upperBound <= Int(record.highestPotential),
        "SPIKELET_SEED=\(seed): layer \(layer) reached \(seen)")
    }
    return (spikes, last)
  }
}
