import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct NewCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a configuration for a network, with comments on what was guessed.",
    discussion: """
      Checks the network first, as spikelet check does. With --dataset, the way in which pixels are \
      read is chosen by the accuracy on training pictures; otherwise by the statistics of a batch \
      normalization, where there is one.
      """)

  @Argument(help: "An ONNX file, or a graph of NIR.")
  var network: String

  @OptionGroup var source: DatasetOptions

  @OptionGroup var semantics: SemanticsOptions

  @Option(help: "The model's name. Default: that of the network's file.")
  var name: String?

  @Option(help: "The board that the model is for, such as raspberry-pi-zero-2w.")
  var board: String?

  @Option(
    name: .shortAndLong,
    help: "The file to write. Default: deployment.json beside the network.")
  var output: String?

  @Option(help: "Training pictures to try.")
  var limit: Int = 500

  @Option(help: "Threads. The result does not depend on it.")
  var jobs: Int = processorCount

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    if output == "-" { throw ValidationError("--output needs the name of a file") }
  }

  func execute() throws {
    var deployment = Deployment(network: URL(filePath: network))
    try semantics.apply(to: &deployment)
    if let name { deployment.configuration.name = name }
    deployment.configuration.board = board
    let path =
      output ?? deployment.folder.appending(path: "deployment.json").relativePath
    guard !FileManager.default.fileExists(atPath: path) else {
      throw Diagnostics(
        "\(path): is there already",
        [.init("--output", "needed a new name", advice: "name another file, or delete this one")])
    }
    let rehearsal = try Rehearsal(deployment, isDraft: true)
    let use = DatasetOptions.Use(deployment, rehearsal.build.source)
    let isGiven = source.dataset != nil || source.data != nil
    let training = try isGiven ? source.load(use, split: .train) : nil
    let evidence = try PixelEvidence.gathered(
      rehearsal, deployment.configuration.input, training: training?.sample(limit),
      jobs: jobs)
    let draft = ConfigurationDraft(
      rehearsal: rehearsal, evidence: evidence, dataset: training?.name ?? "",
      networkPath: Self.path(to: URL(filePath: network), from: URL(filePath: path)))
    // Whatever is written must be readable: a name may not do.
    _ = try Configuration(text: draft.text, file: path)
    try OutputFile(path).write(text: draft.text)
    show("wrote \(path)")
    for line in draft.comments { show("  \(line)") }
    let folder = path.hasSuffix("/deployment.json") ? String(path.dropLast(16)) : path
    let data = source.data.map { " --data \($0)" } ?? ""
    if draft.needsCalibration { show("next: spikelet calibrate \(folder)\(data)") }
    show("next: spikelet build \(folder)")
  }

  /// How the configuration names the network: relative where both lie in one folder, whole otherwise.
  private static func path(to network: URL, from file: URL) -> String {
    let folder = file.absoluteURL.standardizedFileURL.deletingLastPathComponent().path
    let place = network.absoluteURL.standardizedFileURL.deletingLastPathComponent().path
    return folder == place
      ? network.lastPathComponent : network.absoluteURL.standardizedFileURL.path
  }
}
