import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// What a model of one timestep keeps.
@Suite struct ExecutionPlanTests {
  private func plan(
    _ network: SpikingNetwork, _ tiling: TilingPolicy = .automatic(budget: nil)
  ) throws -> ExecutionPlan {
    var configuration = Configuration()
    configuration.name = network.name
    (configuration.timesteps, configuration.maximumTimesteps) = (1, 1)
    let integer = try Quantizer.quantize(network, configuration: configuration)
    return try ExecutionPlan(integer, tiling: tiling)
  }

  @Test(arguments: [1, 2], [false, true])
  func aLeNet5TakesTwoKilobytes(levels: Int, averages: Bool) throws {
    let network = Sketch.lenet5(levels: levels, averages: averages)
    let small = try plan(network, .automatic(budget: 2048))
    #expect(small.arenaBytes <= 2048)
    let whole = try plan(network, .whole)
    #expect(whole.arenaBytes > 8 * small.arenaBytes)
    // Without a budget it takes what helps, up to half of the smallest cache.
    #expect(try 4096...16_384 ~= plan(network).arenaBytes)
  }

  @Test func aVGG4TakesSixteenKilobytes() throws {
    #expect(try plan(Sketch.vgg4(), .automatic(budget: 16_384)).arenaBytes <= 16_384)
  }

  @Test func plansAreValuesThatCompare() throws {
    let network = Sketch.lenet5(levels: 1, averages: true)
    #expect(try plan(network) == plan(network))
    #expect(try plan(network) != plan(network, .whole))
  }

  /// No two buffers that are alive at once overlap, and each lies in the arena.
  @Test(arguments: [TilingPolicy.automatic(budget: 2048), .whole])
  func buffersStayApart(tiling: TilingPolicy) throws {
    let plan = try plan(Sketch.lenet5(levels: 2, averages: false), tiling)
    for (i, a) in plan.buffers.enumerated() {
      #expect(a.offset % 16 == 0 && a.offset + a.bytes <= plan.arenaBytes)
      for b in plan.buffers[..<i] where a.slots.overlaps(b.slots) {
        #expect(a.offset >= b.offset + b.bytes || b.offset >= a.offset + a.bytes)
      }
    }
    #expect(plan.lowerBound <= plan.arenaBytes)
  }
}
