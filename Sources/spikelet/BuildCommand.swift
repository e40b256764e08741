import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct BuildCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compile a configuration into a model file.",
    discussion: """
      Prints what the compiler decided for each layer and the memory plan. Fails when a budget of \
      the configuration is exceeded.
      """)

  @Argument(help: "A configuration, or the folder of its deployment.json.")
  var config: String

  @Option(name: .shortAndLong, help: "The model file to write. Default: <name>.spk.")
  var output: String?

  @Option(help: "Write the parameters of the conversion as JSON, for other simulators.")
  var parameters: String?

  @Flag(help: "Print how the model runs instead: tiles, kernels, and the arena over a timestep.")
  var plan = false

  @Option(
    help: "Write the report, or the plan, as JSON to a file, or to standard output for \"-\".")
  var json: String?

  func validate() throws {
    try requireDistinct([
      ("--output", output), ("--parameters", parameters), ("--json", json),
    ])
    if output == "-" { throw ValidationError("--output needs the name of a file") }
  }

  func execute() throws {
    let build = try Deployment(contentsOf: URL(filePath: config)).build()
    // The name holds no slash, see Configuration.
    let path = output ?? "\(build.configuration.name).spk"
    try requireDistinct([("the model", path), ("--parameters", parameters), ("--json", json)])
    let file = try OutputFile(path)
    let (parameters, document) = (try parameters.output(), try json.output())
    let report = try BuildReport(build)
    try file.write(build.bytes)
    try parameters?.write(ConversionParameters(build).json)
    try document?.write(plan ? report.plan.json : report.json)
    guard json != "-" else { return }
    show(try plan ? report.plan.report : report.text)
    show("\nwrote \(path)")
  }
}
