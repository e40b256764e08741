/// What spikes and pixels cause, gathered neuron by neuron.
extension IntegerInterpreter {
  func sourceShape(_ source: Int) -> (channels: Int, height: Int, width: Int) {
    if source == 0 { return (model.inputChannels, model.inputHeight, model.inputWidth) }
    let layer = model.layers[source - 1]
    return (layer.spikeChannels, layer.height, layer.width)
  }

  /// The sum of each pool window.
  func pooled(_ c: ReferenceModel.Connection, _ values: [Int]) -> [Int] {
    let shape = sourceShape(c.source)
    var result: [Int] = []
    for channel in 0..<shape.channels {
      for y in 0..<c.pooledHeight {
        for x in 0..<c.pooledWidth {
          var sum = 0
          for dy in 0..<c.poolHeight {
            for dx in 0..<c.poolWidth {
              let row = y * c.poolStrideHeight - c.poolPaddingTop + dy
              let column = x * c.poolStrideWidth - c.poolPaddingLeft + dx
              guard row >= 0, row < shape.height, column >= 0, column < shape.width else {
                continue
              }
              sum += values[(channel * shape.height + row) * shape.width + column]
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  /// The weighted sum that each neuron of the layer receives.
  func gather(
    _ c: ReferenceModel.Connection, _ values: [Int], _ layer: ReferenceModel.Layer
  ) -> [Int] {
    let inputs = sourceShape(c.source).channels
    let map = pooled(c, values)
    var result = [Int](repeating: 0, count: layer.channels * layer.height * layer.width)
    for output in 0..<layer.channels {
      for y in 0..<layer.height {
        for x in 0..<layer.width {
          var sum = 0
          switch c.kind {
          case 1:
            let groupInputs = inputs / c.groups
            let group = output / (layer.channels / c.groups)
            for input in 0..<groupInputs {
              for ky in 0..<c.kernelHeight {
                for kx in 0..<c.kernelWidth {
                  let row = y * c.strideHeight - c.paddingTop + ky
                  let column = x * c.strideWidth - c.paddingLeft + kx
                  guard row >= 0, row < c.pooledHeight, column >= 0, column < c.pooledWidth
                  else { continue }
                  let tap =
                    ((output * groupInputs + input) * c.kernelHeight + ky) * c.kernelWidth + kx
                  let channel = group * groupInputs + input
                  sum +=
                    c.weights[tap] * map[(channel * c.pooledHeight + row) * c.pooledWidth + column]
                }
              }
            }
          case 2:
            for i in map.indices { sum += c.weights[output * map.count + i] * map[i] }
          case 3:
            sum = c.weights[output] * map[(output * c.pooledHeight + y) * c.pooledWidth + x]
          default: break
          }
          result[(output * layer.height + y) * layer.width + x] = sum
        }
      }
    }
    return result
  }

  /// The number of additions that `gather` stands for: every spike times the synapses it meets.
  func operations(
    _ c: ReferenceModel.Connection, _ values: [Int], _ layer: ReferenceModel.Layer
  ) -> Int {
    var ones = c
    ones.weights = [Int](repeating: 1, count: c.weights.count)
    return gather(ones, values, layer).reduce(0, +)
  }
}
