import Foundation

/// A value that one thread at a time may look at or change.
///
/// `Synchronization.Mutex` is the same and smaller, but on Linux its slow path waits in a library that
/// the thread sanitizer does not see into: two threads that meet there are reported as a data race,
/// though there is none. `NSLock` is a POSIX mutex, which the sanitizer knows, so that a report of
/// `make sanitize` means something.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  /// Makes a lock with a value inside.
  package init(_ value: sending Value) { self.value = value }

  /// Runs `body` while no other thread does, and gives back what it returns or throws.
  package func withLock<Result: Sendable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
