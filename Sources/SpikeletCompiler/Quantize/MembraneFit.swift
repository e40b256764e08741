import SpikeletRuntime

/// The largest negative and positive contributions of one timestep, a channel each.
struct ContributionSums {
  var low: [Int]
  var high: [Int]
  /// The same for the part that comes from the picture.
  var directLow: [Int]
  var directHigh: [Int]

  /// - Parameters:
  ///   - zeroPoints: those of the picture's channels, in direct mode.
  ///   - currents: the range of the potentials that a source has, for connections that read these.
  init(
    connections: [IntegerNetwork.Connection], channels: Int, zeroPoints: [Int]?,
    currents: (_ source: Int) -> ClosedRange<Int>?
  ) {
    low = [Int](repeating: 0, count: channels)
    high = low
    directLow = low
    directHigh = low
    for connection in connections {
      if case .potentials = connection.synapses, let range = currents(connection.source) {
        for channel in 0..<channels {
          low[channel] += min(range.lowerBound, 0)
          high[channel] += max(range.upperBound, 0)
        }
      }
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
    case .maxPool, .potentials: break
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
  /// Whether potentials are bounded by what their leak leaves of them, and not by time alone: those of
  /// synaptic currents and of the neurons that read them.
  var isBoundByLeak = false

  var limit: Int { bits == 16 ? 32767 : Int(Int32.max) }
  /// Trained thresholds at one timestep: no potential outlives its comparison, so that the bias is a
  /// part of the threshold and nothing is ever subtracted.
  var isSingle: Bool {
    neurons.hasTrainedThresholds && neurons.fires && maximumTimesteps == 1
  }

  /// What one timestep adds to a channel, at least and at most.
  typealias Contributions = (low: Int, high: Int)

  /// The layer's integers, or nil when something does not fit.
  ///
  /// - Parameter headroom: the least distance of the clamps from zero, in thresholds.
  func quantized(headroom: Int) -> IntegerNetwork.Neurons? {
    guard let biases = quantizedBiases() else { return nil }
    let count = neurons.thresholds.count
    var result = IntegerNetwork.Neurons(
      membraneBits: bits, reset: isSingle || !neurons.fires ? .none : neurons.reset,
      leak: isSingle ? .init() : neurons.leak,
      thresholds: [[Int]](repeating: [], count: count),
      resets: [[Int]](repeating: [], count: count), lowerClamps: [], upperClamps: [],
      initials: [], biases: biases.values, biasFractionBits: biases.fractionBits,
      currentShift: shift, potentialRange: 0...0, weightScales: scales, lambda: neurons.lambda,
      saturatedWeights: 0, predictedRate: neurons.predictedRate)
    var lowest = Int.max
    var highest = Int.min
    for channel in scales.indices {
      guard
        let sums = contributions(
          channel, bias: biases.values[channel], fraction: biases.fractionBits),
        let thresholds = thresholds(channel, sums),
        let amounts = amounts(channel, thresholds)
      else { return nil }
      guard
        let initial = initial(channel, thresholds),
        let clamps = clamps(
          sums, thresholds: thresholds, amounts: amounts, initial: initial,
          floor: floor(channel), headroom: headroom)
      else { return nil }
      for index in thresholds.indices {
        result.thresholds[index].append(thresholds[index])
        result.resets[index].append(amounts[index])
      }
      result.initials.append(initial)
      result.lowerClamps.append(clamps.lower)
      result.upperClamps.append(clamps.upper)
      lowest = min(lowest, clamps.range.low)
      highest = max(highest, clamps.range.high)
    }
    result.potentialRange = lowest...highest
    return result
  }

  /// The thresholds of a channel as whole numbers, ascending, or nil when one does not fit.
  ///
  /// A whole number exceeds x if and only if it is at least ⌊x⌋ + 1, and reaches x if and only if it
  /// is at least ⌈x⌉: trained thresholds lose nothing.
  func thresholds(_ channel: Int, _ sums: Contributions) -> [Int]? {
    var result: [Int] = []
    for thresholds in neurons.thresholds {
      let scale = scales[channel] * Double(1 << shift)
      let start = isSingle && !neurons.initials.isEmpty ? neurons.initials[channel] : 0
      let value = thresholds[channel] - (isSingle ? neurons.bias[channel] + start : 0)
      var exact = (value / scale).rounded()
      if neurons.firesAbove { exact = (value / scale).rounded(.down) + 1 }
      if neurons.hasTrainedThresholds, !neurons.firesAbove { exact = (value / scale).rounded(.up) }
      if isSingle {
        // A threshold beyond every potential is as good as any other beyond them.
        guard exact <= Double(limit) || sums.high < limit else { return nil }
        exact = min(max(exact, -Double(limit)), Double(limit))
      }
      guard exact <= Double(limit) else { return nil }
      let least = isSingle ? -limit : 1
      result.append(max(least, result.last ?? least, Int(exact)))
    }
    return result
  }

  /// What reaching each threshold subtracts: the threshold, before it was made a whole number for the
  /// comparison's sake, or what the leak makes a threshold of. Nil when it does not fit.
  func amounts(_ channel: Int, _ thresholds: [Int]) -> [Int]? {
    guard neurons.reset == .soft, !isSingle else { return thresholds.map { _ in 0 } }
    guard neurons.hasTrainedThresholds else { return thresholds }
    var result: [Int] = []
    for (index, threshold) in thresholds.enumerated() {
      let exact = (neurons.amount(index, channel: channel) / scales[channel]).rounded()
      guard exact <= Double(limit) else { return nil }
      let most = neurons.resetFactor > 1 || !neurons.amounts.isEmpty ? limit : threshold
      result.append(min(max(0, Int(exact)), most))
    }
    return result
  }

  /// What a potential begins with, or nil where it does not fit. At a single timestep it is part of
  /// the threshold.
  func initial(_ channel: Int, _ thresholds: [Int]) -> Int? {
    guard neurons.initials.isEmpty else {
      let exact = isSingle ? 0 : (neurons.initials[channel] / scales[channel]).rounded()
      return abs(exact) <= Double(limit) ? Int(exact) : nil
    }
    guard !neurons.hasTrainedThresholds else { return 0 }
    return Int((neurons.initialShare * Double(thresholds.first ?? 0)).rounded(.down))
  }

  /// The lower clamp that training had, in units of the weights; nil for none.
  func floor(_ channel: Int) -> Double? {
    neurons.floors.isEmpty ? nil : neurons.floors[channel] / scales[channel]
  }

  /// The largest bias, in units of the weights.
  var biasLimit: Double {
    isDirect ? Double(1 << 30) : Double(1 << 30) / Double(maximumTimesteps)
  }

  /// Biases with as many fraction bits as B·t leaves room for, at most 12. A direct current holds
  /// its bias before it is rounded, so it needs none, and neither does a single timestep.
  private func quantizedBiases() -> (values: [Int], fractionBits: Int)? {
    let exact = zip(neurons.bias, scales).map { isSingle ? 0 : $0 / $1 }
    let largest = exact.map(abs).max() ?? 0
    let limit = biasLimit
    guard largest <= limit else { return nil }
    var fractionBits = 0
    if !isDirect, !neurons.hasTrainedThresholds || maximumTimesteps > 1 {
      while fractionBits < 12, largest * Double(1 << (fractionBits + 1)) <= limit {
        fractionBits += 1
      }
    }
    return (
      exact.map { Int(($0 * Double(1 << fractionBits)).rounded()) }, fractionBits
    )
  }

  func contributions(_ channel: Int, bias: Int, fraction: Int) -> Contributions? {
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

  /// The widest clamps that the proof allows: none where time alone bounds the potential. Potentials
  /// with trained thresholds have no others unless they fit no width.
  /// - Parameter floor: the lower clamp that training had, in units of the weights.
  func clamps(
    _ sums: Contributions, thresholds: [Int], amounts: [Int], initial: Int, floor trained: Double?,
    headroom: Int
  ) -> (lower: Int, upper: Int, range: (low: Int, high: Int))? {
    let room = isSingle ? 0 : headroom * (thresholds.last ?? 0)
    var candidates = [(-limit, limit)]
    if !neurons.hasTrainedThresholds || bits == 32 {
      candidates.append((-limit - sums.low, limit - sums.high))
    }
    let below: Int
    if let trained, !isSingle {
      guard trained >= Double(-limit) else { return nil }
      below = Int(trained.rounded())
      candidates = candidates.map { (max($0.0, below), $0.1) }
    } else {
      below = -limit
    }
    let floor = zip(thresholds, amounts).map { $0 - $1 }.min() ?? 0
    let leakBound = leakBound(sums, initial: initial, floor: floor)
    if let (lower, upper) = leakBound { candidates.insert((max(lower, below), upper), at: 0) }
    for (index, (lower, upper)) in candidates.enumerated() {
      let isNever = leakBound != nil && index == 0
      guard lower <= initial, initial <= upper,
        isNever || ((lower == below || -lower >= room) && upper >= room),
        let range = ContributionBounds.potentialRange(
          lowest: Int32(sums.low), highest: Int32(sums.high), initial: Int32(initial),
          floorAfterFire: Int32(neurons.reset == .soft && !isSingle ? floor : 0),
          lowerClamp: Int32(lower), upperClamp: Int32(upper), timesteps: Int32(maximumTimesteps),
          bits: Int32(bits))
      else { continue }
      return (lower, upper, (Int(range.low), Int(range.high)))
    }
    return nil
  }

  /// Clamps that never act, because what leaks away of a potential out there is more than what a
  /// timestep can add: the smallest there are. Nil without a leak.
  ///
  /// - Parameter floor: the lowest potential right after a reset.
  private func leakBound(
    _ sums: Contributions, initial: Int, floor: Int
  ) -> (lower: Int, upper: Int)? {
    let leak = neurons.leak
    guard isBoundByLeak, leak.factor < 1 else { return nil }
    let lost = 1 - leak.factor
    // What a rule that rounds leaves too much: one at most.
    let up = Double(max(sums.high, 0) + (leak.rule == .shift ? 1 : 0)) / lost
    let down = Double(max(-sums.low, 0) + (leak.rule == .multiplyFloor ? 1 : 0)) / lost
    guard up < Double(limit), down < Double(limit) else { return nil }
    return (
      min(initial, floor, -Int(down.rounded(.up))), max(initial, Int(up.rounded(.up)))
    )
  }
}
