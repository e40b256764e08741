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

  package func histograms(
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> CalibrationRun.Histograms {
    try dataset.check(fits: run.network.inputShape, of: run.network.name)
    let parts = try parallelMap(count: dataset.count, jobs: jobs, progress: progress) {
      (part, tick) throws(DatasetError) in
      var histograms = run.emptyHistograms()
      for index in part {
        run.observe(try dataset.image(index), into: &histograms)
        tick()
      }
      return histograms
    }
    return CalibrationRun.merge(parts)
  }
}
