import SpikeletRuntime
import SpikeletSupport

extension Configuration {
  /// When an inference ends early.
  public struct Exit: Sendable, Equatable {
    /// A criterion with its numbers. Where the exit is calibrated, `none`: the calibration has them.
    public var rule = ExitRule.none
    public var calibrated: CalibratedExit?

    public init() {}
  }

  /// An exit whose numbers `spikelet calibrate` chooses on training pictures.
  public struct CalibratedExit: Sendable, Equatable {
    public var criterion = ExitPolicy.Kind.marginPerStep
    /// The share of pictures that may be lost against the same model run to its last timestep.
    public var maximumAccuracyLoss = 0.001
    /// The file with the numbers, relative to the configuration.
    public var calibration = ""

    public init() {}
  }

  /// Reads the `exit` object.
  mutating func readExit(_ reader: ObjectReader, problems: ObjectReader.ProblemList) {
    var policy = "none"
    let names = [ExitPolicy.Kind.none.name] + ExitPolicy.Kind.criteria.map(\.name)
    reader.choice("policy", (names + ["calibrated"]).map { ($0, $0) }, into: &policy)
    if policy == "calibrated" {
      exit.calibrated = readCalibratedExit(reader)
      reader.finish()
      return
    }
    let kind = (ExitPolicy.Kind.criteria + [.none]).first { $0.name == policy } ?? .none
    var (parameter, minimumMargin, first) = (0, 0, 1)
    let positive = 1...Int(Int32.max)
    switch kind {
    case .none: break
    case .margin, .count, .stable:
      let range = kind == .stable ? 1...65535 : positive
      reader.requiredInteger(kind.name, in: range, into: &parameter)
    case .marginPerStep:
      readMargins(reader, problems)
      parameter = exit.rule.margins.count
    }
    if kind == .stable {
      reader.integer("minimumMargin", in: 0...Int(Int32.max), into: &minimumMargin)
    }
    if kind != .none { reader.integer("minimumTimestep", in: 1...65535, into: &first) }
    exit.rule.policy = ExitPolicy(
      kind, parameter: Int32(parameter), minimumMargin: Int32(minimumMargin),
      minimumTimestep: Int32(first))
    reader.finish()
  }

  private func readCalibratedExit(_ reader: ObjectReader) -> CalibratedExit {
    var calibrated = CalibratedExit()
    reader.choice(
      "criterion", ExitPolicy.Kind.criteria.map { ($0.name, $0) }, into: &calibrated.criterion)
    reader.number("maximumAccuracyLoss", in: 1e-6...0.5, into: &calibrated.maximumAccuracyLoss)
    reader.requiredString("calibration", into: &calibrated.calibration)
    return calibrated
  }

  /// The table: whole numbers, null for a timestep that never ends a run.
  private mutating func readMargins(
    _ reader: ObjectReader, _ problems: ObjectReader.ProblemList
  ) {
    var margins: [Int?] = []
    reader.integersOrNull("margins", in: 1...Int(Int32.max) - 1, into: &margins)
    exit.rule.margins = margins.map { $0.map { Int32($0) } ?? ExitPolicy.never }
    if margins.isEmpty {
      problems.items.append(
        .init("exit.margins", "is missing or empty, needed one margin a timestep"))
    }
  }

  /// Numbers that no run of `timesteps` timesteps can meet.
  var exitContradictions: [Problem] {
    let policy = exit.rule.policy
    var problems: [Problem] = []
    func demand(_ key: String, _ value: Int, atMost limit: Int, _ name: String) {
      if value > limit {
        problems.append(.init("exit.\(key)", "is \(value), needed at most \(name), \(limit)"))
      }
    }
    demand("minimumTimestep", Int(policy.minimumTimestep), atMost: timesteps, "timesteps")
    if policy.kind == .stable {
      demand("stable", Int(policy.parameter), atMost: timesteps, "timesteps")
    }
    if exit.rule.margins.count > maximumTimesteps {
      problems.append(
        .init(
          "exit.margins",
          "has \(exit.rule.margins.count) entries, needed at most maximumTimesteps, "
            + "\(maximumTimesteps)"))
    }
    return problems
  }
}
