/// Two linear layers without anything between are one: their weights multiply out.

extension Network {
  /// The network in which no convolution or dense layer reads another one directly, as far as the
  /// product is exact and not too large.
  ///
  /// What cannot be multiplied out stays as it is; a conversion refuses it, with
  /// ``reasonAgainstPair(at:)``.
  func fusingLinearPairs() -> Network {
    var result = self
    var readers = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { readers[input] += 1 } }
    readers[output] += 1
    var total = (weights: 0.0, work: 0.0)
    for index in nodes.indices {
      guard let pair = result.pair(at: index), result.reasonAgainst(pair, at: index) == nil else {
        continue
      }
      // A chain of many layers must not take longer than one large pair.
      let cost = result.cost(of: pair)
      total = (total.weights + cost.weights, total.work + cost.work)
      guard total.weights <= Double(2 * Self.maximumWeights),
        total.work <= Double(Self.maximumWork)
      else { break }
      let source = result.nodes[pair.first].inputs[0]
      switch pair.layers {
      case .convolutions(let first, let second):
        let fused = first.followed(by: second)
        result.nodes[index].operation = .convolution(
          fused.padded(on: result.nodes[source].shape, for: result.nodes[index].shape))
        result.nodes[index].inputs = [source]
      case .dense(let first, let second):
        result.nodes[index].operation = .dense(first.followed(by: second))
        result.nodes[index].inputs = [source]
      case .convolutionAndDense(let first, let second):
        // The flattening between has to flatten what the convolution reads.
        guard let flatten = pair.flatten, readers[flatten] == 1 else { continue }
        let (input, output) = (result.nodes[source].shape, result.nodes[pair.first].shape)
        result.nodes[index].operation = .dense(first.followed(by: second, from: input, to: output))
        result.nodes[flatten].inputs = [source]
        result.nodes[flatten].shape = Shape(channels: input.count)
      }
    }
    return result
  }

  /// Why a linear layer and the one that it reads directly are not one; nil where it reads none.
  package func reasonAgainstPair(at index: Int) -> String? {
    guard let pair = pair(at: index) else { return nil }
    return reasonAgainst(pair, at: index)
  }

  private struct Pair {
    enum Layers {
      case convolutions(Convolution, Convolution)
      case dense(Dense, Dense)
      case convolutionAndDense(Convolution, Dense)
    }

    /// The node of the first layer.
    var first: Int
    /// The flattening between the two.
    var flatten: Int?
    var layers: Layers
  }

  private func pair(at index: Int) -> Pair? {
    guard let before = nodes[index].inputs.first else { return nil }
    switch (nodes[before].operation, nodes[index].operation) {
    case (.convolution(let first), .convolution(let second)):
      return Pair(first: before, layers: .convolutions(first, second))
    case (.dense(let first), .dense(let second)):
      return Pair(first: before, layers: .dense(first, second))
    case (.flatten, .dense(let second)):
      let start = nodes[before].inputs[0]
      guard case .convolution(let first) = nodes[start].operation else { return nil }
      return Pair(first: start, flatten: before, layers: .convolutionAndDense(first, second))
    default: return nil
    }
  }

  /// The most weights that a product may have, and what computing them may take.
  private static let maximumWeights = 1 << 24
  private static let maximumWork = 1 << 28
  private static let maximumExtent = 65_535

  /// The weights of a product, and the products that they are sums of.
  private func cost(of pair: Pair) -> (weights: Double, work: Double) {
    switch pair.layers {
    case .convolutions(let first, let second):
      let size = first.size(followedBy: second)
      return (size.weights, size.work)
    case .dense(let first, let second):
      let weights = Double(second.outputs) * Double(first.inputs)
      return (weights, weights * Double(first.outputs))
    case .convolutionAndDense(let first, let second):
      let source = nodes[nodes[pair.first].inputs[0]].shape
      return (
        Double(second.outputs) * Double(source.count),
        Double(second.outputs) * Double(second.inputs)
          * Double(first.inputChannels / first.groups) * Double(first.window.area)
      )
    }
  }

  private func reasonAgainst(_ pair: Pair, at index: Int) -> String? {
    let source = nodes[nodes[pair.first].inputs[0]].shape
    let (weights, work) = cost(of: pair)
    switch pair.layers {
    case .convolutions(let first, let second):
      let isPoint =
        first.window.area == 1 && first.window.padding.isEmpty && first.bias.allSatisfy { $0 == 0 }
      guard second.window.padding.isEmpty || isPoint else {
        return "the second pads what the first computes, which is no padding of its input"
      }
      let size = first.size(followedBy: second)
      guard max(size.height, size.width, size.stride) <= Double(Self.maximumExtent) else {
        return "their kernel would have the extents \(size.height)×\(size.width)"
      }
      guard weights <= Double(Self.maximumWeights) else { break }
      let fused = first.shape(followedBy: second).padded(on: source, for: nodes[index].shape)
      let extent = fused.window.outputExtent(height: source.height, width: source.width)
      guard extent?.height == nodes[index].shape.height, extent?.width == nodes[index].shape.width
      else { return "their windows do not meet" }
    case .dense, .convolutionAndDense: break
    }
    guard weights <= Double(Self.maximumWeights) else {
      return "their product would have \(Int(min(weights, 1e15))) weights; "
        + "the limit is \(Self.maximumWeights)"
    }
    guard work <= Double(Self.maximumWork) else {
      return "their weights would be sums of \(Int(min(work, 1e15))) products; "
        + "the limit is \(Self.maximumWork)"
    }
    return nil
  }
}

