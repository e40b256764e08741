extension Model {
  /// The exit policy that the file asks for.
  public var exitPolicy: ExitPolicy { ExitRecord(header).policy }

  /// The entries of the file's table of margins; 0 where it has none.
  public var exitTableCount: Int {
    header.exitKind == ExitKind.marginPerTimestep.rawValue ? Int(header.exitParameter) : 0
  }

  /// The margin that the file's table demands at a timestep, counted from 1.
  ///
  /// - Returns: `ExitPolicy.never` where the file has no table.
  public func exitMargin(_ timestep: Int) -> Int {
    let entries = exitTableCount
    guard entries > 0 else { return ExitPolicy.never }
    return Int(
      parameters(header.exitTableOffset, count: entries &* 4)
        .load((min(timestep, entries) &- 1) &* 4, as: Int32.self))
  }

  /// What scores and leads a run could reach.
  package var scoreRange: ScoreRange {
    @inline(never)
    get {
      let last = neurons(layerCount &- 1)
      return ScoreRange(
        readOut, lowest: last.lowestPotential, highest: last.highestPotential,
        maximumTimesteps: header.maximumTimesteps)
    }
  }

  /// The largest score that a run could reach, by the overflow proof or by the count of timesteps.
  public var highestScore: Int { Int(scoreRange.highestScore) }

  /// The largest lead that a run could reach; 2³¹ − 1 where it is larger than that.
  public var highestMargin: Int { Int(scoreRange.highestMargin) }

  /// Throws when a policy of the caller could mean nothing, or could never hold in a run of this
  /// model.
  ///
  /// - Parameter entries: the entries of the table of margins, of a policy that has one.
  /// - Throws: `exitPolicy` out of range, with the largest value that could mean something, or 1
  ///   where the value is too small; `exitTable` where a policy needs a table and there is none.
  @inline(never)
  func validate(_ policy: ExitPolicy, entries: Int) throws(SpikeletError) {
    if case .marginPerTimestep = policy, entries == 0 {
      throw SpikeletError(.mismatch, .exitTable, needed: 1, given: 0)
    }
    try validate(ExitRecord(policy, entries: entries))
  }

  @inline(never)
  private func validate(_ policy: ExitRecord) throws(SpikeletError) {
    let last = header.maximumTimesteps
    try Self.count(policy.minimumTimestep, 1, last, .exitPolicy)
    let (range, kind) = (scoreRange, ExitKind(rawValue: policy.kind))
    var (low, high): (Int32, Int32) = (1, last)
    switch kind {
    case .count: high = range.highestScore
    case .margin: high = range.highestMargin
    case .stable, .marginPerTimestep: break
    case .some(.none), nil: (low, high) = (0, 0)
    }
    try Self.count(policy.parameter, low, high, .exitPolicy)
    try Self.count(policy.minimumMargin, 0, kind == .stable ? range.highestMargin : 0, .exitPolicy)
  }

  /// Checks the file's own policy and its table; the layers are valid already.
  func validateExit() throws(SpikeletError) {
    guard ExitKind(rawValue: header.exitKind) != nil else {
      throw SpikeletError(.unsupported, .exitPolicy, given: header.exitKind)
    }
    try validate(ExitRecord(header))
    let entries = exitTableCount
    guard (entries > 0) == (header.exitTableOffset != ModelFormat.none) else {
      throw SpikeletError(.mismatch, .exitTable, given: header.exitTableOffset)
    }
    guard entries > 0 else { return }
    try parameterRange(
      header.exitTableOffset, Size(header.exitParameter) * 4, .exitTable, index: -1)
    let highest = highestMargin
    for entry in 1...entries {
      let margin = exitMargin(entry)
      guard margin >= 1, margin <= highest || margin == ExitPolicy.never else {
        throw SpikeletError(
          .outOfRange, .exitTable, needed: Int32(truncatingIfNeeded: highest),
          given: Int32(truncatingIfNeeded: margin))
      }
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
