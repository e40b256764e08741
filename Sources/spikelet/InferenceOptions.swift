import ArgumentParser
import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// How long an inference runs.
struct InferenceOptions: ParsableArguments {
  @Option(help: "Timesteps. Default: the model's own number.")
  var timesteps: Int?

  @Option(
    help: """
      When to stop early: none, count:<score>, margin:<lead>, stable:<timesteps>[:<lead>], \
      margin-per-step:<lead>,<lead>,…, or calibrated for the table in the model; @<t> behind it \
      names the first timestep that may end a run. Default: the model's own policy.
      """)
  var exit: String?

  func validate() throws {
    try require("--timesteps", timesteps, in: timestepsRange)
    guard let exit, exit != "calibrated", ExitRule(exit) == nil else { return }
    throw ValidationError(
      "unknown exit policy \"\(exit)\"\n  --exit: needed none, count:<score>, margin:<lead>, "
        + "stable:<timesteps>[:<lead>], margin-per-step:<lead>,<lead>,… or calibrated, perhaps with "
        + "@<first timestep>")
  }

  /// The exit asked for, or nil for the model's own.
  ///
  /// - Throws: when the text is no policy, or when no run of the model could be ended by it.
  func rule(for model: ModelFile) throws -> ExitRule? {
    guard let exit else { return nil }
    let own = model.withModel { ExitRule(of: $0) }
    if exit == "calibrated" {
      guard own != .none else {
        throw Diagnostics(
          "\(model.name): has no exit of its own",
          [
            .init(
              "--exit", "calibrated needs a model whose configuration has an exit",
              advice: "set exit.policy to calibrated, run `spikelet calibrate`, build again")
          ])
      }
      return own
    }
    // Checked when the command line was parsed.
    guard let rule = ExitRule(exit) else { return nil }
    let steps = timesteps ?? Int(model.header.timesteps)
    let problems = model.withModel { rule.problems(for: $0, timesteps: steps, place: "--exit") }
    guard problems.isEmpty else {
      throw Diagnostics("\(model.name) cannot exit by \(rule)", problems)
    }
    return rule
  }
}
