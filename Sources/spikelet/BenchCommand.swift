import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletEvents
import SpikeletReport
import SpikeletSupport

struct BenchCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure how long inferences take, and where the time goes.",
    discussion: """
      Prints the first inference, percentiles of the others, memory, and for each layer \
      its kernel, time, spikes and additions. Times are of this machine; for boards count \
      instructions (docs/performance.md) or run spikelet-board there.
      """)

  @Argument(help: "A model file, or a configuration to build.")
  var model: String = "firmware-configs/lenet5-avg"

  @OptionGroup var source: DatasetOptions

  @Option(help: "The pictures of the data set to run, from the first.")
  var limit: Int = 100

  @Option(help: "How often each picture is timed.")
  var repeats: Int = 10

  @OptionGroup var inference: InferenceOptions

  @OptionGroup var team: ThreadsOption

  @OptionGroup var time: DeadlineOption

  @Option(help: "Write the figures as JSON to a file, or to standard output for \"-\".")
  var json: String?

  func validate() throws {
    try require("--limit", limit, in: 1...Int.max)
    try require("--repeats", repeats, in: 1...100_000)
  }

  func execute() throws {
    let file = try ModelFile(contentsOf: BundledFiles.url(model))
    let output = try json.output()
    let (dataset, input) = try pictures(for: file)
    let rule = try inference.rule(for: file)
    let bar = ProgressBar("timing \(file.name)", total: dataset.count)
    let profile = try Profile.measure(
      file, dataset: dataset, input: input, timesteps: inference.timesteps, exit: rule?.policy,
      margins: rule?.marginTable, repetitions: repeats, threads: team.threads,
      deadline: time.deadline
    ) { bar.update($0) }
    bar.finish()
    let memory = Self.peakMemoryBytes
    try output?.write(profile.json(peakMemoryBytes: memory))
    if json != "-" { show(profile.text(peakMemoryBytes: memory)) }
  }

  /// The data set that was asked for, or pictures that every computer has.
  private func pictures(for file: ModelFile) throws -> (Dataset, String) {
    var use = DatasetOptions.Use(file)
    use.frames = inference.timesteps ?? use.frames
    if let events = use.events, source.data == nil, source.recordings.events == nil {
      let drawn = try DrawnRecordings.dataset(events, count: min(limit, 10), frames: use.frames)
      return (drawn, "\(drawn.count) drawn recordings: real ones may fire more or less")
    }
    if source.dataset != nil || source.data != nil || use.events != nil {
      use.needsLabels = false
      let dataset = try source.load(use, split: .test).prefix(limit)
      return (dataset, "\(dataset.count.grouped) test pictures of \(dataset.name)")
    }
    let digits = Dataset.bundledDigits()
    let fits = file.withModel {
      ($0.inputChannels, $0.inputHeight, $0.inputWidth)
        == (digits.channels, digits.height, digits.width)
    }
    if fits {
      let dataset = digits.prefix(limit)
      return (dataset, "\(dataset.count.grouped) bundled digits")
    }
    let noise = try Self.noise(for: file, count: limit)
    return (noise, "\(noise.count.grouped) pictures of noise: real ones may fire more or less")
  }

  /// Seeded noise of a model's own shape.
  private static func noise(for file: ModelFile, count: Int) throws -> Dataset {
    let (channels, height, width, classes) = file.withModel {
      ($0.inputChannels, $0.inputHeight, $0.inputWidth, $0.classCount)
    }
    let count = min(count, max(1, (1 << 24) / (channels * height * width)))
    var random = SeededRandom(seed: 1)
    return try Dataset(
      name: "noise", split: .test, channels: channels, height: height, width: width,
      images: (0..<count * channels * height * width).map { _ in UInt8(random.pick(0...255)) },
      labels: [UInt16](repeating: 0, count: count),
      classNames: (0..<classes).map(String.init))
  }

  /// The most memory that this process has held, as the system counts it.
  private static var peakMemoryBytes: Int {
    var usage = rusage()
    #if canImport(Darwin)
      return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0
    #else
      // Linux counts in units of 1024 bytes.
      return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
        ? usage.ru_maxrss * 1024 : 0
    #endif
  }
}
