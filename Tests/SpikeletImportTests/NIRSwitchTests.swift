import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import Testing

/// One neuron with two inputs, a switch or a parameter at a time: the engine and the double precision
/// simulation spike as the equations of the file do, which nir_rules.py computes in its units.
@Suite struct NIRSwitchTests {
  static let cases: [JSONValue] = {
    guard case .array(let cases) = NIRFixture.document("cases.json") else { return [] }
    return cases
  }()

  @Test func thereAreCases() { #expect(Self.cases.count >= 35) }

  @Test(arguments: cases.indices)
  func neuronsSpikeAsTheirEquationsDo(_ index: Int) throws {
    let made = Self.cases[index]
    guard let graph = made["graph"], case .string(let up)? = made["up"],
      case .string(let down)? = made["down"], case .string(let spikes)? = made["spikes"]
    else {
      Issue.record("no case")
      return
    }
    let semantics = NeuronSemantics(json: made["semantics"])
    let network = try NIRImporter.importNetwork(
      bytes: Array(graph.text.utf8), name: "x.nir.json", semantics: semantics)
    var configuration = Configuration()
    configuration.name = "case"
    configuration.input.mode = .events
    configuration.quantization.weightBits = 16
    configuration.timesteps = up.utf8.count
    let build = try Compiler.build(
      network.simplified(), configuration: configuration, calibration: nil, networkDigest: "x")
    let wanted = spikes.utf8.map { Int($0) - 48 }
    let frames = zip(up.utf8, down.utf8).map { UInt8(($0 - 48) | ($1 - 48) << 1) }
    let model = try SpikeletRuntime.Model(build.bytes.span.bytes)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, Int(model.arenaBytes)), alignment: 16)
    defer { arena.deallocate() }
    var engine = try Engine(model: model, arena: arena.mutableBytes)
    var simulator = FloatSimulator(build.spiking)
    var (counted, simulated, before): ([Int], [Int], Int) = ([], [], 0)
    engine.begin()
    simulator.begin()
    // Several spikes are a thermometer or the largest of them; both are counted as they are coded.
    let levels = semantics.spikes
    let neuron = try #require(Self.firing(build.integer))
    let isOneHot = build.integer.layers[neuron].oneHotThresholds > 1
    for frame in frames {
      try engine.step(input: [frame].span)
      let fired = (0..<levels).filter {
        engine.spike(source: neuron + 1, channel: $0, row: 0, column: 0)
      }
      counted.append(isOneHot ? (fired.first ?? -1) + 1 : fired.count)
      simulator.step([frame][...])
      let total = simulator.spikeCounts(layer: neuron).reduce(0, +)
      simulated.append(total - before)
      before = total
    }
    let name = "\(made["semantics"]?.compactText ?? "") \(graph.compactText)"
    func first(_ counts: [Int]) -> Int? { counts.indices.first { counts[$0] != wanted[$0] } }
    #expect(first(simulated) == nil, "the simulation: \(name)")
    #expect(first(counted) == nil, "the engine: \(name)")
  }

  /// The float network of `eval --float` computes the same scores.
  @Test func theFloatNetworkCountsTheSameSpikes() throws {
    for made in Self.cases {
      guard let graph = made["graph"], case .string(let up)? = made["up"],
        case .string(let down)? = made["down"]
      else { continue }
      let network = try NIRImporter.importNetwork(
        bytes: Array(graph.text.utf8), name: "x.nir.json",
        semantics: NeuronSemantics(json: made["semantics"]))
      var configuration = Configuration()
      configuration.name = "case"
      configuration.timesteps = 20
      // A picture shares no layer with spikes that come back.
      let isRecurrent = !network.delayedNames.isEmpty
      if isRecurrent { configuration.input.mode = .events }
      let build = try Compiler.build(
        network.simplified(), configuration: configuration, calibration: nil, networkDigest: "x")
      let neuron = try #require(Self.firing(build.integer))
      var simulator = FloatSimulator(build.spiking)
      simulator.begin()
      let bits = zip(up.utf8, down.utf8).map { [$0 - 48, $1 - 48] }
      for bits in bits.prefix(20) {
        simulator.step(isRecurrent ? [bits[0] | bits[1] << 1] : [200, 30])
      }
      let scores = network.scores(timesteps: 20) { timestep in
        isRecurrent ? bits[timestep].map(Float.init) : [Float(200) / 255, Float(30) / 255]
      }
      let count = simulator.spikeCounts(layer: neuron).reduce(0, +)
      #expect(Int(scores[0]) == count, "\(made["semantics"]?.compactText ?? "")")
    }
  }

  /// The first layer that fires: before the neurons there may be the layer of their current.
  private static func firing(_ network: IntegerNetwork) -> Int? {
    network.layers.firstIndex {
      if case .neurons(let neurons) = $0.kind { neurons.fires } else { false }
    }
  }
}
