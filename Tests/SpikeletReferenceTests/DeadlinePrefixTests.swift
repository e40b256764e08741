import SpikeletClassifier
import SpikeletRuntime
import SpikeletSimulation
import SpikeletTestSupport
import Testing

/// Whatever a deadline leaves of a run has the scores of a run of as many timesteps, to the last bit.
///
/// `SPIKELET_SEED` replays one network.
@Suite struct DeadlinePrefixTests {
  @Test func randomNetworks() throws {
    let team = try ThreadTeam(threads: 3)
    let seeds = TestScale.seed.map { [$0] } ?? (0..<UInt64(TestScale.networks) / 8).map { $0 }
    var prefixes = 0
    for seed in seeds {
      let network = seed % 6 == 5 ? RandomNetwork.stateful(seed: seed) : RandomNetwork(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      var cutting = team.team
      cutting.cutsAll = true
      for threads in [nil, cutting] {
        prefixes += try compare(network, bytes, threads, seed: seed)
      }
    }
    if TestScale.seed == nil { #expect(prefixes > seeds.count) }
  }

  /// Ends a network after each of its timesteps; returns how many these were.
  private func compare(
    _ network: RandomNetwork, _ bytes: [UInt8], _ team: Team?, seed: UInt64
  ) throws -> Int {
    let model = try Model(bytes.span.bytes)
    let arena = GuardedArena(
      byteCount: model.arenaBytes(threads: team?.threads ?? 1),
      fill: { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
    let input =
      model.inputMode == .events ? network.input(timesteps: network.timesteps) : network.frame(1)
    try arena.withBytes { bytes throws(SpikeletError) in
      var engine = try Engine(model: model, arena: bytes, team: team)
      for timesteps in 1...network.timesteps {
        let size = model.inputMode == .events ? timesteps * model.inputCount : input.count
        let whole = try engine.run(
          input: input.span.extracting(0..<size), stream: 5, timesteps: timesteps,
          exit: ExitPolicy.none)
        let scores = engine.scores
        let operations = engine.synapticOperations
        // A timestep takes ten ticks, and five are left after those that are wanted.
        var pace = Pace()
        var now: UInt32 = 0
        let timed = try engine.run(
          input: input.span, stream: 5, timesteps: network.timesteps, exit: ExitPolicy.none,
          until: UInt32(timesteps * 10 + 5), pace: &pace
        ) {
          defer { now += 10 }
          return now
        }
        #expect(timed.timesteps == timesteps && timed.prediction == whole.prediction)
        #expect(
          engine.scores == scores && engine.synapticOperations == operations,
          "SPIKELET_SEED=\(seed), \(timesteps) timesteps")
        #expect(timed.ending == (timesteps == network.timesteps ? .lastTimestep : .deadline))
      }
    }
    #expect(arena.isIntact)
    return network.timesteps
  }
}
