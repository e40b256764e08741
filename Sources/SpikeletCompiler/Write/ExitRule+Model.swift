import SpikeletRuntime
import SpikeletSupport

extension ExitRule {
  /// The rule of a model file.
  public init(of model: borrowing Model) {
    let policy = model.exitPolicy
    let condition: Condition =
      switch policy {
      case .none: .none
      case .count(let score, _): .count(score)
      case .margin(let margin, _): .margin(margin)
      case .stable(let timesteps, let margin, _): .stable(timesteps: timesteps, margin: margin)
      case .marginPerTimestep:
        .marginPerStep(
          (0..<model.exitTableCount).map {
            let margin = model.exitMargin($0 + 1)
            return margin == ExitPolicy.never ? nil : margin
          })
      }
    self.init(condition, minimumTimestep: policy.firstTimestep)
  }

  /// Why no run of a model could be ended by this rule, or how it cannot mean anything.
  ///
  /// - Parameters:
  ///   - model: the model that would run.
  ///   - timesteps: what a run takes at most.
  ///   - place: the option or key that the rule comes from.
  public func problems(
    for model: borrowing Model, timesteps: Int, place: String
  ) -> [Problem] {
    problems(for: model.scoreRange, timesteps: timesteps, place: place)
  }

  func problems(
    for model: ScoreRange, timesteps: Int, place: String
  ) -> [Problem] {
    var problems: [Problem] = []
    func limit(_ value: Int, _ range: ClosedRange<Int>, _ what: String, _ reason: String) {
      if value < range.lowerBound {
        problems.append(.init(place, "\(what) \(value), needed \(range.lowerBound) or more"))
      } else if value > range.upperBound {
        problems.append(
          .init(place, "\(what) \(value), needed at most \(range.upperBound): \(reason)"))
      }
    }
    let counts = model.readOut == .count
    let (highestLead, highestScore) = (Int(model.highestMargin), Int(model.highestScore))
    let lead = max(1, counts ? min(timesteps, highestLead) : highestLead)
    let score = max(1, counts ? min(timesteps, highestScore) : highestScore)
    let tooLong = "a run has \(timesteps) timesteps"
    let tooFar = "no run of this model reaches a larger lead"
    if condition != .none {
      limit(minimumTimestep, 1...timesteps, "begins at timestep", tooLong)
    }
    switch condition {
    case .none: break
    case .count(let needed):
      limit(needed, 1...score, "asks for a score of", "no run reaches a larger score")
    case .margin(let needed): limit(needed, 1...lead, "asks for a lead of", tooFar)
    case .stable(let equal, let margin):
      limit(equal, 1...timesteps, "asks for equal timesteps:", tooLong)
      limit(margin, 0...lead, "asks for a lead of", tooFar)
    case .marginPerStep(let margins):
      let longest = Int(model.maximumTimesteps)
      limit(margins.count, 1...longest, "has timesteps:", "the model allows no more")
      for case (let step, let margin?) in margins.enumerated() {
        limit(margin, 1...lead, "asks at timestep \(step + 1) for a lead of", tooFar)
      }
    }
    return problems
  }
}

extension IntegerNetwork {
  /// What scores and leads a run could reach.
  var scoreRange: ScoreRange {
    var potentials = 0...0
    if case .neurons(let neurons)? = layers.last?.kind { potentials = neurons.potentialRange }
    return ScoreRange(
      readOut.wire, lowest: Int32(potentials.lowerBound), highest: Int32(potentials.upperBound),
      maximumTimesteps: Int32(maximumTimesteps))
  }
}
