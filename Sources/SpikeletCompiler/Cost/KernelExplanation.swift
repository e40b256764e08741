import SpikeletRuntime
import SpikeletSupport

/// Why a model runs as it does: which kernels could run each connection, what each would cost, and
/// what the whole costs.
package struct KernelExplanation: Sendable {
  package let name: String
  package let target: CostTarget
  /// Where the rates of firing come from, in words.
  package let origin: String
  package let arenaBytes: Int
  /// The arena that the plan may take; nil for any, or where it is not known.
  package let arenaLimit: Int?
  package let connections: [Connection]
  /// What a picture costs at the mean rates; where one of a thousand timesteps has more in each map;
  /// and where everything fires.
  package let typical: CostEstimate
  package let rare: CostEstimate?
  package let worst: CostEstimate
  /// What it would cost at half of the mean rates.
  package let atHalf: CostEstimate
  /// What the inner loops alone would cost at the mean rates; nil on a target where that is not known.
  package let ideal: CostEstimate?
  package let layerNames: [String]
  /// The pieces of work of the mean picture, once and in each timestep.
  package let features: (picture: CostFeatures, timestep: CostFeatures)

  /// The synapses from one source to one layer.
  package struct Connection: Sendable {
    package var layer: String
    package var source: String
    /// The sum pool over the source, as height and width.
    package var pool: (Int, Int)?
    package var readsPixels: Bool
    /// The share of the source's neurons that fire in the mean timestep, or of pixels that are not
    /// blank.
    package var rate: Double
    /// The kernel taken first, then the others that could run it, the cheapest first.
    package var options: [Option]
    /// What the kernel taken would cost at half the rate.
    package var atHalf: Double
  }

  /// A kernel that could run a connection.
  package struct Option: Sendable {
    package var kernel: String
    /// Of a timestep, or of a picture where pixels are read.
    package var instructions: Double
    package var scratchBytes: Int
    package var isTaken: Bool
    package var reason: String
  }

  /// Explains a model file.
  ///
  /// - Parameters:
  ///   - bytes: the file's.
  ///   - names: of the layers.
  package init(
    _ model: borrowing Model, bytes: [UInt8], name: String, names: [String], rates: FiringRates,
    target: CostTarget, arenaLimit: Int? = nil
  ) {
    self.init(
      DraftRecords(model, bytes: bytes), name: name, names: names, rates: rates, target: target,
      arenaLimit: arenaLimit)
  }

  init(
    _ records: DraftRecords, name: String, names: [String], rates: FiringRates,
    target: CostTarget, arenaLimit: Int?
  ) {
    let model = CostModel(records, rates: rates, target: target)
    (self.name, self.target, self.arenaLimit) = (name, target, arenaLimit)
    (origin, layerNames) = (rates.origin, names)
    arenaBytes = (try? records.plan().arenaBytes) ?? 0
    let half = model.typical.scaled(by: 0.5, model.shape)
    typical = model.estimate(records, model.typical)
    rare = rates.rare(model.shape).map { model.estimate(records, $0) }
    worst = model.estimate(records, model.shape.worst)
    atHalf = model.estimate(records, half)
    ideal = CostTable.ideal(target).map { model.estimate(records, model.typical, prices: $0) }
    let work = model.features(records, model.typical)
    features = (work.picture, work.timestep)
    let arena = arenaBytes
    connections = KernelPolicy.places(in: records).map { place in
      let record = records.connections[place.connection]
      let layer = records.neurons(place.layer)
      let shape = model.shape.connections[place.connection]
      let load = model.typical.connections[place.connection]
      let isPooled = record.poolHeight > 1 || record.poolWidth > 1
      let neurons = Double(shape.channels * shape.height * shape.width * max(1, shape.poolArea))
      return Connection(
        layer: names[place.layer],
        source: record.source == 0 ? "input" : names[Int(record.source) - 1],
        pool: isPooled ? (Int(record.poolHeight), Int(record.poolWidth)) : nil,
        readsPixels: shape.isDirect, rate: load[.spikes] / max(1, neurons),
        options: Self.options(place, records, model, arena: arena, limit: arenaLimit),
        atHalf: model.instructions(record, place.connection, in: layer, records, half))
    }
  }
}
