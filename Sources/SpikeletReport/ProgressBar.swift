import Foundation
import SpikeletSupport

/// A progress bar on standard error, on one line: on a terminal that can write over it only.
package final class ProgressBar: Sendable {
  private let total: Int
  private let label: String
  private let isShown: Bool
  private let lastShare = Locked<Int>(-1)

  package init(_ label: String, total: Int) {
    self.label = label
    self.total = max(1, total)
    isShown = Terminal.isCapable(STDERR_FILENO)
  }

  /// Shows that `done` of `total` are done. May be called from any thread.
  package func update(_ done: Int) {
    guard isShown else { return }
    let share = done * 100 / total
    lastShare.withLock { last in
      guard share > last else { return }
      last = share
      write("\r" + Self.line(label, share: share, columns: Terminal.columns(of: STDERR_FILENO)))
    }
  }

  /// The bar, short enough not to wrap: a line that wraps cannot be written over.
  ///
  /// - Parameter columns: the width of the terminal; nil where it does not say.
  package static func line(_ label: String, share: Int, columns: Int?) -> String {
    let figure = " \(share) %"
    // The last column stays free; some terminals wrap as soon as it is written.
    let room = max(0, (columns ?? 80) - 1 - figure.count)
    let label = label.printable.prefix(max(0, room - min(11, room)))
    let length = max(0, min(30, room - label.count - 1))
    let filled = share * length / 100
    return label + (length > 0 ? " " : "") + String(repeating: "█", count: filled)
      + String(repeating: "░", count: length - filled) + figure
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
