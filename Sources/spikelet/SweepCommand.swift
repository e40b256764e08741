import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct SweepCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Tabulate exit criteria: parameter against accuracy, timesteps and operations.",
    discussion: """
      Parameters are made from the training pictures, figures are those of the split. The table \
      shows the rules of each criterion that no other of its rules beats; CSV and JSON have all.
      """)

  @Argument(help: "A model file, or a configuration to build. Its own exit does not matter.")
  var model: String

  @OptionGroup var source: DatasetOptions

  @Option(help: "test, train or all.")
  var split: Split = .test

  @Option(help: "Use only the first pictures, of the training set as well.")
  var limit: Int?

  @Option(help: "The most timesteps of a run. Default: the model's own number.")
  var timesteps: Int?

  @Option(help: "The last timestep of the curve without an exit. Default: like --timesteps.")
  var fixedTimesteps: Int?

  @Option(
    help: "The criteria, with commas between: count,margin,stable,margin-per-step. Default: all.")
  var criteria: String?

  @Option(help: "Rules a criterion, about.")
  var points: Int = 24

  @Option(help: "Threads. No result depends on it.")
  var jobs: Int = processorCount

  @Option(help: "Write every point as CSV.")
  var csv: String?

  @Option(help: "Write every point as JSON, to standard output for \"-\".")
  var json: String?

  @Option(help: "Draw accuracy over mean timesteps as an SVG picture.")
  var svg: String?

  @OptionGroup var resuming: ResumeOptions

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    try require("--timesteps", timesteps, in: timestepsRange)
    try require("--fixed-timesteps", fixedTimesteps, in: timestepsRange)
    try require("--points", points, in: 2...10_000)
    try requireDistinct([
      ("--csv", csv), ("--json", json), ("--svg", svg), ("--resume", resuming.resume),
    ])
    _ = try chosenCriteria()
  }

  func execute() throws {
    let kinds = try chosenCriteria()
    let file = try ModelFile(contentsOf: BundledFiles.url(model), withoutExit: true)
    let (csvOutput, jsonOutput, svgOutput) = try (csv.output(), json.output(), svg.output())
    var use = DatasetOptions.Use(file)
    let steps = timesteps ?? Int(file.header.timesteps)
    use.frames = max(steps, fixedTimesteps ?? steps)
    let (trainingSet, testSet) = try (load(use, .train), load(use, split))
    let testSteps = max(steps, fixedTimesteps ?? steps)
    let journal = try resuming.journal(
      "sweep", model: SHA256.hexDigest(of: file.bytes), pictures: [trainingSet, testSet],
      ["timesteps": "\(steps), \(testSteps)"])
    let (trainingPart, testPart) = try (resuming.part(of: trainingSet), resuming.part(of: testSet))
    let training = try record(file, trainingPart, steps, journal)
    let test = try record(file, testPart, testSteps, journal)
    // Rules made from a part of the training pictures would be other rules.
    if let shard = resuming.shardText(trainingPart, testPart) { return show(shard) }
    let sweep = ExitSweep(
      criteria: kinds, training: training, test: test, resolution: points)
    let chart = try svgOutput.map { _ in
      sweep.chart(
        title: "\(file.name) on \(testSet.name) \(split.rawValue)",
        reference: try floatAccuracy(testSet))
    }
    try csvOutput?.write(text: sweep.csv)
    try jsonOutput?.write(sweep.json)
    if let chart { try svgOutput?.write(text: chart.svg) }
    if json != "-" {
      show("\(file.name) on \(testSet.name) \(split.rawValue), \(test.images.grouped) pictures")
      show(sweep.text)
    }
  }

  private func chosenCriteria() throws -> [ExitCriterion] {
    let known = ExitCriterion.allCases
    guard let criteria = criteria?.commaSeparated else { return known }
    let unknown = criteria.filter { word in !known.contains { $0.name == word } }
    guard unknown.isEmpty else {
      throw ValidationError(
        "--criteria: \(unknown.map { "\"\($0)\"" }.joined(separator: ", ")), needed "
          + known.map(\.name).joined(separator: ", "))
    }
    return known.filter { criteria.contains($0.name) }
  }

  private func load(_ use: DatasetOptions.Use, _ split: Split) throws -> Dataset {
    let dataset = try source.load(use, split: split)
    return limit.map { dataset.prefix($0) } ?? dataset
  }

  private func record(
    _ file: ModelFile, _ dataset: Dataset, _ steps: Int, _ journal: RunJournal?
  ) throws -> DecisionTrace {
    let bar = ProgressBar(
      "deciding on \(dataset.name) \(dataset.split.rawValue)", total: dataset.count)
    defer { bar.finish() }
    return try DecisionTrace.record(
      file, dataset: dataset, timesteps: steps, jobs: jobs, journal: journal
    ) { bar.update($0) }
  }

  /// The accuracy of the float network, where the model is a configuration that has one.
  private func floatAccuracy(_ dataset: Dataset) throws -> Double? {
    guard Deployment.isConfiguration(BundledFiles.url(model)) else { return nil }
    let deployment = try Deployment(contentsOf: BundledFiles.url(model))
    let network = try deployment.loadNetwork().network
    let bar = ProgressBar("evaluating \(network.name)", total: dataset.count)
    defer { bar.finish() }
    let correct = try FloatEvaluation(
      network: network, input: deployment.configuration.input, dataset: dataset, jobs: jobs
    ).correct { bar.update($0) }
    return Double(correct) / Double(max(1, dataset.count))
  }
}
