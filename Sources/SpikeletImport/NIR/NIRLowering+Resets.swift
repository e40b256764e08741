import SpikeletNetwork
import SpikeletSupport

/// What a spike does, and what of it comes back.
extension NIRLowering {
  /// What a spike does, in potentials of the file: the value that it leaves, or that it subtracts.
  struct ResetRule {
    var reset: Reset
    /// What a potential is counted from.
    var origins: [Double]
    /// What a soft reset subtracts before the leak, for one threshold.
    var amounts: [Double]
    var isAfterLeak: Bool
  }

  /// What a spike does, with what comes back of it along a recurrent edge.
  ///
  /// A neuron's own spike comes back one timestep later, after the leak: with a reset by subtraction
  /// it makes the amount smaller, and with a reset to a value it makes the value larger.
  func resetRule(
    _ index: Int, _ dynamics: NeuronDynamics, thresholds: [Double], resets: [Double],
    back: (weights: [Double], biases: [Double])
  ) throws(Rejection) -> ResetRule {
    let beta = dynamics.integerFactor
    let isRecurrent = back.weights.contains { $0 != 0 }
    let choice =
      isBare(index) || dynamics.isCurrent
      ? .none : dynamics.isIntegrator ? semantics.ifReset : semantics.reset
    let isAfterLeak = semantics.resetTime == .afterLeak && dynamics.leak != nil
    let zeros = thresholds.map { _ in 0.0 }
    if isRecurrent || (isAfterLeak && choice == .subtract), beta == 0 {
      throw .because(
        "forgets everything in a timestep (tau is dt), so that nothing can be subtracted after it")
    }
    switch choice {
    case .none:
      guard !isRecurrent else {
        throw .because("feeds its own spikes back without a reset, which the engine cannot")
      }
      return ResetRule(reset: .none, origins: dynamics.rests, amounts: zeros, isAfterLeak: false)
    case .reset, .zero:
      let target = choice == .zero ? zeros : resets
      guard !isAfterLeak || target == dynamics.rests else {
        throw .because(
          "is reset after the leak, to another value (\(Self.span(target))) than it leaks toward "
            + "(\(Self.span(dynamics.rests)))", hint: "reset before the leak: resetTime before-leak"
        )
      }
      let origins = zip(target, zip(dynamics.gains, back.weights)).map { value, pair in
        pair.1 == 0 ? value : value + pair.0 * pair.1 / beta
      }
      return ResetRule(reset: .hard, origins: origins, amounts: zeros, isAfterLeak: false)
    case .subtract:
      // In units of the current, before the leak.
      let late = isAfterLeak ? beta : 1
      let amounts = thresholds.indices.map { channel in
        thresholds[channel] / dynamics.gains[channel] / late
          - (back.weights[channel] == 0 ? 0 : back.weights[channel] / beta)
      }
      // Without anything else, the format's own words for it.
      let isPlain = isAfterLeak && !isRecurrent && dynamics.rests.allSatisfy { $0 == 0 }
      return ResetRule(
        reset: .soft, origins: dynamics.rests, amounts: amounts, isAfterLeak: isPlain)
    }
  }

  /// What a neuron's own spikes add to its current one timestep later, a value a channel.
  mutating func feedback(
    _ index: Int, _ value: Value
  ) throws(Rejection) -> (weights: [Double], biases: [Double]) {
    let shape = nodes[value.node].shape
    let zeros = [Double](repeating: 0, count: shape.channels)
    guard let back = loops[index] else { return (zeros, zeros) }
    guard semantics.recurrentDelay == 1 else {
      throw .because(
        "feeds its spikes back \(semantics.recurrentDelay) timesteps later; the engine can after one",
        hint: "recurrentDelay 1")
    }
    if back == index { return (zeros.map { _ in 1 }, zeros) }
    let node = graph.nodes[back].node
    if node.type == "Scale" {
      return (try channels(try numbers(back, "scale"), "scale", value), zeros)
    }
    let weight = try numbers(back, "weight")
    let count = weight.shape[0]
    guard count == shape.count, shape.height == 1, shape.width == 1 else {
      throw .because(
        "feeds its spikes back through weights for \(count) neurons, and has \(shape.count)")
    }
    var biases = zeros
    if node.type == "Affine" {
      biases = try channels(try numbers(back, "bias"), "bias", value)
    }
    return ((0..<count).map { weight.numbers[$0 * count + $0] }, biases)
  }
}
