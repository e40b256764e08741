import SpikeletCompiler
import SpikeletDatasets
import SpikeletSupport

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
    let parts = parallelMap(count: dataset.count, jobs: jobs, progress: progress) { part, tick in
      var histograms = run.emptyHistograms()
      for index in part {
        run.observe(dataset.image(index), into: &histograms)
        tick()
      }
      return histograms
    }
    return CalibrationRun.merge(parts)
  }
}
