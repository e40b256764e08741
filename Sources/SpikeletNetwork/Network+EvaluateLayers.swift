/// Eight values at a time: two registers of the smallest vector unit of any host.
private typealias Lanes = SIMD8<Float>

extension Network.Dense {
  /// The scores `weights · input + bias`.
  ///
  /// Every score is the sum of eight partial sums in a fixed order.
  func evaluate(_ input: [Float]) -> [Float] {
    precondition(input.count == inputs && weights.count == inputs * outputs)
    precondition(bias.count == outputs)
    let whole = inputs - inputs % Lanes.scalarCount
    return input.withUnsafeBytes { input in
      weights.withUnsafeBytes { weights in
        (0..<outputs).map { output in
          let row = output * inputs
          var sums = Lanes.zero
          for index in stride(from: 0, to: whole, by: Lanes.scalarCount) {
            sums += weights.lanes(at: row + index) * input.lanes(at: index)
          }
          var sum = sums.sum()
          for index in whole..<inputs {
            sum += weights.float(at: row + index) * input.float(at: index)
          }
          return sum + bias[output]
        }
      }
    }
  }
}

extension Network.Convolution {
  /// The convolution as products of matrices, a few output rows at a time.
  ///
  /// For each group, the inputs under every kernel position are laid out side by side; then four
  /// output channels at a time run over eight output positions at a time. Every value is summed
  /// from the bias on in the order of the weights.
  func evaluate(_ input: [Float], shape: Shape, output: Shape) -> [Float] {
    let taps = inputChannels / groups * window.area
    precondition(shape.channels == inputChannels && output.channels == outputChannels)
    precondition(inputChannels % groups == 0 && outputChannels % groups == 0)
    precondition(weights.count == outputChannels * taps && bias.count == outputChannels)
    let extent = window.outputExtent(height: shape.height, width: shape.width)
    precondition(extent?.height == output.height && extent?.width == output.width)

    let width = output.width
    // About as many rows as keep the laid out inputs in a second-level cache.
    let rows = min(max(1, 32_768 / (taps * width)), output.height)
    let stride = (rows * width + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
    let channels = outputChannels / groups
    return [Float](unsafeUninitializedCapacity: output.count) { result, count in
      var columns = [Float](repeating: 0, count: taps * stride)
      for group in 0..<groups {
        for row in Swift.stride(from: 0, to: output.height, by: rows) {
          let block = row..<min(row + rows, output.height)
          columns.withUnsafeMutableBufferPointer {
            layOut(input, shape, group: group, rows: block, width: width, stride: stride, in: $0)
          }
          columns.withUnsafeBytes { columns in
            for channel in Swift.stride(from: 0, to: channels, by: 4) {
              let first = group * channels + channel
              let start = first * output.height * width + row * width
              multiply(
                first..<first + min(4, channels - channel), columns, taps: taps, stride: stride,
                count: block.count * width,
                into: UnsafeMutableBufferPointer(rebasing: result[start...]),
                plane: output.height * width)
            }
          }
        }
      }
      count = output.count
    }
  }

  /// Copies, for each kernel position, the inputs that it meets at each output position.
  private func layOut(
    _ input: [Float], _ shape: Shape, group: Int, rows: Range<Int>, width: Int, stride: Int,
    in columns: UnsafeMutableBufferPointer<Float>
  ) {
    var base = 0
    for channel in 0..<inputChannels / groups {
      let plane = (group * (inputChannels / groups) + channel) * shape.height
      for kernelRow in 0..<window.kernelHeight {
        for kernelColumn in 0..<window.kernelWidth {
          let left = kernelColumn - window.padding.left
          // The output columns whose input column, left + column · stride, exists.
          let step = window.strideWidth
          let start = min(max((-left + step - 1) / step, 0), width)
          let end = left >= shape.width ? start : (shape.width - 1 - left) / step + 1
          let inside = start..<max(start, min(end, width))
          for row in rows {
            let target = base + (row - rows.lowerBound) * width
            let line = row * window.strideHeight + kernelRow - window.padding.top
            guard line >= 0, line < shape.height else {
              for column in 0..<width { columns[target + column] = 0 }
              continue
            }
            let source = (plane + line) * shape.width + left
            for column in 0..<inside.lowerBound { columns[target + column] = 0 }
            for column in inside { columns[target + column] = input[source + column * step] }
            for column in inside.upperBound..<width { columns[target + column] = 0 }
          }
          base += stride
        }
      }
    }
  }

  /// Computes `count` neighboring output positions of one to four output channels.
  private func multiply(
    _ channels: Range<Int>, _ columns: UnsafeRawBufferPointer, taps: Int, stride: Int, count: Int,
    into result: UnsafeMutableBufferPointer<Float>, plane: Int
  ) {
    // Missing channels repeat the last one; their results are not stored.
    let rows = (0..<4).map { min(channels.lowerBound + $0, channels.upperBound - 1) }
    let (row0, row1, row2, row3) = (rows[0], rows[1], rows[2], rows[3])
    weights.withUnsafeBytes { weights in
      for position in Swift.stride(from: 0, to: count, by: Lanes.scalarCount) {
        var sum0 = Lanes(repeating: bias[row0])
        var sum1 = Lanes(repeating: bias[row1])
        var sum2 = Lanes(repeating: bias[row2])
        var sum3 = Lanes(repeating: bias[row3])
        for tap in 0..<taps {
          let inputs = columns.lanes(at: tap * stride + position)
          sum0 += inputs * weights.float(at: row0 * taps + tap)
          sum1 += inputs * weights.float(at: row1 * taps + tap)
          sum2 += inputs * weights.float(at: row2 * taps + tap)
          sum3 += inputs * weights.float(at: row3 * taps + tap)
        }
        let valid = min(Lanes.scalarCount, count - position)
        for (index, sum) in [sum0, sum1, sum2, sum3].prefix(channels.count).enumerated() {
          for lane in 0..<valid { result[index * plane + position + lane] = sum[lane] }
        }
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Eight floats from an index on, at any alignment.
  fileprivate func lanes(at index: Int) -> Lanes {
    loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Lanes.self)
  }

  fileprivate func float(at index: Int) -> Float {
    loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Float.self)
  }
}
