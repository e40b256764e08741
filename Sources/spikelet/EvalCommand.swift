import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct EvalCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure accuracy, operations and time on a data set.")

  @Argument(help: "A model file, or a configuration to build.")
  var model: String

  @OptionGroup var source: DatasetOptions

  @Option(help: "test, train or all.")
  var split: Split = .test

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @OptionGroup var inference: InferenceOptions

  @Option(help: "Threads, each with an arena of its own. No result depends on it.")
  var jobs: Int = processorCount

  @Option(help: "What the arenas hold at first, 0 to 255. No result depends on it.")
  var arenaFill: UInt8 = 0

  @Flag(help: "Evaluate the float network that the configuration is made from.")
  var float = false

  @Flag(
    help:
      "Simulate the network before quantization too, and count equal decisions (a configuration)."
  )
  var agreement = false

  @Flag(help: "Show the earliest exit that could be: the lower bound of every policy.")
  var oracle = false

  @Flag(help: "Show how often the neurons of each layer fire, without an early exit.")
  var rates = false

  @Option(help: "Write the figures as JSON to a file, or to standard output for \"-\".")
  var json: String?

  @OptionGroup var resuming: ResumeOptions

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    try requireDistinct([("--json", json), ("--resume", resuming.resume)])
  }

  func execute() throws {
    if float { return try evaluateFloat() }
    let file = try ModelFile(contentsOf: URL(filePath: model))
    let output = try json.output()
    // Printed when all of it is known: a part of the figures would pass for the result.
    var text: [String] = []
    var dataset = try source.load(.init(file), split: split)
    if let limit { dataset = dataset.prefix(limit) }
    let rule = try inference.rule(for: file)
    var evaluation = Evaluation(
      model: file, dataset: dataset, timesteps: inference.timesteps, exit: rule, jobs: jobs)
    evaluation.arenaFill = arenaFill
    let journal = try resuming.journal(
      "eval", model: SHA256.hexDigest(of: file.bytes), pictures: [dataset],
      [
        "timesteps": "\(inference.timesteps ?? Int(file.header.timesteps))",
        "exit": rule.map { "\($0)" } ?? "the model's own",
      ])
    evaluation.journal = journal
    let bar = ProgressBar("evaluating \(file.name)", total: dataset.count)
    let result = try evaluation.run { bar.update($0) }
    bar.finish()
    var document = result.json
    text.append(result.text)
    let exit = rule ?? file.withModel { ExitRule(of: $0) }
    if exit != .none || oracle {
      let report = try exitReport(exit, result, file, journal)
      document["exit"] = report.json
      text.append(report.text(showsOracle: oracle))
    }
    if rates {
      let bar = ProgressBar("counting spikes", total: dataset.count)
      let measured = try SpikeRates.measure(
        file, dataset: dataset, timesteps: result.timesteps, jobs: jobs, journal: journal
      ) { bar.update($0) }
      bar.finish()
      document["spikeRates"] = measured.json
      text.append(measured.text)
    }
    if agreement {
      let figures = try compareFloat(result, journal)
      document["floatAgreement"] = .number(figures.agreement)
      document["floatCorrect"] = .integer(figures.floatCorrect)
      text.append(
        "float simulation     same class on \((figures.agreement * 100).fixed(2)) % "
          + "(\(figures.agreeing.grouped)), right on \(figures.floatCorrect.grouped)")
    }
    try output?.write(document)
    if json != "-" { show(text.joined(separator: "\n")) }
  }

  /// Runs the same pictures to the end, to compare.
  private func exitReport(
    _ rule: ExitRule, _ result: EvaluationResult, _ file: ModelFile, _ journal: RunJournal?
  ) throws -> ExitReport {
    let bar = ProgressBar("without the exit", total: result.images)
    defer { bar.finish() }
    let trace = try DecisionTrace.record(
      file, dataset: result.dataset, timesteps: result.timesteps, jobs: jobs, journal: journal
    ) { bar.update($0) }
    return ExitReport(rule: rule, result: result, trace: trace)
  }
}

extension EvaluationResult {
  /// The figures for people.
  var text: String {
    let operations = ModelSummary(model).operations
    return """
      \(model.name) on \(dataset.name) \(dataset.split.rawValue): \
      \((accuracy * 100).fixed(2)) % (\(correct.grouped) of \(images.grouped)) \
      at \(meanTimesteps.fixed(2)) timesteps of \(timesteps)
      synaptic operations  \(Int(synapticOperationsPerImage).grouped) a picture, \
      and \(operations.direct.grouped) multiplications of pixels \
      (float network: \(operations.dense.grouped) multiply–accumulates)
      memory               arena \(Int(model.header.arenaBytes).grouped) bytes, \
      model \(model.bytes.count.grouped) bytes
      time                 median \(medianLatencyMicroseconds.fixed(1)) µs a picture, \
      \(Int(throughputImagesPerSecond).grouped) pictures a second
      """
  }
}
