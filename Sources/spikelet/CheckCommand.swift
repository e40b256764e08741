import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct CheckCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether a network can be built, and what it will cost, without any data.",
    discussion: """
      Reports everything that calibrate and build would refuse, at once; layers, parameters, \
      operations, and the memory to expect; and whether a mean or a scale of the pixels seems to be \
      missing, from the statistics of a batch normalization or, with --dataset, from the accuracy on \
      training pictures.
      """)

  @Argument(help: "A network (ONNX, NIR), a configuration, or the folder of its deployment.json.")
  var network: String

  @OptionGroup var source: DatasetOptions

  @OptionGroup var semantics: SemanticsOptions

  @Option(help: "Training pictures to try.")
  var limit: Int = 500

  @Option(help: "Threads. The result does not depend on it.")
  var jobs: Int = processorCount

  @Option(help: "Write the findings as JSON to a file, or to standard output for \"-\".")
  var json: String?

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
  }

  func execute() throws {
    let url = URL(filePath: network)
    let isConfiguration = Deployment.isConfiguration(url) && !Deployment.isNetwork(url)
    var deployment =
      try isConfiguration ? Deployment(contentsOf: url) : Deployment(network: url)
    try semantics.apply(to: &deployment)
    let output = try json.output()
    let rehearsal = try Rehearsal(deployment, isDraft: !isConfiguration)
    var training: Dataset?
    if source.dataset != nil || source.data != nil {
      let use = DatasetOptions.Use(deployment, rehearsal.build.source)
      training = try source.load(use, split: .train).sample(limit)
    }
    let evidence = try PixelEvidence.gathered(
      rehearsal, deployment.configuration.input, training: training, jobs: jobs)
    let next =
      isConfiguration
      ? (rehearsal.build.source.thresholdNodes.isEmpty ? ["spikelet calibrate \(network)"] : [])
        + ["spikelet build \(network)"]
      : ["spikelet new \(network)\(semantics.text)    # writes a deployment.json to go on with"]
    let report = try CheckReport(rehearsal, evidence, next: next)
    try output?.write(report.json)
    if json != "-" { show(report.text) }
  }
}

extension PixelEvidence {
  /// From training pictures where there are any, otherwise from the network itself.
  static func gathered(
    _ rehearsal: Rehearsal, _ input: Configuration.Input, training: Dataset?, jobs: Int
  ) throws -> PixelEvidence {
    guard let training else {
      let drawn = Rehearsal.drawnPictures(for: rehearsal.imported)
      return try .normalization(rehearsal.imported, given: input, pictures: drawn)
    }
    return try .accuracy(rehearsal.build.source, given: input, dataset: training, jobs: jobs)
  }
}
