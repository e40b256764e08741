import Foundation
import SpikeletNetwork

/// What becomes of a potential from one timestep to the next, one value a channel.
struct NeuronDynamics {
  /// What is left of a potential, as the file's numbers say; 1 for all of it.
  var factor: Double
  /// The same in whole numbers; nil where nothing leaks.
  var leak: Network.Membrane.Leak?
  /// What a potential takes in of a current.
  var gains: [Double]
  /// What a potential leaks toward.
  var rests: [Double]
  /// The parameters for messages.
  var text: String
  /// Whether it was given no time constant, or an infinite one.
  var isIntegrator: Bool
  /// The synaptic current that the potential takes in; nil where it takes in its input itself.
  var synapse: Network.Interpretation.Synapse?
  /// Whether it is the current of a membrane that keeps nothing, so that no reset lasts.
  var isCurrent = false

  /// The factor of the whole numbers.
  var integerFactor: Double {
    leak.map { Double($0.multiplier) / Double(1 << $0.shift) } ?? 1
  }

  /// A factor as a multiplier over 2^15 at most; nil where it rounds to 1.
  static func leak(_ factor: Double) -> Network.Membrane.Leak? {
    var multiplier = Int((factor * 32_768).rounded())
    var shift = 15
    guard multiplier < 32_768 else { return nil }
    while multiplier % 2 == 0, shift > 1 {
      multiplier /= 2
      shift -= 1
    }
    return .init(multiplier: multiplier, shift: shift)
  }
}

extension NeuronSemantics {
  /// The share of a potential that leaks in a timestep.
  func share(_ tau: Double) -> Double {
    integration == .euler ? dt / tau : -expm1(-dt / tau)
  }

  /// What a leaky potential takes in of a current.
  func gain(_ tau: Double, _ r: Double) -> Double {
    switch current {
    case .resistance: r * dt / tau
    case .exact: r * share(tau)
    case .unit: share(tau)
    case .whole: 1
    }
  }

  /// What a potential without a leak takes in of a current.
  func integratorGain(_ r: Double) -> Double {
    switch ifCurrent {
    case .time: r * dt
    case .resistance: r
    case .whole: 1
    }
  }
}
