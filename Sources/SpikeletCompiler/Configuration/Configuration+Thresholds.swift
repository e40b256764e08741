import SpikeletNetwork
import SpikeletSupport

extension Configuration {
  /// The configuration with what it leaves to the network.
  ///
  /// Where thresholds were trained nothing is converted: the timesteps are those of the training,
  /// one where the file does not say, and the options of a conversion mean nothing.
  ///
  /// - Throws: every key that contradicts the network.
  public func resolved(for network: Network) throws(Diagnostics) -> Configuration {
    var result = self
    var problems: [Problem] = []
    if !network.thresholdNodes.isEmpty {
      result.requestedTimesteps = requestedTimesteps ?? network.timesteps ?? 1
      result.requestedMaximumTimesteps = requestedMaximumTimesteps ?? result.timesteps
      problems = trainedContradictions(readsSpikes: network.interpretation != nil)
    }
    if result.maximumTimesteps < result.timesteps {
      problems.append(
        .init(
          "maximumTimesteps",
          "is \(result.maximumTimesteps), needed at least timesteps, \(result.timesteps)",
          advice: requestedTimesteps == nil ? "give timesteps, too" : ""))
    }
    problems += result.mirrorContradictions + result.exitContradictions
    guard problems.isEmpty else {
      throw Diagnostics("\(name) does not fit its network", problems)
    }
    return result
  }

  /// What means nothing, or something else, where thresholds were trained.
  ///
  /// - Parameter readsSpikes: whether the network may have been trained on spikes as its input.
  private func trainedContradictions(readsSpikes: Bool) -> [Problem] {
    var meaningless = Self.meaningless.filter(conversion.givenKeys.contains).map {
      "conversion.\($0)"
    }
    if !calibration.isEmpty { meaningless.insert("calibration", at: 0) }
    var problems = meaningless.map { key in
      Problem(
        key, "means nothing for a network whose thresholds were trained", advice: "remove it")
    }
    if input.mode != .direct, input.mode != .events, !readsSpikes {
      problems.append(
        .init(
          "input.mode", "is \(input.mode), but the network was trained on pixels",
          advice: "use direct"))
    }
    if conversion.averagePooling == .spiking {
      problems.append(
        .init(
          "conversion.averagePooling",
          "is spiking, which would put neurons into the network that were not trained",
          advice: "use sum"))
    }
    return problems
  }

  /// Why a network can't look at a picture's mirror image.
  private var mirrorContradictions: [Problem] {
    guard input.looksAtMirror else { return [] }
    var problems: [Problem] = []
    if maximumTimesteps > 1 {
      problems.append(
        .init(
          "input.looks",
          "is mirrored, which needs a network of one timestep, whose looks begin afresh; this one "
            + "runs for \(maximumTimesteps)",
          advice: "remove it, or set timesteps and maximumTimesteps to 1"))
    }
    if input.mode != .direct {
      problems.append(
        .init(
          "input.looks", "is mirrored, which needs direct input, not \(input.mode)",
          advice: "remove it"))
    }
    return problems
  }

  /// Keys that say how to find thresholds, resets and leaks; a trained network has its own.
  private static let meaningless = [
    "percentile", "granularity", "normalization", "initialPotential", "reset", "leak", "maxPooling",
  ]
}
