import SpikeletCompiler
import SpikeletDatasets
import SpikeletSupport

/// Gathers activation statistics with several threads; the result does not depend on their number.
package struct ParallelCalibration: Sendable {
  package var run: CalibrationRun
  package var dataset: Dataset
  package var jobs: Int

  package init(run: CalibrationRun, dataset: Dataset, jobs: Int) {
    self.run = run
    self.dataset = dataset
    self.jobs = max(1, jobs)
  }

  /// The histograms of all pictures of the set; of a shard, those of its pictures.
  ///
  /// - Parameter journal: where they are kept, so that the run can go on after an end.
  package func histograms(
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> CalibrationRun.Histograms {
    try dataset.check(fits: run.network.inputShape, of: run.network.name)
    var kept = journal?.sum(Self.part) ?? JournalSum(total: dataset.total)
    var whole = run.emptyHistograms()
    guard kept.total == dataset.total, run.restore(kept.numbers, into: &whole) else {
      throw JournalError.impossible(Self.part, picture: 0)
    }
    let range = dataset.first..<dataset.first + dataset.count
    let missing = kept.gaps.map { $0.clamped(to: range) }.filter { !$0.isEmpty }
    let chunk = journal == nil ? dataset.count : max(64, dataset.count / 50)
    for gap in missing {
      for start in stride(from: gap.lowerBound, to: gap.upperBound, by: chunk) {
        let pictures = start..<min(start + chunk, gap.upperBound)
        let parts = try parallelMap(
          from: start - dataset.first, count: pictures.count, jobs: jobs, interval: 64,
          progress: progress
        ) { (part, tick) throws(DatasetError) in
          var histograms = run.emptyHistograms()
          for index in part {
            run.observe(try dataset.image(index), into: &histograms)
            tick()
          }
          return histograms
        }
        whole = CalibrationRun.merge([whole] + parts)
        kept.replace(kept.numbers, adding: pictures)
        try journal?.keep(as: Self.part, isEnd: pictures.upperBound == missing.last?.upperBound) {
          kept.replace(run.numbers(of: whole), adding: pictures.upperBound..<pictures.upperBound)
          return kept
        }
      }
    }
    return whole
  }

  private static let part = "activations"
}

extension CalibrationRun {
  /// Histograms as numbers by key: channels one after the other, and the bins of each.
  fileprivate func numbers(of histograms: Histograms) -> [UInt64: UInt64] {
    var numbers: [UInt64: UInt64] = [:]
    for (channel, histogram) in histograms.joined().enumerated() {
      let first = UInt64(channel * ActivationHistogram.bins)
      for (bin, count) in histogram.filled { numbers[first + UInt64(bin)] = UInt64(count) }
      numbers[JournalSum.isLargest | UInt64(channel)] = UInt64(histogram.maximum.bitPattern)
    }
    return numbers
  }

  /// Puts back what `numbers` told of; false where no histograms are.
  fileprivate func restore(
    _ numbers: [UInt64: UInt64], into histograms: inout Histograms
  ) -> Bool {
    var places: [(node: Int, channel: Int)] = []
    for node in histograms.indices {
      places += histograms[node].indices.map { (node, $0) }
    }
    for (key, number) in numbers {
      let isLargest = key & JournalSum.isLargest != 0
      let index = key & ~JournalSum.isLargest
      let channel = isLargest ? index : index / UInt64(ActivationHistogram.bins)
      guard channel < places.count else { return false }
      let place = places[Int(channel)]
      if isLargest {
        let maximum = Float(bitPattern: UInt32(truncatingIfNeeded: number))
        guard number <= UInt32.max, maximum >= 0 else { return false }
        histograms[place.node][place.channel].restore(maximum: maximum)
      } else {
        guard number < 1 << 56,
          histograms[place.node][place.channel].restore(
            bin: Int(index % UInt64(ActivationHistogram.bins)), count: Int(number))
        else { return false }
      }
    }
    return true
  }
}
