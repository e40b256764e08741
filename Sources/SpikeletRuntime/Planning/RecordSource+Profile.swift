/// What a profile says of a layer's synapses.
extension RecordSource where Self: ~Escapable {
  /// The widest weights among a layer's connections; 0 for a max pool.
  package func weightBits(layer index: Int) -> Int {
    if isMaxPool(index) { return 0 }
    let layer = layer(index)
    var bits = 0
    for c in 0..<Int(layer.connectionCount) {
      bits = max(bits, Int(connection(Int(layer.firstConnection) &+ c).weightBits))
    }
    return bits
  }

  /// The additions of a row of weights, which is what one spike adds to one site: the channels that the
  /// first of a layer's connections leads to from each of its inputs; 1 for a max pool.
  package func additionsOfRow(layer index: Int) -> Int {
    if isMaxPool(index) { return 1 }
    let layer = layer(index)
    let first = connection(Int(layer.firstConnection))
    switch ConnectionKind(rawValue: first.kind) {
    case .convolution: return max(1, Int(layer.channels) / max(1, Int(first.window.groups)))
    case .dense: return Int(layer.channels)
    case .channelwise, .maxPool, .potentials, nil: return 1
    }
  }

  /// The kernel of the first of a layer's connections; nil for a max pool.
  package func kernel(layer index: Int) -> SynapseKernel? {
    isMaxPool(index)
      ? nil : SynapseKernel(rawValue: connection(Int(layer(index).firstConnection)).kernel)
  }
}
