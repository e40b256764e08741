import SpikeletSupport

/// How often neurons fire, as far as it is known: what the choice of kernels and every estimate of
/// instructions begin with.
public enum FiringRates: Sendable, Equatable {
  /// Nothing is known: every neuron fires in one of ten timesteps, and no pixel is blank.
  case assumed
  /// Spikes a neuron and timestep, 0…1: one for each map of spikes in order, the last of them for all
  /// that follow.
  case given([Double])
  /// What `spikelet calibrate` has counted.
  case measured(FiringMeasurement)

  /// The rate that is assumed.
  public static let assumedRate = 0.1

  /// Where the numbers come from, in words.
  package var origin: String {
    switch self {
    case .assumed:
      "firing rates assumed: \(Int(Self.assumedRate * 100)) % of neurons a timestep, no blank pixel"
    case .given(let rates):
      "firing rates given: \(rates.map { "\($0)" }.joined(separator: ", "))"
    case .measured(let measurement):
      "firing rates measured: \(measurement.pictures) pictures of \(measurement.dataset)"
    }
  }

  /// What fires in the mean timestep.
  package func typical(_ shape: FiringShape) -> Workload {
    switch self {
    case .assumed: shape.workload(rates: shape.rates([Self.assumedRate]))
    case .given(let rates): shape.workload(rates: shape.rates(rates))
    case .measured(let measurement): measurement.typical
    }
  }

  /// What fires in a timestep that one of a thousand exceeds; nil where that was not measured.
  package func rare(_ shape: FiringShape) -> Workload? {
    guard case .measured(let measurement) = self else { return nil }
    return measurement.rare(shape)
  }
}

extension FiringShape {
  /// A rate for every map from a rate for each map of spikes.
  func rates(_ given: [Double]) -> [Double] {
    var next = 0
    return neurons.map { count in
      guard count > 0, !given.isEmpty else { return 0 }
      defer { next += 1 }
      return given[min(next, given.count - 1)]
    }
  }
}

extension Workload {
  /// What the layers would do if so many times as many neurons fired; pixels stay as they are.
  func scaled(by factor: Double, _ shape: FiringShape) -> Workload {
    let worst = shape.worst
    var result = self
    for index in connections.indices where !shape.connections[index].isDirect {
      result.connections[index] = connections[index].scaled(
        by: factor, most: worst.connections[index])
    }
    for index in firedBlocks.indices {
      let blocks = Activity([.runs: firedBlocks[index]])
      result.firedBlocks[index] =
        blocks.scaled(by: factor, most: Activity([.runs: worst.firedBlocks[index]]))[.runs]
    }
    return result
  }
}
