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

    /// Makes neurons of thresholds, with a membrane where there are several timesteps.
    public init(thresholds: [[Float]], isStrict: Bool, membrane: Membrane? = nil) {
      self.thresholds = thresholds
      self.isStrict = isStrict
      self.membrane = membrane
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

      /// Makes a leak of its factor, `multiplier / 2^shift`.
      public init(multiplier: Int, shift: Int) {
        self.multiplier = multiplier
        self.shift = shift
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
