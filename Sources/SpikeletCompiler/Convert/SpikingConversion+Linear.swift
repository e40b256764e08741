import SpikeletNetwork

extension SpikingConversion {
  mutating func convert(_ convolution: Network.Convolution, _ index: Int) -> ConvertedValue? {
    let node = network.nodes[index]
    guard let segments = spikes(node.inputs[0], for: index) else { return nil }
    guard convolution.groups == 1 || segments.count == 1 else {
      return refuse(index, "a grouped convolution of a concatenation cannot be converted")
    }
    guard segments.reduce(0, { $0 + $1.shape.channels }) == convolution.inputChannels else {
      return refuse(index, "a convolution of a flattened map cannot be converted")
    }
    if !convolution.window.padding.isEmpty {
      for segment in segments {
        guard let reason = reasonAgainstPadding(segment) else { continue }
        return refuse(
          index, reason,
          advice: "put the normalization before the rectifier, or use a convolution without padding"
        )
      }
    }
    let area = convolution.window.area
    let groupInputs = convolution.inputChannels / convolution.groups
    let groupOutputs = convolution.outputChannels / convolution.groups
    var bias = convolution.bias.map(Double.init)
    var connections: [SpikingNetwork.Connection] = []
    var first = 0
    for segment in segments {
      let count = convolution.groups == 1 ? segment.shape.channels : groupInputs
      var weights: [Double] = []
      weights.reserveCapacity(convolution.outputChannels * count * area)
      for output in 0..<convolution.outputChannels {
        for input in 0..<count {
          // The channel within the segment: a group sees its own part of it.
          let channel =
            convolution.groups == 1 ? input : output / groupOutputs * groupInputs + input
          let start = (output * groupInputs + first + input) * area
          for tap in 0..<area {
            let weight = Double(convolution.weights[start + tap])
            weights.append(weight * segment.scale[channel])
            bias[output] += weight * segment.offset[channel]
          }
        }
      }
      connections.append(
        SpikingNetwork.Connection(
          source: segment.source, pool: segment.pool, pooledShape: segment.shape,
          synapses: .convolution(
            window: convolution.window, groups: convolution.groups, weights: weights),
          foldedPoolArea: convolution.foldedPoolArea))
      first += segment.shape.channels
    }
    return .current(
      ConvertedValue.Current(
        name: layerName(index), shape: node.shape, connections: connections, bias: bias,
        inputScale: inputScale(segments), isNonnegative: false))
  }

  mutating func convert(_ dense: Network.Dense, _ index: Int) -> ConvertedValue? {
    let node = network.nodes[index]
    guard let segments = spikes(node.inputs[0], for: index) else { return nil }
    guard segments.reduce(0, { $0 + $1.shape.count }) == dense.inputs else {
      return refuse(index, "has \(dense.inputs) inputs, which its sources do not add up to")
    }
    var bias = dense.bias.map(Double.init)
    var connections: [SpikingNetwork.Connection] = []
    var first = 0
    for segment in segments {
      let count = segment.shape.count
      let plane = segment.shape.height * segment.shape.width
      var weights: [Double] = []
      weights.reserveCapacity(dense.outputs * count)
      for output in 0..<dense.outputs {
        for input in 0..<count {
          let weight = Double(dense.weights[output * dense.inputs + first + input])
          weights.append(weight * segment.scale[input / plane])
          bias[output] += weight * segment.offset[input / plane]
        }
      }
      connections.append(
        SpikingNetwork.Connection(
          source: segment.source, pool: segment.pool, pooledShape: segment.shape,
          synapses: .dense(weights: weights)))
      first += count
    }
    return .current(
      ConvertedValue.Current(
        name: layerName(index), shape: Shape(channels: dense.outputs), connections: connections,
        bias: bias, inputScale: inputScale(segments), isNonnegative: false))
  }

  /// The connections of a layer, at most. Forty additions of a value to itself would make 2⁴⁰.
  private static let maximumConnections = 1024

  /// All inputs integrate into one potential: spikes by an identity, currents by their connections.
  mutating func add(_ index: Int) -> ConvertedValue? {
    let node = network.nodes[index]
    var sum: ConvertedValue.Current?
    for input in node.inputs {
      let term: ConvertedValue.Current
      switch values[input] {
      case nil: return nil
      case .current(let current): term = current
      case .spikes(let segments):
        guard let identity = identity(segments, name: layerName(index)) else {
          return refuse(index, "an addition of a concatenation cannot be converted")
        }
        term = identity
      }
      if let before = sum {
        let count = before.connections.count + term.connections.count
        guard count <= Self.maximumConnections else {
          return refuse(
            index, "adds up \(count) connections; the limit is \(Self.maximumConnections)",
            advice: "additions of additions multiply them; put a layer between")
        }
        guard before.shape == term.shape else {
          return refuse(index, "adds maps of \(before.shape) and \(term.shape)")
        }
        sum = ConvertedValue.Current(
          name: layerName(index), shape: before.shape,
          connections: before.connections + term.connections,
          bias: zip(before.bias, term.bias).map(+),
          inputScale: max(before.inputScale, term.inputScale),
          isNonnegative: before.isNonnegative && term.isNonnegative)
      } else {
        sum = term
      }
    }
    return sum.map { .current($0) }
  }

  /// Channels side by side: consumers split their weights among the sources.
  mutating func concatenate(_ index: Int) -> ConvertedValue? {
    var segments: [ConvertedValue.Segment] = []
    for input in network.nodes[index].inputs {
      guard let part = spikes(input, for: index) else { return nil }
      let count = segments.count + part.count
      guard count <= Self.maximumConnections else {
        return refuse(
          index, "joins the spikes of \(count) sources; the limit is \(Self.maximumConnections)",
          advice: "concatenations of concatenations multiply them; put a layer between")
      }
      segments += part
    }
    return .spikes(segments)
  }

  func inputScale(_ segments: [ConvertedValue.Segment]) -> Double {
    let largest = segments.flatMap(\.scale).reduce(0) { max($0, abs($1)) }
    return largest > 0 ? largest : 1
  }
}
