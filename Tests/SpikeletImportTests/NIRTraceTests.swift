import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import Testing

/// One LIF neuron, read as each profile reads it, spikes exactly when the rule of its framework does:
/// in the engine, on whole numbers, and in the double precision simulation.
///
/// The expected timesteps come from nir_rules.py, which knows nothing of Spikelet.
@Suite struct NIRTraceTests {
  static let document = NIRFixture.document("traces.json")

  static let rules: [String] = {
    guard case .object(let rules)? = document["rules"] else { return [] }
    return rules.keys.sorted()
  }()

  @Test func everyPlatformHasARule() {
    #expect(Self.rules.count == 11)
  }

  @Test(arguments: rules)
  func profilesSpikeAsTheirRulesDo(_ rule: String) throws {
    guard case .array(let stimuli)? = Self.document["stimuli"],
      case .array(let expected)? = Self.document["rules"]?[rule]?["spikes"]
    else {
      Issue.record("no traces")
      return
    }
    let build = try Self.build(
      NeuronSemantics(json: Self.document["rules"]?[rule]?["semantics"]))
    for (stimulus, spikes) in zip(stimuli, expected) {
      guard case .string(let bits) = stimulus, case .array(let times) = spikes else { continue }
      let frames = bits.utf8.map { UInt8($0 == 49 ? 1 : 0) }
      #expect(frames.count == 1000)
      let wanted = times.compactMap { if case .number(let t) = $0 { Int(t) } else { nil } }
      #expect(!wanted.isEmpty)
      #expect(try Self.engine(build, frames) == wanted, "\(rule)")
      #expect(Self.simulation(build, frames) == wanted, "\(rule)")
    }
  }

  /// The traces that NIR's paper publishes, where a folder of them is given: its `paper/01_lif`.
  ///
  /// Each file has rows of input, potential and spike. The later rows of some platforms are those of a
  /// spike that leaves its neuron one timestep after it fired.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["SPIKELET_NIR_TRACES"] != nil),
    arguments: [
      ("exact", "nengo", 0), ("nengo", "nengo", 0), ("spinnaker2", "spinnaker2", 0),
      ("norse", "norse", 0), ("snntorch", "snntorch", 0), ("sinabs", "sinabs", 0),
      ("rockpool", "rockpool", 0), ("spyx", "spyx", 1), ("lava_cpu_float", "lava-float", 1),
      ("lava_cpu_fixed", "lava-fixed", 1), ("lava_loihi_fixed", "lava-fixed", 1),
    ])
  func publishedTracesAreReproduced(_ platform: String, _ rule: String, _ delay: Int) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["SPIKELET_NIR_TRACES"])
    let url = URL(filePath: folder).appending(path: "lif_\(platform).csv")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      print("lif_\(platform).csv is not there; nothing is compared")
      return
    }
    let rows = text.split(separator: "\n").map { $0.split(separator: ",").map { Double($0) ?? 0 } }
    try #require(rows.count >= 900 && rows.allSatisfy { $0.count == 3 })
    let wanted = rows.indices.filter { rows[$0][2] != 0 }.map { $0 - delay }
    let build = try Self.build(
      NeuronSemantics(json: Self.document["rules"]?[rule]?["semantics"]), timesteps: rows.count)
    let spikes = try Self.engine(build, rows.map { UInt8($0[0] == 0 ? 0 : 1) })
    print("lif_\(platform).csv, \(rows.count) rows, as \(rule): spikes at \(spikes)")
    #expect(spikes == wanted, "\(platform)")
  }

  private static func build(
    _ semantics: NeuronSemantics, timesteps: Int = 1000
  ) throws -> Compiler.Build {
    var configuration = Configuration()
    configuration.name = "trace"
    configuration.input.mode = .events
    configuration.quantization.weightBits = 16
    configuration.timesteps = timesteps
    return try Compiler.build(
      NIRFixture.named("lif").network(semantics).simplified(), configuration: configuration,
      calibration: nil, networkDigest: "x")
  }

  /// The timesteps at which the first layer's only neuron spikes, from 0.
  private static func engine(_ build: Compiler.Build, _ frames: [UInt8]) throws -> [Int] {
    let model = try SpikeletRuntime.Model(build.bytes.span.bytes)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, Int(model.arenaBytes)), alignment: 16)
    defer { arena.deallocate() }
    var engine = try Engine(model: model, arena: arena.mutableBytes)
    var times: [Int] = []
    engine.begin()
    for (t, frame) in frames.enumerated() {
      try engine.step(input: [frame].span)
      if engine.spike(source: 1, channel: 0, row: 0, column: 0) { times.append(t) }
    }
    return times
  }

  /// The same in double precision.
  private static func simulation(_ build: Compiler.Build, _ frames: [UInt8]) -> [Int] {
    var simulator = FloatSimulator(build.spiking)
    var times: [Int] = []
    simulator.begin()
    for (t, frame) in frames.enumerated() {
      let before = t == 0 ? 0 : simulator.spikeCounts(layer: 0)[0]
      simulator.step([frame][...])
      if simulator.spikeCounts(layer: 0)[0] > before { times.append(t) }
    }
    return times
  }

  /// Lava's fixed point is reproduced to the bit: potentials as well as spikes.
  @Test func lavasPotentialsAreTheSameNumbers() throws {
    let build = try Self.build(try #require(NeuronSemantics(profile: "lava-fixed")), timesteps: 100)
    let model = try SpikeletRuntime.Model(build.bytes.span.bytes)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, Int(model.arenaBytes)), alignment: 16)
    defer { arena.deallocate() }
    var engine = try Engine(model: model, arena: arena.mutableBytes)
    engine.begin()
    var potential = 0
    for t in 0..<100 {
      let spike = t % 7 == 0
      try engine.step(input: [UInt8(spike ? 1 : 0)].span)
      // A weight of 1 is 10 steps of 1/256 at a gain of 0.04, each 64; 163 of 4096 decay.
      potential = potential * (4096 - 163) / 4096 + (spike ? 640 : 0)
      if potential > 1600 { potential = 0 }
      #expect(engine.potential(layer: 0, channel: 0, row: 0, column: 0) == potential)
    }
  }
}
