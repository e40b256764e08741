import SpikeletNetwork

/// What a build cannot keep exactly, in words.
///
/// The engine decides as a trained network does when its weights are whole numbers of 8 or 4 bits
/// and its picture has whole pixels everywhere. Where that fails, it is said.
struct BuildNotes {
  let network: Network
  let configuration: Configuration
  let spiking: SpikingNetwork
  let integer: IntegerNetwork

  init(
    _ network: Network, _ configuration: Configuration, _ spiking: SpikingNetwork,
    _ integer: IntegerNetwork
  ) {
    self.network = network
    self.configuration = configuration
    self.spiking = spiking
    self.integer = integer
  }

  var all: [String] { network.notes + paddingNotes + roundingNotes + widthNotes + deadNotes }

  /// Layers whose weights have fewer bits than asked for.
  private var widthNotes: [String] {
    let asked = configuration.quantization.weightBits
    return integer.layers.compactMap { layer in
      let widths = layer.connections.compactMap { connection -> Int? in
        switch connection.synapses {
        case .convolution(_, _, _, let bits), .dense(_, let bits): bits
        case .channelwise, .maxPool, .potentials: nil
        }
      }
      guard let least = widths.min(), least < WeightScales.stored(bits: asked) else { return nil }
      return "\(layer.name): sums of so many weights of \(asked) bits could overflow 32 bits; they "
        + "have \(least)"
    }
  }

  /// Channels that say nothing of the picture.
  private var deadNotes: [String] {
    integer.layers.flatMap { layer -> [String] in
      guard case .neurons(let neurons) = layer.kind, neurons.fires else { return [] }
      let channels = layer.shape.channels
      let kinds = ChannelActivity(layer, neurons, in: integer).kinds
      func list(_ kind: ChannelActivity.Kind) -> String? {
        let indices = kinds.indices.filter { kinds[$0] == kind }
        guard !indices.isEmpty else { return nil }
        let numbers = indices.prefix(8).map(String.init).joined(separator: ", ")
        return "\(indices.count) of \(channels) channels (\(numbers)"
          + (indices.count > 8 ? ", …)" : ")")
      }
      return [
        list(.silent).map { "\(layer.name): \($0) can never fire" },
        list(.constant).map { "\(layer.name): \($0) fire alike for every picture" },
      ].compactMap { $0 }
    }
  }

  /// Padding is a pixel that is worth 0, and that is not always a whole one.
  private var paddingNotes: [String] {
    guard spiking.input.mode == .direct else { return [] }
    let input = configuration.input
    var notes: [String] = []
    for layer in spiking.layers {
      guard layer.connections.contains(where: { $0.source == 0 && $0.isPadded }) else { continue }
      for channel in 0..<spiking.inputShape.channels {
        let inside = network.inputNormalization
        let exact = input.exactZero(channel: channel, inside: inside)
        let used = input.zeroPoint(channel: channel, inside: inside)
        guard abs(exact - Double(used)) > 1e-4 else { continue }
        notes.append(
          "\(layer.name): its padding stands for the mean of channel \(channel), pixel "
            + "\(exact.rounded(toPlaces: 3)); it counts as pixel \(used), so that sums at the border "
            + "are off by \(abs(exact - Double(used)).rounded(toPlaces: 3)) for each weight outside"
        )
      }
    }
    return notes
  }

  /// Weights of a trained network that lie between two whole numbers.
  private var roundingNotes: [String] {
    zip(spiking.layers, integer.layers).compactMap { float, whole in
      guard case .neurons(let neurons) = float.kind, neurons.hasTrainedThresholds,
        case .neurons(let result) = whole.kind
      else { return nil }
      var (moved, total, largest) = (0, 0, 0.0)
      // The file's integers may be sums of several, one for each threshold that was crossed.
      for connection in float.connections {
        let weights = connection.synapses.weights
        let row = weights.count / result.weightScales.count
        for (index, weight) in weights.enumerated() {
          let exact = weight / result.weightScales[index / row]
          let error = abs(exact - exact.rounded())
          total += 1
          moved += error > 1e-3 ? 1 : 0
          largest = max(largest, error)
        }
      }
      guard moved > 0 else { return nil }
      return "\(float.name): \(moved) of \(total) weights lie between the whole numbers of "
        + "\(configuration.quantization.weightBits) bits and are rounded, by up to "
        + "\(largest.rounded(toPlaces: 2)) units" + cause(of: float)
    }
  }

  /// Why the weights of a layer may be no whole numbers though the file's were.
  private func cause(of layer: SpikingNetwork.Layer) -> String {
    let wasPooled = network.nodes.contains { $0.name == layer.node && pooledBeforeFiring($0) }
    return wasPooled
      ? "; they are sums of those of a convolution and the average pool after it" : ""
  }

  private func pooledBeforeFiring(_ node: Network.Node) -> Bool {
    guard let source = node.inputs.first,
      case .convolution(let layer) = network.nodes[source].operation
    else { return false }
    return layer.foldedPoolArea > 1
  }
}

extension SpikingNetwork.Connection {
  /// Whether any window reaches past the edge of its source.
  fileprivate var isPadded: Bool {
    if let pool, !pool.padding.isEmpty { return true }
    if case .convolution(let window, _, _) = synapses { return !window.padding.isEmpty }
    return false
  }
}

extension SpikingNetwork.Synapses {
  /// The weights; none of a max pool and of potentials.
  fileprivate var weights: [Double] {
    switch self {
    case .convolution(_, _, let weights), .dense(let weights), .channelwise(let weights): weights
    case .maxPool, .potentials: []
    }
  }
}

extension Double {
  fileprivate func rounded(toPlaces places: Int) -> Double {
    var unit = 1.0
    for _ in 0..<places { unit *= 10 }
    return (self * unit).rounded() / unit
  }
}
