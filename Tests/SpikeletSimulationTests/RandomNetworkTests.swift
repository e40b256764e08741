import SpikeletCompiler
import SpikeletReference
import SpikeletSimulation
import Testing

/// A seed is a network: failures that tests print can be looked at again.
@Suite struct RandomNetworkTests {
  @Test func aSeedGivesOneNetwork() throws {
    for seed: UInt64 in 0..<40 {
      let (first, second) = (RandomNetwork(seed: seed), RandomNetwork(seed: seed))
      #expect(first.pixels == second.pixels && first.timesteps == second.timesteps)
      #expect((try? first.compile()) == (try? second.compile()))
    }
  }

  @Test func seedsDiffer() {
    let files = (0..<40).compactMap { try? RandomNetwork(seed: $0).compile() }
    #expect(Set(files).count == files.count && files.count > 30)
  }

  @Test func layersReadPixelsAndSpikes() throws {
    let mixed = (0..<UInt64(200)).filter { seed in
      guard let file = try? RandomNetwork(seed: seed).compile() else { return false }
      let model = ReferenceModel(file)
      return model.inputMode == 0
        && model.layers.contains { layer in
          layer.connections.contains { $0.source == 0 }
            && layer.connections.contains { $0.source > 0 }
        }
    }
    #expect(mixed.count > 5)
  }

  /// A compiler that is asked for it by a user still refuses what would lose too much.
  @Test func aConfigurationCannotMixThem() throws {
    let network = try #require(
      (0..<200).lazy.map { RandomNetwork(seed: $0) }.first { network in
        network.spiking.input.mode == .direct
          && network.spiking.layers.contains { layer in
            layer.connections.contains { $0.source == 0 }
              && layer.connections.contains { $0.source > 0 }
          }
      })
    #expect(throws: (any Error).self) {
      try Quantizer.quantize(network.spiking, configuration: network.configuration)
    }
  }
}
