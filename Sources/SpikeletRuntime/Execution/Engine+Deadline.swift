extension Engine {
  /// Classifies one input, with the best answer that there is at a deadline.
  ///
  /// After each timestep the run goes on only if another one, as long as the longest so far, would be
  /// over before the deadline. The first timestep always runs, because there is no answer without
  /// it; the decision says by how much it is late. A run is late by one timestep at most, however much
  /// else the machine does. The scores are those of a run of as many timesteps.
  ///
  /// - Parameters:
  ///   - input: as of a run without a deadline.
  ///   - stream: as of a run without a deadline.
  ///   - timesteps: the most that run: 1…`model.maximumTimesteps`; nil for the model's own number.
  ///   - exit: nil for the model's own policy.
  ///   - margins: as of a run without a deadline.
  ///   - deadline: when the answer is needed, on the caller's clock, at most 2³¹ − 1 ticks from now;
  ///     what lies further ahead has passed. Nil only measures.
  ///   - pace: what is known of the length of timesteps; the run adds to it.
  ///   - clock: ticks of any length since any moment, which may wrap.
  /// - Throws: when the input has another size, the timesteps are out of range, or the policy could
  ///   never hold.
  @_lifetime(self: copy self)
  public mutating func run(
    input: Span<UInt8>, stream: Int = 0, timesteps: Int? = nil, exit: ExitPolicy? = nil,
    margins: Span<Int>? = nil, until deadline: UInt32?, pace: inout Pace, clock: () -> UInt32
  ) throws(SpikeletError) -> TimedDecision {
    let limit = try limit(timesteps, exit, margins, input)
    let isEvents = model.inputMode == .events
    var monitor = ExitMonitor(exit ?? model.exitPolicy)
    begin()
    pace.begin(at: clock())
    while true {
      try step(input: isEvents ? frame(of: input) : input, stream: stream)
      let ranking = rank()
      let isDecided = monitor.ends(after: timestep, ranking, demand: demand(margins, timestep))
      pace.end(timestep, at: clock())
      let ending: Ending
      if isDecided {
        ending = .exit
      } else if timestep == limit {
        ending = .lastTimestep
      } else if let deadline, !pace.fits(before: deadline) {
        ending = .deadline
      } else {
        continue
      }
      var decision = TimedDecision(
        prediction: ranking.prediction, timesteps: timestep, ending: ending, late: 0)
      if let deadline { decision.late = pace.late(deadline) }
      return decision
    }
  }
}
