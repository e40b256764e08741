/// Batch normalizations, scales and offsets that do not follow a layer of their own.

extension Network {
  /// The network whose normalizations became part of the linear layers that read them, as far as that
  /// is exact; those on the way there change places with pools and flattenings.
  ///
  /// A convolution that pads takes in a factor, but no offset: its padding stands for 0.
  func foldingNormalizationsForward() -> Network {
    var result = self
    for index in nodes.indices {
      guard case .batchNormalization(let second) = result.nodes[index].operation,
        case .batchNormalization(let first) = result.nodes[result.nodes[index].inputs[0]].operation
      else { continue }
      result.nodes[index].inputs = result.nodes[result.nodes[index].inputs[0]].inputs
      result.nodes[index].operation = .batchNormalization(first.followed(by: second))
    }
    result = result.withoutUnusedNodes()
    return result.foldingSingleNormalizationsForward()
  }

  private func foldingSingleNormalizationsForward() -> Network {
    var result = self
    // Nodes that change places keep their readers: what they compute moves, not where they are.
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in Set(node.inputs) { readers[input].append(index) }
    }
    for index in nodes.indices { result.foldNormalizationForward(index, &readers) }
    return result
  }

  private mutating func foldNormalizationForward(_ start: Int, _ allReaders: inout [[Int]]) {
    var index = start
    while case .batchNormalization(let layer) = nodes[index].operation, index != output {
      let readers = allReaders[index]
      if !readers.isEmpty, readers.allSatisfy({ takesIn(layer, at: $0) }) {
        for reader in readers { foldIn(layer, at: reader) }
        // Nothing is left but what it reads.
        for reader in readers { nodes[reader].inputs = nodes[index].inputs }
        allReaders[nodes[index].inputs[0]] += readers
        allReaders[index] = []
        return
      }
      guard readers.count == 1, layer.canMove(over: nodes[readers[0]].operation) else { return }
      let (reader, source) = (readers[0], nodes[index].inputs[0])
      let (name, operation) = (nodes[reader].name, nodes[reader].operation)
      nodes[reader].name = nodes[index].name
      nodes[reader].operation = .batchNormalization(layer)
      nodes[index].name = name
      nodes[index].operation = operation
      nodes[index].inputs = [source]
      nodes[index].shape = nodes[reader].shape
      index = reader
    }
  }

  /// Whether a layer can take in the normalization that it reads.
  private func takesIn(_ layer: BatchNormalization, at reader: Int) -> Bool {
    switch nodes[reader].operation {
    case .dense: true
    case .convolution(let convolution): convolution.window.padding.isEmpty || layer.isFactorAlone
    default: false
    }
  }

  private mutating func foldIn(_ layer: BatchNormalization, at reader: Int) {
    let affine = layer.affine
    switch nodes[reader].operation {
    case .dense(var dense):
      for output in 0..<dense.outputs {
        var bias = Double(dense.bias[output])
        for input in 0..<dense.inputs {
          let weight = Double(dense.weights[output * dense.inputs + input])
          bias += weight * affine.offsets[input]
          dense.weights[output * dense.inputs + input] = Float(weight * affine.factors[input])
        }
        dense.bias[output] = Float(bias)
      }
      nodes[reader].operation = .dense(dense)
    case .convolution(var convolution):
      let inputs = convolution.inputChannels / convolution.groups
      let outputs = convolution.outputChannels / convolution.groups
      let area = convolution.window.area
      for output in 0..<convolution.outputChannels {
        var bias = Double(convolution.bias[output])
        for input in 0..<inputs {
          let channel = output / outputs * inputs + input
          for tap in 0..<area {
            let position = (output * inputs + input) * area + tap
            let weight = Double(convolution.weights[position])
            bias += weight * affine.offsets[channel]
            convolution.weights[position] = Float(weight * affine.factors[channel])
          }
        }
        convolution.bias[output] = Float(bias)
      }
      nodes[reader].operation = .convolution(convolution)
    default: break
    }
  }

  /// The network with two scores in place of one: 0 and the score, so that class 1 wins where it is
  /// above 0.
  func withTwoScores() -> Network {
    guard outputShape.count == 1 else { return self }
    var result = self
    let note =
      "the network has one score: class 1 is where it is above 0"
      + " (a probability above one half), class 0 is everything else"
    if !result.notes.contains(note) { result.notes.append(note) }
    switch nodes[output].operation {
    case .dense(var dense):
      dense.weights = [Float](repeating: 0, count: dense.weights.count) + dense.weights
      dense.bias.insert(0, at: 0)
      dense.outputs = 2
      result.nodes[output].operation = .dense(dense)
      result.nodes[output].shape.channels = 2
    default:
      result.nodes.append(
        Node(
          name: nodes[output].name + ".scores",
          operation: .dense(Dense(inputs: 1, outputs: 2, weights: [0, 1], bias: [0, 0])),
          inputs: [output], shape: Shape(channels: 2)))
      result.output = result.nodes.count - 1
    }
    return result
  }
}

extension Network.BatchNormalization {
  /// Whether it adds nothing.
  fileprivate var isFactorAlone: Bool { affine.offsets.allSatisfy { $0 == 0 } }

  /// Two normalizations as one.
  fileprivate func followed(by second: Self) -> Self {
    let (inner, outer) = (affine, second.affine)
    let channels = scale.indices
    return Self(
      scale: channels.map { Float(inner.factors[$0] * outer.factors[$0]) },
      bias: channels.map { Float(inner.offsets[$0] * outer.factors[$0] + outer.offsets[$0]) },
      mean: channels.map { _ in 0 }, variance: channels.map { _ in 1 }, epsilon: 0)
  }

  /// Whether it changes places with what reads it.
  fileprivate func canMove(over operation: Network.Operation) -> Bool {
    switch operation {
    case .maxPool: affine.factors.allSatisfy { $0 >= 0 }
    case .averagePool(let window, let countsPadding):
      window.padding.isEmpty || !countsPadding || isFactorAlone
    default: false
    }
  }
}