extension Network.Dense {
  fileprivate func followed(by second: Self) -> Self {
    var result = Self(
      inputs: inputs, outputs: second.outputs, weights: [],
      bias: second.bias)
    result.weights.reserveCapacity(second.outputs * inputs)
    for output in 0..<second.outputs {
      var sums = [Double](repeating: 0, count: inputs)
      var bias = Double(second.bias[output])
      for middle in 0..<outputs {
        let factor = Double(second.weights[output * outputs + middle])
        bias += factor * Double(self.bias[middle])
        guard factor != 0 else { continue }
        for input in 0..<inputs { sums[input] += factor * Double(weights[middle * inputs + input]) }
      }
      result.weights += sums.map { Float($0) }
      result.bias[output] = Float(bias)
    }
    return result
  }
}

extension Network.Convolution {
  /// What a product with another convolution comes to, in numbers that cannot overflow.
  fileprivate func size(
    followedBy second: Self
  ) -> (height: Double, width: Double, stride: Double, weights: Double, work: Double) {
    let height =
      Double(window.kernelHeight)
      + Double(second.window.kernelHeight - 1) * Double(window.strideHeight)
    let width =
      Double(window.kernelWidth) + Double(second.window.kernelWidth - 1)
      * Double(window.strideWidth)
    let stride = max(
      Double(window.strideHeight) * Double(second.window.strideHeight),
      Double(window.strideWidth) * Double(second.window.strideWidth))
    let groups = Self.commonDivisor(self.groups, second.groups)
    let weights =
      Double(second.outputChannels) * Double(inputChannels / groups) * height * width
    let work =
      Double(second.outputChannels) * Double(outputChannels / second.groups)
      * Double(inputChannels / self.groups) * Double(second.window.area) * Double(window.area)
    return (height, width, stride, weights, work)
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
  }

  /// The product without its weights, and without padding at the end.
  fileprivate func shape(followedBy second: Self) -> Self {
    var window = self.window
    window.kernelHeight += (second.window.kernelHeight - 1) * self.window.strideHeight
    window.kernelWidth += (second.window.kernelWidth - 1) * self.window.strideWidth
    window.strideHeight *= second.window.strideHeight
    window.strideWidth *= second.window.strideWidth
    window.padding = Window.Padding(
      top: self.window.padding.top + second.window.padding.top * self.window.strideHeight,
      left: self.window.padding.left + second.window.padding.left * self.window.strideWidth)
    var result = Self(
      window: window, groups: Self.commonDivisor(groups, second.groups),
      inputChannels: inputChannels, outputChannels: second.outputChannels, weights: [],
      bias: second.bias)
    result.foldedPoolArea = foldedPoolArea * second.foldedPoolArea
    return result
  }

