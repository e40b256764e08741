import SpikeletRuntime

#if !SPIKELET_WITHOUT_SERVE
  import CBoardPlatform
#endif

// The runtime's entry points with errors that name the model. They are not inlined, so that the
// executable has one copy of what they call.

extension Model {
  @_lifetime(copy bytes) @inline(never)
  init(_ bytes: RawSpan, name: FileName) throws(BoardError) {
    do {
      try self.init(bytes)
    } catch {
      throw BoardError.refused(name, error)
    }
  }
}

extension Engine {
  @_lifetime(copy model, copy arena) @inline(never)
  init(model: Model, arena: consuming MutableRawSpan, name: FileName) throws(BoardError) {
    do {
      try self.init(model: model, arena: arena)
    } catch {
      throw BoardError.refused(name, error)
    }
  }

  #if !SPIKELET_WITHOUT_THREADS
    /// An engine with a team; nil for this thread alone.
    @_lifetime(copy model, copy arena) @inline(never)
    init(
      model: Model, arena: consuming MutableRawSpan, team: Team?, name: FileName
    ) throws(BoardError) {
      do {
        try self.init(model: model, arena: arena, team: team)
      } catch {
        throw BoardError.refused(name, error)
      }
    }
  #endif

  #if SPIKELET_WITHOUT_SERVE
    /// Classifies one picture.
    @_lifetime(self: copy self) @inline(never)
    mutating func run(
      _ pixels: Span<UInt8>, image: UInt32, timesteps: Int?, exit: ExitPolicy?, name: FileName
    ) throws(BoardError) -> Decision {
      do {
        return try run(
          input: pixels, stream: Int(truncatingIfNeeded: image), timesteps: timesteps, exit: exit)
      } catch {
        throw BoardError.refused(name, error)
      }
    }
  #else
    /// Classifies one picture until a deadline, on the clock of `platform_ticks`.
    @_lifetime(self: copy self) @inline(never)
    mutating func run(
      _ pixels: Span<UInt8>, image: UInt32, timesteps: Int?, exit: ExitPolicy?,
      deadline: UInt32?, pace: inout Pace, name: FileName
    ) throws(BoardError) -> TimedDecision {
      do {
        return try run(
          input: pixels, stream: Int(truncatingIfNeeded: image), timesteps: timesteps, exit: exit,
          until: deadline, pace: &pace
        ) { platform_ticks() }
      } catch {
        throw BoardError.refused(name, error)
      }
    }

    /// Classifies one picture, however long it takes. There is one loop over timesteps in the program.
    @_lifetime(self: copy self)
    mutating func run(
      _ pixels: Span<UInt8>, image: UInt32, timesteps: Int?, exit: ExitPolicy?, name: FileName
    ) throws(BoardError) -> TimedDecision {
      var pace = Pace()
      return try run(
        pixels, image: image, timesteps: timesteps, exit: exit, deadline: nil, pace: &pace,
        name: name)
    }
  #endif

  /// Begins a timestep whose layers are run one by one.
  @_lifetime(self: copy self) @inline(never)
  mutating func beginTimestep(
    _ pixels: Span<UInt8>, image: UInt32, name: FileName
  ) throws(BoardError) {
    do {
      try beginTimestep(input: pixels, stream: Int(truncatingIfNeeded: image))
    } catch {
      throw BoardError.refused(name, error)
    }
  }
}
