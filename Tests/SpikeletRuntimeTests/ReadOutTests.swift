import SpikeletTestSupport
import Testing

/// Predictions and ties.
@Suite struct ReadOutTests: ReadOutModels {
  @Test func theLargestPotentialWins() throws {
    let (result, scores) = try run(constant([3, -2, 10, 9]), timesteps: 5)
    #expect(scores == [15, -10, 50, 45])
    #expect(result == .init(prediction: 2, timesteps: 5))
  }

  @Test func ofEqualPotentialsTheLowestIndexWins() throws {
    #expect(try run(constant([4, 7, 7, 7]), timesteps: 3).result.prediction == 1)
    #expect(try run(constant([-7, -7]), timesteps: 3).result.prediction == 0)
    #expect(try run(constant([0, 0, 0]), timesteps: 3).result.prediction == 0)
  }

  @Test func theOnlyClassIsThePrediction() throws {
    #expect(try run(constant([-1]), timesteps: 2).result.prediction == 0)
  }

  @Test func aCountReadOutCountsSpikesOfEveryTimestep() throws {
    // A neuron with gain g and threshold 10 has fired ⌊g·t/10⌋ times (at most once a step).
    let file = try constant([1, 3, 10, 5], readOut: .count, threshold: 10)
    for t in [1, 4, 10, 21] {
      let (result, scores) = try run(file, timesteps: t)
      #expect(scores.map { Int($0) } == [t / 10, t * 3 / 10, t, t / 2])
      #expect(result.prediction == 2)
    }
  }

  @Test func ofEqualCountsTheLargerPotentialWins() throws {
    // After 3 steps: one spike each, potentials left 15−10, 18−10, 12−10.
    let file = try constant([5, 6, 4], readOut: .count, threshold: 10)
    let (result, scores) = try run(file, timesteps: 3)
    #expect(scores == [1, 1, 1])
    #expect(result.prediction == 1)
    // Equal potentials, too: the lowest index.
    let equal = try constant([5, 6, 6], readOut: .count, threshold: 10)
    #expect(try run(equal, timesteps: 3).result.prediction == 1)
    // A count goes before a potential: 25 − 2·10 beats 19 − 10.
    let ahead = try constant([19, 25], readOut: .count, threshold: 10, initials: [0, 0])
    #expect(try run(ahead, timesteps: 1).scores == [1, 1])
  }
}
