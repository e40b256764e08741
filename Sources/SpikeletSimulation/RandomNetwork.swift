import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// Random small spiking networks: every kind of layer, connection, neuron and input, with shapes
/// that fit no vector, so that what examples miss is found.
package struct RandomNetwork: Sendable {
  package var spiking: SpikingNetwork
  package var configuration: Configuration
  /// A picture of random density, or of a network of events the frame of the first timestep.
  package var pixels: [UInt8]
  /// The share of the input that fires at every timestep, where the rest never does; of some networks
  /// whose input is spikes. From 0 to 1, both included.
  package var firingShare: Double?
  /// The number of timesteps to compare.
  package var timesteps: Int
  /// How several thresholds become spikes.
  package var coding: ThresholdCodingChoice
  /// How a model of one timestep is cut into tiles.
  package var tiling: TilingPolicy
  /// Which kernel runs which connection.
  package var kernels: KernelPolicy

  package init(seed: UInt64) {
    var builder = RandomNetworkBuilder(
      random: SeededRandom(seed: seed), mixing: SeededRandom(seed: seed ^ 0x6D69_7865_6421),
      widening: SeededRandom(seed: seed ^ 0x7769_6465),
      events: SeededRandom(seed: seed ^ 0x65_7665_6E74),
      delaying: SeededRandom(seed: seed ^ 0x6465_6C61_79),
      looking: SeededRandom(seed: seed ^ 0x6C6F_6F6B))
    self = builder.build()
    kernels = .random(seed: seed ^ 0x6B65_726E_656C)
  }

  init(
    spiking: SpikingNetwork, configuration: Configuration, pixels: [UInt8],
    firingShare: Double?, timesteps: Int, coding: ThresholdCodingChoice, tiling: TilingPolicy
  ) {
    self.spiking = spiking
    self.configuration = configuration
    self.pixels = pixels
    self.firingShare = firingShare
    self.timesteps = timesteps
    self.coding = coding
    self.tiling = tiling
    kernels = .automatic
  }

  /// What a timestep takes, counted from 1: the picture, or other frames of events each time.
  package func frame(_ timestep: Int) -> [UInt8] {
    guard spiking.input.mode == .events, !pixels.isEmpty else { return pixels }
    let shift = (timestep - 1) * 5 % pixels.count
    return Array(pixels[shift...] + pixels[..<shift])
  }

  /// What a run of some timesteps takes: the picture, or the frames of all timesteps.
  package func input(timesteps: Int) -> [UInt8] {
    spiking.input.mode == .events ? (1...timesteps).flatMap { frame($0) } : pixels
  }

  /// The model file, or the reason why there is none: random thresholds may not fit.
  ///
  /// - Parameter exit: the exit policy to put into the file.
  package func compile(exit: ExitRule = .none) throws -> [UInt8] {
    var integer = try quantized()
    integer.exit = exit
    let plan = try ExecutionPlan(integer, tiling: tiling, kernels: kernels)
    return try ModelWriter.write(integer, plan: plan, provenance: .object([:]))
  }

  /// How its model runs.
  package func plan() throws -> ExecutionPlan {
    try ExecutionPlan(quantized(), tiling: tiling, kernels: kernels)
  }

  private func quantized() throws -> IntegerNetwork {
    try Quantizer.quantize(
      spiking, configuration: configuration, coding: coding, mixesSources: true)
  }
}
