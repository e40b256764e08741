import CBoardPlatform
import CThreadTeam
import SpikeletRuntime

#if !SPIKELET_WITHOUT_THREADS

  /// The threads of `--threads`, which end with the process. Their stacks are pages of the system.
  struct Threads {
    let team: Team?

    /// Kernels take a few KiB of a stack; the C library needs some for itself.
    private static var stackBytes: Int { 64 &* 1024 }

    /// Starts the threads; none for one.
    init(_ count: Int) throws(BoardError) {
      team = count > 1 ? try Self.start(count) : nil
    }

    private static func start(_ count: Int) throws(BoardError) -> Team {
      let bytes = thread_team_bytes()
      guard let memory = unsafe platform_memory(bytes) else { throw BoardError.memory(bytes) }
      let stackBytes = (count &- 1) &* stackBytes
      guard let stacks = unsafe platform_memory(stackBytes) else {
        throw BoardError.memory(stackBytes)
      }
      // Both stay mapped until the process ends, and the team with them.
      guard unsafe thread_team_start(memory, count, stacks, Self.stackBytes) else {
        throw BoardError.threads(count)
      }
      return unsafe Team(threads: count, context: memory, run: thread_team_run)
    }
  }

#endif

extension Arguments {
  /// The bytes of the arena: of a team more than of one thread.
  func arenaBytes(_ model: Model) -> Int {
    #if SPIKELET_WITHOUT_THREADS
      return model.arenaBytes
    #else
      return model.arenaBytes(threads: threads)
    #endif
  }
}
