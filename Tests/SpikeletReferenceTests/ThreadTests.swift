import SpikeletClassifier
import SpikeletReference
import SpikeletRuntime
import SpikeletSimulation
import SpikeletTestSupport
import Testing

/// A team of any number of threads computes what one thread does, to the last bit.
///
/// `SPIKELET_SEED` replays one network. Teams cut layers of any size here, as no random network is as
/// large as those that are worth it.
@Suite struct ThreadTests {
  @Test func randomNetworks() throws {
    let teams = try (2...4).map { try ThreadTeam(threads: $0) }
    var compiled = 0
    var spikes = 0
    let seeds = TestScale.seed.map { [$0] } ?? (0..<UInt64(TestScale.networks) / 4).map { $0 }
    for seed in seeds {
      // Every sixth keeps more than potentials.
      let network = seed % 6 == 5 ? RandomNetwork.stateful(seed: seed) : RandomNetwork(seed: seed)
      guard let bytes = try? network.compile() else { continue }
      compiled += 1
      spikes += try compare(network, bytes, teams, seed: seed)
    }
    if TestScale.seed == nil {
      #expect(compiled > seeds.count * 8 / 10, "\(compiled) of \(seeds.count) networks compiled")
      #expect(spikes > compiled * 20)
    }
  }

  /// Runs one network by one thread and by each team; returns the spikes of one thread.
  private func compare(
    _ network: RandomNetwork, _ bytes: [UInt8], _ teams: [ThreadTeam], seed: UInt64
  ) throws -> Int {
    let alone = try Trace(network, bytes, nil)
    for threads in teams {
      var team = threads.team
      team.cutsAll = true
      let given = try Trace(network, bytes, team)
      try #require(given == alone, "SPIKELET_SEED=\(seed): \(threads.threads) threads")
    }
    return alone.spikes
  }

  /// Everything that a run shows.
  private struct Trace: Equatable {
    var digests: [UInt64] = []
    var scores: [Int] = []
    var spikes = 0
    var operations: UInt64 = 0

    init(_ network: RandomNetwork, _ bytes: [UInt8], _ team: Team?) throws {
      let model = try Model(bytes.span.bytes)
      let size = model.arenaBytes(threads: team?.threads ?? 1)
      let arena = GuardedArena(byteCount: size, fill: { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
      try arena.withBytes { bytes throws(SpikeletError) in
        var engine = try Engine(model: model, arena: bytes, team: team)
        for timestep in 1...network.timesteps {
          let frame = network.frame(timestep)
          try engine.beginTimestep(input: frame.span, stream: 5)
          for layer in 0..<model.layerCount {
            engine.runLayer(layer, input: frame.span)
            let digest = engine.digest(layer: layer)
            digests.append(UInt64(digest.high) << 32 | UInt64(digest.low))
            spikes += engine.spikeCount(source: layer + 1)
          }
        }
        scores = (0..<model.classCount).map { engine.score($0) }
        operations = engine.synapticOperations.value
      }
      try #require(arena.isIntact)
    }
  }

  @Test func teamsThatNoPlanHasRoomForAreRefused() throws {
    let file = try picturesWithBlocks()
    let model = try Model(file.span.bytes)
    func refusal(threads: Int, bytes count: Int) -> String? {
      let team = Team(threads: threads, context: nil) { _, _, _, _ in }
      do throws(SpikeletError) {
        try GuardedArena(byteCount: count).withBytes { bytes throws(SpikeletError) in
          _ = try Engine(model: model, arena: bytes, team: team)
        }
        return nil
      } catch {
        return error.description
      }
    }
    let room = model.arenaBytes(threads: 16)
    for threads in [-1, 0, 17, Int.max] {
      let given = threads == Int.max ? Int(Int32.max) : threads
      #expect(
        refusal(threads: threads, bytes: room)
          == "number of threads is out of range: needed 16, given \(given)")
    }
    // A thread more needs more, and says how much.
    var before = model.arenaBytes
    #expect(model.arenaBytes(threads: 1) == before)
    for threads in 2...16 {
      let needed = model.arenaBytes(threads: threads)
      #expect(needed > before)
      #expect(refusal(threads: threads, bytes: needed) == nil)
      #expect(
        refusal(threads: threads, bytes: needed - 1)
          == "arena is too small: needed \(needed), given \(needed - 1)")
      before = needed
    }
    #expect(refusal(threads: 1, bytes: model.arenaBytes) == nil)
  }

  @Test func numbersOfThreadsAreRefused() {
    for threads in [-3, 0, 17, 100] {
      let error = #expect(throws: ThreadTeamError.self) { try ThreadTeam(threads: threads) }
      #expect(
        error.map { "\($0)" }
          == "threads are out of range: needed 1 to 16, given \(threads)")
    }
    #expect("\(ThreadTeamError.noThreads(9))".contains("9 threads"))
  }

  /// Every part runs once, however many there are and however often work is given.
  @Test func everyPartRunsOnce() throws {
    for threads in [1, 2, 5, 16] {
      let team = try ThreadTeam(threads: threads)
      for round in 0..<200 {
        let parts = round % 65
        #expect(team.runsOfParts(parts) == [Int](repeating: 1, count: parts), "\(threads)")
      }
    }
  }

  /// A random network whose first layer keeps rows of a picture for each thread.
  private func picturesWithBlocks() throws -> [UInt8] {
    for seed in 0..<2000 {
      guard let bytes = try? RandomNetwork(seed: UInt64(seed)).compile() else { continue }
      let model = try Model(bytes.span.bytes)
      if model.arenaBytes(threads: 2) > model.arenaBytes { return bytes }
    }
    throw NoSuchNetwork()
  }

  private struct NoSuchNetwork: Error {}
}
