import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct InspectCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show layers, bounds, arena and file of a model.")

  @Argument(help: "A model file, or a configuration to build.")
  var model: String

  @Option(help: "Write the figures as JSON to a file, or to standard output for \"-\".")
  var json: String?

  @Flag(help: "Show how the model runs: tiles, kernels, and the arena over a timestep.")
  var plan = false

  @Option(help: "Draw the arena over a timestep as an SVG picture.")
  var svg: String?

  @Option(
    help: """
      Firing rates in spikes a neuron and timestep, one for each map of spikes in order, or fewer: \
      the last counts for the rest. Shows the additions of a timestep at these rates.
      """)
  var rates: String?

  @Flag(
    help: """
      Show which kernels fit each connection, what they cost in instructions, and why one was taken: \
      at the firing rates of the configuration, those given, or those of the pictures of --data or \
      --dataset.
      """)
  var explain = false

  @OptionGroup var cost: CostOptions

  @OptionGroup var source: DatasetOptions

  @Option(help: "With pictures: count on so many of them.")
  var limit = 1000

  @Option(help: "With pictures: threads. The result does not depend on it.")
  var jobs = processorCount

  /// Whether pictures or recordings were given, to count spikes on.
  private var hasPictures: Bool {
    source.data != nil || source.dataset != nil || source.recordings.isGiven
  }

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    if plan, explain { throw ValidationError("--plan and --explain are two reports, give one") }
    if !explain, hasPictures || cost.firingRates != nil || cost.target != nil {
      throw ValidationError(
        "--data, --dataset, --events, --firing-rates and --target are for --explain")
    }
    if hasPictures, cost.firingRates != nil {
      throw ValidationError("--firing-rates and pictures are two sources of rates, give one")
    }
    if explain, rates != nil {
      throw ValidationError("--rates is for the report without --explain; it takes --firing-rates")
    }
    try requireDistinct([("--json", json), ("--svg", svg)])
    if svg == "-" { throw ValidationError("--svg needs the name of a file") }
    if plan, rates != nil { throw ValidationError("--rates is for the report without --plan") }
  }

  func execute() throws {
    let rates = try rates.map { text in
      try text.commaSeparated.map { word in
        guard let rate = Double(word), (0...8).contains(rate) else {
          throw ValidationError("--rates: \(word) is no rate, needed 0 to 8")
        }
        return rate
      }
    }
    if explain { return try showExplanation() }
    let file = try ModelFile(contentsOf: BundledFiles.url(model))
    let output = try json.output()
    let plan = ModelPlan(file)
    let summary = plan.summary
    try svg.output()?.write(text: ArenaDrawing(summary).svg)
    try output?.write(self.plan ? plan.json : summary.json)
    guard json != "-" else { return }
    guard !self.plan else { return show(plan.report) }
    show(summary.report)
    if let rates {
      show(
        "\nat these rates \(Int(summary.synapticOperations(rates: rates))) additions a timestep")
    }
    show("\nmade from \(file.provenance)")
  }

  /// The explanation of a model file, or of a configuration's build.
  private func showExplanation() throws {
    let url = BundledFiles.url(model)
    let output = try json.output()
    let explanation: KernelExplanation
    if Deployment.isConfiguration(url) {
      var deployment = try Deployment(contentsOf: url)
      try cost.apply(to: &deployment.configuration)
      let build = try deployment.build()
      let counted = try ModelFile(
        bytes: build.modelWithEveryMap(), name: deployment.configuration.name)
      explanation = try build.explanation(rates: try measured(counted, build.integer.digest))
    } else {
      let file = try ModelFile(contentsOf: url)
      let rates = try measured(file, "") ?? cost.rates.map { .given($0) } ?? .assumed
      explanation = file.withModel { opened in
        KernelExplanation(
          opened, bytes: file.bytes, name: file.name,
          names: (0..<opened.layerCount).map(file.layerName), rates: rates,
          target: cost.machine ?? .aarch64)
      }
    }
    try svg.output()?.write(text: ArenaDrawing(ModelPlan(ModelFile(contentsOf: url)).summary).svg)
    try output?.write(explanation.json)
    if json != "-" { show(explanation.report) }
  }

  /// The firing rates on the pictures that were given; nil without any.
  private func measured(_ file: ModelFile, _ digest: String) throws -> FiringRates? {
    guard hasPictures else { return nil }
    var use = DatasetOptions.Use(file)
    use.needsLabels = false
    // Of one file all pictures are meant, wherever they come from.
    let place = source.data.map { URL(filePath: $0) }
    let isFolder = (try? place?.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    let isFile = place != nil && !isFolder && source.dataset == nil
    let dataset = try source.load(use, split: isFile ? .all : .test).prefix(limit)
    let bar = ProgressBar("counting spikes of \(file.name)", total: dataset.count)
    let measurement = try FiringProbe(file).measure(
      dataset, networkDigest: digest, name: dataset.name, jobs: jobs
    ) { bar.update($0) }
    bar.finish()
    return .measured(measurement)
  }
}
