/// How pixels or events reach the first layer.
public struct InputCoding: Hashable, Sendable {
  /// What the first layer reads of a picture.
  public enum Mode: Hashable, Sendable, CaseIterable {
    /// The pixel, minus the channel's zero point, times the weights is a constant current.
    case direct
    /// Pixel p spikes at timestep t if and only if ⌊p·t/255⌋ > ⌊p·(t−1)/255⌋.
    case rate
    /// Pixel p spikes with probability p/255, drawn from a counter-based generator.
    case poisson
    /// The caller gives the spikes of every timestep: frames of events, one bit a channel.
    case events
  }

  /// What the first layer reads of a picture.
  public var mode: Mode
  /// Subtracted from a channel's pixels in direct mode, 0…255; empty in the other modes.
  public var zeroPoints: [Int]
  /// The stream of Poisson input.
  public var seed: UInt64
  /// Whether a second timestep looks at the picture's mirror image, for which everything but the scores
  /// begins afresh; for direct input and networks of one timestep.
  public var looksAtMirror: Bool

  /// Makes a coding of all its values.
  public init(mode: Mode, zeroPoints: [Int], seed: UInt64 = 0, looksAtMirror: Bool = false) {
    self.mode = mode
    self.zeroPoints = zeroPoints
    self.seed = seed
    self.looksAtMirror = looksAtMirror
  }
}
