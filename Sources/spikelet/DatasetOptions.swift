import ArgumentParser
import Foundation
import SpikeletDatasets
import SpikeletSupport

/// Which data set, and where it lies.
struct DatasetOptions: ParsableArguments {
  @Option(help: "mnist, fashion-mnist or cifar10.")
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the data sets.",
      discussion: "Default: $SPIKELET_DATASETS, or ~/.cache/spikelet/datasets."))
  var data: String?

  func validate() throws {
    guard let dataset, DatasetName(rawValue: dataset) == nil else { return }
    throw ValidationError(
      "unknown data set \"\(dataset)\"\n  --dataset: needed one of \(Self.names)")
  }

  private static var names: String {
    DatasetName.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// Loads a split of the data set `name`.
  func load(_ name: String, split: Split) throws -> Dataset {
    guard let known = DatasetName(rawValue: name) else {
      throw Diagnostics(
        "unknown data set \"\(name)\"", [.init("--dataset", "needed one of \(Self.names)")])
    }
    let directory = data.map { URL(filePath: $0) } ?? Dataset.defaultDirectory
    return try Dataset.load(known, split: split, directory: directory)
  }
}

extension Split: ExpressibleByArgument {}
