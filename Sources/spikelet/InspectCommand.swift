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

  @Flag(help: "Print JSON.")
  var json = false

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
    let plan = ModelPlan(file)
    let summary = plan.summary
    try svg.output()?.write(text: ArenaDrawing(summary).svg)
    if self.plan {
      if json { showRaw(plan.json.text, terminator: "") } else { show(plan.report) }
      return
    }
    if json {
      showRaw(summary.json.text, terminator: "")
    } else {
      show(summary.report)
      if let rates {
        show(
          "\nat these rates \(Int(summary.synapticOperations(rates: rates))) additions a timestep")
      }
      show("\nmade from \(file.provenance)")
    }
  }
}
