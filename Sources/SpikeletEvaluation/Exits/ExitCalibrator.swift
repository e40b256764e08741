import SpikeletCompiler
import SpikeletDatasets
import SpikeletSupport

/// Chooses the numbers of the exit criteria on training pictures.
///
/// The pictures are split: the last of every twelve is held back (training/ holds back the same ones,
/// so our own networks have never seen them), the rest is chosen on. For every criterion a family of rules
/// is tried, and the fastest one is kept whose loss of accuracy, against the same model run to its
/// last timestep, stays within the demand on both parts.
///
/// The families are one number (`count`, `margin`), two (`stable`: how long and how clearly), and
/// for `margin-per-step` one level: at each timestep the smallest margin at which the share of
/// pictures harmed by leaving now, among those that would leave, is no larger than the level. A
/// picture is harmed if its decision is wrong now and right at the end. Pictures that have left no
/// longer count at later timesteps. (After the per-step threshold of Wu et al. 2023, with the level
/// chosen by the loss of the whole run.)
package struct ExitCalibrator: Sendable {
  package let chosenOn: DecisionTrace
  package let heldBack: DecisionTrace
  package let maximumAccuracyLoss: Double

  /// Every twelfth picture checks what the others chose.
  package static let heldBackStride = 12

  /// Splits a trace of training pictures.
  ///
  /// - Throws: when there are too few pictures to tell a loss as small as the demanded one.
  package init(_ trace: DecisionTrace, maximumAccuracyLoss: Double) throws(Diagnostics) {
    let needed = Self.picturesNeeded(maximumAccuracyLoss)
    guard trace.images >= needed else {
      let possible = Double(Self.heldBackStride) / Double(max(1, trace.images))
      throw Diagnostics(
        "\(trace.images.grouped) pictures cannot tell a loss of \(maximumAccuracyLoss)",
        [
          .init(
            "exit.maximumAccuracyLoss",
            "needed \(needed.grouped) training pictures for it; these can tell "
              + "\((possible * 1e5).rounded(.up) / 1e5) at best",
            advice: "use more pictures or allow a larger loss")
        ])
    }
    let images = Array(0..<trace.images)
    let stride = Self.heldBackStride
    chosenOn = trace.selecting(images.filter { $0 % stride != stride - 1 })
    heldBack = trace.selecting(images.filter { $0 % stride == stride - 1 })
    self.maximumAccuracyLoss = maximumAccuracyLoss
  }

  /// The pictures that show a loss: one lost picture among those held back must weigh no more than
  /// the demanded loss. The part that is chosen on is then eleven times as large; a loss never seen
  /// in 3 / loss pictures is excluded with 95 % confidence, so it suffices as well.
  package static func picturesNeeded(_ loss: Double) -> Int {
    Int((Double(heldBackStride) / loss).rounded(.up))
  }

  /// The best rule of every criterion.
  ///
  /// - Parameter progress: called with the number of criteria done.
  package func choices(
    progress: ((Int) -> Void)? = nil
  ) -> [ExitCriterion: ExitCalibration.Choice] {
    var result: [ExitCriterion: ExitCalibration.Choice] = [:]
    for (index, kind) in ExitCriterion.allCases.enumerated() {
      result[kind] = choice(of: kind)
      progress?(index + 1)
    }
    return result
  }

  /// The fastest rule of a criterion that keeps the demanded accuracy; `none` where no rule does.
  package func choice(of kind: ExitCriterion) -> ExitCalibration.Choice {
    var best = measure(.none)
    // Rules come in order of growing demands, so the first that keep the accuracy are the fastest;
    // all are tried because accuracy does not grow evenly.
    for rule in ExitCandidates(chosenOn).rules(of: kind) {
      let mean = chosenOn.statistics(rule).meanTimesteps
      guard mean < best.chosenOn.meanTimesteps else { continue }
      let candidate = measure(rule)
      if candidate.chosenOn.loss <= maximumAccuracyLoss + 1e-12,
        candidate.heldBack.loss <= maximumAccuracyLoss + 1e-12
      {
        best = candidate
      }
    }
    return best
  }

  private func measure(_ rule: ExitRule) -> ExitCalibration.Choice {
    func figures(_ trace: DecisionTrace) -> ExitCalibration.Figures {
      let statistics = trace.statistics(rule)
      let full = trace.statistics(fixed: trace.timesteps)
      return .init(
        meanTimesteps: statistics.meanTimesteps,
        loss: Double(full.correct - statistics.correct) / Double(max(1, trace.images)))
    }
    return .init(rule: rule, chosenOn: figures(chosenOn), heldBack: figures(heldBack))
  }

  /// The file of a calibration.
  package func calibration(
    networkDigest: String, dataset: String,
    progress: ((Int) -> Void)? = nil
  ) -> ExitCalibration {
    func accuracy(_ trace: DecisionTrace) -> Double {
      trace.statistics(fixed: trace.timesteps).accuracy
    }
    return ExitCalibration(
      networkDigest: networkDigest, dataset: dataset, split: Split.train.rawValue,
      images: (chosenOn.images, heldBack.images), timesteps: chosenOn.timesteps,
      maximumAccuracyLoss: maximumAccuracyLoss,
      fullAccuracy: (accuracy(chosenOn), accuracy(heldBack)), criteria: choices(progress: progress))
  }
}
