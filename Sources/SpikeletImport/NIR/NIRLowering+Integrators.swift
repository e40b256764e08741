import SpikeletNetwork
import SpikeletSupport

/// Nodes that never fire.
extension NIRLowering {
  /// A potential: what reads it decides what becomes of it.
  mutating func integrator(_ index: Int) throws(Rejection) -> Value {
    var value = try unstackedForNeurons(index)
    let dynamics = try dynamics(index, value)
    guard dynamics.gains.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw .because("takes in nothing, or infinitely much, of its current")
    }
    value.potential = Potential(name: graph.nodes[index].name, dynamics: dynamics)
    return value
  }

  /// Spikes without a reset: of a potential, or of a current that nothing is kept of.
  mutating func threshold(_ index: Int) throws(Rejection) -> Value {
    var value = try unstacked(try input(index), for: index)
    let thresholds = try channels(
      try numbers(index, "threshold", allowsInfinity: true), "threshold", value)
    let zeros = thresholds.map { _ in 0.0 }
    if let potential = value.potential {
      value.potential = nil
      return try fire(
        index, value, potential.dynamics, thresholds: thresholds, resets: zeros)
    }
    var dynamics = NeuronDynamics(
      factor: 0, leak: .init(multiplier: 0, shift: 1), gains: zeros.map { _ in 1 }, rests: zeros,
      text: "no state", isIntegrator: false)
    // The engine compares with what is above 0, so that others are counted from below.
    if thresholds.allSatisfy(\.isFinite), thresholds.contains(where: { $0 <= 0 }) {
      dynamics.rests = thresholds.map { min(0, $0 - 1) }
      return try fire(
        index, try shifted(index, value, by: dynamics.rests.map { -$0 }),
        NeuronDynamics(
          factor: 0, leak: dynamics.leak, gains: dynamics.gains, rests: zeros, text: dynamics.text,
          isIntegrator: false),
        thresholds: zip(thresholds, dynamics.rests).map { $0 - $1 }, resets: zeros)
    }
    return try fire(index, value, dynamics, thresholds: thresholds, resets: zeros)
  }

  private mutating func shifted(
    _ index: Int, _ value: Value, by offsets: [Double]
  ) throws(Rejection) -> Value {
    var value = value
    value.node = try append(
      try normalization(factors: offsets.map { _ in 1 }, offsets: offsets),
      name: graph.nodes[index].name + ".shift", inputs: [value.node],
      shape: nodes[value.node].shape)
    return value
  }

  /// The class scores of a potential that never fires.
  mutating func scores(
    _ value: Value, of potential: Potential, _ index: Int
  ) throws(Rejection) -> Value {
    let dynamics = potential.dynamics
    let shape = nodes[value.node].shape
    guard shape.height == 1, shape.width == 1 else {
      throw .because("gets a map of \(Self.shown(value.dims)), needed a vector of scores")
    }
    scoresLeak = dynamics.leak
    let gains = dynamics.gains
    neurons.append(
      .init(
        name: potential.name, type: dynamics.synapse == nil ? "LI" : "CubaLI",
        parameters: dynamics.text, factor: dynamics.factor,
        leak: dynamics.leak, gain: (gains.min() ?? 1)...(gains.max() ?? 1), threshold: nil,
        synapse: dynamics.synapse))
    if let synapse = dynamics.synapse { scoresSynapse = .init(leak: synapse.leak) }
    // What all classes share moves no maximum.
    let rests = dynamics.rests
    let sharesRest = Set(rests).count == 1
    guard sharesRest || dynamics.synapse == nil else {
      throw .because(
        "leaks toward different values of v_leak behind a synaptic current, which scores cannot",
        hint: "give all classes the same v_leak")
    }
    guard sharesRest || semantics.start == .zero else {
      throw .because(
        "begins at different values of v_leak, which scores cannot", hint: "start zero")
    }
    guard Set(gains).count > 1 || !sharesRest else { return value }
    let kept = dynamics.integerFactor
    var result = value
    result.node = try append(
      try normalization(
        factors: gains, offsets: sharesRest ? gains.map { _ in 0 } : rests.map { $0 * (1 - kept) }),
      name: potential.name, inputs: [value.node], shape: shape)
    return result
  }
}
