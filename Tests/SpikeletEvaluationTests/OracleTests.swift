import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSupport
import Testing

/// The oracle is what it says: no choice of exits is as often right and earlier.
@Suite struct OracleTests {
  /// All ways to end every picture, tried one after the other.
  private func best(of trace: DecisionTrace) -> Int {
    let needed = (0..<trace.images).filter { trace.isRight($0, after: trace.timesteps) }.count
    var best = Int.max
    var ends = [Int](repeating: 1, count: trace.images)
    while true {
      let right = ends.indices.filter { trace.isRight($0, after: ends[$0]) }.count
      if right >= needed { best = min(best, ends.reduce(0, +)) }
      guard let position = ends.firstIndex(where: { $0 < trace.timesteps }) else { return best }
      ends[position] += 1
      for earlier in 0..<position { ends[earlier] = 1 }
    }
  }

  @Test func noChoiceOfExitsIsAsRightAndEarlier() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<400 {
      let timesteps = random.pick(1...4)
      let images = random.pick(1...6)
      let decisions = (0..<images * timesteps).map { index in
        DecisionTrace.Decision(
          ranking: Ranking(prediction: random.pick(0...2), best: 1, second: 0),
          synapticOperations: UInt64(index % timesteps + 1))
      }
      let trace = DecisionTrace(
        timesteps: timesteps, labels: (0..<images).map { _ in 0 }, decisions: decisions)
      let oracle = trace.oracle
      #expect(oracle.correct >= trace.statistics(fixed: timesteps).correct)
      let sum = oracle.exits.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
      #expect(sum == best(of: trace))
    }
  }

  /// A rule that the earlier definition called impossible: wrong pictures end at once.
  @Test func wrongPicturesCostOneTimestep() {
    let wrong = (1...3).map {
      DecisionTrace.Decision(
        ranking: Ranking(prediction: 1, best: 9, second: 0), synapticOperations: UInt64($0))
    }
    let trace = DecisionTrace(timesteps: 3, labels: [0], decisions: wrong)
    #expect(trace.oracle.meanTimesteps == 1)
  }
}
