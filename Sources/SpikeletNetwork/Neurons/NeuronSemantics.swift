/// What a file of differential equations leaves open: how they become steps of time.
///
/// NIR says what a neuron is, not how it is computed. Each member is one of the questions that its
/// readers answer differently; a profile is the answers of one of them.
public struct NeuronSemantics: Hashable, Sendable {
  /// What is left of a potential after a timestep.
  public enum Integration: String, Sendable, CaseIterable {
    /// 1 − dt/τ.
    case euler
    /// exp(−dt/τ).
    case exponential
  }

  /// How much of a current a leaky potential takes in at a timestep.
  public enum Current: String, Sendable, CaseIterable {
    /// r·dt/τ, whatever the integration.
    case resistance
    /// r·(1 − what is left), which integrates a constant current exactly.
    case exact
    /// The same as `exact` with r = 1: the file's r is ignored.
    case unit
    /// All of it: τ and r are ignored.
    case whole
  }

  /// How much of a current a potential without a leak takes in at a timestep.
  public enum IntegratorCurrent: String, Sendable, CaseIterable {
    /// r·dt.
    case time = "r*dt"
    /// r.
    case resistance = "r"
    /// All of it.
    case whole
  }

  /// What a spike does to its potential.
  public enum Rule: String, Sendable, CaseIterable {
    /// It becomes the file's `v_reset`, 0 where there is none.
    case reset = "v_reset"
    /// It becomes 0, whatever the file says.
    case zero
    /// The threshold is subtracted.
    case subtract
    /// Nothing.
    case none
  }

  /// When a potential is reset.
  public enum ResetTime: String, Sendable, CaseIterable {
    /// At once, before it leaks.
    case beforeLeak = "before-leak"
    /// At the next timestep, from what the leak has left.
    case afterLeak = "after-leak"
  }

  /// When a potential fires.
  public enum Comparison: String, Sendable, CaseIterable {
    /// Above its threshold.
    case above
    /// Where it reaches it.
    case reached
  }

  /// What a potential begins with.
  public enum Start: String, Sendable, CaseIterable {
    /// 0.
    case zero
    /// The file's `v_leak`.
    case leak = "v_leak"
    /// The file's `v_reset`.
    case reset = "v_reset"
  }

  /// How far a potential without a leak can fall.
  public enum Lowest: String, Sendable, CaseIterable {
    /// As far as its inputs take it.
    case none
    /// To minus its threshold.
    case threshold = "-threshold"
  }

  /// In which numbers the source computes.
  public enum Arithmetic: String, Sendable, CaseIterable {
    /// Floating point.
    case real
    /// Lava's fixed point: weights in steps of 1/256, decays in steps of 1/4096 that round toward zero,
    /// potentials in steps of 1/64 of a weight's.
    case lava
  }

  /// The profile's name.
  public var profile = "nir"
  /// The length of a timestep, in the unit of the file's time constants.
  public var dt = 1e-4
  /// What is left of a potential after a timestep.
  public var integration = Integration.euler
  /// What a leaky potential takes in.
  public var current = Current.resistance
  /// What a potential without a leak takes in.
  public var ifCurrent = IntegratorCurrent.time
  /// What a spike does to its potential.
  public var reset = Rule.reset
  /// The same for potentials without a leak.
  public var ifReset = Rule.reset
  /// When a potential is reset.
  public var resetTime = ResetTime.beforeLeak
  /// When a potential fires.
  public var compare = Comparison.above
  /// What a potential begins with.
  public var start = Start.zero
  /// How far a potential without a leak can fall.
  public var lowest = Lowest.none
  /// The most spikes of a neuron in a timestep, 1…8: more than one where every threshold that a
  /// potential holds is a spike.
  public var spikes = 1
  /// The timesteps from a spike to its effect along an edge that leads back.
  public var recurrentDelay = 1
  /// In which numbers the source computes.
  public var arithmetic = Arithmetic.real
  /// The switches that were given by hand.
  public internal(set) var given: Set<String> = []

  /// NIR's equations, taken literally, with forward Euler steps.
  public init() {}
}
