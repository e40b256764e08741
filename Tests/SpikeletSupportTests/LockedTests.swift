import Dispatch
import SpikeletSupport
import Testing

/// Threads that meet at a lock lose nothing; under the thread sanitizer this is also the test that it
/// sees the lock.
@Suite struct LockedTests {
  @Test func threadsThatMeetLoseNothing() {
    let seen = Locked<[String: Int]>([:])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for number in 0..<5_000 { seen.withLock { $0["\(number % 50)", default: 0] += 1 } }
    }
    let counts = seen.withLock { $0 }
    #expect(counts.count == 50)
    #expect(counts.values.allSatisfy { $0 == 400 })
  }

  @Test func anErrorLeavesTheLockOpen() {
    struct Failure: Error {}
    let value = Locked(1)
    #expect(throws: Failure.self) { try value.withLock { _ throws(Failure) in throw Failure() } }
    #expect(value.withLock { $0 } == 1)
  }
}
