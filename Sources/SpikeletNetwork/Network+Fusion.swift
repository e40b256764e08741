/// How one layer is taken into another.

extension Network.BatchNormalization {
  /// The factor and the offset of each channel: `y = factor · x + offset`.
  package var affine: (factors: [Double], offsets: [Double]) {
    let factors = scale.indices.map {
      Double(scale[$0]) / (Double(variance[$0]) + Double(epsilon)).squareRoot()
    }
    let offsets = scale.indices.map { Double(bias[$0]) - factors[$0] * Double(mean[$0]) }
    return (factors, offsets)
  }
}

extension Network.Convolution {
  func folding(_ normalization: Network.BatchNormalization) -> Self {
    let affine = normalization.affine
    let row = weights.count / outputChannels
    var result = self
    for channel in 0..<outputChannels {
      for i in channel * row..<(channel + 1) * row {
        result.weights[i] = Float(affine.factors[channel] * Double(weights[i]))
      }
      result.bias[channel] = Float(
        affine.factors[channel] * Double(bias[channel]) + affine.offsets[channel])
    }
    return result
  }

  /// The most weights that a convolution may get from a pool, and what computing them may take.
  private static let maximumFusedWeights = 1 << 24
  private static let maximumFusedWork = 1 << 28
  private static let maximumFusedExtent = 65_535

  /// Why a pool cannot be taken in, or nil where it can.
  ///
  /// Its kernel grows with the stride of the convolution times the window of the pool, so that a file
  /// of a few bytes can ask for any number of weights.
  func reasonAgainstFusion(with pool: Window) -> String? {
    let height =
      Double(window.kernelHeight) + Double(pool.kernelHeight - 1) * Double(window.strideHeight)
    let width =
      Double(window.kernelWidth) + Double(pool.kernelWidth - 1) * Double(window.strideWidth)
    let strides = (
      Double(window.strideHeight) * Double(pool.strideHeight),
      Double(window.strideWidth) * Double(pool.strideWidth)
    )
    let planes = Double(outputChannels * (inputChannels / groups))
    let work = planes * Double(pool.area) * Double(window.area)
    func more(_ what: String, _ needed: Double, _ limit: Int) -> String? {
      guard needed > Double(limit) else { return nil }
      return "\(what) \(needed < 1e15 ? "\(Int(needed))" : "\(needed)"); the limit is \(limit)"
    }
    return more("whose kernel then has the extent", max(height, width), Self.maximumFusedExtent)
      ?? more("whose stride is then", max(strides.0, strides.1), Self.maximumFusedExtent)
      ?? more("whose weights then number", planes * height * width, Self.maximumFusedWeights)
      ?? more("whose weights then are sums of", work, Self.maximumFusedWork)
      ?? more(
        "each of whose outputs then is a mean of", Double(foldedPoolArea) * Double(pool.area),
        Self.maximumFusedWeights)
  }

  /// This convolution followed by an average pool, as one convolution.
  ///
  /// The mean over outputs y·s + i of Σ W[k]·x[(y·s + i)·c − p + k] is Σ W'[k']·x[y·s·c − p + k']
  /// with W'[i·c + k] += W[k] / area.
  func followed(byMeanOver pool: Window) -> Self {
    let height = window.kernelHeight + (pool.kernelHeight - 1) * window.strideHeight
    let width = window.kernelWidth + (pool.kernelWidth - 1) * window.strideWidth
    let planes = outputChannels * (inputChannels / groups)
    var sums = [Double](repeating: 0, count: planes * height * width)
    for plane in 0..<planes {
      for i in 0..<pool.kernelHeight {
        for j in 0..<pool.kernelWidth {
          for ky in 0..<window.kernelHeight {
            for kx in 0..<window.kernelWidth {
              let row = i * window.strideHeight + ky
              let column = j * window.strideWidth + kx
              let weight = weights[(plane * window.kernelHeight + ky) * window.kernelWidth + kx]
              sums[(plane * height + row) * width + column] += Double(weight)
            }
          }
        }
      }
    }
    var result = self
    result.window.kernelHeight = height
    result.window.kernelWidth = width
    result.window.strideHeight *= pool.strideHeight
    result.window.strideWidth *= pool.strideWidth
    result.weights = sums.map { Float($0 / Double(pool.area)) }
    result.foldedPoolArea *= pool.area
    return result
  }
}

extension Network.Dense {
  func folding(_ normalization: Network.BatchNormalization) -> Self {
    let affine = normalization.affine
    var result = self
    for output in 0..<outputs {
      for i in output * inputs..<(output + 1) * inputs {
        result.weights[i] = Float(affine.factors[output] * Double(weights[i]))
      }
      result.bias[output] = Float(
        affine.factors[output] * Double(bias[output]) + affine.offsets[output])
    }
    return result
  }
}
