import Foundation
import SpikeletReference
import SpikeletRuntime
import SpikeletSimulation
import Testing

/// Engine and interpreter agree on random networks, at every layer and timestep.
@Suite struct BitExactnessTests {
  /// `SPIKELET_SEED` replays one network; `SPIKELET_NETWORKS` sets how many are tried.
  static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["SPIKELET_SEED"].flatMap { UInt64($0) }
  static let count = environment["SPIKELET_NETWORKS"].flatMap { Int($0) } ?? 3000

  @Test func randomNetworks() throws {
    var compiled = 0
    var spikes = 0
    var features: [String: Int] = [:]
    let seeds = Self.seed.map { [$0] } ?? (0..<UInt64(Self.count)).map { $0 }
    for seed in seeds {
      let network = RandomNetwork(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      for feature in Self.features(ReferenceModel(bytes)) { features[feature, default: 0] += 1 }
      spikes += try compare(network, bytes, seed: seed)
    }
    // A generator that made nothing, or networks that never fired, would test nothing.
    if Self.seed == nil {
      #expect(compiled > seeds.count * 8 / 10, "\(compiled) of \(seeds.count) networks compiled")
      #expect(spikes > compiled * 20)
      for feature in Self.wanted {
        #expect(features[feature, default: 0] > seeds.count / 120, "\(feature): \(features)")
      }
      print("bit-exact: \(compiled) random networks, \(spikes) spikes")
    }
  }

  private static let wanted = [
    "2 thresholds", "3 thresholds", "4 thresholds", "one-hot", "thermometer", "bands of rows",
    "bands of columns", "fused pool", "max pool of levels", "several connections, in bands",
    "strides in bands", "sum pool in bands", "levels over several timesteps",
  ]

  /// What of the rarer things a network has.
  private static func features(_ model: ReferenceModel) -> Set<String> {
    var result: Set<String> = []
    for layer in model.layers {
      if layer.isMaxPool {
        if layer.isFused { result.insert("fused pool") }
        let source = layer.connections[0].source
        if source > 0, model.layers[source - 1].thresholdCount > 1 {
          result.insert("max pool of levels")
        }
        continue
      }
      let levels = layer.thresholdCount
      if levels > 1 {
        result.insert("\(levels) thresholds")
        result.insert(layer.isOneHot ? "one-hot" : "thermometer")
        if model.maximumTimesteps > 1 { result.insert("levels over several timesteps") }
      }
      guard layer.bandRows < layer.height || layer.bandColumns < layer.width else { continue }
      result.insert(layer.bandRows < layer.height ? "bands of rows" : "bands of columns")
      if layer.bandColumns < layer.width { result.insert("bands of columns") }
      if layer.connections.count > 1 { result.insert("several connections, in bands") }
      for c in layer.connections {
        if c.strideHeight * c.strideWidth > 1 { result.insert("strides in bands") }
        if c.poolHeight * c.poolWidth > 1 { result.insert("sum pool in bands") }
      }
    }
    return result
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

  /// Runs both side by side; returns the number of spikes.
  private func compare(_ network: RandomNetwork, _ bytes: [UInt8], seed: UInt64) throws -> Int {
    var interpreter = IntegerInterpreter(ReferenceModel(bytes))
    let model = try Model(bytes.span.bytes)
    let storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, model.arenaBytes), alignment: 16)
    defer { storage.deallocate() }
    for i in storage.indices { storage[i] = UInt8(truncatingIfNeeded: i &* 37 &+ 11) }
    var engine = try Engine(model: model, arena: storage.mutableBytes)
    var spikes = 0
    interpreter.begin()
    engine.begin()
    for timestep in 1...network.timesteps {
      interpreter.step(network.pixels, image: 5)
      try engine.beginTimestep(input: network.pixels.span, image: 5)
      for layer in 0..<model.layerCount {
        engine.runLayer(layer, input: network.pixels.span)
        let digest = engine.digest(layer: layer)
        let value = UInt64(digest.high) << 32 | UInt64(digest.low)
        try #require(
          value == interpreter.digest(layer: layer),
          "SPIKELET_SEED=\(seed): \(difference(engine, interpreter, layer)), timestep \(timestep)")
        spikes += engine.spikeCount(source: layer + 1)
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
      let record = model.layer(layer)
      let seen = interpreter.extremes[layer]
      try #require(
        Int(record.lowestPotential) <= seen.lowerBound
          && seen.upperBound <= Int(record.highestPotential),
        "SPIKELET_SEED=\(seed): layer \(layer) reached \(seen)")
    }
    return spikes
  }
}
