import SpikeletNetwork
import SpikeletRuntime

// The words of the model file for the compiler's own values. Nothing else in the compiler knows both.

extension InputCoding.Mode {
  /// The mode as the model file states it.
  var wire: InputMode {
    switch self {
    case .direct: .direct
    case .rate: .rate
    case .poisson: .poisson
    case .events: .events
    }
  }
}

extension OutputScores {
  /// The read-out as the model file states it.
  var wire: ReadOut {
    switch self {
    case .potential: .potential
    case .count: .count
    }
  }
}

extension Reset {
  /// The reset as the model file states it.
  var wire: ResetRule {
    switch self {
    case .none: .none
    case .soft: .soft
    case .hard: .hard
    }
  }
}

extension Leak.Rule {
  /// The leak's rule as the model file states it.
  var wire: LeakRule {
    switch self {
    case .none: .none
    case .shift: .shift
    case .multiplyFloor: .multiplyFloor
    case .multiplyTowardZero: .multiplyTowardZero
    }
  }
}

extension SpikeMaximum {
  /// The max pool's rule as the model file states it.
  var wire: MaxPoolRule {
    switch self {
    case .countMaximum: .countMaximum
    case .gated: .gated
    case .any: .any
    }
  }
}

extension ThresholdCoding {
  /// The coding as the model file states it.
  var wire: SpikeCoding {
    switch self {
    case .thermometer: .thermometer
    case .oneHot: .oneHot
    }
  }
}

extension ExitRule {
  /// The condition as the engine and the model file state it; `marginTable` belongs to it.
  package var policy: ExitPolicy {
    switch condition {
    case .none: .none
    case .count(let score): .count(score, from: minimumTimestep)
    case .margin(let lead): .margin(lead, from: minimumTimestep)
    case .stable(let timesteps, let margin):
      .stable(timesteps, margin: margin, from: minimumTimestep)
    case .marginPerStep: .marginPerTimestep(from: minimumTimestep)
    }
  }

  /// One margin a timestep as the engine and the model file state them; empty without a table.
  package var marginTable: [Int] {
    guard case .marginPerStep(let margins) = condition else { return [] }
    return margins.map { $0.map { min($0, ExitPolicy.never) } ?? ExitPolicy.never }
  }

  /// The entry of the table for a timestep, counted from 1; `ExitPolicy.never` without a table.
  package func demand(at timestep: Int) -> Int {
    guard case .marginPerStep(let margins) = condition, !margins.isEmpty else {
      return ExitPolicy.never
    }
    return margins[min(timestep, margins.count) - 1] ?? ExitPolicy.never
  }
}
