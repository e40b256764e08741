import Foundation

/// How much the tests that draw random cases do: everything in release builds, a small part of it in
/// debug builds, where kernels are hundreds of times slower.
///
/// Environment variables ask for more in either.
package enum TestScale {
  #if DEBUG
    private static let isDebug = true
  #else
    private static let isDebug = false
  #endif

  /// Whether everything is tried, as in release builds.
  package static let isFull = !isDebug

  /// `SPIKELET_NETWORKS`: random networks on which engine and interpreter are compared.
  package static let networks = number("SPIKELET_NETWORKS") ?? (isDebug ? 150 : 3000)
  /// `SPIKELET_MUTATIONS`: damaged model files that are opened and, if they open, judged.
  package static let mutations = number("SPIKELET_MUTATIONS") ?? (isDebug ? 600 : 36_000)
  /// `SPIKELET_SEED`: the one random network to look at again.
  package static let seed = number("SPIKELET_SEED").map { UInt64($0) }

  /// As many of `count` random cases as this build has time for, at least one; the same share of what
  /// must be found among them.
  package static func cases(_ count: Int) -> Int { isDebug ? max(1, count / 20) : count }

  /// The seconds that work may take: a limit is one of optimised code, which does the same work many
  /// times faster.
  package static func seconds(_ limit: Double) -> Double { isDebug ? limit * 15 : limit }

  /// Says once how much is done, so that nobody takes a debug run for the whole.
  package static func announce() { announcement }

  private static let announcement: Void = {
    guard isDebug else { return }
    print(
      "debug build: \(networks) of 3000 random networks, \(mutations) of 36000 damaged models, a "
        + "twentieth of other random cases; `make test` runs all of them")
  }()

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
