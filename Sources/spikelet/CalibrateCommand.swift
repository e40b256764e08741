import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletHost

struct CalibrateCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Gather activation statistics from training pictures.",
    discussion: """
      Writes the file that the configuration's `calibration` names. Builds then need no data set.
      """)

  @Argument(help: "The configuration, a JSON file.")
  var config: String

  @OptionGroup var source: DatasetOptions

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @Option(help: "Threads. The result does not depend on it.")
  var jobs: Int = processorCount

  func execute() throws {
    let compiler = try Compiler(contentsOf: URL(filePath: config))
    let (network, digest) = try compiler.loadNetwork()
    let name = source.dataset ?? compiler.configuration.dataset
    var dataset = try source.load(name, split: .train)
    if let limit { dataset = dataset.prefix(limit) }
    let run = CalibrationRun(network: network, input: compiler.configuration.input)
    let bar = ProgressBar("calibrating \(compiler.configuration.name)", total: dataset.count)
    let histograms = try ParallelCalibration(run: run, dataset: dataset, jobs: jobs)
      .histograms { bar.update($0) }
    bar.finish()
    let calibration = run.calibration(
      histograms, networkDigest: digest, dataset: name, split: Split.train.rawValue,
      images: dataset.count)
    try write(calibration.json, to: compiler.calibrationURL.path)
    print("wrote \(compiler.calibrationURL.path) from \(dataset.count) pictures of \(name)")
  }
}
