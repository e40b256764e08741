import SpikeletSupport

extension Configuration {
  /// When an inference ends early.
  public struct Exit: Sendable, Equatable {
    /// A criterion with its numbers. Where the exit is calibrated, `none`: the calibration has them.
    public var rule = ExitRule.none
    /// An exit whose numbers are in a file; nil for one with numbers of its own.
    public var calibrated: CalibratedExit?

    /// No exit: every timestep runs.
    public init() {}
  }

  /// An exit whose numbers `spikelet calibrate` chooses on training pictures.
  public struct CalibratedExit: Sendable, Equatable {
    /// The criterion whose numbers are taken.
    public var criterion = ExitCriterion.marginPerStep
    /// The share of pictures that may be lost against the same model run to its last timestep.
    public var maximumAccuracyLoss = 0.001
    /// The file with the numbers, relative to the configuration.
    public var calibration = ""

    /// The default demand, without a file.
    public init() {}
  }

  /// Reads the `exit` object.
  mutating func readExit(_ reader: ObjectReader, problems: ObjectReader.ProblemList) {
    var policy = "none"
    let names = ["none"] + ExitCriterion.allCases.map(\.name)
    reader.choice("policy", (names + ["calibrated"]).map { ($0, $0) }, into: &policy)
    if policy == "calibrated" {
      exit.calibrated = readCalibratedExit(reader)
      reader.finish()
      return
    }
    let criterion = ExitCriterion(rawValue: policy)
    let positive = 1...Int(Int32.max)
    var (number, margin) = (0, 0)
    switch criterion {
    case nil: exit.rule = .none
    case .count:
      reader.requiredInteger("count", in: positive, into: &number)
      exit.rule = ExitRule(.count(number))
    case .margin:
      reader.requiredInteger("margin", in: positive, into: &number)
      exit.rule = ExitRule(.margin(number))
    case .stable:
      reader.requiredInteger("stable", in: 1...65535, into: &number)
      reader.integer("minimumMargin", in: 0...Int(Int32.max), into: &margin)
      exit.rule = ExitRule(.stable(timesteps: number, margin: margin))
    case .marginPerStep: exit.rule = ExitRule(.marginPerStep(readMargins(reader, problems)))
    }
    if criterion != nil {
      reader.integer("minimumTimestep", in: 1...65535, into: &exit.rule.minimumTimestep)
    }
    reader.finish()
  }

  private func readCalibratedExit(_ reader: ObjectReader) -> CalibratedExit {
    var calibrated = CalibratedExit()
    reader.choice(
      "criterion", ExitCriterion.allCases.map { ($0.name, $0) }, into: &calibrated.criterion)
    reader.number("maximumAccuracyLoss", in: 1e-6...0.5, into: &calibrated.maximumAccuracyLoss)
    reader.requiredString("calibration", into: &calibrated.calibration)
    return calibrated
  }

  /// The table: whole numbers, null for a timestep that never ends a run.
  private func readMargins(
    _ reader: ObjectReader, _ problems: ObjectReader.ProblemList
  ) -> [Int?] {
    var margins: [Int?] = []
    reader.integersOrNull("margins", in: 1...Int(Int32.max) - 1, into: &margins)
    if margins.isEmpty {
      problems.items.append(
        .init("exit.margins", "is missing or empty, needed one margin a timestep"))
    }
    return margins
  }

  /// Numbers that no run of `timesteps` timesteps can meet.
  var exitContradictions: [Problem] {
    var problems: [Problem] = []
    func demand(_ key: String, _ value: Int, atMost limit: Int, _ name: String) {
      if value > limit {
        problems.append(.init("exit.\(key)", "is \(value), needed at most \(name), \(limit)"))
      }
    }
    demand("minimumTimestep", exit.rule.minimumTimestep, atMost: runTimesteps.usual, "timesteps")
    if case .stable(let equal, _) = exit.rule.condition {
      demand("stable", equal, atMost: runTimesteps.usual, "timesteps")
    }
    if case .marginPerStep(let margins) = exit.rule.condition, margins.count > runTimesteps.most {
      problems.append(
        .init(
          "exit.margins",
          "has \(margins.count) entries, needed at most maximumTimesteps, "
            + "\(runTimesteps.most)"))
    }
    return problems
  }
}
