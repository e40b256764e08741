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
    abstract: "Gather activation statistics, and choose the early exit, on training pictures.",
    discussion: """
      Writes the file that the configuration's `calibration` names, and for a calibrated exit the \
      one that `exit.calibration` names. Builds then need no data set. The test pictures are never \
      read: without folders or files for both parts, one picture in five is held back for this.
      """)

  @Argument(help: "A configuration, or the folder of its deployment.json.")
  var config: String

  @OptionGroup var source: DatasetOptions

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @Option(help: "Threads. The result does not depend on it.")
  var jobs: Int = processorCount

  @Flag(help: "Keep the activation statistics that are there; choose only the exit.")
  var exitOnly = false

  @OptionGroup var resuming: ResumeOptions

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
  }

  func execute() throws {
    let deployment = try Deployment(contentsOf: URL(filePath: config))
    if exitOnly, deployment.configuration.exit.calibrated == nil {
      throw Diagnostics(
        "\(config): has no exit to calibrate",
        [.init("--exit-only", "needed exit.policy \"calibrated\" in the configuration")])
    }
    if !exitOnly { try requireWork(deployment) }
    try requirePlaces(deployment)
    var use = try DatasetOptions.Use(deployment)
    // Activations need no labels.
    use.needsLabels = deployment.configuration.exit.calibrated != nil
    var dataset = try source.load(use, split: .train)
    if let limit { dataset = dataset.prefix(limit) }
    try rehearse(deployment, dataset)
    // Own pictures are never called what other ones are known as.
    let isNamed = !dataset.isKnown && !use.name.isEmpty && use.known == nil
    let name = isNamed ? use.name : dataset.name
    if !exitOnly { try gatherActivations(deployment, dataset, name) }
    if let exit = deployment.configuration.exit.calibrated {
      try chooseExit(exit, deployment, dataset, name)
    }
  }

  /// Finds what a build would refuse, and pixels that seem to be read wrongly, before any work.
  ///
  /// A budget may be exceeded here and kept in the end: widths of potentials depend on λ.
  private func rehearse(_ deployment: Deployment, _ dataset: Dataset) throws {
    guard !exitOnly else { return }
    let rehearsal: Rehearsal
    do {
      rehearsal = try Rehearsal(deployment)
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

  /// Trained thresholds leave nothing to find but perhaps the exit.
  private func requireWork(_ deployment: Deployment) throws {
    let network = try deployment.loadNetwork().network
    if !network.thresholdNodes.isEmpty, deployment.configuration.exit.calibrated != nil { return }
    try deployment.requireCalibration(of: network)
  }

  /// Refuses to write where a configuration has no say: outside of its own folder.
  private func requirePlaces(_ deployment: Deployment) throws {
    let configuration = deployment.configuration
    let names = [
      ("calibration", exitOnly ? "" : configuration.calibration),
      ("exit.calibration", configuration.exit.calibrated?.calibration ?? ""),
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
    _ deployment: Deployment, _ dataset: Dataset, _ name: String
  ) throws {
    let (network, digest) = try deployment.loadNetwork()
    guard network.thresholdNodes.isEmpty else { return }
    let output = try OutputFile(deployment.calibrationURL.path)
    let run = CalibrationRun(network: network, input: deployment.configuration.input)
    let bar = ProgressBar("calibrating \(deployment.configuration.name)", total: dataset.count)
    let histograms = try ParallelCalibration(run: run, dataset: dataset, jobs: jobs)
      .histograms { bar.update($0) }
    bar.finish()
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
    _ exit: Configuration.CalibratedExit, _ deployment: Deployment, _ dataset: Dataset,
    _ name: String
  ) throws {
    let build = try deployment.buildWithoutExit()
    let model = try ModelFile(bytes: build.bytes, name: build.configuration.name)
    let path = folderPath(deployment, exit)
    let output = try OutputFile(path)
    let journal = try resuming.journal(
      "calibrate", model: SHA256.hexDigest(of: model.bytes), pictures: [dataset],
      ["timesteps": "\(build.configuration.timesteps)"])
    let bar = ProgressBar("deciding with \(model.name)", total: dataset.count)
    let trace = try DecisionTrace.record(
      model, dataset: dataset, timesteps: build.configuration.timesteps, jobs: jobs,
      journal: journal
    ) { bar.update($0) }
    bar.finish()
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
