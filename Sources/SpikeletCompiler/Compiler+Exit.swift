import SpikeletSupport

extension Compiler.Build {
  /// Gives a model its exit, if the configuration asks for one.
  ///
  /// - Parameters:
  ///   - calibration: the numbers of a calibrated exit.
  ///   - name: what messages call them.
  mutating func addExit(_ calibration: ExitCalibration?, name: String) throws {
    var place = "exit"
    var rule = configuration.exit.rule
    if let calibrated = configuration.exit.calibrated, let calibration {
      place = "exit.calibration"
      rule = try chosenRule(calibrated, calibration, name: name)
    }
    guard rule != .none else { return }
    let problems = rule.problems(
      for: integer.scoreRange, timesteps: configuration.runTimesteps.usual, place: place)
    guard problems.isEmpty else {
      throw Diagnostics("\(configuration.name) asks for an exit that cannot be", problems)
    }
    integer.exit = rule
  }

  /// The calibrated rule, if it belongs to this model.
  private func chosenRule(
    _ wanted: Configuration.CalibratedExit, _ calibration: ExitCalibration, name: String
  ) throws -> ExitRule {
    let digest = integer.digest
    var problems: [Problem] = []
    if calibration.networkDigest != digest {
      problems.append(
        .init(
          "exit.calibration",
          "was made for another network (\(calibration.networkDigest.prefix(12))…, this one is "
            + "\(digest.prefix(12))…)"))
    }
    if calibration.maximumAccuracyLoss != wanted.maximumAccuracyLoss {
      problems.append(
        .init(
          "exit.maximumAccuracyLoss",
          "is \(wanted.maximumAccuracyLoss), the file was made for "
            + "\(calibration.maximumAccuracyLoss)"))
    }
    guard problems.isEmpty, let choice = calibration.criteria[wanted.criterion] else {
      if problems.isEmpty {
        problems.append(.init("exit.criterion", "\(wanted.criterion.name) is not in the file"))
      }
      throw Diagnostics(
        "\(name): does not serve \(configuration.name)",
        problems.map { problem in
          var problem = problem
          problem.advice = "run `spikelet calibrate` again"
          return problem
        })
    }
    return choice.rule
  }
}
