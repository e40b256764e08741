import ArgumentParser
import Foundation
import SpikeletHost

struct InspectCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show layers, bounds, arena and file of a model.")

  @Argument(help: "A model file, or a configuration to build.")
  var model: String

  @Flag(help: "Print JSON.")
  var json = false

  func execute() throws {
    let file = try ModelFile(contentsOf: URL(filePath: model))
    let summary = ModelSummary(file)
    if json {
      print(summary.json.text, terminator: "")
    } else {
      print(summary.report)
      print("\nmade from \(file.provenance)")
    }
  }
}
