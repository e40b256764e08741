import SpikeletNetwork

/// Normalizations that no layer before or after took in: scales and offsets of spikes and currents.
extension SpikingConversion {
  /// A factor and an offset for each channel of a value.
  mutating func normalize(
    _ layer: Network.BatchNormalization, _ index: Int
  ) -> ConvertedValue? {
    let (factors, offsets) = layer.affine
    switch values[network.nodes[index].inputs[0]] {
    case nil: return nil
    case .current(var current):
      // Two normalizations of one sum are two sums, each with weights of its own.
      repeatedWeights += current.connections.reduce(0) { $0 + $1.synapses.weightCount }
      guard repeatedWeights <= Self.maximumWeights else {
        return refuse(
          index,
          "brings the weights that normalizations repeat to \(repeatedWeights); the limit is "
            + "\(Self.maximumWeights)")
      }
      current.name = layerName(index)
      current.connections = current.connections.map { $0.scaled(byOutput: factors) }
      current.bias = current.bias.indices.map { current.bias[$0] * factors[$0] + offsets[$0] }
      current.isNonnegative =
        current.isNonnegative && (factors + offsets).allSatisfy { $0 >= 0 }
      return .current(current)
    case .spikes(let segments):
      var first = 0
      var result: [ConvertedValue.Segment] = []
      for segment in segments {
        let channels = first..<first + segment.shape.channels
        guard channels.upperBound <= factors.count else {
          return refuse(
            index, "a normalization with a value for each position of a map",
            advice: "normalize before the map is flattened")
        }
        var scaled = segment
        scaled.scale = zip(segment.scale, channels).map { $0 * factors[$1] }
        scaled.offset = zip(segment.offset, channels).map { $0 * factors[$1] + offsets[$1] }
        let ends = channels.flatMap { channel in
          [segment.range.lowerBound, segment.range.upperBound].map {
            $0 * factors[channel] + offsets[channel]
          }
        }
        scaled.range = (ends.min() ?? 0)...(ends.max() ?? 0)
        scaled.isNormalized = true
        result.append(scaled)
        first = channels.upperBound
      }
      guard first == factors.count else {
        return refuse(
          index, "a normalization with a value for each position of a map",
          advice: "normalize before the map is flattened")
      }
      return .spikes(result)
    }
  }

  /// Refuses padding around values that are not 0 where there is no spike.
  ///
  /// The padding of a picture stands for the pixel that is worth 0, so that it may be shifted.
  func reasonAgainstPadding(_ segment: ConvertedValue.Segment) -> String? {
    guard segment.isNormalized, segment.source != 0, segment.offset.contains(where: { $0 != 0 })
    else { return nil }
    return "pads values that were normalized after their rectifier, so that 0 is no longer silence"
  }
}

extension Network {
  /// The normalization of the picture inside the network, where all layers read the picture through
  /// it; one factor and offset a channel.
  var inputNormalization: (factors: [Double], offsets: [Double])? {
    let readers = nodes.filter { $0.inputs.contains(0) }
    guard readers.count == 1, case .batchNormalization(let layer) = readers[0].operation else {
      return nil
    }
    return layer.affine
  }
}
