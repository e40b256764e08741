import Foundation
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletTestSupport
import Testing

/// The committed vectors of small networks with synaptic currents, with spikes that come back, and with
/// both: model files have the bytes that are recorded, and the engine the digests.
@Suite struct StateVectorTests {
  static let names = ["cuba-li", "recurrent", "braille", "recurrent-two"]

  private func verification(_ name: String) throws -> Verification {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "state-vectors").appending(path: name)
    return try Verification(folder: folder)
  }

  @Test(arguments: names)
  func engineMatchesEveryCommittedDigest(name: String) throws {
    let verification = try verification(name)
    var device = EngineDevice(verification.model)
    let outcome = try verification.compare(&device)
    #expect(outcome.divergence == nil)
    #expect(outcome.readOutProblem == nil)
    let vectors = verification.vectors
    #expect(outcome.digests == vectors.images.count * vectors.timesteps * vectors.layers.count)
    #expect(outcome.digests > 0)
  }

  @Test func severalThreadsMatchEveryCommittedDigest() throws {
    let team = try ThreadTeam(threads: 3)
    for name in Self.names {
      let verification = try verification(name)
      var device = EngineDevice(verification.model, threads: team)
      let outcome = try verification.compare(&device)
      #expect(outcome.isExact && outcome.digests > 0, "\(name)")
    }
  }
}
