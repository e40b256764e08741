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

  /// The largest score that a run could reach, by the overflow proof or by the count of timesteps.
  public var highestScore: Int32 {
    readOut == .count ? header.maximumTimesteps : layer(layerCount &- 1).highestPotential
  }

  /// The largest lead that a run could reach; 2³¹ − 1 where it is larger than that.
  public var highestMargin: Int32 {
    let lowest = readOut == .count ? 0 : layer(layerCount &- 1).lowestPotential
    let (lead, overflow) = highestScore.subtractingReportingOverflow(lowest)
    return overflow ? Int32.max : max(lead, 1)
  }

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
    case .count: high = highestScore
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
      header.exitTableOffset, header.exitParameter &* 4, .exitTable, index: -1)
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
