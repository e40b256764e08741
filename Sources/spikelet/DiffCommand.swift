import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct DiffCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed between two models, and with pictures, which ones changed class.",
    discussion: """
      The exit code is 0 where the files are equal, 1 where they differ and 2 where they cannot be \
      compared. Pictures are run where --data or --dataset names them.
      """)

  @Argument(help: "The old model file, or a configuration to build.")
  var old: String

  @Argument(help: "The new one.")
  var new: String

  @OptionGroup var source: DatasetOptions

  @Option(help: "test, train or all.")
  var split: Split = .test

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @Option(help: "The pictures to name in each direction; JSON has all.")
  var pictures: Int = 10

  @Option(help: "Threads, each with an arena of its own. No result depends on it.")
  var jobs: Int = processorCount

  @Option(help: "Write the differences as JSON to a file, or to standard output for \"-\".")
  var json: String?

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    try require("--pictures", pictures, in: 0...Int.max)
    if limit != nil, !hasPictures {
      throw ValidationError("--limit is for pictures: name them with --data or --dataset")
    }
  }

  func execute() throws {
    let a = try ModelFile(contentsOf: BundledFiles.url(old))
    let b = try ModelFile(contentsOf: BundledFiles.url(new))
    let output = try json.output()
    let decisions = try compareDecisions(a, b)
    let difference = ModelDifference(a, b)
    var document = difference.json
    if let decisions { document["decisions"] = decisions.json }
    try output?.write(document)
    if json != "-" {
      show(difference.text)
      if let decisions { show("\n" + decisions.text(limit: pictures)) }
    }
    if !difference.isSameFile { throw ExitCode(1) }
  }

  /// Whether pictures or recordings are named.
  private var hasPictures: Bool {
    source.data != nil || source.dataset != nil || source.recordings.isGiven
  }

  /// Runs the pictures with both; nil where none are named.
  private func compareDecisions(_ a: ModelFile, _ b: ModelFile) throws -> DecisionDifference? {
    guard hasPictures else { return nil }
    let problems = DecisionDifference.problems(a, b)
    guard problems.isEmpty else {
      throw Diagnostics("\(a.name) and \(b.name) cannot run the same pictures", problems)
    }
    var use = DatasetOptions.Use(b)
    use.frames = max(Int(a.header.timesteps), use.frames)
    var dataset = try source.load(use, split: split)
    if let limit { dataset = dataset.prefix(limit) }
    func run(_ file: ModelFile) throws -> EvaluationResult {
      let bar = ProgressBar("evaluating \(file.name)", total: dataset.count)
      defer { bar.finish() }
      return try Evaluation(model: file, dataset: dataset, jobs: jobs).run { bar.update($0) }
    }
    let before = try run(a)
    // Equal files decide alike.
    return DecisionDifference(before, a.bytes == b.bytes ? before : try run(b))
  }
}
