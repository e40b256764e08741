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

  @Argument(help: "A configuration, the folder of its deployment.json, or a graph of NIR.")
  var config: String

  @OptionGroup var semantics: SemanticsOptions

  @Option(name: .shortAndLong, help: "The model file to write. Default: <name>.spk.")
  var output: String?

  @Option(help: "Write the parameters of the conversion as JSON, for other simulators.")
  var parameters: String?

  @Flag(help: "Print how the model runs instead: tiles, kernels, and the arena over a timestep.")
  var plan = false

  @Flag(
    help: """
      Print instead which kernels fit each connection, what they cost, and why one was taken.
      """)
  var explain = false

  @OptionGroup var cost: CostOptions

  @Option(help: ArgumentHelp("Run a kernel wherever it suits.", visibility: .hidden))
  var preferKernel: String?

  @Option(
    help: """
      Write the report, the plan or the explanation as JSON to a file, or to standard output for "-".
      """)
  var json: String?

  func validate() throws {
    try requireDistinct([
      ("--output", output), ("--parameters", parameters), ("--json", json),
    ])
    if plan, explain { throw ValidationError("--plan and --explain are two reports, give one") }
    if output == "-" { throw ValidationError("--output needs the name of a file") }
  }

  func execute() throws {
    var deployment = try Deployment(contentsOf: BundledFiles.url(config))
    try semantics.apply(to: &deployment)
    try cost.apply(to: &deployment.configuration)
    deployment.configuration.preferredKernel = preferKernel
    let build = try deployment.build()
    // The name holds no slash, see Configuration.
    let path = output ?? "\(build.configuration.name).spk"
    try requireDistinct([("the model", path), ("--parameters", parameters), ("--json", json)])
    let file = try OutputFile(path)
    let (parameters, document) = (try parameters.output(), try json.output())
    let report = try BuildReport(build)
    try file.write(build.bytes)
    try parameters?.write(ConversionParameters(build).json)
    let explanation = explain ? try build.explanation() : nil
    try document?.write(explanation?.json ?? (plan ? report.plan.json : report.json))
    guard json != "-" else { return }
    show(try explanation?.report ?? (plan ? report.plan.report : report.text))
    show("\nwrote \(path)")
  }
}
