/// What the class scores of a spiking network are.
public enum OutputScores: Hashable, Sendable, CaseIterable {
  /// The last layer's potentials; it never fires.
  case potential
  /// The last layer's spike counts.
  case count
}
