import Foundation
import SpikeletNetwork
import SpikeletSupport

/// Time constants and resistances.
extension NIRLowering {
  /// The dynamics of a node of neurons of any kind.
  mutating func dynamics(_ index: Int, _ value: Value) throws(Rejection) -> NeuronDynamics {
    switch graph.nodes[index].node.type {
    case "I", "IF": return try integrating(index, value)
    case "LI", "LIF": return try leaking(index, value, tau: "tau")
    default:
      if keepsCurrent(index) { return try twoStates(index, value) }
      if try lastsInCurrentAlone(index, value) { return try current(index, value) }
      var result = try leaking(index, value, tau: "tau_mem")
      let synapse = try synapticGains(index, value)
      result.gains = zip(result.gains, synapse).map(*)
      return result
    }
  }

  private func resistances(_ index: Int, _ value: Value) throws(Rejection) -> [Double] {
    let r = try channels(try numbers(index, "r", allowsInfinity: true), "r", value)
    if let wrong = r.first(where: { $0 <= 0 }) {
      throw .because("has the resistance \(wrong), needed more than 0")
    }
    return r
  }

  private func integrating(_ index: Int, _ value: Value) throws(Rejection) -> NeuronDynamics {
    let r = try resistances(index, value)
    guard r.allSatisfy(\.isFinite) else { throw .because("has an infinite resistance") }
    return NeuronDynamics(
      factor: 1, leak: nil, gains: r.map(semantics.integratorGain),
      rests: r.map { _ in 0 }, text: "r \(Self.span(r))", isIntegrator: true)
  }

  /// A time constant that is one for all channels: the engine has one leak a layer.
  private func timeConstant(
    _ index: Int, _ key: String, _ value: Value
  ) throws(Rejection) -> [Double] {
    let tau = try channels(try numbers(index, key, allowsInfinity: true), key, value)
    if let wrong = tau.first(where: { $0 <= 0 }) {
      throw .because("has the time constant \(key) \(wrong), needed more than 0")
    }
    return tau
  }

  private mutating func leaking(
    _ index: Int, _ value: Value, tau key: String
  ) throws(Rejection) -> NeuronDynamics {
    let tau = try timeConstant(index, key, value)
    let r = try resistances(index, value)
    let name = graph.nodes[index].name
    let rests = try channels(try numbers(index, "v_leak"), "v_leak", value)
    let text =
      "\(key) \(Self.span(tau)), r \(Self.span(r))"
      + (rests.contains { $0 != 0 } ? ", v_leak \(Self.span(rests))" : "")
    guard let longest = tau.max(), longest.isFinite else {
      guard tau.allSatisfy(\.isInfinite) else {
        throw .because(
          "has time constants that are infinite and others that are not; the engine has one leak a "
            + "layer", hint: "split it into one node for each")
      }
      notes.append("'\(name)': an infinite \(key) means no leak, so that it is read as IF")
      // What writes an infinite time constant writes the resistance that belongs to it.
      let gains = r.map { $0.isInfinite ? 1 : semantics.integratorGain($0) }
      return NeuronDynamics(
        factor: 1, leak: nil, gains: gains, rests: r.map { _ in 0 }, text: text,
        isIntegrator: true)
    }
    guard r.allSatisfy(\.isFinite) else {
      throw .because("has an infinite resistance and a time constant that is not")
    }
    let shares = tau.map(semantics.share)
    guard let least = shares.min(), let most = shares.max(), most <= 1 + 1e-9 else {
      throw .because(
        "has the time constant \(key) \(tau.min() ?? 0), less than a timestep of \(semantics.dt)",
        hint: "give the timestep that it was trained with: dt in the semantics")
    }
    var leak = try leak(index, tau: tau[0], key: key)
    for other in Set(tau) where try self.leak(index, tau: other, key: key) != leak {
      throw .because(
        "has different time constants (\(key) \(Self.span(tau))); the engine has one leak a layer",
        hint: "split it into one node for each time constant")
    }
    if leak == nil {
      notes.append(
        "'\(name)': \(key) is \(Self.span(tau)) and a timestep \(semantics.dt), so that nothing "
          + "leaks in whole numbers")
    }
    if leak?.multiplier == 1 << (leak?.shift ?? 0) { leak = nil }
    return NeuronDynamics(
      factor: max(0, 1 - (least + most) / 2), leak: leak,
      gains: zip(tau, r).map { semantics.gain($0, $1) }, rests: rests, text: text,
      isIntegrator: false)
  }

  private func leak(
    _ index: Int, tau: Double, key: String
  ) throws(Rejection) -> Network.Membrane.Leak? {
    guard semantics.arithmetic == .lava else {
      return NeuronDynamics.leak(max(0, 1 - semantics.share(tau)))
    }
    // Lava counts decays in steps of 1/4096, and cuts them off.
    let decay = Int(min(1, semantics.dt / tau) * 4095)
    return .init(multiplier: 4096 - decay, shift: 12, roundsTowardZero: true)
  }

