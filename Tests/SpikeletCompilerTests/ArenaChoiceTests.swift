import Foundation
import SpikeletCompiler
import SpikeletRuntime
import SpikeletSupport
import Testing

/// What an arena is worth: the smallest, a balanced one, the fastest, and each within a limit.
@Suite struct ArenaChoiceTests {
  private typealias Choice = Configuration.ArenaChoice

  /// A plan, and the instructions that it is estimated to take for a picture.
  private struct Outcome: CustomStringConvertible {
    var arena: Int
    var instructions: Double
    var kernels: [String]

    var description: String { "\(arena) bytes, \(instructions) instructions, \(kernels)" }
  }

  private func outcome(
    _ network: SpikingNetwork, _ choice: Choice?, limit: Int? = nil,
    rates: FiringRates = .given([0.1])
  ) throws -> Outcome {
    var configuration = Configuration()
    configuration.name = network.name
    (configuration.timesteps, configuration.maximumTimesteps) = (1, 1)
    let integer = try Quantizer.quantize(network, configuration: configuration)
    var budgets = Configuration.Budgets()
    (budgets.arena, budgets.maximumArenaBytes) = (choice, limit)
    let plan = try ExecutionPlan(
      integer, budgets, rates: rates, target: .aarch64, kernels: .automatic)
    let bytes = try ModelWriter.write(integer, plan: plan, provenance: .object([:]))
    let explanation = KernelExplanation(
      try Model(bytes.span.bytes), bytes: bytes, name: network.name,
      names: integer.layers.map(\.name), rates: rates, target: .aarch64)
    return Outcome(
      arena: plan.arenaBytes, instructions: explanation.typical.total,
      kernels: plan.layers.flatMap { $0.connections.map(\.description) })
  }

  @Test(arguments: [false, true])
  func moreArenaIsOnlyTakenForFewerInstructions(isLarge: Bool) throws {
    let network = isLarge ? Sketch.vgg4() : Sketch.lenet5(levels: 1, averages: true)
    let smallest = try outcome(network, .smallest)
    let balanced = try outcome(network, .balanced)
    let fastest = try outcome(network, .fastest)
    #expect(smallest.arena < balanced.arena && balanced.arena <= fastest.arena)
    #expect(balanced.instructions < smallest.instructions)
    #expect(fastest.instructions <= balanced.instructions)
    // Up to half of the smallest cache costs nothing; beyond that each doubling saves a tenth.
    let free = max(16_384, smallest.arena)
    let small = try outcome(network, .fastest, limit: free)
    #expect(balanced.arena <= free || balanced.instructions < small.instructions)
    let doublings = log2(Double(max(16_384, fastest.arena)) / Double(max(16_384, balanced.arena)))
    #expect(fastest.instructions >= balanced.instructions * pow(0.9, doublings) * 0.999)
  }

  @Test func theDefaultIsBalancedWithoutALimitAndFastestWithinOne() throws {
    for network in [Sketch.vgg4(), Sketch.lenet5(levels: 2, averages: false)] {
      let (none, balanced) = (try outcome(network, nil), try outcome(network, .balanced))
      #expect(none.arena == balanced.arena && none.kernels == balanced.kernels)
      let limit = none.arena * 3 / 4
      let (within, fastest) = (
        try outcome(network, nil, limit: limit), try outcome(network, .fastest, limit: limit)
      )
      #expect(within.arena == fastest.arena && within.kernels == fastest.kernels)
      #expect(within.arena <= limit && within.instructions >= none.instructions * 0.999)
    }
  }

  @Test(arguments: [nil, Configuration.ArenaChoice.smallest, .balanced, .fastest])
  func aLimitThatCanBeKeptIsKept(choice: Configuration.ArenaChoice?) throws {
    for network in [Sketch.vgg4(), Sketch.lenet5(levels: 1, averages: false)] {
      let least = try outcome(network, .smallest).arena
      for limit in [least, least + 100, least * 3 / 2, least * 4, least * 50] {
        let outcome = try outcome(network, choice, limit: limit)
        #expect(outcome.arena <= limit, "\(outcome)")
        #expect(outcome.arena >= least)
      }
      // A limit that is too small shows in the arena; the build then fails.
      #expect(try outcome(network, choice, limit: least - 16).arena == least)
    }
  }

  /// Larger tiles keep potentials that smaller ones never store.
  @Test func theFastestPlanIsNotTheLargest() throws {
    let network = Sketch.lenet5(levels: 2, averages: true)
    let fastest = try outcome(network, .fastest)
    for limit in stride(from: 1500, through: 40_000, by: 1750) {
      let other = try outcome(network, .fastest, limit: limit)
      #expect(fastest.instructions <= other.instructions * 1.01, "\(limit): \(other)")
    }
  }

  @Test func withoutRatesKernelsOfSpikesFollowTheAssumedOnes() throws {
    let network = Sketch.vgg4()
    let (assumed, given) = (
      try outcome(network, .fastest, rates: .assumed), try outcome(network, .fastest)
    )
    #expect(assumed.kernels == given.kernels)
    #expect(assumed.kernels.contains("gather"))
    // Nobody has counted blank pixels, so a gray picture is taken for a mostly blank one.
    let small = try outcome(Sketch.lenet5(levels: 1, averages: true), .fastest, rates: .assumed)
    #expect(small.kernels.first == "gray lines")
  }
}
