import SpikeletModel
import SpikeletRuntime

/// The largest negative and positive contributions of one timestep, a channel each.
struct ContributionSums {
  var low: [Int]
  var high: [Int]
  /// The same for the part that comes from the picture.
  var directLow: [Int]
  var directHigh: [Int]

  /// - Parameter zeroPoints: those of the picture's channels, in direct mode.
  init(connections: [IntegerNetwork.Connection], channels: Int, zeroPoints: [Int]?) {
    low = [Int](repeating: 0, count: channels)
    high = low
    directLow = low
    directHigh = low
    for connection in connections {
      let isDirect = zeroPoints != nil && connection.source == 0
      let area = connection.pool?.area ?? 1
      connection.forEachWeight(channels: channels) { channel, input, weight in
        let zero = isDirect ? zeroPoints?[input] ?? 0 : 0
        let a = weight * (isDirect ? -zero * area : 0)
        let b = weight * (isDirect ? (255 - zero) * area : area)
        if isDirect {
          directLow[channel] += min(a, b, 0)
          directHigh[channel] += max(a, b, 0)
        } else {
          low[channel] += min(a, b, 0)
          high[channel] += max(a, b, 0)
        }
      }
    }
  }
}

extension IntegerNetwork.Connection {
  /// Calls `body` with every weight, its output channel and its input channel.
  func forEachWeight(channels: Int, _ body: (_ channel: Int, _ input: Int, _ weight: Int) -> Void) {
    switch synapses {
    case .convolution(let window, let groups, let weights, _):
      let row = weights.count / channels
      let groupInputs = pooledShape.channels / groups
      for (i, weight) in weights.enumerated() {
        let channel = i / row
        let group = channel / (channels / groups)
        body(channel, group * groupInputs + i % row / window.area, weight)
      }
    case .dense(let weights, _):
      let row = weights.count / channels
      let plane = pooledShape.height * pooledShape.width
      for (i, weight) in weights.enumerated() { body(i / row, i % row / plane, weight) }
    case .channelwise(let weights):
      for (channel, weight) in weights.enumerated() { body(channel, channel, weight) }
    case .maxPool: break
    }
  }
}

/// Tries one membrane width and one rounding of the direct current.
struct MembraneFit {
  let neurons: SpikingNetwork.Neurons
  let scales: [Double]
  let sums: ContributionSums
  let isDirect: Bool
  let shift: Int
  let bits: Int
  let maximumTimesteps: Int

  private var limit: Int { bits == 16 ? 32767 : Int(Int32.max) }

  /// The layer's integers, or nil when something does not fit.
  ///
  /// - Parameter headroom: the least distance of the clamps from zero, in thresholds.
  func quantized(headroom: Int) -> IntegerNetwork.Neurons? {
    let channels = scales.count
    guard let biases = quantizedBiases() else { return nil }
    var result = IntegerNetwork.Neurons(
      membraneBits: bits, fires: neurons.fires, reset: neurons.reset,
      leak: neurons.leak, thresholds: [], resets: [], lowerClamps: [], upperClamps: [],
      initials: [], biases: biases.values, biasFractionBits: biases.fractionBits,
      currentShift: shift, potentialRange: 0...0, weightScales: scales, lambda: neurons.lambda,
      saturatedWeights: 0, predictedRate: neurons.predictedRate)
    var lowest = Int.max
    var highest = Int.min
    let unit = Double(1 << shift)
    for channel in 0..<channels {
      var threshold = 0
      if let thresholds = neurons.thresholds.first {
        let exact = (thresholds[channel] / scales[channel] / unit).rounded()
        guard exact <= Double(limit) else { return nil }
        threshold = max(1, Int(exact))
      }
      let amount = neurons.reset == .soft ? threshold : 0
      let initial = Int((neurons.initialShare * Double(threshold)).rounded(.down))
      guard
        let range = contributions(
          channel, bias: biases.values[channel], fraction: biases.fractionBits),
        let clamps = clamps(
          range, threshold: threshold, amount: amount, initial: initial, headroom: headroom)
      else { return nil }
      result.thresholds.append(threshold)
      result.resets.append(amount)
      result.initials.append(initial)
      result.lowerClamps.append(clamps.lower)
      result.upperClamps.append(clamps.upper)
      lowest = min(lowest, clamps.range.low)
      highest = max(highest, clamps.range.high)
    }
    result.potentialRange = lowest...highest
    return result
  }

  /// Biases with as many fraction bits as B·t leaves room for, at most 12. A direct current holds
  /// its bias before it is rounded, so it needs none.
  private func quantizedBiases() -> (values: [Int], fractionBits: Int)? {
    let exact = zip(neurons.bias, scales).map { $0 / $1 }
    let largest = exact.map(abs).max() ?? 0
    let limit = isDirect ? Double(1 << 30) : Double(1 << 30) / Double(maximumTimesteps)
    guard largest <= limit else { return nil }
    var fractionBits = 0
    if !isDirect {
      while fractionBits < 12, largest * Double(1 << (fractionBits + 1)) <= limit {
        fractionBits += 1
      }
    }
    return (
      exact.map { Int(($0 * Double(1 << fractionBits)).rounded()) }, fractionBits
    )
  }

  /// What one timestep adds to a channel, at least and at most.
  private func contributions(
    _ channel: Int, bias: Int, fraction: Int
  ) -> (low: Int, high: Int)? {
    var low = sums.low[channel]
    var high = sums.high[channel]
    if isDirect {
      let half = shift == 0 ? 0 : 1 << (shift - 1)
      let least = sums.directLow[channel] + bias
      let most = sums.directHigh[channel] + bias
      guard least >= -Int(Int32.max), most + half <= Int(Int32.max) else { return nil }
      let current = ((least + half) >> shift, (most + half) >> shift)
      guard current.0 >= -limit, current.1 <= limit else { return nil }
      low += min(current.0, 0)
      high += max(current.1, 0)
    } else {
      low += min(bias >> fraction, 0)
      high += max(-((-bias) >> fraction), 0)
    }
    return low >= -limit && high <= limit ? (low, high) : nil
  }

  /// The widest clamps that the proof allows: none where time alone bounds the potential.
  private func clamps(
    _ sums: (low: Int, high: Int), threshold: Int, amount: Int, initial: Int, headroom: Int
  ) -> (lower: Int, upper: Int, range: (low: Int, high: Int))? {
    for (lower, upper) in [(-limit, limit), (-limit - sums.low, limit - sums.high)] {
      guard lower <= initial, initial <= upper, -lower >= headroom * threshold,
        upper >= headroom * threshold,
        let range = OverflowProof.potentialRange(
          lowest: Int32(sums.low), highest: Int32(sums.high), initial: Int32(initial),
          floorAfterFire: Int32(neurons.reset == .soft ? threshold - amount : 0),
          lowerClamp: Int32(lower), upperClamp: Int32(upper), timesteps: Int32(maximumTimesteps),
          bits: Int32(bits))
      else { continue }
      return (lower, upper, (Int(range.low), Int(range.high)))
    }
    return nil
  }
}
