import Dispatch
import Synchronization

/// Splits `count` numbers from `first` on into consecutive parts, one for each job, and works on them at
/// the same time.
///
/// - Parameters:
///   - first: the first number, 0 where all are worked on at once.
///   - jobs: threads, at least 1 and at most `count`.
///   - interval: `progress` hears of every multiple of it, and of the end.
///   - progress: called with the number of elements done, those before `first` with them, from any
///     thread.
///   - body: gets its part and a closure to call after each element.
/// - Returns: what `body` made of each part, in the order of the parts.
/// - Throws: the error of the first part that threw one.
package func parallelMap<Part: Sendable, Failure: Error>(
  from first: Int = 0, count: Int, jobs: Int, interval: Int = 64,
  progress: (@Sendable (Int) -> Void)? = nil,
  _ body: @Sendable (Range<Int>, () -> Void) throws(Failure) -> Part
) throws(Failure) -> [Part] {
  let jobs = max(1, min(jobs, count))
  let done = Atomic<Int>(0)
  let parts = Locked<[Int: Result<Part, Failure>]>([:])
  DispatchQueue.concurrentPerform(iterations: jobs) { job in
    let part = Result { () throws(Failure) in
      try body(first + count * job / jobs..<first + count * (job + 1) / jobs) {
        let total = done.add(1, ordering: .relaxed).newValue
        if total % interval == 0 || total == count { progress?(first + total) }
      }
    }
    parts.withLock { $0[job] = part }
  }
  let results = parts.withLock { $0 }
  var values: [Part] = []
  for job in 0..<jobs {
    if let result = results[job] { values.append(try result.get()) }
  }
  return values
}
