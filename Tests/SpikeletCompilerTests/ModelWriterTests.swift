import SpikeletCompiler
import SpikeletTestSupport
import Testing

@Suite struct ModelWriterTests {
  /// Tables that lie in each other are read as if each had bytes of its own.
  @Test func sharedTablesComputeTheSame() throws {
    for seed: UInt64 in 1...40 {
      let trained = TrainedNetwork(seed: seed, timesteps: seed % 2 == 0 ? 1 : 3)
      let build = try Compiler.build(
        trained.network.simplified(),
        configuration: configuration { $0.quantization.weightBits = trained.limit == 7 ? 4 : 8 },
        calibration: nil, networkDigest: "digest")
      func write(sharesTables: Bool) throws -> [UInt8] {
        try ModelWriter.write(
          build.integer, plan: build.plan, provenance: .object([:]), sharesTables: sharesTables)
      }
      let (shared, apart) = (try write(sharesTables: true), try write(sharesTables: false))
      // Initial potentials and biases, at least, are zeros somewhere.
      #expect(shared.count < apart.count)
      for picture in pictures(3, trained.network.inputShape, seed: seed) {
        let timesteps = build.configuration.timesteps
        let first = try Simulation(shared, picture, timesteps: timesteps)
        let second = try Simulation(apart, picture, timesteps: timesteps)
        #expect(first.scores == second.scores && first.counts == second.counts, "seed \(seed)")
      }
    }
  }

  @Test func writingTwiceGivesTheSameBytes() throws {
    let trained = TrainedNetwork(seed: 5)
    func file() throws -> [UInt8] {
      try Compiler.build(
        trained.network.simplified(), configuration: configuration { _ in }, calibration: nil,
        networkDigest: "digest"
      ).bytes
    }
    #expect(try file() == file())
  }
}
