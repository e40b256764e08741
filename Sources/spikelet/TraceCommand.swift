import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct TraceCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Write every potential and spike for the pictures of golden vectors, raw.",
    discussion: "docs/verification.md describes the layout and shows 40 lines of C that check it.")

  @Argument(help: "A folder of golden vectors, golden-vectors/<name>.")
  var vectors: String

  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  @Option(help: "The model file. Default: built from the manifest's configuration.")
  var model: String?

  func execute() throws {
    let golden = try GoldenFolder(BundledFiles.url(vectors))
    let file = try ModelFile(
      contentsOf: model.map(BundledFiles.url) ?? golden.configurationURL)
    let output = try OutputFile(self.output)
    var device = EngineDevice(file)
    let data = try TraceWriter.trace(
      &device, pictures: try golden.pictures(), timesteps: golden.manifest.timesteps)
    try output.write(data)
    show("wrote \(data.count) bytes to \(self.output)")
  }
}
