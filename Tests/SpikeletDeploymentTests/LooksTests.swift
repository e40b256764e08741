import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDeployment
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Networks of one timestep that look a second time, at the mirror image.
@Suite struct LooksTests {
  private let name = "lenet5-iir-fashion"

  private func deployment(_ change: (inout Configuration) -> Void) throws -> Deployment {
    let folder = Repository.root.appending(path: "firmware-configs").appending(path: name)
    var configuration = try Configuration(contentsOf: folder.appending(path: "deployment.json"))
    // The rates, and the budget, are those of the network that looks once.
    configuration.firing = .assumed
    configuration.budgets.maximumArenaBytes = nil
    change(&configuration)
    return Deployment(configuration: configuration, folder: folder)
  }

  private func classifier(_ change: (inout Configuration) -> Void) throws -> Classifier {
    try Classifier(model: deployment(change).build().bytes)
  }

  private func mirrored(_ picture: [UInt8]) -> [UInt8] {
    picture.indices.map { picture[$0 / 28 * 28 + 27 - $0 % 28] }
  }

  /// The scores of both looks add up, in every plan, whatever a look before has left.
  @Test func theSecondLookIsTheFirstOneOfTheMirrorImage() throws {
    let once = try classifier { _ in }
    var random = SeededRandom(seed: 4)
    for arena in [nil, 2600, 100_000] {
      let twice = try classifier {
        $0.input.looksAtMirror = true
        $0.budgets.maximumArenaBytes = arena
      }
      #expect((twice.timesteps, twice.maximumTimesteps) == (2, 2))
      var differing = 0
      for _ in 0..<20 {
        let picture = (0..<784).map { _ in
          random.chance(2) ? UInt8(0) : UInt8(random.pick(0...255))
        }
        let (plain, mirror) = try (once.classify(picture), once.classify(mirrored(picture)))
        let both = try twice.classify(picture)
        // A bias with a fraction is rounded once for two timesteps.
        for (sum, score) in zip(zip(plain.scores, mirror.scores).map(+), both.scores) {
          #expect(abs(sum - score) <= 1)
        }
        #expect(both.timesteps == 2)
        #expect(both.synapticOperations == plain.synapticOperations + mirror.synapticOperations)
        #expect(try twice.classify(picture, timesteps: 1).scores == plain.scores)
        if plain.scores != mirror.scores { differing += 1 }
      }
      #expect(differing > 15)
    }
  }

  @Test func anExitSavesTheSecondLook() throws {
    let twice = try classifier { $0.input.looksAtMirror = true }
    var random = SeededRandom(seed: 5)
    let picture = (0..<784).map { _ in UInt8(random.pick(0...255)) }
    let scores = try twice.classify(picture, timesteps: 1).scores.sorted()
    let lead = scores[9] - scores[8]
    #expect(try twice.classify(picture, exit: .margin(max(1, lead))).timesteps == 1)
    #expect(try twice.classify(picture, exit: .margin(lead + 1)).timesteps == 2)
  }

  /// The mirror image is all that an arena needs more, and the scores stay.
  @Test func theArenaHasRoomForTheMirrorImage() throws {
    let once = try deployment { $0.budgets.arena = .smallest }.build()
    let twice = try deployment {
      $0.budgets.arena = .smallest
      $0.input.looksAtMirror = true
    }.build()
    #expect(twice.plan.arenaBytes <= once.plan.arenaBytes + 784 + 48)
    #expect(twice.integer.digest != once.integer.digest)
  }

  @Test func networksThatCannotLookTwice() throws {
    let error = #expect(throws: Diagnostics.self) {
      try deployment {
        $0.input.looksAtMirror = true
        $0.input.mode = .rate
        $0.requestedMaximumTimesteps = 4
      }.build()
    }
    let problems = error?.problems.map(\.description) ?? []
    #expect(
      problems.contains(
        "input.looks: is mirrored, which needs a network of one timestep, whose looks begin afresh; "
          + "this one runs for 4; remove it, or set timesteps and maximumTimesteps to 1"))
    #expect(
      problems.contains(
        "input.looks: is mirrored, which needs direct input, not rate; remove it"))
  }
}
