import SpikeletNetwork

/// What a network of trained thresholds keeps beside potentials: synaptic currents, and spikes that come
/// back one timestep later.
extension SpikingConversion {
  /// Appends the layer of a synaptic current, and returns what the potentials of a node take in of it.
  mutating func append(
    _ synapse: Network.Synapse, _ current: ConvertedValue.Current, _ index: Int
  ) -> ConvertedValue.Current? {
    guard requireSeveralTimesteps("keeps a synaptic current beside its potential", index) else {
      return nil
    }
    let (channels, name) = (current.shape.channels, layerName(index))
    var neurons = SpikingNetwork.Neurons(
      bias: current.bias, thresholds: [], hasTrainedThresholds: true, reset: .none,
      initialShare: 0, leak: Leak(synapse.leak),
      lambda: [Double](repeating: 1, count: channels), predictedRate: 0)
    neurons.isCurrent = true
    neurons.countsFinely = true
    layers.append(
      SpikingNetwork.Layer(
        name: current.name == name ? name + ".current" : current.name,
        node: network.nodes[network.nodes[index].inputs.first ?? index].name,
        shape: current.shape, connections: current.connections, kind: .neurons(neurons)))
    var result = current
    result.name = name
    result.connections = [
      SpikingNetwork.Connection(
        source: layers.count, pool: nil, pooledShape: current.shape, synapses: .potentials)
    ]
    result.bias =
      synapse.offsets.isEmpty
      ? [Double](repeating: 0, count: channels) : synapse.offsets.map(Double.init)
    return result
  }

  /// The spikes of one timestep before. Their layer is not there yet: until it is, their source is a
  /// number below 0 that names the node.
  mutating func delayed(_ name: String, _ index: Int) -> ConvertedValue? {
    guard requireSeveralTimesteps("brings back the spikes of '\(name)'", index) else { return nil }
    let shape = network.nodes[index].shape
    return .spikes([
      ConvertedValue.Segment(
        source: -1 - index, pool: nil, shape: shape,
        scale: [Double](repeating: 1, count: shape.channels),
        offset: [Double](repeating: 0, count: shape.channels), range: 0...1)
    ])
  }

  private mutating func requireSeveralTimesteps(_ reason: String, _ index: Int) -> Bool {
    guard configuration.maximumTimesteps == 1 else { return true }
    _ = refuse(
      index, "\(reason), which one timestep does not show", advice: "set timesteps to 2 or more")
    return false
  }

  /// Connects what reads the spikes of the timestep before with the layers that fire them.
  mutating func connectDelayed() {
    for index in layers.indices {
      for number in layers[index].connections.indices {
        let source = layers[index].connections[number].source
        guard source < 0, case .delayed(let name) = network.nodes[-1 - source].operation else {
          continue
        }
        // What leads back can only be read by what its own layer depends on, or by that layer itself.
        guard
          let layer = layers.firstIndex(where: {
            if case .neurons(let neurons) = $0.kind {
              $0.node == name && neurons.fires
            } else {
              false
            }
          }), layer >= index, layers[layer].spikeShape == network.nodes[-1 - source].shape
        else {
          _ = refuse(
            -1 - source,
            "brings back the spikes of '\(name)' to '\(layers[index].name)', which runs after it; the "
              + "engine reads spikes of one timestep before only where they lead back",
            advice: "remove the edge, or read the spikes of the same timestep")
          continue
        }
        layers[index].connections[number].source = layer + 1
      }
    }
  }
}
