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

  @Argument(help: "A model file, or a configuration or graph of NIR to build.")
  var model: String

  @OptionGroup var source: DatasetOptions

  @OptionGroup var semantics: SemanticsOptions

  @Option(help: "test, train or all.")
  var split: Split = .test

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @OptionGroup var inference: InferenceOptions

  @Option(
    help: ArgumentHelp(
      "Tell the figures after several numbers of timesteps, from one run: 4,8,16.",
      discussion: "Without an early exit. Each equals that of a run which ends there.",
      valueName: "timesteps"))
  var after: String?

  @Option(
    help: """
      Pictures that run side by side, each with an arena of its own. No result depends on it. \
      Default: as many as keep all cores busy.
      """)
  var jobs: Int?

  @OptionGroup var team: ThreadsOption

  @OptionGroup var time: DeadlineOption

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

  @Flag(
    help: "Do not run the pictures without the exit as well, to tell what it saves.")
  var withoutComparison = false

  @Flag(help: "Show how often the neurons of each layer fire, without an early exit.")
  var rates = false

  @Option(help: "Write the figures as JSON to a file, or to standard output for \"-\".")
  var json: String?

  @Flag(help: "Leave out times, so that equal results are equal bytes.")
  var withoutTimes = false

  @OptionGroup var resuming: ResumeOptions

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    if let jobs { try require("--jobs", jobs, in: jobsRange) }
    try requireDistinct([("--json", json), ("--resume", resuming.resume)])
    try require("--after", after, "timesteps, ascending, as in 4,8,16") { Self.stops($0) != nil }
    try requireNothingBesideStops()
    try requireNothingBesideADeadline()
    if withoutComparison && oracle {
      throw ValidationError("--without-comparison: does not go with --oracle, which compares")
    }
  }

  /// The pictures that run side by side; with a deadline one, since they would slow each other.
  var workers: Int {
    time.deadline == nil ? jobs ?? max(1, processorCount / team.threads) : 1
  }

  /// What a deadline decides is of this machine and this moment: it can be neither kept nor repeated.
  private func requireNothingBesideADeadline() throws {
    guard time.deadline != nil else { return }
    for (name, isGiven, why) in [
      ("--jobs", (jobs ?? 1) > 1, "pictures that run side by side slow each other"),
      ("--resume", resuming.resume != nil, "what a deadline decides cannot be gone on from"),
      ("--float", float, "a float network has no timesteps"),
      ("--oracle", oracle, "an oracle compares exits, and a deadline is none"),
      ("--agreement", agreement, "a float simulation runs all timesteps"),
    ] where isGiven {
      throw ValidationError("--deadline: does not go with \(name): \(why)")
    }
  }

  func execute() throws {
    if float { return try evaluateFloat() }
    let file = try ModelFile(contentsOf: BundledFiles.url(model)) { try semantics.apply(to: &$0) }
    try semantics.require(in: model)
    let output = try json.output()
    // Printed when all of it is known: a part of the figures would pass for the result.
    var text: [String] = []
    var use = DatasetOptions.Use(file)
    let stops = after.flatMap(Self.stops)
    use.frames = stops?.last ?? inference.timesteps ?? use.frames
    var dataset = try source.load(use, split: split)
    if let limit { dataset = dataset.prefix(limit) }
    let rule = try inference.rule(for: file)
    let part = try resuming.part(of: dataset)
    var evaluation = Evaluation(
      model: file, dataset: part, timesteps: inference.timesteps, exit: rule, jobs: workers)
    evaluation.threads = team.threads
    evaluation.deadline = time.deadline
    evaluation.arenaFill = arenaFill
    let journal = try resuming.journal(
      "eval", model: SHA256.hexDigest(of: file.bytes), pictures: [dataset],
      [
        "timesteps": after ?? "\(inference.timesteps ?? Int(file.header.timesteps))",
        "exit": rule.map { "\($0)" } ?? "the model's own",
      ])
    evaluation.journal = journal
    let bar = ProgressBar("evaluating \(file.name)", total: part.count)
    let results =
      if let stops {
        try evaluation.run(after: stops) { bar.update($0) }
      } else {
        [try evaluation.run { bar.update($0) }]
      }
    let result = results[results.count - 1]
    bar.finish()
    var document = result.json(withTimes: !withoutTimes)
    if after != nil {
      document["after"] = .array(results.map { $0.json(withTimes: !withoutTimes) })
    }
    if let shard = resuming.shard { document["shard"] = .string(shard) }
    text.append(result.text(withTimes: !withoutTimes))
    if let deadline = result.deadline { text.append(deadline.text) }
    if after != nil { text.append(curveText(results)) }
    let exit = after != nil ? .none : rule ?? file.withModel { ExitRule(of: $0) }
    // With a deadline the exit is one of two causes, and its report would take both for its own.
    if exit != .none && time.deadline == nil && !withoutComparison || oracle {
      let report = try exitReport(exit, result, file, journal)
      document["exit"] = report.json
      text.append(report.text(showsOracle: oracle))
    } else if exit != .none {
      document["exit"] = .object(["rule": .string("\(exit)")])
    }
    if rates {
      let bar = ProgressBar("counting spikes", total: part.count)
      let measured = try SpikeRates.measure(
        file, dataset: part, timesteps: result.timesteps, jobs: workers, journal: journal
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
    if let events = use.events, let log = EventLogs.last {
      let window = try source.recordings.binning(events, of: file.name).window
      let effort = DecisionEffort(result, window: window, log: log)
      for (key, value) in effort.members { document[key] = value }
      text.append(effort.text)
    }
    if let shard = resuming.shardText(part) { text.append(shard) }
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
      file, dataset: result.dataset, timesteps: result.timesteps, jobs: workers, journal: journal
    ) { bar.update($0) }
    return ExitReport(rule: rule, result: result, trace: trace)
  }
}

extension EvaluationResult {
  /// The figures for people.
  func text(withTimes: Bool) -> String {
    let operations = ModelSummary(model).operations
    let figures = """
      \(model.name) on \(dataset.name) \(dataset.split.rawValue): \
      \((accuracy * 100).fixed(2)) % (\(correct.grouped) of \(images.grouped)) \
      at \(meanTimesteps.fixed(2)) timesteps of \(timesteps)
      synaptic operations  \(Int(synapticOperationsPerImage).grouped) a picture, \
      and \(operations.direct.grouped) multiplications of pixels \
      (float network: \(operations.dense.grouped) multiply–accumulates)
      memory               arena \(Int(model.header.arenaBytes).grouped) bytes, \
      model \(model.bytes.count.grouped) bytes
      """
    guard withTimes else { return figures }
    return figures + "\n" + """
      time                 median \(medianLatencyMicroseconds.fixed(1)) µs a picture, \
      \(Int(throughputImagesPerSecond).grouped) pictures a second
      """
  }
}
