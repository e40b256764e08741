import ArgumentParser
import Foundation
import SpikeletClassifier
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

  func validate() throws {
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
    let file = try ModelFile(contentsOf: URL(filePath: model))
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
}