  /// The same with as much padding at the end as an output of that shape needs.
  fileprivate func padded(on input: Shape, for output: Shape) -> Self {
    var result = self
    let padding = window.padding
    result.window.padding.bottom = max(
      0,
      (output.height - 1) * window.strideHeight + window.kernelHeight - padding.top - input.height)
    result.window.padding.right = max(
      0, (output.width - 1) * window.strideWidth + window.kernelWidth - padding.left - input.width)
    return result
  }

  /// This convolution followed by another one, as one convolution.
  fileprivate func followed(by second: Self) -> Self {
    var result = shape(followedBy: second)
    let (height, width) = (result.window.kernelHeight, result.window.kernelWidth)
    let (rowInputs, ownInputs) = (inputChannels / result.groups, inputChannels / groups)
    let (middles, ownOutputs) = (outputChannels / second.groups, outputChannels / groups)
    result.weights.reserveCapacity(second.outputChannels * rowInputs * height * width)
    for output in 0..<second.outputChannels {
      let group = output / (second.outputChannels / second.groups)
      let base = output / (second.outputChannels / result.groups) * rowInputs
      var sums = [Double](repeating: 0, count: rowInputs * height * width)
      var bias = Double(second.bias[output])
      for middle in 0..<middles {
        let channel = group * middles + middle
        let first = channel / ownOutputs * ownInputs - base
        for tap in 0..<second.window.area {
          let factor = Double(
            second.weights[(output * middles + middle) * second.window.area + tap])
          bias += factor * Double(self.bias[channel])
          guard factor != 0 else { continue }
          let top = tap / second.window.kernelWidth * window.strideHeight
          let left = tap % second.window.kernelWidth * window.strideWidth
          for input in 0..<ownInputs {
            for own in 0..<window.area {
              let row = top + own / window.kernelWidth
              let column = left + own % window.kernelWidth
              let weight = weights[(channel * ownInputs + input) * window.area + own]
              sums[((first + input) * height + row) * width + column] += factor * Double(weight)
            }
          }
        }
      }
      result.weights += sums.map { Float($0) }
      result.bias[output] = Float(bias)
    }
    return result
  }

  /// This convolution followed by a dense layer on its flattened map, as one dense layer.
  fileprivate func followed(
    by second: Network.Dense, from input: Shape, to output: Shape
  ) -> Network.Dense {
    var result = Network.Dense(
      inputs: input.count, outputs: second.outputs, weights: [], bias: second.bias)
    result.weights.reserveCapacity(second.outputs * input.count)
    let (ownInputs, ownOutputs) = (inputChannels / groups, outputChannels / groups)
    let plane = output.height * output.width
    for score in 0..<second.outputs {
      var sums = [Double](repeating: 0, count: input.count)
      var bias = Double(second.bias[score])
      for site in 0..<output.count {
        let factor = Double(second.weights[score * second.inputs + site])
        let channel = site / plane
        bias += factor * Double(self.bias[channel])
        guard factor != 0 else { continue }
        let top = site % plane / output.width * window.strideHeight - window.padding.top
        let left = site % output.width * window.strideWidth - window.padding.left
        for own in 0..<ownInputs {
          let source = channel / ownOutputs * ownInputs + own
          for tap in 0..<window.area {
            let row = top + tap / window.kernelWidth
            let column = left + tap % window.kernelWidth
            guard row >= 0, row < input.height, column >= 0, column < input.width else { continue }
            let weight = weights[(channel * ownInputs + own) * window.area + tap]
            sums[(source * input.height + row) * input.width + column] += factor * Double(weight)
          }
        }
      }
      result.weights += sums.map { Float($0) }
      result.bias[score] = Float(bias)
    }
    return result
  }
}
