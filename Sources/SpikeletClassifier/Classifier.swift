import SpikeletRuntime
import SpikeletSupport

/// A model with the memory to run it: opens a file and classifies, without a lifetime to learn.
///
///     let classifier = try Classifier(contentsOf: "lenet5.spk")
///     let result = try classifier.classify(pixels)
///     print(result.prediction, result.scores, result.timesteps)
///
/// It owns the file's bytes and an arena, and makes an `Engine` of them for each input; opening
/// validates the file once. The scores are those of the engine, bit for bit. For hosts: it allocates,
/// and reads files. On a board use `Engine`, or the C interface.
///
/// One classifier serves one thread at a time; `init(sharing:)` makes another one over the same bytes.
/// With `threads`, several threads of its own run the large layers of one input together: an answer is
/// there sooner, with the same bits.
public final class Classifier {
  private let file: ModelFile
  private let arena: Arena
  private let team: ThreadTeam?
  private let clock = TickClock()
  /// How long timesteps take here: what deadlines go by.
  private var pace = Pace()

  /// The classes' names, in the order of the scores; empty where the model has none.
  public let classNames: [String]

  /// Opens a model file.
  ///
  /// - Parameter threads: that run one input together, 1…16.
  /// - Throws: an error that describes itself on one line: the file cannot be read, or it is no
  ///   valid model (`ModelFileError`), or threads cannot be started (`ThreadTeamError`).
  public convenience init(contentsOf path: String, threads: Int = 1) throws {
    self.init(try ModelFile(contentsOf: path), team: try Self.team(threads))
  }

  /// Opens a model that is in memory already.
  ///
  /// - Parameter name: what to call it in errors.
  public convenience init(model bytes: [UInt8], name: String = "model") throws(ModelFileError) {
    self.init(try ModelFile(bytes: bytes, name: name), team: nil)
  }

  /// Opens a model that is in memory already, for several threads.
  ///
  /// - Parameters:
  ///   - name: what to call it in errors.
  ///   - threads: that run one input together, 1…16.
  /// - Throws: `ModelFileError` or `ThreadTeamError`.
  public convenience init(model bytes: [UInt8], name: String = "model", threads: Int) throws {
    self.init(try ModelFile(bytes: bytes, name: name), team: try Self.team(threads))
  }

  private static func team(_ threads: Int) throws(ThreadTeamError) -> ThreadTeam? {
    threads == 1 ? nil : try ThreadTeam(threads: threads)
  }

  /// Makes a classifier for another thread, which shares the other one's model, but not its threads.
  public convenience init(sharing other: Classifier) { self.init(other.file, team: nil) }

  package init(_ file: ModelFile, team: ThreadTeam?) {
    self.file = file
    self.team = team
    classNames = file.classNames
    arena = Arena(byteCount: file.withModel { $0.arenaBytes(threads: team?.threads ?? 1) })
  }
}

extension Classifier {
  /// What an input was found to be.
  public struct Result: Equatable, Sendable {
    /// The class with the largest score; of equal scores the one with the larger potential, then
    /// the lowest index.
    public let prediction: Int
    /// The name of that class; nil where the model has none.
    public let name: String?
    /// The score of each class after the last timestep that ran: a potential, or a spike count.
    public let scores: [Int]
    /// The timesteps that ran.
    public let timesteps: Int
    /// Additions of a weight to a potential that spikes caused.
    public let synapticOperations: UInt64
    /// What ended the run.
    public let ending: Ending
    /// By how much the answer came after its deadline, in steps of 100 ns; zero where it was kept.
    public let late: Duration
  }

