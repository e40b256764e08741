import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletEvents
import SpikeletNetwork
import SpikeletReport
import SpikeletSupport

struct RunCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Classify pictures and show them.",
    discussion: """
      Without arguments: compiles the bundled LeNet-5 and classifies the bundled digits. A picture \
      is right or wrong only where its label is known and it is of the data set that the model was \
      made with.
      """)

  @Argument(help: "A model file, or a configuration or graph of NIR to build.")
  var model: String = "firmware-configs/lenet5-avg"

  @Option(
    name: [.long, .customLong("data")],
    help: "A picture, or a file or folder of them (docs/data.md). Default: drawn ones.")
  var input: String?

  @OptionGroup var pictures: PictureOptions

  @OptionGroup var semantics: SemanticsOptions

  @OptionGroup var recordings: EventOptions

  @Flag(help: "Keep the state of a model of events from window to window, and decide after each.")
  var continuous = false

  @Option(help: "Show only this picture, counted from 0.")
  var index: Int?

  @Option(help: "Show this many pictures.")
  var count: Int = 10

  @Option(
    help: """
      Write classes, best scores and timesteps of all pictures as JSON to a file, or to standard \
      output for "-".
      """)
  var json: String?

  @OptionGroup var inference: InferenceOptions

  @OptionGroup var team: ThreadsOption

  @OptionGroup var time: DeadlineOption

  func validate() throws {
    try require("--count", count, in: 0...Int.max)
    try require("--index", index, in: 0...Int.max)
  }

  func execute() throws {
    let file = try ModelFile(contentsOf: BundledFiles.url(model)) { try semantics.apply(to: &$0) }
    try semantics.require(in: model)
    if let events = EventBinning(provenance: file.provenance) {
      return try runEvents(file, events)
    }
    guard !recordings.isGiven, !continuous else {
      throw Diagnostics(
        "\(file.name) reads no events",
        [.init(continuous ? "--continuous" : "--events", "means nothing for pictures")])
    }
    let output = try json.output()
    let gallery = try Gallery(file, input: input, options: pictures.options)
    var evaluation = Evaluation(
      model: file, dataset: gallery.dataset, timesteps: inference.timesteps,
      exit: try inference.rule(for: file))
    evaluation.threads = team.threads
    evaluation.deadline = time.deadline
    let result = try evaluation.run()
    try output?.write(gallery.document(result))
    if json == "-" { return }
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
    try gallery.draw(shown, result)
    show(ModelSummary(file).memoryTable)
    if let note = gallery.note { show("\n" + note) }
    if let deadline = result.deadline { show("\n" + deadline.text) }
    if gallery.isScored, index == nil {
      show(
        """

        \(gallery.correct(result)) of the \(result.images) \(gallery.dataset.name) right, \
        median \(result.medianLatencyMicroseconds.fixed(1)) µs a picture.
        """)
    }
  }
}
