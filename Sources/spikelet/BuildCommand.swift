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

  @Flag(help: "Print the report, or the plan, as JSON.")
  var json = false

  func validate() throws {
    try requireDistinct([("--output", output), ("--parameters", parameters)])
    if output == "-" { throw ValidationError("--output needs the name of a file") }
  }

  func execute() throws {
    let build = try Deployment(contentsOf: URL(filePath: config)).build()
    // The name holds no slash, see Configuration.
    let path = output ?? "\(build.configuration.name).spk"
    let (file, parameters) = (try OutputFile(path), try parameters.output())
    let report = try BuildReport(build)
    try file.write(build.bytes)
    try parameters?.write(ConversionParameters(build).json)
    if json {
      showRaw(try plan ? report.plan.json.text : report.json.text, terminator: "")
    } else {
      show(try plan ? report.plan.report : report.text)
      show("\nwrote \(path)")
    }
  }
}