  /// Classifies one input.
  ///
  /// - Parameters:
  ///   - input: `inputCount` bytes: pixels in the order channel, row, column. Of a model of events,
  ///     the frames of all timesteps one after the other.
  ///   - stream: selects the random numbers of Poisson input, usually the number of the picture.
  ///   - timesteps: 1…`maximumTimesteps`; nil for the model's own number.
  ///   - exit: when to stop early; nil for the model's own policy.
  ///   - deadline: the time that there is, from this call on, 100 seconds at most; nil for as long as it
  ///     takes. After each timestep the run goes on only if another one, as long as the longest so far,
  ///     fits; every call measures, with a deadline or without. The first timestep always runs, so
  ///     that the answer to a deadline shorter than that is late, by `late`.
  /// - Throws: when the input has another size, the timesteps are out of range, or the policy could
  ///   never hold.
  public func classify(
    _ input: Span<UInt8>, stream: Int = 0, timesteps: Int? = nil, exit: ExitPolicy? = nil,
    deadline: Duration? = nil
  ) throws(SpikeletError) -> Result {
    let due = deadline.map { clock.now &+ Self.ticks($0) }
    let file = file
    let result = try arena.withBytes { (bytes) throws(SpikeletError) -> (Result, Pace) in
      let model = Model(validated: file.bytes.span.bytes)
      var engine = try Engine(model: model, arena: bytes, team: team?.team)
      var pace = pace
      let decision = try clock.run(
        &engine, input: input, stream: stream, timesteps: timesteps, exit: exit, until: due,
        pace: &pace)
      var scores = [Int](repeating: 0, count: model.classCount)
      var room = scores.mutableSpan
      engine.copyScores(to: &room)
      let result = Result(
        prediction: decision.prediction,
        name: classNames.indices.contains(decision.prediction)
          ? classNames[decision.prediction] : nil,
        scores: scores, timesteps: decision.timesteps,
        synapticOperations: engine.synapticOperations.value, ending: decision.ending,
        late: .nanoseconds(Int64(decision.late) * 100))
      return (result, pace)
    }
    pace = result.1
    return result.0
  }

  /// A time that is to come, as the clock's ticks: none of what is past, the most of what is too long.
  private static func ticks(_ duration: Duration) -> UInt32 {
    let limit = Duration.microseconds(TickClock.longestMicroseconds)
    let (seconds, attoseconds) = max(.zero, min(limit, duration)).components
    return UInt32(seconds * 10_000_000 + attoseconds / 100_000_000_000)
  }

  /// Classifies one input that is an array of bytes.
  public func classify(
    _ input: [UInt8], stream: Int = 0, timesteps: Int? = nil, exit: ExitPolicy? = nil,
    deadline: Duration? = nil
  ) throws(SpikeletError) -> Result {
    try classify(
      input.span, stream: stream, timesteps: timesteps, exit: exit, deadline: deadline)
  }
}

extension Classifier {
  /// The bytes of one input.
  public var inputCount: Int { file.withModel { $0.inputCount } }
  /// The channels of an input.
  public var inputChannels: Int { file.withModel { $0.inputChannels } }
  /// The rows of an input.
  public var inputHeight: Int { file.withModel { $0.inputHeight } }
  /// The columns of an input.
  public var inputWidth: Int { file.withModel { $0.inputWidth } }
  /// How an input becomes spikes or a current.
  public var inputMode: InputMode { file.withModel { $0.inputMode } }
  /// The number of classes, and of scores.
  public var classCount: Int { file.withModel { $0.classCount } }
  /// The timesteps that an inference takes unless the call or the exit policy says otherwise.
  public var timesteps: Int { file.withModel { $0.timesteps } }
  /// The most timesteps that the model was built for.
  public var maximumTimesteps: Int { file.withModel { $0.maximumTimesteps } }
  /// When the model's own policy ends an inference.
  public var exitPolicy: ExitPolicy { file.withModel { $0.exitPolicy } }
  /// The bytes of the arena that runs the model, with as many threads.
  public var arenaBytes: Int { file.withModel { $0.arenaBytes(threads: threads) } }
  /// The threads that run one input together.
  public var threads: Int { team?.threads ?? 1 }
}
