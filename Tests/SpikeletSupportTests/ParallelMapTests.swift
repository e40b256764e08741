import SpikeletSupport
import Testing

/// Parts come in their order, whatever the number of threads.
@Suite struct ParallelMapTests {
  struct Unlucky: Error, Equatable {
    var number: Int
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1000])
  func everyElementOnceAndInOrder(jobs: Int) {
    for count in [0, 1, 5, 100] {
      let parts = parallelMap(count: count, jobs: jobs) { part, tick in
        part.map { element in
          tick()
          return element
        }
      }
      #expect(parts.count == max(1, min(jobs, count)))
      #expect(parts.flatMap { $0 } == Array(0..<count))
    }
  }

  @Test func progressHearsOfMultiplesAndOfTheEnd() {
    let heard = Locked<Set<Int>>([])
    let listen: @Sendable (Int) -> Void = { done in heard.withLock { _ = $0.insert(done) } }
    _ = parallelMap(count: 10, jobs: 1, interval: 4, progress: listen) { part, tick in
      for _ in part { tick() }
    }
    #expect(heard.withLock { $0 } == [4, 8, 10])
  }

  @Test func theFirstPartsErrorIsThrown() {
    let error = #expect(throws: Unlucky.self) {
      try parallelMap(count: 8, jobs: 4) { part, _ throws(Unlucky) in
        if part.lowerBound >= 2 { throw Unlucky(number: part.lowerBound) }
      }
    }
    #expect(error == Unlucky(number: 2))
  }
}
