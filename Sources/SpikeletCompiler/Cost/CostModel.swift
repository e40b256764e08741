import SpikeletRuntime

/// What a plan costs, in instructions, as a function of what fires.
package struct CostModel: Sendable {
  let table: CostTable
  let shape: FiringShape
  let rates: FiringRates
  let typical: Workload

  /// The model of a network on a target.
  ///
  /// - Parameter rates: those of this network, or none that were measured.
  init(_ records: DraftRecords, rates: FiringRates, target: CostTarget) {
    self.init(shape: FiringShape(records), rates: rates, target: target)
  }

  init(shape: FiringShape, rates: FiringRates, target: CostTarget) {
    table = CostTable.measured(target)
    self.shape = shape
    self.rates = rates
    typical = rates.typical(shape)
  }

  /// The instructions that the synapses of a connection take with one record or another.
  func instructions(
    _ record: ConnectionRecord, _ index: Int, in layer: NeuronRecord, _ records: DraftRecords,
    _ load: Workload? = nil
  ) -> Double {
    table.instructions(
      records.work(
        of: record, in: layer, shape.connections[index], (load ?? typical).connections[index],
        for: table.target))
  }

  /// What a picture costs.
  ///
  /// - Parameter prices: others than those that were measured.
  func estimate(
    _ records: DraftRecords, _ load: Workload, prices: CostTable? = nil
  ) -> CostEstimate {
    let table = prices ?? table
    var works = records.layers.indices.map { records.work(of: $0, shape, load, for: table.target) }
    works.append(records.workOfEncoding(shape, load))
    return CostEstimate(
      layers: works.map { (table.instructions($0.picture), table.instructions($0.timestep)) },
      timesteps: load.timesteps)
  }

  /// What a picture does, in the pieces that have a price: once, and in each timestep.
  func features(_ records: DraftRecords, _ load: Workload) -> LayerWork {
    var sum = records.workOfEncoding(shape, load)
    for index in records.layers.indices {
      let work = records.work(of: index, shape, load, for: table.target)
      sum.picture.add(work.picture)
      sum.timestep.add(work.timestep)
    }
    return sum
  }
}

/// The instructions of a picture.
package struct CostEstimate: Sendable {
  /// For each layer: once a picture, and in a timestep. Behind them what belongs to no layer.
  package let layers: [(picture: Double, timestep: Double)]
  /// The timesteps of a picture.
  package let timesteps: Double

  /// What a picture takes beside its timesteps.
  package var picture: Double { layers.reduce(0) { $0 + $1.picture } }
  /// What a timestep takes.
  package var timestep: Double { layers.reduce(0) { $0 + $1.timestep } }
  /// What a picture takes with all of its timesteps.
  package var total: Double { picture + timesteps * timestep }
}
