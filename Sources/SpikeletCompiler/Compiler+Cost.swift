import SpikeletRuntime
import SpikeletSupport

extension Compiler {
  /// The rates that a configuration stands for.
  static func firingRates(
    _ configuration: Configuration, _ measurement: FiringMeasurement?, of network: IntegerNetwork
  ) throws(Diagnostics) -> FiringRates {
    switch configuration.firing {
    case .assumed: return .assumed
    case .given(let rates): return .given(rates)
    case .file(let name):
      let advice = "run `spikelet calibrate` again"
      guard let measurement else { return .assumed }
      guard measurement.networkDigest == network.digest else {
        throw Diagnostics(
          "\(configuration.name) does not fit its firing rates",
          [
            .init(
              "firingRates",
              "\(name) was counted in network \(measurement.networkDigest.prefix(12))…, this is "
                + "\(network.digest.prefix(12))…", advice: advice)
          ])
      }
      guard measurement.fits(FiringShape(DraftRecords(network))) else {
        throw Diagnostics(
          "\(configuration.name) does not fit its firing rates",
          [
            .init(
              "firingRates", "\(name) has other layers or connections than the network",
              advice: advice)
          ])
      }
      return .measured(measurement)
    }
  }

  /// The machine whose instructions count.
  static func costTarget(_ configuration: Configuration, _ board: Board?) -> CostTarget {
    configuration.target ?? board.flatMap { CostTarget($0.target) } ?? .aarch64
  }
}

extension Compiler.Build {
  /// The machine whose instructions count: the configuration's, the board's, or aarch64.
  public var target: CostTarget { Compiler.costTarget(configuration, board) }

  /// Why the model runs as it does, and what it costs.
  ///
  /// - Parameters:
  ///   - rates: others than the build's.
  ///   - target: another machine than the build's.
  package func explanation(
    rates: FiringRates? = nil, target: CostTarget? = nil
  ) throws -> KernelExplanation {
    let model = try Model(bytes.span.bytes)
    return KernelExplanation(
      model, bytes: bytes, name: configuration.name, names: integer.layers.map(\.name),
      rates: rates ?? firing, target: target ?? self.target,
      arenaLimit: arenaLimit)
  }

  /// The same network in a model that has a map of every layer's spikes, to count what fires.
  package func modelWithEveryMap() throws -> [UInt8] {
    try ModelWriter.write(
      integer, plan: ExecutionPlan(integer, tiling: .whole), provenance: provenance,
      classNames: [])
  }

  /// The estimate that a budget is compared with, and which it is.
  private func estimate(
    _ explanation: KernelExplanation
  ) -> (cost: CostEstimate, name: String) {
    switch configuration.budgets.load {
    case .worst: (explanation.worst, "the worst picture")
    case .typical: (explanation.typical, "the mean picture")
    case .rare, nil:
      if let rare = explanation.rare {
        (rare, "a picture that one of a thousand exceeds")
      } else {
        (explanation.typical, "the mean picture")
      }
    }
  }

  /// The budgets of instructions that are exceeded, or cannot be checked.
  func costProblems() throws -> [Problem] {
    let budgets = configuration.budgets
    if budgets.maximumInstructions == nil, budgets.maximumMicroseconds == nil { return [] }
    var problems: [Problem] = []
    if budgets.load == .rare, case .measured = firing {
    } else if budgets.load == .rare {
      problems.append(
        .init(
          "budgets.load", "is \"rare\", needed firing rates that were measured",
          advice: "name a file in firingRates, and make it with `spikelet calibrate`"))
    }
    let (cost, name) = estimate(try explanation())
    let needed = Int(cost.total.rounded(.up))
    let advice = "`spikelet build --explain` shows what takes them; a larger arena may save some"
    if let limit = budgets.maximumInstructions, needed > limit {
      problems.append(
        .init(
          "budgets.maximumInstructions",
          "\(name) takes \(needed) instructions (\(target.rawValue)), \(needed - limit) more than "
            + "\(limit)", advice: advice))
    }
    if let limit = budgets.maximumMicroseconds {
      if let rate = board?.instructionsPerMicrosecond, rate > 0 {
        let time = cost.total / rate
        if time > limit {
          problems.append(
            .init(
              "budgets.maximumMicroseconds",
              "\(name) takes \(Int(time.rounded(.up))) µs (\(needed) instructions at "
                + "\(rate) a µs), the limit is \(limit)", advice: advice))
        }
      } else {
        let given = board.map { "\($0.name) has none" } ?? "no board is named"
        problems.append(
          .init(
            "budgets.maximumMicroseconds",
            "needs a board whose rate was measured, \(given)",
            advice: "give instructionsPerMicrosecond in the board's description"))
      }
    }
    return problems
  }
}
