import Foundation
import SpikeletNetwork
import SpikeletSupport

/// Nodes that fire.
extension NIRLowering {
  mutating func neurons(_ index: Int) throws(Rejection) -> Value {
    let value = try unstackedForNeurons(index)
    let dynamics = try dynamics(index, value)
    let thresholds = try channels(
      try numbers(index, "v_threshold", allowsInfinity: true), "v_threshold", value)
    let resets = try channels(
      try optional(index, "v_reset") ?? NIRParameter(shape: [], numbers: [0]), "v_reset", value)
    return try fire(index, value, dynamics, thresholds: thresholds, resets: resets)
  }

  /// What a node of neurons reads, the spikes of a neuron added up.
  mutating func unstackedForNeurons(_ index: Int) throws(Rejection) -> Value {
    try unstacked(try firing(index), for: index)
  }

  /// The spikes of a potential.
  mutating func fire(
    _ index: Int, _ value: Value, _ dynamics: NeuronDynamics, thresholds: [Double],
    resets: [Double]
  ) throws(Rejection) -> Value {
    let count = thresholds.count
    guard thresholds.allSatisfy({ $0.isFinite }) else {
      throw .because("has a threshold that is infinite, so that it never fires")
    }
    guard dynamics.gains.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw .because("takes in nothing, or infinitely much, of its current")
    }
    let back = try feedback(index, value)
    let beta = dynamics.integerFactor
    let rule = try resetRule(index, dynamics, thresholds: thresholds, resets: resets, back: back)
    let spikes = rule.reset == .soft ? semantics.spikes : 1
    var levels: [[Float]] = []
    var amounts: [[Float]] = []
    for level in 1...spikes {
      levels.append(
        (0..<count).map {
          Float((thresholds[$0] * Double(level) - rule.origins[$0]) / dynamics.gains[$0])
        })
      amounts.append((0..<count).map { Float(rule.amounts[$0] * Double(level)) })
    }
    try requireLevels(levels, amounts, thresholds, rule)
    var layer = Network.Threshold(
      thresholds: levels, isStrict: semantics.compare == .above,
      membrane: .init(
        leak: dynamics.leak, reset: rule.reset, resetsAfterLeak: rule.isAfterLeak))
    layer.countsFinely = true
    if rule.reset == .soft, !rule.isAfterLeak, amounts != levels { layer.amounts = amounts }
    // A current begins at nothing, whatever the potential begins at.
    let starts = dynamics.isCurrent ? dynamics.rests : start(dynamics, resets: resets)
    let initials = (0..<count).map {
      Float(beta * (starts[$0] - rule.origins[$0]) / dynamics.gains[$0])
    }
    if initials.contains(where: { $0 != 0 }) { layer.initials = initials }
    if semantics.lowest == .threshold, dynamics.isIntegrator, !isBare(index) {
      layer.floors = (0..<count).map {
        min(0, Float((-thresholds[$0] - rule.origins[$0]) / dynamics.gains[$0]))
      }
    }
    let offsets = (0..<count).map {
      (1 - beta) * (dynamics.rests[$0] - rule.origins[$0]) / dynamics.gains[$0] + back.biases[$0]
    }
    var source = value
    if let synapse = dynamics.synapse {
      layer.synapse = .init(
        leak: synapse.leak,
        offsets: offsets.contains { $0 != 0 } ? offsets.map(Float.init) : [])
    } else if semantics.arithmetic == .lava {
      try makeFixed(index, &source, &layer, dynamics, thresholds: thresholds, offsets: offsets)
    } else if offsets.contains(where: { $0 != 0 }) {
      source.node = try append(
        try normalization(factors: offsets.map { _ in 1 }, offsets: offsets),
        name: graph.nodes[index].name + ".offset", inputs: [value.node],
        shape: nodes[value.node].shape)
    }
    note(index, dynamics, levels: layer.thresholds[0])
    let shape = nodes[value.node].shape
    let node = try append(
      .threshold(layer), name: graph.nodes[index].name, inputs: [source.node],
      shape: Shape(
        channels: shape.channels * spikes, height: shape.height, width: shape.width))
    return Value(node: node, dims: value.dims, stack: spikes)
  }

  /// Whether a node only compares, and has no potential of its own.
  func isBare(_ index: Int) -> Bool { graph.nodes[index].node.type == "Threshold" }

  private func requireLevels(
    _ levels: [[Float]], _ amounts: [[Float]], _ thresholds: [Double], _ rule: ResetRule
  ) throws(Rejection) {
    guard levels[0].allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .because(
        "has the threshold \(Self.span(thresholds)), not above the value that it is counted from "
          + "(\(Self.span(rule.origins)), where it rests or is reset to)",
        hint: "needed a threshold above v_leak, v_reset and what its own spikes feed back")
    }
    guard amounts[0].allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .because(
        "feeds back more of its own spikes than their reset subtracts, so that they raise it; the "
          + "engine's resets only lower it")
    }
  }

  private func start(_ dynamics: NeuronDynamics, resets: [Double]) -> [Double] {
    switch semantics.start {
    case .zero: resets.map { _ in 0 }
    case .leak: dynamics.rests
    case .reset: resets
    }
  }

  /// Makes the weights, the thresholds and the decay those of Lava's fixed point.
  private mutating func makeFixed(
    _ index: Int, _ source: inout Value, _ layer: inout Network.Threshold,
    _ dynamics: NeuronDynamics, thresholds: [Double], offsets: [Double]
  ) throws(Rejection) {
    guard offsets.allSatisfy({ $0 == 0 }), layer.membrane?.reset == .hard, layer.initials.isEmpty
    else {
      throw .because(
        "has a bias, a resting value or a reset that Lava's fixed point does not have")
    }
    // Weights in steps of 1/256, each worth 64 of a potential; thresholds cut off to the same.
    func fixed(_ weights: [Float], row: Int) throws(Rejection) -> [Float] {
      weights.enumerated().map { position, weight in
        Float(Int(max(-1e6, min(1e6, Double(weight) * dynamics.gains[position / row] * 256)))) * 64
      }
    }
    var node = nodes[source.node]
    let reason = "has no weights of its own before it, which Lava's fixed point needs"
    switch node.operation {
    case .dense(var dense):
      guard dense.bias.allSatisfy({ $0 == 0 }) else {
        throw .because("gets a bias, which Lava's fixed point does not have here")
      }
      dense.weights = try fixed(dense.weights, row: dense.inputs)
      node.operation = .dense(dense)
    case .convolution(var convolution):
      guard convolution.bias.allSatisfy({ $0 == 0 }) else {
        throw .because("gets a bias, which Lava's fixed point does not have here")
      }
      convolution.weights = try fixed(
        convolution.weights, row: convolution.weights.count / convolution.outputChannels)
      node.operation = .convolution(convolution)
    default: throw .because(reason)
    }
    guard sources(of: index).allSatisfy({ readers(of: $0).count == 1 }) else {
      throw .because(reason)
    }
    source.node = try append(
      node.operation, name: node.name + ".fixed", inputs: node.inputs, shape: node.shape)
    layer.thresholds = [thresholds.map { Float((Int($0 * 131_071) >> 9) * 64) }]
    layer.floors = []
    layer.unit = 1
  }

  /// Notes what became of a node, for reports.
  private mutating func note(_ index: Int, _ dynamics: NeuronDynamics, levels: [Float]?) {
    let node = graph.nodes[index]
    let gains = dynamics.gains
    neurons.append(
      .init(
        name: node.name, type: node.node.type, parameters: dynamics.text,
        factor: dynamics.factor, leak: dynamics.leak,
        gain: (gains.min() ?? 1)...(gains.max() ?? 1),
        threshold: levels.flatMap { levels in
          guard let low = levels.min(), let high = levels.max() else { return nil }
          return Double(low)...Double(high)
        }, synapse: dynamics.synapse))
  }
}
