/// Offsets in front of a convolution that pads.

extension Network {
  /// The network in which convolutions that pad read offsets from a channel that is always 1.
  ///
  /// Padding stands for 0, also where the values inside were shifted by a normalization. So the
  /// offset is no bias: it acts inside the map alone. A channel that is 1 inside the map, and 0 in the
  /// padding like all others, carries it exactly. The layer before the rectifier gets it: weights of
  /// 0, and a bias of 1, which a neuron fires at every timestep.
  func carryingOffsetsInChannels() -> Network {
    var result = self
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in Set(node.inputs) { readers[input].append(index) }
    }
    for index in nodes.indices {
      guard case .batchNormalization(let layer) = result.nodes[index].operation,
        let chain = result.chain(before: index, readers), readers[index].count == 1,
        case .convolution(let convolution) = result.nodes[readers[index][0]].operation,
        convolution.groups == 1, !convolution.window.padding.isEmpty
      else { continue }
      let reader = readers[index][0]
      for position in chain { result.nodes[position].shape.channels += 1 }
      result.addConstantChannel(chain[chain.count - 1])
      result.nodes[reader].operation = .convolution(convolution.reading(layer))
      result.nodes[reader].inputs = result.nodes[index].inputs
    }
    return result
  }

  /// The nodes from the one that a normalization reads back to the layer of weights before the
  /// rectifier, each of which has one reader; nil where something else is among them.
  private func chain(before index: Int, _ readers: [[Int]]) -> [Int]? {
    var chain: [Int] = []
    var isRectified = false
    var position = nodes[index].inputs[0]
    while readers[position].count == 1, position != output {
      chain.append(position)
      switch nodes[position].operation {
      case .relu(let ceiling) where !isRectified:
        guard ceiling ?? 1 >= 1 else { return nil }
        isRectified = true
      // A mean or maximum of ones is one, where no padding counts.
      case .maxPool where !isRectified: break
      case .averagePool(let window, let countsPadding) where !isRectified:
        guard window.padding.isEmpty || !countsPadding else { return nil }
      case .convolution(let layer): return isRectified && layer.groups == 1 ? chain : nil
      default: return nil
      }
      position = nodes[position].inputs[0]
    }
    return nil
  }

  private mutating func addConstantChannel(_ index: Int) {
    guard case .convolution(var layer) = nodes[index].operation else { return }
    layer.weights += [Float](repeating: 0, count: layer.weights.count / layer.outputChannels)
    layer.bias.append(1)
    layer.outputChannels += 1
    nodes[index].operation = .convolution(layer)
    let note =
      "'\(nodes[index].name)' has one more channel, which is always 1: it carries the offsets of a "
      + "normalization to a convolution that pads"
    if !notes.contains(note) { notes.append(note) }
  }
}

extension Network.Convolution {
  /// The convolution of normalized values, on the values and one channel more that is 1.
  fileprivate func reading(_ layer: Network.BatchNormalization) -> Self {
    let affine = layer.affine
    let area = window.area
    var result = self
    result.inputChannels += 1
    result.weights = []
    result.weights.reserveCapacity(outputChannels * (inputChannels + 1) * area)
    for output in 0..<outputChannels {
      var sums = [Double](repeating: 0, count: area)
      for input in 0..<inputChannels {
        for tap in 0..<area {
          let weight = Double(weights[(output * inputChannels + input) * area + tap])
          sums[tap] += weight * affine.offsets[input]
          result.weights.append(Float(weight * affine.factors[input]))
        }
      }
      result.weights += sums.map { Float($0) }
    }
    return result
  }
}
