import Foundation
import SpikeletCompiler
import SpikeletDatasets
import Synchronization

/// Gathers activation statistics with several threads; the result does not depend on their number.
public struct ParallelCalibration: Sendable {
  public var run: CalibrationRun
  public var dataset: Dataset
  public var jobs: Int

  public init(run: CalibrationRun, dataset: Dataset, jobs: Int) {
    self.run = run
    self.dataset = dataset
    self.jobs = max(1, jobs)
  }

  public func histograms(
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> CalibrationRun.Histograms {
    try dataset.check(fits: run.network.inputShape, of: run.network.name)
    let parts = Mutex<[CalibrationRun.Histograms]>([])
    let done = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      var histograms = run.emptyHistograms()
      for index in dataset.count * job / jobs..<dataset.count * (job + 1) / jobs {
        run.observe(dataset.image(index), into: &histograms)
        let total = done.add(1, ordering: .relaxed).newValue
        if total % 64 == 0 { progress?(total) }
      }
      parts.withLock { $0.append(histograms) }
    }
    return CalibrationRun.merge(parts.withLock { $0 })
  }
}
