import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct CalibrateCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Find activation statistics, the early exit and firing rates on training pictures.",
    discussion: """
      Writes the file that the configuration's `calibration` names, for a calibrated exit the one \
      that `exit.calibration` names, and the one that `firingRates` names: how often neurons fire, \
      which decides how the model runs and what it costs. Builds then need no data set. The test pictures are never \
      read: without folders or files for both parts, one picture in five is held back for this.
      """)

  @Argument(help: "A configuration, or the folder of its deployment.json.")
  var config: String

  @OptionGroup var source: DatasetOptions

  @OptionGroup var semantics: SemanticsOptions

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @Option(help: "Threads. The result does not depend on it.")
  var jobs: Int = processorCount

  @Flag(help: "Keep the activation statistics that are there; choose only the exit.")
  var exitOnly = false

  @Flag(help: "Keep the activation statistics and the exit that are there; count only spikes.")
  var ratesOnly = false

  @Flag(help: "Gather only the activation statistics; leave the exit to another run.")
  var activationsOnly = false

  @OptionGroup var resuming: ResumeOptions

  /// Pictures that spikes are counted on, at most: of a thousand one is the 99.9th percentile.
  static let ratePictures = 2000

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    guard [exitOnly, ratesOnly, activationsOnly].count(where: { $0 }) <= 1 else {
      throw ValidationError("--exit-only, --activations-only, --rates-only: one of the three")
    }
  }

  func execute() throws {
    var deployment = try Deployment(contentsOf: URL(filePath: config))
    try semantics.apply(to: &deployment)
    if exitOnly, deployment.configuration.exit.calibrated == nil {
      throw Diagnostics(
        "\(config): has no exit to calibrate",
        [.init("--exit-only", "needed exit.policy \"calibrated\" in the configuration")])
    }
    if ratesOnly, deployment.firingURL == nil {
      throw Diagnostics(
        "\(config): names no file for firing rates",
        [
          .init(
            "--rates-only", "needed firingRates in the configuration, the name of a file",
            advice: "such as \"firingRates\": \"firing-rates.json\"")
        ])
    }
    let imported = try deployment.loadNetwork()
    if !exitOnly, !ratesOnly { try requireWork(deployment, imported) }
    try requirePlaces(deployment)
    var use = DatasetOptions.Use(deployment, imported.network)
    // Activations need no labels.
    use.needsLabels = !ratesOnly && deployment.configuration.exit.calibrated != nil
    var dataset = try source.load(use, split: .train)
    if let limit { dataset = dataset.prefix(limit) }
    try rehearse(deployment, imported, dataset)
    // Own pictures are never called what other ones are known as.
    let isNamed = !dataset.isKnown && !use.name.isEmpty && use.known == nil
    let name = isNamed ? use.name : dataset.name
    if !exitOnly, !ratesOnly { try gatherActivations(deployment, imported, dataset, name) }
    // The exit belongs to a model, which there is when the activations of all shards are merged.
    let isWhole = !activationsOnly && resuming.shard == nil
    let choosesExit = exitOnly || (isWhole && !ratesOnly)
    if let exit = deployment.configuration.exit.calibrated, choosesExit {
      try chooseExit(exit, deployment, imported, dataset, name)
    }
    if let url = deployment.firingURL, ratesOnly || (isWhole && !exitOnly) {
      try countSpikes(deployment, imported, dataset, name, to: url.path)
    }
  }

  /// Counts in the quantized network itself, with its exit, what fires.
  private func countSpikes(
    _ deployment: Deployment, _ imported: ImportedNetwork, _ dataset: Dataset, _ name: String,
    to path: String
  ) throws {
    let build = try deployment.buildWithoutRates(imported)
    let model = try ModelFile(
      bytes: build.modelWithEveryMap(), name: deployment.configuration.name)
    let output = try OutputFile(path)
    let sample = dataset.sample(Self.ratePictures)
    let bar = ProgressBar("counting spikes of \(model.name)", total: sample.count)
    let measurement = try FiringProbe(model).measure(
      sample, networkDigest: build.integer.digest, name: name, jobs: jobs
    ) { bar.update($0) }
    bar.finish()
    try output.write(text: measurement.json.text)
    show(measurement.text)
    show("wrote \(path) from \(sample.count) pictures of \(name)")
  }

  /// Finds what a build would refuse, and pixels that seem to be read wrongly, before any work.
  ///
  /// A budget may be exceeded here and kept in the end: widths of potentials depend on λ.
  private func rehearse(
    _ deployment: Deployment, _ imported: ImportedNetwork, _ dataset: Dataset
  ) throws {
    guard !exitOnly, !ratesOnly else { return }
    let rehearsal: Rehearsal
    do {
      rehearsal = try Rehearsal(deployment, imported)
    } catch is BudgetError {
      return
    }
    guard dataset.hasLabels else { return }
    // A twentieth of the work to come, at most.
    let sample = dataset.sample(max(1, min(500, dataset.count / 100)))
    let evidence = try PixelEvidence.accuracy(
      rehearsal.build.source, given: deployment.configuration.input, dataset: sample, jobs: jobs)
    if evidence.better != nil, let text = evidence.text { warn(text) }
  }

  /// Trained thresholds leave nothing to find but perhaps the exit and the rates.
  private func requireWork(_ deployment: Deployment, _ imported: ImportedNetwork) throws {
    let network = imported.network
    let hasMore = deployment.configuration.exit.calibrated != nil || deployment.firingURL != nil
    if !network.thresholdNodes.isEmpty, hasMore { return }
    try deployment.requireCalibration(of: network)
  }

  /// Refuses to write where a configuration has no say: outside of its own folder.
  private func requirePlaces(_ deployment: Deployment) throws {
    let configuration = deployment.configuration
    var rates = ""
    if case .file(let name) = configuration.firing, !exitOnly { rates = name }
    let names = [
      ("calibration", exitOnly || ratesOnly ? "" : configuration.calibration),
      ("exit.calibration", ratesOnly ? "" : configuration.exit.calibrated?.calibration ?? ""),
      ("firingRates", rates),
    ]
    for (key, name) in names where !name.isEmpty {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(""), !parts.contains("..") else {
        throw Diagnostics(
          "\(config): cannot be calibrated",
          [
            .init(
              key, "is \"\(name)\", which is not below the configuration's folder",
              advice: "calibrate the configuration beside that file"
                + (key == "calibration" ? ", or choose only the exit with --exit-only" : ""))
          ])
      }
    }
  }

  private func gatherActivations(
    _ deployment: Deployment, _ imported: ImportedNetwork, _ dataset: Dataset, _ name: String
  ) throws {
    let (network, digest) = (imported.network, imported.digest)
    guard network.thresholdNodes.isEmpty else { return }
    let output = try OutputFile(deployment.calibrationURL.path)
    let run = CalibrationRun(network: network, input: deployment.configuration.input)
    let part = try resuming.part(of: dataset)
    let journal = try resuming.journal(
      "calibrate", model: digest, pictures: [dataset],
      ["input": "\(deployment.configuration.input)"])
    let bar = ProgressBar("calibrating \(deployment.configuration.name)", total: part.count)
    let histograms = try ParallelCalibration(run: run, dataset: part, jobs: jobs)
      .histograms(journal: journal) { bar.update($0) }
    bar.finish()
    if let shard = resuming.shardText(part) { return show(shard) }
    let calibration = run.calibration(
      histograms, networkDigest: digest, dataset: name, split: Split.train.rawValue,
      images: dataset.count, data: try Self.origin(of: dataset, jobs: jobs))
    try output.write(text: calibration.json.text)
    show("wrote \(deployment.calibrationURL.path) from \(dataset.count) pictures of \(name)")
  }

  /// What is kept about own pictures; a known data set is known by its name.
  private static func origin(of dataset: Dataset, jobs: Int) throws -> Calibration.Data? {
    guard !dataset.isKnown else { return nil }
    return Calibration.Data(
      kind: dataset.kind, digest: try dataset.digest(jobs: jobs),
      classNames: dataset.isNamed ? dataset.classNames : [])
  }

  private func chooseExit(
    _ exit: Configuration.CalibratedExit, _ deployment: Deployment, _ imported: ImportedNetwork,
    _ dataset: Dataset, _ name: String
  ) throws {
    let build = try deployment.buildWithoutExit(imported)
    let model = try ModelFile(bytes: build.bytes, name: build.configuration.name)
    let path = folderPath(deployment, exit)
    let output = try OutputFile(path)
    let journal = try resuming.journal(
      "calibrate --exit-only", model: SHA256.hexDigest(of: model.bytes), pictures: [dataset],
      ["timesteps": "\(build.configuration.runTimesteps.usual)"],
      // Activations and decisions are two runs, each with a file of its own.
      suffix: exitOnly ? "" : ".exit")
    let part = try resuming.part(of: dataset)
    let bar = ProgressBar("deciding with \(model.name)", total: part.count)
    let trace = try DecisionTrace.record(
      model, dataset: part, timesteps: build.configuration.runTimesteps.usual, jobs: jobs,
      journal: journal
    ) { bar.update($0) }
    bar.finish()
    if let shard = resuming.shardText(part) { return show(shard) }
    let calibrator = try ExitCalibrator(trace, maximumAccuracyLoss: exit.maximumAccuracyLoss)
    let choosing = ProgressBar("choosing exits", total: ExitCriterion.allCases.count)
    let calibration = calibrator.calibration(
      networkDigest: build.integer.digest, dataset: name
    ) { choosing.update($0) }
    choosing.finish()
    try output.write(text: calibration.json.text)
    show(calibration.table(of: exit.criterion))
    show("wrote \(path)")
  }

  private func folderPath(_ deployment: Deployment, _ exit: Configuration.CalibratedExit) -> String
  {
    deployment.folder.appending(path: exit.calibration).path
  }
}
