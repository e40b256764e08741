import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Histograms of activations against sorting them.
@Suite struct HistogramTests {
  private func values(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in
      switch random.pick(0...9) {
      case 0: 0
      case 1: Float(-abs(random.symmetric()))
      case 2: Float(random.symmetric() * 1000)
      case 3: Float(abs(random.symmetric()) * 1e-4)
      default: Float(abs(random.symmetric()) * 3)
      }
    }
  }

  private func histogram(_ values: [Float]) -> ActivationHistogram {
    var histogram = ActivationHistogram()
    for value in values { histogram.add(value) }
    return histogram
  }

  @Test(arguments: Calibration.percentiles, [10, 333, 20_000])
  func aPercentileIsTheSortedValueToHalfAPercent(percentile: Double, count: Int) {
    let values = values(count, seed: UInt64(count))
    let sorted = values.map { Double(max($0, 0)) }.sorted()
    let rank = min(count, Int((percentile / 100 * Double(count)).rounded(.up)))
    let found = histogram(values).statistics(percentile: percentile).value
    // The share may round up by one place; a bin is 1/256 wide at most.
    let (low, high) = (sorted[rank - 1], sorted[min(rank, count - 1)])
    #expect(found >= low && found <= high * (1 + 1.0 / 256) + 1e-6)
  }

  @Test func theHighestPercentileIsTheExactMaximum() {
    let values = values(5000, seed: 3)
    #expect(histogram(values).statistics(percentile: 100).value == Double(values.max()!))
    #expect(histogram(values).maximum == values.max()!)
  }

  @Test(arguments: Calibration.percentiles)
  func theClippedMeanIsThatOfTheClippedValues(percentile: Double) {
    let values = values(20_000, seed: 8)
    let statistics = histogram(values).statistics(percentile: percentile)
    let exact =
      values.reduce(0.0) { $0 + min(max(Double($1), 0), statistics.value) } / Double(values.count)
    #expect(abs(statistics.clippedMean - exact) < 0.004 * exact)
  }

  @Test func histogramsAddUpInAnyOrder() {
    let values = values(3000, seed: 5)
    let parts = (0..<6).map { part in histogram(Array(values[part * 500..<(part + 1) * 500])) }
    let whole = histogram(values)
    for order in [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4], [2, 4, 0, 5, 1, 3]] {
      var sum = ActivationHistogram()
      for part in order { sum.merge(parts[part]) }
      #expect(sum == whole)
    }
    #expect(histogram(values.shuffled()) == whole)
  }

  @Test func whatIsNotPositiveCountsAsZero() {
    let histogram = histogram([0, -1, -.infinity, .nan, 2])
    #expect(histogram.total == 5)
    #expect(histogram.maximum == 2)
    #expect(histogram.statistics(percentile: 80).value == 0)
    #expect(histogram.statistics(percentile: 90).value == 2)
    #expect(abs(histogram.statistics(percentile: 100).clippedMean - 0.4) < 0.002)
  }

  @Test func valuesBeyondTheBinsKeepTheirPlaces() {
    let histogram = histogram([1e-30, 1e30, 1])
    #expect(histogram.statistics(percentile: 100).value == Double(Float(1e30)))
    #expect(abs(histogram.statistics(percentile: 50).value - 1) < 0.004)
    #expect(ActivationHistogram().statistics(percentile: 99).value == 0)
  }
}
