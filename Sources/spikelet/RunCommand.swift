import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

struct RunCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Classify pictures and show them.",
    discussion: """
      Without arguments: compiles the bundled LeNet-5 and classifies the bundled digits.
      """)

  @Argument(help: "A model file, or a configuration to build.")
  var model: String = "firmware-configs/lenet5-avg"

  @Option(help: "An IDX file of pictures, plain or .gz. Default: drawn ones.")
  var input: String?

  @Option(help: "Show only this picture, counted from 0.")
  var index: Int?

  @Option(help: "Show this many pictures.")
  var count: Int = 10

  @Flag(help: "Print the classes and timesteps of all pictures as JSON, and nothing else.")
  var json = false

  @OptionGroup var inference: InferenceOptions

  func validate() throws {
    try require("--count", count, in: 0...Int.max)
    try require("--index", index, in: 0...Int.max)
  }

  func execute() throws {
    let file = try ModelFile(contentsOf: URL(filePath: model))
    let gallery = try pictures(for: file)
    let result = try Evaluation(
      model: file, dataset: gallery.dataset, timesteps: inference.timesteps,
      exit: try inference.rule(for: file)
    ).run()
    if json {
      show(Self.document(result).text, terminator: "")
      return
    }
    let shown: [Int]
    if let index {
      guard (0..<gallery.dataset.count).contains(index) else {
        throw Diagnostics(
          "there is no picture \(index)",
          [.init("--index", "needed 0 to \(gallery.dataset.count - 1)")])
      }
      shown = [index]
    } else {
      shown = Array(0..<max(0, min(count, gallery.dataset.count)))
    }
    draw(shown, result, hasLabels: gallery.hasLabels)
    show(ModelSummary(file).memoryTable)
    if gallery.hasLabels, index == nil {
      show(
        """

        \(result.correct) of the \(result.images) \(gallery.dataset.name) right, \
        median \(result.medianLatencyMicroseconds.fixed(1)) µs a picture.
        """)
    }
  }

  private static func document(_ result: EvaluationResult) -> JSONValue {
    .object([
      "predictions": .array(result.outcomes.map { .integer($0.prediction) }),
      "timesteps": .array(result.outcomes.map { .integer($0.timesteps) }),
    ])
  }

  private func pictures(for file: ModelFile) throws -> (dataset: Dataset, hasLabels: Bool) {
    let header = file.header
    guard let input else {
      let dataset = Dataset.drawn(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth), count: 100)
      return (dataset, dataset.name == "digits")
    }
    let bytes: [UInt8]
    do {
      bytes = try InputFile.read(input, limit: 1 << 28)
    } catch {
      throw error.diagnostics("--input")
    }
    do {
      let images = try IDX.images(Gzip.isGzip(bytes) ? Gzip.decompress(bytes) : bytes)
      let classes = file.withModel { $0.classCount }
      // Several channels lie one below the other.
      let parts = Int(header.inputChannels)
      let channels = images.height == parts * Int(header.inputHeight) ? parts : 1
      let dataset = try Dataset(
        name: "pictures", split: .test, channels: channels, height: images.height / channels,
        width: images.width,
        images: images.pixels, labels: [UInt8](repeating: 0, count: images.count),
        classNames: (0..<classes).map(String.init))
      return (dataset, false)
    } catch {
      throw error.at(input)
    }
  }

  /// The width of the terminal; 150 where there is none.
  private static var columns: Int {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 150
  }

  /// The pictures side by side, a caption under each.
  private func draw(_ shown: [Int], _ result: EvaluationResult, hasLabels: Bool) {
    let dataset = result.dataset
    let isPlain =
      isatty(STDOUT_FILENO) == 0 || ProcessInfo.processInfo.environment["NO_COLOR"] != nil
    let picture = TerminalPicture(isPlain: isPlain)
    let width = max(dataset.width, 24)
    let perRow = max(1, min(5, Self.columns / (width + 2)))
    for start in stride(from: 0, to: shown.count, by: perRow) {
      let row = shown[start..<min(start + perRow, shown.count)]
      let drawings = row.map {
        picture.lines(
          dataset.image($0).prefix(dataset.height * dataset.width), height: dataset.height,
          width: dataset.width)
      }
      for line in 0..<(drawings.first?.count ?? 0) {
        let padding = String(repeating: " ", count: width - dataset.width + 2)
        showRaw(drawings.map { $0[line] + padding }.joined())
      }
      let captions = row.map { index in
        let outcome = result.outcomes[index]
        let isRight = !hasLabels || outcome.prediction == Int(dataset.labels[index])
        let verdict = hasLabels ? (isRight ? " ✓" : " ✗ is \(dataset.labels[index])") : ""
        // A model may have more classes than the bundled digits have names.
        let names = dataset.classNames
        let name =
          names.indices.contains(outcome.prediction)
          ? names[outcome.prediction] : "\(outcome.prediction)"
        let text =
          "→ \(name)\(verdict)  t=\(outcome.timesteps)  "
          + "\((Double(outcome.nanoseconds) / 1000).fixed(0)) µs"
        return text + String(repeating: " ", count: max(0, width + 2 - text.count))
      }
      show(captions.joined() + "\n")
    }
  }
}
