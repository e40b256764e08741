import CSpikelet
import SpikeletRuntime

/// How far an engine is prepared. The numbers are unlikely in memory that nobody has set.
enum Phase: UInt32 {
  case open = 0x4e45_504f
  case attached = 0x4854_4154
}

/// The errors that only C programs can make.
enum Failure {
  static var nullPointer: spikelet_error_t { spikelet_error_t(SPIKELET_NULL_POINTER) }
  static var notOpen: spikelet_error_t { spikelet_error_t(SPIKELET_NOT_OPEN) }
  static var notAttached: spikelet_error_t { spikelet_error_t(SPIKELET_NOT_ATTACHED) }
  static var notRun: spikelet_error_t { spikelet_error_t(SPIKELET_NOT_RUN) }
  static var resultTooSmall: spikelet_error_t { spikelet_error_t(SPIKELET_RESULT_TOO_SMALL) }
}

extension spikelet_error_details_t {
  /// An error without a field of its own.
  init(_ code: spikelet_error_t) {
    self.init(code: code, field: 0, index: -1, needed: 0, given: 0)
  }

  init(_ error: SpikeletError) {
    self.init(
      code: error.reason.rawValue, field: error.field.rawValue, index: error.indexWord,
      needed: error.neededWord, given: error.givenWord)
  }
}

extension spikelet_t {
  var isOpen: Bool { unsafe phase == Phase.open.rawValue || phase == Phase.attached.rawValue }

  /// Why no timestep can run, if so.
  var failureToRun: spikelet_error_t? {
    guard unsafe isOpen else { return Failure.notOpen }
    return unsafe phase == Phase.attached.rawValue ? nil : Failure.notAttached
  }

  /// Why there is no result, if so.
  var failureToRead: spikelet_error_t? {
    if let failure = unsafe failureToRun { return failure }
    return unsafe timestep >= 1 ? nil : Failure.notRun
  }

  /// The model of an open engine. `spikelet_open` has validated it.
  @_lifetime(immortal)
  func makeModel() -> Model {
    let bytes = unsafe RawSpan(
      _unsafeStart: model.unsafelyUnwrapped, byteCount: model_bytes)
    return unsafe _overrideLifetime(Model(validated: bytes), copying: ())
  }

  /// The engine, at the timestep that it has reached.
  ///
  /// - Throws: when the arena does not serve the model.
  @_lifetime(immortal)
  func makeEngine() throws(SpikeletError) -> Engine {
    let bytes = unsafe MutableRawSpan(
      _unsafeStart: arena.unsafelyUnwrapped, byteCount: arena_bytes)
    #if SPIKELET_WITHOUT_THREADS
      var engine = try unsafe Engine(model: makeModel(), arena: bytes)
    #else
      var engine = try unsafe Engine(model: makeModel(), arena: bytes, team: team)
    #endif
    unsafe engine.resume(at: Int(timestep))
    return unsafe _overrideLifetime(engine, copying: ())
  }
}

extension spikelet_pace_t {
  /// What the runs so far have measured.
  var measured: Pace {
    get {
      var pace = Pace()
      unsafe (pace.longest, pace.recent) = (longest, recent)
      unsafe (pace.older, pace.runs) = (older, runs)
      return pace
    }
    set {
      unsafe (longest, recent) = (newValue.longest, newValue.recent)
      unsafe (older, runs) = (newValue.older, newValue.runs)
    }
  }
}

#if !SPIKELET_WITHOUT_THREADS

  extension spikelet_t {
    /// The caller's threads; nil for one.
    fileprivate var team: Team? {
      guard unsafe threads != 1, let run = unsafe run_parts else { return nil }
      // The same C function: only in Swift's eyes it might not take pointers that are never null.
      let function = unsafe unsafeBitCast(run, to: Team.Run.self)
      return unsafe Team(threads: Int(threads), context: context, run: function)
    }
  }

#endif

extension UnsafeMutablePointer<spikelet_t> {
  /// Records a failure and answers with it.
  func fail(_ code: spikelet_error_t) -> spikelet_error_t {
    unsafe pointee.error = spikelet_error_details_t(code)
    return code
  }

  func fail(_ error: SpikeletError) -> spikelet_error_t {
    unsafe pointee.error = spikelet_error_details_t(error)
    return error.reason.rawValue
  }

  /// Records that nothing is wrong.
  func succeed() -> spikelet_error_t {
    unsafe pointee.error = spikelet_error_details_t(spikelet_error_t(SPIKELET_OK))
    return spikelet_error_t(SPIKELET_OK)
  }
}
