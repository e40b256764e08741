import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletReport
import SpikeletRuntime
import SpikeletSupport

struct ReportCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page about a model: what it is, how it runs, what it gets wrong.",
    discussion: """
      One HTML file that needs no network. It runs the data set that the model was made with where \
      that is there, or what --data and --dataset name; without pictures it says which parts are \
      missing.
      """)

  @Argument(help: "A model file, or a configuration to build.")
  var model: String

  @Option(name: .shortAndLong, help: "The page to write, to standard output for \"-\".")
  var output: String = "report.html"

  @OptionGroup var source: DatasetOptions

  @Option(help: "test, train or all.")
  var split: Split = .test

  @Option(help: "Use only the first pictures.")
  var limit: Int?

  @OptionGroup var inference: InferenceOptions

  @Option(help: "Threads. The page does not depend on it.")
  var jobs: Int = processorCount

  @Option(help: "The picture whose spikes and potentials are drawn, counted from 0.")
  var picture: Int = 0

  @Option(help: "The most wrong pictures to show.")
  var wrong: Int = 60

  @Option(
    help: """
      A folder of golden vectors to run. Default: the model's in golden-vectors, of the working \
      directory or above the model.
      """)
  var golden: String?

  @Flag(help: "Use no pictures, even where they are there.")
  var noData = false

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--jobs", jobs, in: jobsRange)
    try require("--picture", picture, in: 0...Int.max)
    try require("--wrong", wrong, in: 0...10_000)
    if noData, isGiven {
      throw ValidationError("--no-data is for a report without --data, --dataset and --events")
    }
  }

  func execute() throws {
    let place = BundledFiles.url(model)
    let build = try Deployment.isConfiguration(place) ? Deployment(contentsOf: place).build() : nil
    let file =
      try build.map { try ModelFile(bytes: $0.bytes, name: $0.configuration.name) }
      ?? ModelFile(contentsOf: place)
    let output = try Output(output)
    let rule = try inference.rule(for: file)
    let (dataset, missing) = try pictures(for: file)
    let evidence = try dataset.map { try gather(file, $0, rule) }
    let boards = Board.known(near: place.deletingLastPathComponent())
    for problem in boards.problems { warn("\(problem)") }
    let report = HTMLReport(
      file, build: try build.map { try BuildReport($0) }, boards: boards.boards,
      costs: try costs(file, build, boards.boards, dataset),
      golden: try goldenState(file, near: place), evidence: evidence, missing: missing,
      version: "\(SpikeletVersion.text)")
    let text = report.text
    try output.write(text: text)
    if self.output != "-" { show("wrote \(self.output), \(text.utf8.count.grouped) bytes") }
  }

  /// What a picture costs on each machine of the boards: at the firing rates that the report's pictures
  /// have, or else those of the configuration.
  private func costs(
    _ file: ModelFile, _ build: Compiler.Build?, _ boards: [Board], _ dataset: Dataset?
  ) throws -> [KernelExplanation] {
    let targets = CostTarget.allCases.filter { target in
      boards.contains { $0.target == target.rawValue }
    }
    if targets.isEmpty { return [] }
    var rates: FiringRates?
    // Recordings have frames, which the probe does not cut; their model has the configuration's rates.
    if let pictures = dataset?.prefix(1000), pictures.count > 0, pictures.frameCount == nil {
      // A model whose pools are fused keeps no map of what fires before them; a build has one that does.
      let counted =
        try build.map { try ModelFile(bytes: $0.modelWithEveryMap(), name: file.name) } ?? file
      let bar = ProgressBar("counting what layers do", total: pictures.count)
      rates = .measured(
        try FiringProbe(counted).measure(
          pictures, networkDigest: build?.integer.digest ?? "", name: pictures.name, jobs: jobs
        ) { bar.update($0) })
      bar.finish()
    }
    return try targets.map { target in
      if let build { return try build.explanation(rates: rates, target: target) }
      return file.withModel { opened in
        KernelExplanation(
          opened, bytes: file.bytes, name: file.name,
          names: (0..<opened.layerCount).map(file.layerName), rates: rates ?? .assumed,
          target: target)
      }
    }
  }

  /// The pictures, or why there are none.
  private func pictures(for file: ModelFile) throws -> (Dataset?, HTMLReport.Missing?) {
    var use = DatasetOptions.Use(file)
    use.frames = inference.timesteps ?? use.frames
    func missing(_ reason: String) -> (Dataset?, HTMLReport.Missing?) {
      (nil, .init(reason: reason, command: command(use)))
    }
    if noData { return missing("It was made with --no-data.") }
    if !isGiven, use.events != nil {
      let folder = Dataset.defaultDirectory.appending(path: use.name)
      guard !use.name.isEmpty, FileManager.default.fileExists(atPath: folder.path) else {
        return missing("The model reads events, and no recordings of its data set are there.")
      }
    } else if !isGiven, use.known == nil {
      return missing(
        use.name.isEmpty
          ? "The model names no data set."
          : "The model was made with pictures of its own, \(use.name.printableName).")
    }
    do {
      let dataset = try source.load(use, split: split)
      return (limit.map { dataset.prefix($0) } ?? dataset, nil)
    } catch let error as DatasetError {
      // Nobody has asked for the model's own data set; where it is asked for, it has to be there.
      guard !isGiven, error.isMissing else { throw error }
      return missing("The files of \(use.name.printableName) are not there.")
    }
  }

  /// Whether somebody has asked for pictures.
  private var isGiven: Bool {
    source.data != nil || source.dataset != nil || source.recordings.isGiven
  }

  /// What to type for a report with pictures.
  private func command(_ use: DatasetOptions.Use) -> String {
    if use.events != nil {
      return "spikelet report \(model.printableName) --events RECORDINGS -o report.html"
    }
    let data = use.known.map { "--dataset \($0.rawValue) --data FOLDER" } ?? "--data PICTURES"
    return "spikelet report \(model.printableName) \(data) -o report.html"
  }

  private func gather(
    _ file: ModelFile, _ dataset: Dataset, _ rule: ExitRule?
  ) throws -> ModelEvidence {
    var request = ModelEvidence.Request()
    (request.timesteps, request.exit, request.jobs) = (inference.timesteps, rule, jobs)
    (request.picture, request.wrongLimit) = (picture, wrong)
    return try ModelEvidence.gather(file, dataset: dataset, request) { part in
      let bar = ProgressBar(part, total: dataset.count)
      return { done in
        bar.update(done)
        if done == dataset.count { bar.finish() }
      }
    }
  }

  private func goldenState(_ file: ModelFile, near place: URL) throws -> GoldenState? {
    if let golden { return try GoldenState(BundledFiles.url(golden), model: file) }
    let name =
      file.name.split(separator: "/").last.map { $0.hasSuffix(".spk") ? $0.dropLast(4) : $0 }
    guard let folder = GoldenState.find(file, named: name.map(String.init) ?? "", near: place)
    else { return nil }
    return try GoldenState(folder, model: file)
  }
}

extension DatasetError {
  /// Whether files are not there, and nothing else is wrong.
  fileprivate var isMissing: Bool {
    switch problem {
    case .missing, .noPictures: true
    default: false
    }
  }
}