  /// Whether a membrane keeps nothing from one timestep to the next, and its synaptic current does.
  private func lastsInCurrentAlone(_ index: Int, _ value: Value) throws(Rejection) -> Bool {
    let membrane = try timeConstant(index, "tau_mem", value)
    let synapse = try timeConstant(index, "tau_syn", value)
    return membrane.allSatisfy(forgets) && !synapse.allSatisfy(forgets)
  }

  /// Whether all of a state leaks in a timestep.
  func forgets(_ tau: Double) -> Bool { abs(1 - semantics.share(tau)) < 0x1p-16 }

  /// Neurons whose potential is their synaptic current, above the value that the membrane rests at.
  ///
  /// What a spike does to the potential is forgotten a timestep later.
  private mutating func current(
    _ index: Int, _ value: Value
  ) throws(Rejection) -> NeuronDynamics {
    guard semantics.resetTime == .beforeLeak || semantics.reset == .none else {
      throw .because(
        "forgets its potential in a timestep (tau_mem is dt), and is to be reset after that",
        hint: "reset before the leak: resetTime before-leak")
    }
    var result = try leaking(index, value, tau: "tau_syn")
    let membrane = try timeConstant(index, "tau_mem", value)
    let synapse = try timeConstant(index, "tau_syn", value)
    let r = try resistances(index, value)
    let weights = try synapticWeights(index, value)
    result.gains = membrane.indices.map {
      weights[$0] * semantics.gain(synapse[$0], 1) * semantics.gain(membrane[$0], r[$0])
    }
    result.isCurrent = true
    return result
  }

  private func synapticWeights(_ index: Int, _ value: Value) throws(Rejection) -> [Double] {
    let weights = try channels(
      try optional(index, "w_in") ?? NIRParameter(shape: [], numbers: [1]), "w_in", value)
    if let wrong = weights.first(where: { $0 <= 0 }) {
      throw .because("has the weight w_in \(wrong), needed more than 0")
    }
    return weights
  }

  /// What a synapse that keeps nothing passes on of a current.
  private func synapticGains(_ index: Int, _ value: Value) throws(Rejection) -> [Double] {
    zip(try timeConstant(index, "tau_syn", value), try synapticWeights(index, value)).map {
      tau, weight in weight * semantics.gain(tau, 1)
    }
  }

  /// Whether a node keeps a synaptic current beside a potential, and both last longer than a timestep.
  func keepsCurrent(_ index: Int) -> Bool {
    let node = graph.nodes[index].node
    guard ["CubaLIF", "CubaLI"].contains(node.type) else { return false }
    return ["tau_syn", "tau_mem"].allSatisfy { key in
      guard case .success(let tau)? = node.parameters[key] else { return false }
      return !tau.numbers.allSatisfy(forgets)
    }
  }

  /// Neurons with a synaptic current beside their potential.
  ///
  /// The current counts in what it takes in of an input, the potential in what that makes of it, so that
  /// weights stay as they are.
  private mutating func twoStates(
    _ index: Int, _ value: Value
  ) throws(Rejection) -> NeuronDynamics {
    guard semantics.arithmetic == .real else {
      throw .because(
        "keeps a synaptic current beside its potential, which Lava's fixed point is not read with",
        hint: "arithmetic real")
    }
    let tau = try timeConstant(index, "tau_syn", value)
    let shares = tau.map(semantics.share)
    guard tau.allSatisfy(\.isFinite), let least = shares.min(), let most = shares.max() else {
      throw .because("has an infinite tau_syn, so that its current takes in nothing")
    }
    guard most <= 1 + 1e-9 else {
      throw .because(
        "has the time constant tau_syn \(tau.min() ?? 0), less than a timestep of \(semantics.dt)",
        hint: "give the timestep that it was trained with: dt in the semantics")
    }
    var synapse = try leak(index, tau: tau[0], key: "tau_syn")
    for other in Set(tau) where try leak(index, tau: other, key: "tau_syn") != synapse {
      throw .because(
        "has different time constants (tau_syn \(Self.span(tau))); the engine has one leak a layer",
        hint: "split it into one node for each time constant")
    }
    if synapse?.multiplier == 1 << (synapse?.shift ?? 0) { synapse = nil }
    var result = try leaking(index, value, tau: "tau_mem")
    // Where r is left out of a membrane's share, it is the weight of its current.
    if semantics.current == .unit, !result.isIntegrator {
      result.gains = zip(result.gains, try resistances(index, value)).map(*)
    }
    let gains = zip(tau, try synapticWeights(index, value)).map { $1 * semantics.gain($0, 1) }
    result.gains = zip(result.gains, gains).map(*)
    result.text += ", tau_syn \(Self.span(tau))"
    result.synapse = .init(
      factor: max(0, 1 - (least + most) / 2), leak: synapse,
      gain: (gains.min() ?? 1)...(gains.max() ?? 1))
    return result
  }

  /// One number, or the smallest and the largest of several.
  static func span(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "none" }
    func text(_ value: Double) -> String {
      // What a 32-bit number holds is shown as short as that.
      Double(Float(value)) == value ? "\(Float(value))" : "\(value)"
    }
    return low == high ? text(low) : "\(text(low)) to \(text(high))"
  }
}
