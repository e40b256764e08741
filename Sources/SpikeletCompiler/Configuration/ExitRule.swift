import SpikeletRuntime
import SpikeletSupport

/// An exit policy with the table that belongs to it, as people write it.
///
///     none   count:8   margin:6   stable:4   stable:4:12   margin-per-step:90,70,-,40   margin:6@2
///
/// The number behind `@` is the first timestep that may end a run. In a table `-` stands for a
/// timestep that never does.
public struct ExitRule: Equatable, Sendable {
  public var policy: ExitPolicy
  /// One margin a timestep, for `marginPerStep` alone.
  public var margins: [Int32]

  public init(_ policy: ExitPolicy, margins: [Int32] = []) {
    self.policy = policy
    self.margins = margins
  }

  public static var none: ExitRule { ExitRule(ExitPolicy(.none)) }

  public init(marginPerStep margins: [Int32], minimumTimestep: Int32 = 1) {
    self.init(
      ExitPolicy(
        .marginPerStep, parameter: Int32(clamping: margins.count), minimumTimestep: minimumTimestep),
      margins: margins)
  }

  /// The rule of a model file.
  public init(of model: borrowing Model) {
    let policy = model.exitPolicy
    let entries = policy.kind == .marginPerStep ? policy.parameter : 0
    self.init(policy, margins: (0..<entries).map { model.exitMargin($0 + 1) })
  }

  /// The margin that the table demands at a timestep, counted from 1.
  public func demand(at timestep: Int) -> Int32 {
    margins.isEmpty ? ExitPolicy.never : margins[min(timestep, margins.count) - 1]
  }
}

extension ExitPolicy.Kind {
  /// The criterion as configurations and options name it.
  public var name: String {
    switch self {
    case .none: "none"
    case .margin: "margin"
    case .count: "count"
    case .stable: "stable"
    case .marginPerStep: "margin-per-step"
    }
  }

  /// The four criteria, in the order in which they are shown.
  public static let criteria: [ExitPolicy.Kind] = [.count, .margin, .stable, .marginPerStep]
}

extension ExitRule: CustomStringConvertible {
  public var description: String {
    let name = policy.kind.name
    var text: String
    switch policy.kind {
    case .none: text = name
    case .margin, .count: text = "\(name):\(policy.parameter)"
    case .stable:
      text = "\(name):\(policy.parameter)"
      if policy.minimumMargin > 0 { text += ":\(policy.minimumMargin)" }
    case .marginPerStep:
      let entries = margins.map { $0 == ExitPolicy.never ? "-" : "\($0)" }
      text = "\(name):\(entries.joined(separator: ","))"
    }
    return policy.minimumTimestep != 1 ? text + "@\(policy.minimumTimestep)" : text
  }

  /// Reads a rule as `description` writes it.
  ///
  /// - Returns: nil where the text is no rule; whether a model can use it is another question.
  public init?(_ text: String) {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var first: Int32 = 1
    if halves.count == 2 {
      guard let number = Int32(halves[1]) else { return nil }
      first = number
    }
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard let kind = (ExitPolicy.Kind.criteria + [.none]).first(where: { $0.name == parts[0] })
    else { return nil }
    let isTable = kind == .marginPerStep
    let numbers = parts.dropFirst().flatMap { part in
      part.split(separator: isTable ? "," : ":", omittingEmptySubsequences: false).map {
        $0 == "-" && isTable ? ExitPolicy.never : Int32($0)
      }
    }
    guard !numbers.contains(nil) else { return nil }
    let values = numbers.compactMap { $0 }
    switch (kind, values.count) {
    case (.none, 0): self = .none
    case (.margin, 1), (.count, 1), (.stable, 1):
      self.init(ExitPolicy(kind, parameter: values[0], minimumTimestep: first))
    case (.stable, 2):
      self.init(
        ExitPolicy(
          kind, parameter: values[0], minimumMargin: values[1], minimumTimestep: first))
    case (.marginPerStep, 1...) where parts.count == 2:
      self.init(marginPerStep: values, minimumTimestep: first)
    default: return nil
    }
  }
}

extension ExitRule {
  /// Why no run of a model could be ended by this rule, or how it cannot mean anything.
  ///
  /// - Parameters:
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
    func limit(_ value: Int32, _ range: ClosedRange<Int32>, _ what: String, _ reason: String) {
      if value < range.lowerBound {
        problems.append(.init(place, "\(what) \(value), needed \(range.lowerBound) or more"))
      } else if value > range.upperBound {
        problems.append(
          .init(place, "\(what) \(value), needed at most \(range.upperBound): \(reason)"))
      }
    }
    let counts = model.readOut == .count
    let steps = Int32(clamping: timesteps)
    let lead = max(1, counts ? min(steps, model.highestMargin) : model.highestMargin)
    let score = max(1, counts ? min(steps, model.highestScore) : model.highestScore)
    let tooLong = "a run has \(timesteps) timesteps"
    let tooFar = "no run of this model reaches a larger lead"
    if policy.kind != .none {
      limit(policy.minimumTimestep, 1...steps, "begins at timestep", tooLong)
    }
    switch policy.kind {
    case .none: break
    case .count:
      limit(policy.parameter, 1...score, "asks for a score of", "no run reaches a larger score")
    case .margin: limit(policy.parameter, 1...lead, "asks for a lead of", tooFar)
    case .stable:
      limit(policy.parameter, 1...steps, "asks for equal timesteps:", tooLong)
      limit(policy.minimumMargin, 0...lead, "asks for a lead of", tooFar)
    case .marginPerStep:
      let longest = model.maximumTimesteps
      limit(policy.parameter, 1...longest, "has timesteps:", "the model allows no more")
      for (step, margin) in margins.enumerated() where margin != ExitPolicy.never {
        limit(margin, 1...lead, "asks at timestep \(step + 1) for a lead of", tooFar)
      }
    }
    return problems
  }
}
