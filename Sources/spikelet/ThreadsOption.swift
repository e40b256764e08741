import ArgumentParser
import SpikeletClassifier
import SpikeletRuntime
import SpikeletSupport

/// How many threads run one picture.
struct ThreadsOption: ParsableArguments {
  @Option(
    help: """
      Threads that run the large layers of one picture together, 1 to 16. No result depends on it \
      (docs/threads.md).
      """)
  var threads: Int = 1

  func validate() throws {
    try require("--threads", threads, in: 1...Team.maximumThreads)
  }
}
