import ArgumentParser
import Foundation
import SpikeletCompiler
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

  @Flag(help: "Print the report as JSON.")
  var json = false

  func execute() throws {
    let build = try Compiler(contentsOf: URL(filePath: config)).build()
    let path = output ?? "\(build.configuration.name).spk"
    do {
      try Data(build.bytes).write(to: URL(filePath: path))
    } catch {
      throw Diagnostics("\(path): cannot be written", [.init("output", "\(error)")])
    }
    if let parameters { try write(ConversionParameters(build).json, to: parameters) }
    let report = try BuildReport(build)
    if json {
      print(report.json.text, terminator: "")
    } else {
      print(report.text)
      print("\nwrote \(path)")
    }
  }
}
