import SpikeletClassifier
import SpikeletCompiler
import SpikeletRuntime

/// Runs a model of events over a stream of frames without beginning anew between decisions.
///
/// The neurons keep their state from frame to frame. A model may run for `maximumTimesteps`, as its
/// overflow proof says; then the state begins anew with the next frame.
package struct ContinuousRun: Sendable {
  /// What the scores say after a frame.
  package struct Decision: Equatable, Sendable {
    /// The frame, counted from 0.
    package var frame: Int
    /// Timesteps since the state began.
    package var timestep: Int
    package var ranking: Ranking
    /// Whether the exit policy holds: the decision falls.
    package var isDecided: Bool
  }

  package var model: ModelFile
  /// Nil for the model's own policy.
  package var exit: ExitRule?

  package init(model: ModelFile, exit: ExitRule? = nil) {
    self.model = model
    self.exit = exit
  }

  /// Every decision about frames that follow each other.
  ///
  /// - Parameters:
  ///   - frames: whole frames, one after the other.
  ///   - report: called after each frame.
  /// - Throws: where the model reads no events, or the frames are of another size.
  package func run(frames: [UInt8], report: (Decision) -> Void) throws {
    let arena = Arena(byteCount: Int(model.header.arenaBytes))
    let file = model.bytes
    do throws(SpikeletError) {
      try arena.withBytes { (bytes) throws(SpikeletError) in
        let opened = Model(validated: file.span.bytes)
        var engine = try Engine(model: opened, arena: bytes)
        let size = opened.inputCount
        guard opened.inputMode == .events, frames.count % size == 0 else {
          throw SpikeletError(
            .wrongInputSize, .input, needed: Int32(clamping: size),
            given: Int32(clamping: frames.count))
        }
        let policy = exit?.policy ?? opened.exitPolicy
        var monitor = ExitMonitor(policy)
        engine.begin()
        for frame in 0..<frames.count / size {
          if engine.timestep == opened.maximumTimesteps { engine.begin() }
          if engine.timestep == 0 { monitor = ExitMonitor(policy) }
          try engine.step(input: frames[frame * size..<(frame + 1) * size].span)
          let timestep = engine.timestep
          let ranking = engine.rank()
          let demand = exit?.demand(at: timestep) ?? opened.exitMargin(timestep)
          report(
            Decision(
              frame: frame, timestep: timestep, ranking: ranking,
              isDecided: monitor.ends(after: timestep, ranking, demand: demand)))
        }
      }
    } catch {
      throw ModelFileError(file: model.name, error: error)
    }
  }
}
