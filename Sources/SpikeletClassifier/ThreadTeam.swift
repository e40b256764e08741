import CThreadTeam
import SpikeletRuntime

/// Threads of this process that run the large layers of a model together.
///
/// The threads start with the team and end with it; between two inferences they sleep. One team serves
/// one engine at a time.
public final class ThreadTeam {
  /// The threads, the caller's own among them.
  public let threads: Int
  private let storage: UnsafeMutableRawPointer

  /// Starts a team.
  ///
  /// - Parameter threads: 1…16, the caller's own among them.
  /// - Throws: when it is another number, or the system gives no more threads.
  public init(threads: Int) throws(ThreadTeamError) {
    guard (1...Team.maximumThreads).contains(threads) else { throw .outOfRange(threads) }
    self.threads = threads
    storage = .allocate(byteCount: thread_team_bytes(), alignment: 64)
    guard thread_team_start(storage, threads, nil, 0) else {
      storage.deallocate()
      throw .noThreads(threads)
    }
  }

  deinit {
    thread_team_stop(storage)
    storage.deallocate()
  }

  /// The team as engines take it. The threads end with this object, which has to live longer.
  package var team: Team { Team(threads: threads, context: storage, run: thread_team_run) }
}

extension ThreadTeam {
  /// How often each part of some work ran: what a test of the threads looks at.
  package func runsOfParts(_ parts: Int) -> [Int] {
    var runs = [Int](repeating: 0, count: parts)
    runs.withUnsafeMutableBytes { bytes in
      guard let work = bytes.baseAddress else { return }
      thread_team_run(storage, parts, { $0.assumingMemoryBound(to: Int.self)[$1] += 1 }, work)
    }
    return runs
  }
}

/// Why a team of threads cannot start.
public enum ThreadTeamError: Error, Equatable, CustomStringConvertible {
  /// The number of threads is not 1 to 16.
  case outOfRange(Int)
  /// The system gives no more threads.
  case noThreads(Int)

  /// The error on one line.
  public var description: String {
    switch self {
    case .outOfRange(let given):
      "threads are out of range: needed 1 to \(Team.maximumThreads), given \(given)"
    case .noThreads(let given): "the system does not start \(given) threads; use fewer"
    }
  }
}
