import SpikeletNetwork
import SpikeletSupport

extension IntegerNetwork {
  /// The SHA-256 of everything that decides what the network computes: its numbers, rules and shapes.
  ///
  /// Names, the exit and the plan take no part, and neither does the version of the model format: what
  /// was measured on these numbers stays true wherever they lie.
  public var digest: String {
    var writer = DigestWriter()
    writer.add("\(input.mode) \(input.seed) \(readOut) \(timesteps) \(maximumTimesteps)")
    if input.looksAtMirror { writer.add("mirror") }
    writer.add(input.zeroPoints)
    writer.add("\(inputShape)")
    for layer in layers {
      writer.add("\(layer.shape)")
      switch layer.kind {
      case .maxPool(let rule): writer.add("max pool \(rule)")
      case .neurons(let neurons): writer.add(neurons)
      }
      for connection in layer.connections { writer.add(connection) }
    }
    return writer.hash.finalize().map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }.joined()
  }
}

/// Feeds values to a hash, each with its length or an end, so that no two networks read alike.
private struct DigestWriter {
  var hash = SHA256()

  mutating func add(_ text: String) { hash.update("\(text)\n".utf8) }

  mutating func add(_ values: [Int]) {
    add("\(values.count)")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values {
      for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    hash.update(bytes)
  }

  mutating func add(_ neurons: IntegerNetwork.Neurons) {
    let leak = neurons.leak
    add("\(neurons.membraneBits) \(neurons.thresholdCoding) \(neurons.reset)")
    add("\(leak.rule) \(leak.multiplier) \(leak.shift)")
    add("\(neurons.biasFractionBits) \(neurons.currentShift) \(neurons.thresholds.count)")
    for table in neurons.thresholds + neurons.resets { add(table) }
    for table in [neurons.lowerClamps, neurons.upperClamps, neurons.initials, neurons.biases] {
      add(table)
    }
  }

  mutating func add(_ what: String, _ window: Window) {
    add(what)
    let padding = window.padding
    add([
      window.kernelHeight, window.kernelWidth, window.strideHeight, window.strideWidth,
      padding.top, padding.left, padding.bottom, padding.right,
    ])
  }

  mutating func add(_ connection: IntegerNetwork.Connection) {
    add("\(connection.source) \(connection.pooledShape)")
    if let pool = connection.pool { add("pool", pool) }
    switch connection.synapses {
    case .convolution(let window, let groups, let weights, let bits):
      add("convolution \(groups) \(bits)", window)
      add(weights)
    case .dense(let weights, let bits):
      add("dense \(bits)")
      add(weights)
    case .channelwise(let weights):
      add("channelwise")
      add(weights)
    case .maxPool: add("window")
    case .potentials: add("potentials")
    }
  }
}
