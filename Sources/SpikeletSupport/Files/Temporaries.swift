import Foundation

/// The temporary files and folders of this process, which a signal removes.
package enum Temporaries {
  /// What the name of each begins with.
  package static let prefix = ".spikelet-"

  private struct State {
    var paths: Set<String> = []
    var isEnding = false
  }

  private static let state = Locked(State())

  /// A path in a folder that nothing has.
  static func path(in folder: String) -> String {
    let number = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(folder)/\(prefix)\(getpid())-\(number)"
  }

  /// Remembers a path before anything lies there, so that a signal in between leaves nothing behind.
  static func add(_ path: String) {
    let isEnding = state.withLock { state in
      if !state.isEnding { state.paths.insert(path) }
      return state.isEnding
    }
    // The process is about to end; nothing new begins.
    while isEnding { sleep(1) }
  }

  static func remove(_ path: String) { _ = state.withLock { $0.paths.remove(path) } }
  static func contains(_ path: String) -> Bool { state.withLock { $0.paths.contains(path) } }

  /// Does what no signal may come between, except one that nothing can stop.
  static func uninterrupted<Result: Sendable>(_ body: () -> Result) -> Result {
    state.withLock { _ in body() }
  }

  /// Removes all of them: for a process that is about to end.
  package static func removeAll() {
    state.withLock { state in
      state.isEnding = true
      for path in state.paths where unlink(path) != 0 {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
