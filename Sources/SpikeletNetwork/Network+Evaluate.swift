extension Network {
  /// Computes all values for one input, in float32 and always in the same order of operations.
  ///
  /// - Parameter input: `inputShape.count` values, in the order channel, row, column.
  /// - Returns: The values of every node, in the order of ``nodes`` and each in the order channel,
  ///   row, column.
  /// - Precondition: The input has as many values as the network takes, and the shapes of all
  ///   nodes agree with their operations. Importers make no other networks.
  public func evaluate(_ input: [Float]) -> [[Float]] {
    evaluate(input) { $1 }
  }

  /// The same with potentials: what a threshold compares is what `integrate` makes of its current.
  ///
  /// - Parameter before: the spikes that nodes fired one timestep before, by their names.
  func evaluate(
    _ input: [Float], before: [String: [Float]] = [:],
    integrate: (_ node: Int, _ current: [Float]) -> [Float]
  ) -> [[Float]] {
    precondition(input.count == inputShape.count, "the input has the wrong number of values")
    var values: [[Float]] = []
    values.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      precondition(node.inputs.allSatisfy { $0 < index }, "the nodes are not in order")
      precondition(
        node.inputs.allSatisfy { values[$0].count == nodes[$0].shape.count }, "shapes disagree")
      let result: [Float]
      if case .threshold(let layer) = node.operation {
        let source = node.inputs[0]
        result = layer.evaluate(integrate(index, values[source]), shape: nodes[source].shape)
      } else if case .delayed(let name) = node.operation {
        result = before[name] ?? [Float](repeating: 0, count: node.shape.count)
      } else {
        result = evaluate(node, values, input)
      }
      precondition(result.count == node.shape.count, "'\(node.name)' has the wrong shape")
      values.append(result)
    }
    return values
  }

  private func evaluate(_ node: Node, _ values: [[Float]], _ input: [Float]) -> [Float] {
    if case .input = node.operation { return input }
    let first = values[node.inputs[0]]
    let shape = nodes[node.inputs[0]].shape
    switch node.operation {
    case .input, .threshold, .delayed: return input
    case .convolution(let layer): return layer.evaluate(first, shape: shape, output: node.shape)
    case .dense(let layer): return layer.evaluate(first)
    case .batchNormalization(let layer): return layer.evaluate(first, shape: shape)
    case .relu(let ceiling):
      guard let ceiling else { return first.map { max($0, 0) } }
      return first.map { min(max($0, 0), ceiling) }
    case .averagePool(let window, let countsPadding):
      return window.pool(first, shape: shape, output: node.shape) { values, total in
        values.reduce(0, +) / Float(countsPadding ? total : values.count)
      }
    case .maxPool(let window):
      return window.pool(first, shape: shape, output: node.shape) { values, _ in
        values.reduce(-.infinity) { max($0, $1) }
      }
    case .flatten: return first
    case .add:
      var sum = first
      for other in node.inputs.dropFirst() {
        precondition(values[other].count == sum.count, "'\(node.name)' adds unequal shapes")
        for index in sum.indices { sum[index] += values[other][index] }
      }
      return sum
    case .concatenate: return node.inputs.flatMap { values[$0] }
    }
  }
}

extension Network.BatchNormalization {
  fileprivate func evaluate(_ input: [Float], shape: Shape) -> [Float] {
    precondition([scale, bias, mean, variance].allSatisfy { $0.count == shape.channels })
    let area = shape.height * shape.width
    var output = input
    for channel in 0..<shape.channels {
      let factor = scale[channel] / (variance[channel] + epsilon).squareRoot()
      let offset = bias[channel] - mean[channel] * factor
      for index in channel * area..<(channel + 1) * area {
        output[index] = input[index] * factor + offset
      }
    }
    return output
  }
}

extension Window {
  /// Reduces the values of every window to one.
  ///
  /// The closure gets the values inside the input, row by row, and the number of positions in the
  /// window: all of it, as padding that counts is padding on every side.
  fileprivate func pool(
    _ input: [Float], shape: Shape, output: Shape, _ reduce: ([Float], _ total: Int) -> Float
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(output.count)
    var values: [Float] = []
    values.reserveCapacity(area)
    for channel in 0..<output.channels {
      for row in 0..<output.height {
        let top = row * strideHeight - padding.top
        let rows = max(top, 0)..<max(min(top + kernelHeight, shape.height), max(top, 0))
        for column in 0..<output.width {
          let left = column * strideWidth - padding.left
          let start = max(left, 0)
          let end = max(min(left + kernelWidth, shape.width), start)
          values.removeAll(keepingCapacity: true)
          for line in rows {
            let base = (channel * shape.height + line) * shape.width
            values += input[base + start..<base + end]
          }
          result.append(reduce(values, area))
        }
      }
    }
    return result
  }
}
