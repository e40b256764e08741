import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletEvents
import SpikeletSupport

struct GoldenCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden",
    abstract: "Regenerate the integer golden vectors of a configuration, and say what changed.")

  @Argument(help: "A configuration, or the folder of its deployment.json.")
  var config: String

  @Option(name: .shortAndLong, help: "The folder of the vectors, golden-vectors/<name>.")
  var output: String

  @OptionGroup var source: DatasetOptions

  @Option(
    help: """
      Pictures: the first test pictures of --data or --dataset; otherwise drawn ones, digits, or \
      coloured shapes where the model reads no digits.
      """)
  var count: Int = 10

  @Option(help: "Timesteps to record. Default: 16, or as many as the model can run.")
  var timesteps: Int?

  func validate() throws {
    try require("--count", count, in: 1...10_000)
    try require("--timesteps", timesteps, in: timestepsRange)
  }

  func execute() throws {
    let build = try Deployment(contentsOf: URL(filePath: config)).build()
    let most = build.configuration.runTimesteps.most
    let timesteps = timesteps ?? min(16, most)
    guard (1...most).contains(timesteps) else {
      throw Diagnostics(
        "these vectors cannot be recorded",
        [.init("--timesteps", "is \(timesteps), needed 1 to \(most)")])
    }
    let folder = URL(filePath: output)
    let file = Deployment.configurationFile(at: URL(filePath: config))
    let path = relativePath(from: folder, to: file)
    let recorder = try GoldenRecorder(build: build, folder: folder)
    let pictures = try pictures(for: recorder.model, timesteps: timesteps)
    let changes = try recorder.record(
      configurationPath: path, pictures: pictures, timesteps: timesteps)
    show(changes.isEmpty ? "\(output): nothing changed" : "\(output):")
    for change in changes { show("  \(change)") }
  }

  private func pictures(for file: ModelFile, timesteps: Int) throws -> Dataset {
    var use = DatasetOptions.Use(file)
    use.frames = timesteps
    if let events = use.events, source.data == nil, source.recordings.events == nil {
      return try DrawnRecordings.dataset(events, count: count, frames: timesteps)
    }
    guard source.data != nil || source.dataset != nil || use.events != nil else {
      return Dataset.drawn(
        channels: use.shape.channels, height: use.shape.height, width: use.shape.width,
        count: count)
    }
    use.needsLabels = false
    return try source.load(use, split: .test).prefix(count)
  }

  /// The way from a folder to a file, both below one ancestor.
  private func relativePath(from folder: URL, to file: URL) -> String {
    let start = folder.standardizedFileURL.pathComponents
    let end = file.standardizedFileURL.pathComponents
    var common = 0
    while common < min(start.count, end.count), start[common] == end[common] { common += 1 }
    let up = [String](repeating: "..", count: start.count - common)
    return (up + end[common...]).joined(separator: "/")
  }
}
