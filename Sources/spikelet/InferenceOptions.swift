import ArgumentParser
import SpikeletCompiler
import SpikeletRuntime

/// How long an inference runs.
struct InferenceOptions: ParsableArguments {
  @Option(help: "Timesteps. Default: the model's own number.")
  var timesteps: Int?

  @Option(help: "When to stop early: none, or margin:<lead>. Default: the model's own policy.")
  var exit: String?

  /// The exit policy asked for, or nil.
  func policy() throws -> ExitPolicy? {
    guard let exit else { return nil }
    if exit == "none" { return ExitPolicy(.none) }
    let parts = exit.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "margin", let lead = Int32(parts[1]), lead >= 1 {
      return ExitPolicy(.margin, parameter: lead)
    }
    throw ConversionError(
      "unknown exit policy \"\(exit)\"",
      [.init("--exit", "needed none or margin:<lead>, a lead of 1 or more")])
  }
}
