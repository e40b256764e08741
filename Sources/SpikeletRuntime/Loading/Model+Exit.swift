extension Model {
  /// The exit policy that the file asks for.
  public var exitPolicy: ExitPolicy {
    ExitPolicy(
      ExitPolicy.Kind(rawValue: header.exitKind) ?? .none, parameter: header.exitParameter,
      minimumMargin: header.exitMinimumMargin, minimumTimestep: header.exitMinimumTimestep)
  }

  /// The margin that the file's table demands at a timestep, counted from 1.
  ///
  /// - Returns: `ExitPolicy.never` where the file has no table.
  public func exitMargin(_ timestep: Int32) -> Int32 {
    guard header.exitKind == ExitPolicy.Kind.marginPerStep.rawValue else { return ExitPolicy.never }
    let entry = min(timestep, header.exitParameter) &- 1
    return parameters(header.exitTableOffset, count: Int(header.exitParameter) &* 4)
      .load(Int(entry) &* 4, as: Int32.self)
  }

  /// What scores and leads a run could reach.
  package var scoreRange: ScoreRange {
    let last = neurons(layerCount &- 1)
    return ScoreRange(
      readOut, lowest: last.lowestPotential, highest: last.highestPotential,
      maximumTimesteps: header.maximumTimesteps)
  }

  /// The largest score that a run could reach, by the overflow proof or by the count of timesteps.
  public var highestScore: Int32 { scoreRange.highestScore }

  /// The largest lead that a run could reach; 2³¹ − 1 where it is larger than that.
  public var highestMargin: Int32 { scoreRange.highestMargin }

  /// Throws when the policy could mean nothing, or could never hold in a run of this model.
  ///
  /// - Throws: `exitPolicy` out of range, with the largest value that could mean something, or 1
  ///   where the value is too small.
  func validate(_ policy: ExitPolicy) throws(SpikeletError) {
    let last = header.maximumTimesteps
    try exitRange(policy.minimumTimestep, 1, last)
    var (low, high): (Int32, Int32) = (1, last)
    switch policy.kind {
    case .none: (low, high) = (0, 0)
    case .count: high = scoreRange.highestScore
    case .margin: high = highestMargin
    case .stable, .marginPerStep: break
    }
    try exitRange(policy.parameter, low, high)
    try exitRange(policy.minimumMargin, 0, policy.kind == .stable ? highestMargin : 0)
  }

  /// Checks the file's own policy and its table; the layers are valid already.
  func validateExit() throws(SpikeletError) {
    guard let kind = ExitPolicy.Kind(rawValue: header.exitKind) else {
      throw SpikeletError(.unsupported, .exitPolicy, given: header.exitKind)
    }
    try validate(exitPolicy)
    guard (kind == .marginPerStep) == (header.exitTableOffset != ModelFormat.none) else {
      throw SpikeletError(.mismatch, .exitTable, given: header.exitTableOffset)
    }
    guard kind == .marginPerStep else { return }
    try parameterRange(
      header.exitTableOffset, Size(header.exitParameter) * 4, .exitTable, index: -1)
    for entry in 1...header.exitParameter {
      let margin = exitMargin(entry)
      guard margin >= 1, margin <= highestMargin || margin == ExitPolicy.never else {
        throw SpikeletError(.outOfRange, .exitTable, needed: highestMargin, given: margin)
      }
    }
  }

  @inline(never)
  private func exitRange(_ value: Int32, _ low: Int32, _ high: Int32) throws(SpikeletError) {
    guard value >= low, value <= high else {
      throw SpikeletError(
        .outOfRange, .exitPolicy, needed: value < low ? low : high, given: value)
    }
  }
}

/// The scores that runs of a model could reach, by the overflow proof or by the count of timesteps:
/// what an exit policy may ask for.
package struct ScoreRange {
  package let readOut: ReadOut
  package let maximumTimesteps: Int32
  package let highestScore: Int32
  /// The largest lead; 2³¹ − 1 where it is larger than that.
  package let highestMargin: Int32

  /// - Parameters:
  ///   - lowest: the lowest potential of the read-out, by the overflow proof.
  ///   - highest: the highest one.
  package init(_ readOut: ReadOut, lowest: Int32, highest: Int32, maximumTimesteps: Int32) {
    self.readOut = readOut
    self.maximumTimesteps = maximumTimesteps
    highestScore = readOut == .count ? maximumTimesteps : highest
    let (lead, overflow) = highestScore.subtractingReportingOverflow(
      readOut == .count ? 0 : lowest)
    highestMargin = overflow ? Int32.max : max(lead, 1)
  }
}
