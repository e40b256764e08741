import Foundation
import SpikeletSupport

/// A progress bar on standard error: on a terminal only, nothing in a pipe.
package final class ProgressBar: Sendable {
  private let total: Int
  private let label: String
  private let isShown: Bool
  private let lastShare = Locked<Int>(-1)

  package init(_ label: String, total: Int) {
    self.label = label
    self.total = max(1, total)
    isShown = isatty(STDERR_FILENO) == 1
  }

  /// Shows that `done` of `total` are done. May be called from any thread.
  package func update(_ done: Int) {
    guard isShown else { return }
    let share = done * 100 / total
    lastShare.withLock { last in
      guard share > last else { return }
      last = share
      let filled = share * 30 / 100
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      write("\r\(label) \(bar) \(share) %")
    }
  }

  /// Removes the bar.
  package func finish() {
    guard isShown else { return }
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    StandardError.write(text)
  }
}
