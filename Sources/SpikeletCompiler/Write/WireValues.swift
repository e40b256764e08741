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
  var wire: LevelCoding {
    switch self {
    case .thermometer: .thermometer
    case .oneHot: .oneHot
    }
  }
}
