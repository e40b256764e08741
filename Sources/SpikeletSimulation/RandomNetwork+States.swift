import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

extension RandomNetwork {
  /// A network of several timesteps with more states than potentials: layers behind synaptic currents,
  /// and connections that bring back the spikes of the timestep before, to their own layer or to an
  /// earlier one.
  package static func stateful(seed: UInt64) -> RandomNetwork {
    var number = seed &* 16
    var network = RandomNetwork(seed: number)
    while network.configuration.maximumTimesteps == 1 {
      number &+= 1
      network = RandomNetwork(seed: number)
    }
    var states = StatefulLayers(random: SeededRandom(seed: seed ^ 0x7374_6174_6573))
    states.add(network.spiking)
    states.bringBack()
    network.spiking.layers = states.layers
    return network
  }
}

/// Puts currents before some layers of a network, and connections that lead back between them.
private struct StatefulLayers {
  var random: SeededRandom
  var layers: [SpikingNetwork.Layer] = []

  mutating func add(_ network: SpikingNetwork) {
    // Where each source of the network lies now.
    var moved = [0]
    for layer in network.layers {
      var layer = layer
      for index in layer.connections.indices {
        layer.connections[index].source = moved[layer.connections[index].source]
      }
      if case .neurons(let neurons) = layer.kind, random.chance(2) {
        appendCurrent(layer, neurons)
        layer.connections = [
          .init(source: layers.count, pool: nil, pooledShape: layer.shape, synapses: .potentials)
        ]
      }
      layers.append(layer)
      moved.append(layers.count)
    }
  }

  private mutating func appendCurrent(
    _ layer: SpikingNetwork.Layer, _ neurons: SpikingNetwork.Neurons
  ) {
    let channels = layer.shape.channels
    var current = SpikingNetwork.Neurons(
      bias: (0..<channels).map { _ in random.symmetric() }, thresholds: [],
      hasTrainedThresholds: neurons.hasTrainedThresholds, reset: .none, initialShare: 0,
      leak: leak(), lambda: [], predictedRate: 0)
    current.isCurrent = true
    current.countsFinely = random.chance(2)
    if random.chance(3) { current.initials = (0..<channels).map { _ in random.symmetric() } }
    layers.append(
      .init(
        name: "\(layer.name).current", shape: layer.shape, connections: layer.connections,
        kind: .neurons(current)))
  }

  /// Adds connections of spikes that a layer, or one after it, fired one timestep before.
  mutating func bringBack() {
    let firing = layers.indices.filter {
      if case .neurons(let neurons) = layers[$0].kind { neurons.fires } else { false }
    }
    for index in layers.indices {
      let later = firing.filter { $0 >= index }
      guard case .neurons = layers[index].kind, !later.isEmpty, random.chance(2) else { continue }
      // Often itself: who reads its own spikes reads them before it writes others.
      let source = random.chance(2) ? later[0] : later[random.pick(0...later.count - 1)]
      if let connection = connection(from: source, to: layers[index].shape) {
        layers[index].connections.append(connection)
      }
    }
  }

  private mutating func connection(
    from layer: Int, to shape: Shape
  ) -> SpikingNetwork.Connection? {
    let input = layers[layer].spikeShape
    var result = SpikingNetwork.Connection(
      source: layer + 1, pool: nil, pooledShape: input, synapses: .potentials)
    if input == shape, random.chance(3) {
      result.synapses = .channelwise(weights: weights(shape.channels))
    } else if shape.height * shape.width == 1, input.count * shape.channels <= 4000 {
      result.synapses = .dense(weights: weights(input.count * shape.channels))
    } else {
      let window = Window(from: input, to: shape)
      guard window.area <= 30 else { return nil }
      result.synapses = .convolution(
        window: window, groups: 1,
        weights: weights(shape.channels * input.channels * window.area))
    }
    return result
  }

  private mutating func weights(_ count: Int) -> [Double] {
    (0..<count).map { _ in random.symmetric() }
  }

  private mutating func leak() -> Leak {
    let shift = random.pick(1...15)
    switch random.pick(0...5) {
    case 0: return .init()
    case 1: return .init(rule: .shift, shift: random.pick(1...6))
    case 2:
      return .init(
        rule: .multiplyTowardZero, multiplier: random.pick(0...1 << shift), shift: shift)
    default:
      return .init(rule: .multiplyFloor, multiplier: random.pick(0...1 << shift), shift: shift)
    }
  }
}
