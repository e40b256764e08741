/// Runs a model, timestep by timestep, in a buffer that the caller owns.
///
///     var engine = try Engine(model: model, arena: arena)
///     let result = try engine.run(input: picture)
///
/// The engine allocates nothing and keeps no state outside the arena. The arena may hold anything
/// beforehand: a run writes every byte before it reads it. One engine serves one thread; engines of
/// the same model with arenas of their own run side by side.
public struct Engine: ~Copyable, ~Escapable {
  public let model: Model
  var arena: MutableRawSpan
  /// The timestep that ran last; 0 before the first.
  public private(set) var timestep: Int32 = 0
  /// The additions of a weight to a potential that spikes have caused since the picture began.
  public internal(set) var synapticOperations = OperationCount()

  /// Prepares an engine.
  ///
  /// - Parameters:
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

  /// What an inference found.
  public struct Result: Equatable, Sendable {
    /// The class with the largest score; of equal scores the one with the larger potential, then
    /// the lowest index.
    public var prediction: Int32
    /// The timesteps that ran.
    public var timesteps: Int32
  }

  /// Classifies one picture.
  ///
  /// - Parameters:
  ///   - input: `model.inputCount` pixels in the order channel, row, column. Of a model of events, the
  ///     frames of all timesteps one after the other, `model.inputCount` bytes each.
  ///   - image: the picture's number, which selects the random stream of Poisson input.
  ///   - timesteps: 1…`maximumTimesteps`; nil for the model's own number.
  ///   - exit: nil for the model's own policy.
  ///   - margins: the table of a `marginPerStep` policy given by hand; nil for the model's own.
  /// - Throws: when the input has another size, the timesteps are out of range, or the policy could
  ///   never hold.
  @_lifetime(self: copy self)
  public mutating func run(
    input: Span<UInt8>, image: UInt32 = 0, timesteps: Int32? = nil, exit: ExitPolicy? = nil,
    margins: Span<Int32>? = nil
  ) throws(SpikeletError) -> Result {
    let limit = timesteps ?? model.header.timesteps
    guard limit >= 1, limit <= model.header.maximumTimesteps else {
      throw SpikeletError(
        .wrongTimesteps, .timesteps, needed: model.header.maximumTimesteps, given: limit)
    }
    if let exit { try check(exit, margins) }
    let isEvents = model.inputMode == .events
    try check(input, frames: isEvents ? Int(limit) : 1)
    var monitor = ExitMonitor(exit ?? model.exitPolicy)
    begin()
    while true {
      try step(input: isEvents ? frame(of: input) : input, image: image)
      if timestep < limit, monitor.policy.kind == .none { continue }
      let ranking = rank()
      if timestep == limit
        || monitor.ends(after: timestep, ranking, demand: demand(margins, timestep))
      {
        return Result(prediction: ranking.prediction, timesteps: timestep)
      }
    }
  }

  /// Checks a policy that the caller gives.
  private func check(_ exit: ExitPolicy, _ margins: Span<Int32>?) throws(SpikeletError) {
    try model.validate(exit)
    guard exit.kind == .marginPerStep else { return }
    let entries =
      margins?.count
      ?? (model.exitPolicy.kind == .marginPerStep ? Int(model.exitPolicy.parameter) : 0)
    guard entries == Int(exit.parameter) else {
      throw SpikeletError(
        .mismatch, .exitTable, needed: exit.parameter, given: Int32(truncatingIfNeeded: entries))
    }
  }

  /// The margin that a table demands at a timestep.
  private func demand(_ margins: Span<Int32>?, _ timestep: Int32) -> Int32 {
    guard let margins else { return model.exitMargin(timestep) }
    return margins.isEmpty ? ExitPolicy.never : margins[min(Int(timestep), margins.count) &- 1]
  }

  /// Begins a picture: the next timestep is the first.
  @_lifetime(self: copy self)
  public mutating func begin() {
    timestep = 0
    synapticOperations = OperationCount()
  }

  /// Goes on with a picture that another engine ran to `timestep` in the same arena.
  @_lifetime(self: copy self)
  public mutating func resume(at timestep: Int32) {
    precondition(timestep >= 0 && timestep <= model.header.maximumTimesteps)
    self.timestep = timestep
  }

  /// Runs one timestep of every layer.
  @_lifetime(self: copy self)
  public mutating func step(input: Span<UInt8>, image: UInt32 = 0) throws(SpikeletError) {
    try beginTimestep(input: input, image: image)
    for layer in 0..<model.layerCount { runLayer(layer, input: input) }
  }

  /// Begins a timestep: encodes the input's spikes. `runLayer` of every layer, in order, follows.
  @_lifetime(self: copy self)
  public mutating func beginTimestep(
    input: Span<UInt8>, image: UInt32 = 0
  ) throws(SpikeletError) {
    try check(input)
    guard timestep < model.header.maximumTimesteps else {
      throw SpikeletError(
        .wrongTimesteps, .timesteps, needed: model.header.maximumTimesteps, given: timestep &+ 1)
    }
    timestep &+= 1
    encode(input, image: image)
  }

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
  private func frame(of input: Span<UInt8>) -> Span<UInt8> {
    let start = Int(timestep) &* model.inputCount
    return input.extracting(start..<(start &+ model.inputCount))
  }
}
