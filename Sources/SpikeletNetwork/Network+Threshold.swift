extension Network {
  /// The nodes with trained thresholds; none in a network of rectifiers.
  public var thresholdNodes: [Int] {
    nodes.indices.filter { if case .threshold = nodes[$0].operation { true } else { false } }
  }

  /// Neurons with trained thresholds: every value is compared with each of K of them.
  ///
  /// The result has K times as many channels: all channels of the first threshold, then all channels
  /// of the second, and so on.
  public struct Threshold: Sendable {
    /// K arrays of one value an input channel, ascending in every channel.
    public var thresholds: [[Float]]
    /// Whether a value must exceed the threshold; otherwise it fires where it equals it, too.
    public var isStrict: Bool
    /// What potentials do between timesteps, where the file says so. At one it means nothing.
    public var membrane: Membrane?
    /// The synaptic current between what the layer reads and its potentials; nil where potentials take
    /// that in themselves. At one timestep there is none.
    public var synapse: Synapse?
    /// What potentials begin with, one value a channel; empty for 0. No leak acts on it.
    public var initials: [Float] = []
    /// What a soft reset subtracts before the leak: K arrays of one value a channel, at least 0. Empty
    /// for the thresholds, or for what `membrane` makes of them.
    public var amounts: [[Float]] = []
    /// What potentials are raised to after a reset where they lie below, one value a channel, none
    /// above 0. Empty for no such floor.
    public var floors: [Float] = []
    /// Whether potentials were real numbers in training, so that they are counted as finely as weights
    /// of a width allow, and not as coarsely as the weights do.
    public var countsFinely = false
    /// What a potential is counted in, where the source computes in whole numbers of it.
    public var unit: Double?

    /// Makes neurons of thresholds, with a membrane where there are several timesteps.
    public init(thresholds: [[Float]], isStrict: Bool, membrane: Membrane? = nil) {
      self.thresholds = thresholds
      self.isStrict = isStrict
      self.membrane = membrane
    }
  }

  /// A synaptic current: a state beside the potential. It begins at 0, leaks from one timestep to the
  /// next, takes in what its layer reads, and the potential takes in all of it at the same timestep.
  public struct Synapse: Hashable, Sendable {
    /// Nil where the current does not decay.
    public var leak: Membrane.Leak?
    /// What a potential takes in beside the current at every timestep, one value a channel; empty for
    /// nothing.
    public var offsets: [Float]

    /// Makes a current that leaks.
    public init(leak: Membrane.Leak?, offsets: [Float] = []) {
      self.leak = leak
      self.offsets = offsets
    }

    /// The share of a current that is left after a timestep.
    var kept: Float { leak.map { Float($0.multiplier) / Float(1 << $0.shift) } ?? 1 }

    /// The current of a timestep, and what a potential takes in of it.
    ///
    /// - Parameters:
    ///   - current: what the timestep before has left; empty at the first.
    ///   - input: what the layer reads.
    func integrate(_ current: inout [Float], _ input: [Float]) -> [Float] {
      current = current.isEmpty ? input : zip(current, input).map { $0 * kept + $1 }
      guard !offsets.isEmpty else { return current }
      let area = current.count / offsets.count
      return current.indices.map { current[$0] + offsets[$0 / area] }
    }
  }

  /// What a potential keeps from one timestep to the next.
  public struct Membrane: Hashable, Sendable {
    /// After the reset, what remains is multiplied by `multiplier / 2^shift`.
    public struct Leak: Hashable, Sendable {
      /// What is multiplied with, 0…2^shift.
      public var multiplier: Int
      /// The power of two that is divided by.
      public var shift: Int
      /// Whether whole numbers are rounded toward zero, and not down.
      public var roundsTowardZero: Bool

      /// Makes a leak of its factor, `multiplier / 2^shift`.
      public init(multiplier: Int, shift: Int, roundsTowardZero: Bool = false) {
        self.multiplier = multiplier
        self.shift = shift
        self.roundsTowardZero = roundsTowardZero
      }
    }

    /// Nil where potentials do not decay.
    public var leak: Leak?
    /// What happens where it fired.
    public var reset: Reset
    /// Whether a soft reset subtracts the threshold from what the leak has left, at the beginning of
    /// the next timestep, and not before the leak. Without a leak and for other resets it is the same.
    public var resetsAfterLeak: Bool

    /// Makes a membrane; without a leak, potentials do not decay, and resets come before the leak.
    public init(leak: Leak? = nil, reset: Reset, resetsAfterLeak: Bool = false) {
      self.leak = leak
      self.reset = reset
      self.resetsAfterLeak = resetsAfterLeak
    }

    /// What a soft reset subtracts before the leak, in thresholds.
    ///
    /// β·U − θ = β·(U − θ / β): a reset after the leak β is one before it, of more. It is infinite
    /// where the leak leaves nothing, which no importer accepts.
    public var resetFactor: Double {
      guard resetsAfterLeak, reset == .soft, let leak else { return 1 }
      return Double(1 << leak.shift) / Double(leak.multiplier)
    }
  }
}

extension Network.Threshold {
  /// What a spike of a threshold subtracts from its potential, before the leak.
  func amount(_ threshold: Int, channel: Int) -> Float {
    if !amounts.isEmpty { return amounts[threshold][channel] }
    return thresholds[threshold][channel] * Float(membrane?.resetFactor ?? 1)
  }

  /// The spikes of values in the order channel, row, column.
  func evaluate(_ input: [Float], shape: Shape) -> [Float] {
    let area = shape.height * shape.width
    var spikes: [Float] = []
    spikes.reserveCapacity(input.count * thresholds.count)
    for values in thresholds {
      precondition(values.count == shape.channels, "one threshold a channel")
      for (index, value) in input.enumerated() {
        let threshold = values[index / area]
        spikes.append((isStrict ? value > threshold : value >= threshold) ? 1 : 0)
      }
    }
    return spikes
  }
}
