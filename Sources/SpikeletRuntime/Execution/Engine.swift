/// Runs a model, timestep by timestep, in a buffer that the caller owns.
///
///     var engine = try Engine(model: model, arena: arena)
///     let decision = try engine.run(input: picture)
///
/// The engine allocates nothing and keeps no state outside the arena. The arena may hold anything
/// beforehand: a run writes every byte before it reads it. One engine serves one thread; engines of
/// the same model with arenas of their own run side by side. Where lifetimes are in the way, on a
/// host, `Classifier` of the module SpikeletClassifier owns model, arena and engine.
///
/// Whatever counts or indexes is an `Int`, and so are scores and potentials, which fit 32 bits.
public struct Engine: ~Copyable, ~Escapable {
  /// The model that runs.
  public let model: Model
  var arena: MutableRawSpan
  #if !SPIKELET_WITHOUT_THREADS
    /// Who runs the parts of large layers; nil for this thread alone.
    var team: Team?
  #endif
  /// The timestep that ran last, counted from 1; 0 before the first.
  public private(set) var timestep = 0
  /// The additions of a weight to a potential that spikes have caused since the picture began.
  public internal(set) var synapticOperations = OperationCount()

  /// Prepares an engine.
  ///
  /// - Parameters:
  ///   - model: the model that runs.
  ///   - arena: at least `model.arenaBytes` bytes, aligned to 16.
  /// - Throws: when the arena is too small or misaligned.
  @_lifetime(copy model, copy arena)
  public init(model: Model, arena: consuming MutableRawSpan) throws(SpikeletError) {
    let size = arena.byteCount
    guard size >= model.arenaBytes else {
      throw SpikeletError(
        .arenaTooSmall, .arena, needed: model.header.arenaBytes,
        given: Int32(truncatingIfNeeded: size))
    }
    guard isAligned(arena, to: Int(ModelFormat.bufferAlignment)) else {
      throw SpikeletError(.arenaMisaligned, .arena, needed: ModelFormat.bufferAlignment)
    }
    self.model = model
    self.arena = arena
  }

  /// Classifies one input.
  ///
  /// - Parameters:
  ///   - input: `model.inputCount` pixels in the order channel, row, column. Of a model of events, the
  ///     frames of all timesteps one after the other, `model.inputCount` bytes each.
  ///   - stream: selects the random numbers of Poisson input, usually the number of the picture; the
  ///     lowest 32 bits count.
  ///   - timesteps: 1…`model.maximumTimesteps`; nil for the model's own number.
  ///   - exit: nil for the model's own policy.
  ///   - margins: the table of a policy `marginPerTimestep`, one entry a timestep; nil for the
  ///     model's own.
  /// - Throws: when the input has another size, the timesteps are out of range, or the policy could
  ///   never hold.
  @_lifetime(self: copy self)
  public mutating func run(
    input: Span<UInt8>, stream: Int = 0, timesteps: Int? = nil, exit: ExitPolicy? = nil,
    margins: Span<Int>? = nil
  ) throws(SpikeletError) -> Decision {
    let limit = try limit(timesteps, exit, margins, input)
    let isEvents = model.inputMode == .events
    var monitor = ExitMonitor(exit ?? model.exitPolicy)
    begin()
    while true {
      try step(input: isEvents ? frame(of: input) : input, stream: stream)
      if timestep < limit, case .none = monitor.policy { continue }
      let ranking = rank()
      if timestep == limit
        || monitor.ends(after: timestep, ranking, demand: demand(margins, timestep))
      {
        return Decision(prediction: ranking.prediction, timesteps: timestep)
      }
    }
  }

  /// Checks what a run was asked for, and returns its number of timesteps.
  @inline(__always)
  func limit(
    _ timesteps: Int?, _ exit: ExitPolicy?, _ margins: Span<Int>?, _ input: Span<UInt8>
  ) throws(SpikeletError) -> Int {
    let limit = timesteps ?? model.timesteps
    guard limit >= 1, limit <= model.maximumTimesteps else {
      throw SpikeletError(
        .wrongTimesteps, .timesteps, needed: model.header.maximumTimesteps,
        given: Int32(clamping: limit))
    }
    if let exit { try model.validate(exit, entries: margins?.count ?? model.exitTableCount) }
    try check(input, frames: model.inputMode == .events ? limit : 1)
    return limit
  }

  /// The margin that a table demands at a timestep.
  @inline(never)
  func demand(_ margins: Span<Int>?, _ timestep: Int) -> Int {
    guard let margins else { return model.exitMargin(timestep) }
    return margins.isEmpty ? ExitPolicy.never : margins[min(timestep, margins.count) &- 1]
  }

  /// Begins an input: the next timestep is the first.
  @_lifetime(self: copy self)
  public mutating func begin() {
    timestep = 0
    synapticOperations = OperationCount()
  }

  /// Goes on with an input that another engine ran to `timestep` in the same arena.
  @_lifetime(self: copy self)
  public mutating func resume(at timestep: Int) {
    precondition(timestep >= 0 && timestep <= model.maximumTimesteps)
    self.timestep = timestep
  }

  /// Runs one timestep of every layer.
  @_lifetime(self: copy self)
  public mutating func step(input: Span<UInt8>, stream: Int = 0) throws(SpikeletError) {
    try beginTimestep(input: input, stream: stream)
    for layer in 0..<model.layerCount { runLayer(layer, input: input) }
  }

  /// Begins a timestep: encodes the input's spikes. `runLayer` of every layer, in order, follows.
  @_lifetime(self: copy self)
  public mutating func beginTimestep(
    input: Span<UInt8>, stream: Int = 0
  ) throws(SpikeletError) {
    try check(input)
    guard timestep < model.maximumTimesteps else {
      throw SpikeletError(
        .wrongTimesteps, .timesteps, needed: model.header.maximumTimesteps,
        given: Int32(truncatingIfNeeded: timestep &+ 1))
    }
    timestep &+= 1
    encode(input, stream: UInt32(truncatingIfNeeded: stream))
  }

  @inline(never)
  func check(_ input: Span<UInt8>, frames: Int = 1) throws(SpikeletError) {
    // A model's own size fits 31 bits; with frames it is compared part by part.
    guard input.count / frames == model.inputCount, input.count % frames == 0 else {
      throw SpikeletError(
        .wrongInputSize, .input, needed: Int32(truncatingIfNeeded: model.inputCount &* frames),
        given: Int32(truncatingIfNeeded: input.count))
    }
  }

  /// The frame of the next timestep.
  @_lifetime(copy input)
  @inline(never)
  func frame(of input: Span<UInt8>) -> Span<UInt8> {
    let start = timestep &* model.inputCount
    return input.extracting(start..<(start &+ model.inputCount))
  }
}

/// What an inference found.
public struct Decision: Equatable, Sendable {
  /// The class with the largest score; of equal scores the one with the larger potential, then the
  /// lowest index.
  public var prediction: Int
  /// The timesteps that ran.
  public var timesteps: Int

  /// A decision that is known.
  public init(prediction: Int, timesteps: Int) {
    self.prediction = prediction
    self.timesteps = timesteps
  }
}
