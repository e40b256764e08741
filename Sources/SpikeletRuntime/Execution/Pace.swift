/// How long timesteps take here, as the runs with a deadline have measured it.
///
/// A run asks it after each timestep whether the next one still fits. Times are ticks of the caller's
/// clock, of any length; the clock may wrap. Keep one for a model on a machine, and give it to
/// every run: what it knows begins with the first one, whether that had a deadline or not.
///
/// The longest timestep is remembered for 1,024 to 2,047 runs. Without an end to it, one that was
/// interrupted for long would keep all later runs from their second timestep.
public struct Pace: Equatable, Sendable {
  /// Runs until a measurement becomes an older one, and then until it is forgotten.
  private static var memory: UInt32 { 1024 }

  /// Ticks of the longest timestep after the first of a run; 0 where none is known.
  package var recent: UInt32 = 0
  /// The same of the 1,024 runs before.
  package var older: UInt32 = 0
  /// Runs since a measurement became older.
  package var runs: UInt32 = 0
  /// Ticks of the longest timestep of all runs, the first ones of runs included: no run is later than
  /// this, whatever its deadline.
  public package(set) var longest: UInt32 = 0
  /// What the clock said when the last timestep ended, or the run began.
  private var before: UInt32 = 0
  /// Ticks of the first timestep of this run.
  private var first: UInt32 = 0

  /// Nothing is known yet.
  public init() {}

  /// Begins a run.
  package mutating func begin(at now: UInt32) {
    before = now
    if runs == Self.memory {
      older = recent
      recent = 0
      runs = 0
    }
    runs &+= 1
  }

  /// Takes the time of a timestep that has ended.
  package mutating func end(_ timestep: Int, at now: UInt32) {
    let ticks = now &- before
    before = now
    longest = max(longest, ticks)
    if timestep == 1 {
      first = ticks
    } else {
      recent = max(recent, ticks)
    }
  }

  /// Whether another timestep fits. Where none but first ones have been measured, which do more than
  /// the others in most models, the first one of this run stands for it.
  package func fits(before deadline: UInt32) -> Bool {
    let worst = max(recent, older)
    let left = Int32(bitPattern: deadline &- before)
    // One tick more, because a clock's ticks are whole ones.
    return left > 0 && UInt32(bitPattern: left) > (worst == 0 ? first : worst)
  }

  /// Ticks since the deadline; 0 before it.
  package func late(_ deadline: UInt32) -> UInt32 {
    let late = Int32(bitPattern: before &- deadline)
    return late > 0 ? UInt32(bitPattern: late) : 0
  }
}

/// What ended a run.
public enum Ending: Int32, Sendable {
  /// The exit policy held.
  case exit = 1
  /// All timesteps ran, and the exit policy did not hold.
  case lastTimestep = 2
  /// The next timestep might not have been over in time.
  case deadline = 3
}

/// What an inference with a deadline found.
public struct TimedDecision: Equatable, Sendable {
  /// The class with the largest score; of equal scores the one with the larger potential, then the
  /// lowest index.
  public var prediction: Int
  /// The timesteps that ran. The scores are those of a run of as many.
  public var timesteps: Int
  /// What ended it.
  public var ending: Ending
  /// Ticks by which the answer came after the deadline; 0 where it was kept, or where none was given.
  public var late: UInt32

  /// A decision that is known.
  public init(prediction: Int, timesteps: Int, ending: Ending, late: UInt32) {
    self.prediction = prediction
    self.timesteps = timesteps
    self.ending = ending
    self.late = late
  }
}
