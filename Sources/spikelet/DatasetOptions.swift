import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletNetwork
import SpikeletSupport

/// What a person says about own pictures.
struct PictureOptions: ParsableArguments {
  @Option(help: "The file of the labels: IDX, .npy, or text with one a line.")
  var labels: String?

  @Option(help: "A file with the names of the classes, one a line, in the network's order.")
  var classes: String?

  @Option(help: "The shape of raw or flat pictures: channels x height x width, as 3x32x32.")
  var shape: String?

  @Option(help: "How the channels lie: chw or hwc. Default: as the extents say.")
  var layout: String?

  @Option(help: "What a value is multiplied by to give a pixel of 0 to 255.")
  var dataScale: Double?

  @Option(help: "The column of a table with the label: its name, first, last or none.")
  var labelColumn: String?

  func validate() throws {
    try require("--shape", shape, "channels x height x width, such as 3x32x32") {
      PictureShape($0) != nil
    }
    try require("--layout", layout, "chw or hwc") { ChannelOrder(rawValue: $0) != nil }
    if let dataScale, !(dataScale.isFinite && dataScale > 0) {
      throw ValidationError("--data-scale is \(dataScale), needed more than 0")
    }
  }

  /// The same for the readers.
  var options: DataOptions {
    var options = DataOptions()
    (options.labels, options.classes, options.scale) = (labels, classes, dataScale)
    options.shape = shape.flatMap { PictureShape($0) }
    options.order = layout.flatMap { ChannelOrder(rawValue: $0) }
    if let labelColumn { options.labelColumn = LabelColumn(labelColumn) }
    return options
  }
}

/// Which data set, and where it lies.
struct DatasetOptions: ParsableArguments {
  @Option(help: "A known data set: mnist, fashion-mnist, cifar10 or cifar100.")
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "Your own pictures, or the folder of the known data sets.",
      discussion: """
        Pictures: a folder with one folder a class (PNG, PGM, PPM), .npy, .npz, IDX, .csv or raw \
        bytes; docs/data.md describes each. Default: $SPIKELET_DATASETS, or \
        ~/.cache/spikelet/datasets.
        """))
  var data: String?

  @OptionGroup var pictures: PictureOptions

  @OptionGroup var recordings: EventOptions

  func validate() throws {
    // A set of recordings is found by its folder's name.
    guard !recordings.isGiven else { return }
    guard let dataset, dataset != "nmnist", DatasetName(rawValue: dataset) == nil else { return }
    throw ValidationError(
      "unknown data set \"\(dataset)\"\n  --dataset: needed one of \(Self.names); your own "
        + "pictures need no name: --data PATH")
  }

  private static var names: String {
    DatasetName.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// What the pictures are for.
  struct Use {
    /// The name of the data set in the model or the configuration.
    var name: String
    var shape: PictureShape
    var classCount: Int
    var classNames: [String]
    var needsLabels = true
    /// Whether that name is one of a person's own pictures, whatever it is.
    var isOwn = false
    /// How a model of events makes frames; nil for one of pictures.
    var events: EventBinning?
    /// The frames of a recording.
    var frames = 1
    /// The model or the configuration, for messages.
    var model = ""

    /// The known data set that the name means.
    var known: DatasetName? { isOwn ? nil : DatasetName(rawValue: name) }
  }

  /// Loads a split of a known data set, or of own pictures.
  ///
  /// `--dataset` names a known set. Without it, `--data` holds the set that the model names where
  /// its files are there in its shape, and own pictures otherwise.
  func load(_ use: Use, split: Split) throws -> Dataset {
    if let events = use.events { return try loadEvents(use, events, split: split) }
    guard !recordings.isGiven else {
      throw Diagnostics(
        "\(use.model) reads no events",
        [
          .init(
            "--events", "and its options mean nothing for pictures",
            advice: "give the pictures to --data")
        ])
    }
    let name = dataset ?? use.name
    let known = dataset.map { DatasetName(rawValue: $0) } ?? use.known
    guard let data else {
      guard let known else {
        throw Diagnostics(
          name.isEmpty ? "no data set is named" : "unknown data set \"\(name)\"",
          [
            .init(
              "--data", "needed the pictures",
              advice: "give a folder or file of pictures, or one of \(Self.names) to --dataset")
          ])
      }
      return try Dataset.load(known, split: split)
    }
    let directory = URL(filePath: data)
    if let known, dataset != nil || known.isThere(in: directory) {
      return try Dataset.load(known, split: split, directory: directory)
    }
    var request = DataRequest(
      path: data, split: split, needed: use.shape, classCount: use.classCount)
    request.classNames = use.classNames
    request.needsLabels = use.needsLabels
    request.options = pictures.options
    do {
      return try OwnData.load(request)
    } catch {
      // Where there is nothing at all, the data set's own files may be meant.
      guard case .noPictures = error.problem, let known else { throw error }
      return try Dataset.load(known, split: split, directory: directory)
    }
  }
}

extension DatasetOptions.Use {
  /// Pictures for a model.
  init(_ file: ModelFile) {
    let header = file.header
    self.init(
      name: file.dataset ?? "",
      shape: PictureShape(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth)),
      classCount: file.withModel { $0.classCount }, classNames: file.classNames)
    events = EventBinning(provenance: file.provenance)
    frames = Int(header.timesteps)
    model = file.name
    isOwn = (try? JSONParser.parse(file.provenance))?["data"] != nil
  }

  /// Pictures for the float network of a configuration.
  init(_ deployment: Deployment) throws {
    self.init(deployment, try deployment.loadNetwork().network)
  }

  /// Pictures for a float network that is loaded already.
  init(_ deployment: Deployment, _ network: Network) {
    let input = network.inputShape
    self.init(
      name: deployment.configuration.dataset,
      shape: PictureShape(channels: input.channels, height: input.height, width: input.width),
      classCount: network.outputShape.count, classNames: deployment.configuration.classNames)
    events = deployment.configuration.input.events
    frames = deployment.configuration.requestedTimesteps ?? network.timesteps ?? 8
    model = deployment.configuration.name
  }
}

extension Split: ExpressibleByArgument {}
