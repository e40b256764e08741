/// How a max pool of spikes decides.
public enum SpikeMaximum: Hashable, Sendable, CaseIterable {
  /// A window fires if and only if the largest spike count of its inputs rose at this timestep.
  case countMaximum
  /// A window passes the current spike of the input with the largest count so far.
  case gated
  /// A window fires if and only if any of its inputs does: what a network that was trained on spikes
  /// means by a maximum.
  case any
}
