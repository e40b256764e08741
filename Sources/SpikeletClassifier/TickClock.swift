import SpikeletRuntime

/// A steady clock of 32 bits, as an engine with a deadline asks for: tenths of a microsecond.
package struct TickClock: Sendable {
  /// Ticks of a microsecond.
  package static let ticksOfMicrosecond = 10
  /// The longest deadline: a clock of 32 bits tells times of less than 2³¹ ticks apart.
  package static let longestMicroseconds = 100_000_000

  private let start = ContinuousClock.now

  /// Begins at 0.
  package init() {}

  /// Ticks since the clock was made; they wrap after 7 minutes.
  package var now: UInt32 {
    let elapsed = (ContinuousClock.now - start).components
    return UInt32(truncatingIfNeeded: elapsed.seconds &* 10_000_000)
      &+ UInt32(truncatingIfNeeded: elapsed.attoseconds / 100_000_000_000)
  }
}

extension TickClock {
  /// Classifies one input until a moment of this clock, as `Engine.run(input:until:)`.
  package func run(
    _ engine: inout Engine, input: Span<UInt8>, stream: Int, timesteps: Int?, exit: ExitPolicy?,
    margins: Span<Int>? = nil, until deadline: UInt32?, pace: inout Pace
  ) throws(SpikeletError) -> TimedDecision {
    try engine.run(
      input: input, stream: stream, timesteps: timesteps, exit: exit, margins: margins,
      until: deadline, pace: &pace
    ) { now }
  }
}
