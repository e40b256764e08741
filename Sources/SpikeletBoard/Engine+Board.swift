import SpikeletRuntime

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
