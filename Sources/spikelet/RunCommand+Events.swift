import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletEvents
import SpikeletNetwork
import SpikeletReport
import SpikeletSupport

extension RunCommand {
  /// Classifies recordings of events, or follows one without end.
  func runEvents(_ file: ModelFile, _ own: EventBinning) throws {
    let binning = try recordings.binning(own, of: file.name)
    let path = recordings.events ?? input
    if continuous {
      if time.deadline != nil {
        throw Diagnostics(
          "\(file.name) decides after every window",
          [.init("--deadline", "means nothing with --continuous: a window is one timestep")])
      }
      guard let path else {
        throw Diagnostics(
          "\(file.name) cannot run without end",
          [.init("--events", "is missing, needed a recording for --continuous")])
      }
      return try follow(file, binning, path)
    }
    let output = try json.output()
    let dataset: Dataset
    let frames = inference.timesteps ?? Int(file.header.timesteps)
    if let path {
      var set = EventSet(
        path: path, split: .all, binning: binning, frames: frames, format: recordings.format)
      set.needsLabels = false
      set.classNames = file.classNames
      let loaded = try set.load()
      dataset = loaded.dataset
      EventLogs.shared.withLock { $0.append(loaded.log) }
    } else {
      dataset = try DrawnRecordings.dataset(binning, count: 10, frames: frames)
    }
    var evaluation = Evaluation(
      model: file, dataset: dataset, timesteps: inference.timesteps,
      exit: try inference.rule(for: file))
    evaluation.deadline = time.deadline
    let result = try evaluation.run()
    try output?.write(
      result.withDeadline([
        "predictions": .array(result.outcomes.map { .integer($0.prediction) }),
        "timesteps": .array(result.outcomes.map { .integer($0.timesteps) }),
        "scores": .array(
          result.outcomes.map { .array($0.scores.map { .integer(Int($0)) }) }),
      ]))
    if json == "-" { return }
    if let index, !(0..<dataset.count).contains(index) {
      throw Diagnostics(
        "there is no recording \(index)", [.init("--index", "needed 0 to \(dataset.count - 1)")])
    }
    let shown = index.map { [$0] } ?? Array(0..<min(count, dataset.count))
    for index in shown {
      let outcome = result.outcomes[index]
      let name = name(outcome.prediction, file)
      let label = dataset.hasLabels ? ", labelled \(dataset.className(index))" : ""
      let events = EventLogs.last?.events(recording: index, frames: outcome.timesteps)
      show(
        "recording \(index): class \(name)\(label), after \(outcome.timesteps) frames"
          + (events.map { " and \($0.grouped) events" } ?? ""))
    }
    if let text = EventLogs.text { show(text) }
    if let deadline = result.deadline { show(deadline.text) }
  }

  private func name(_ index: Int, _ file: ModelFile) -> String {
    file.classNames.indices.contains(index) ? file.classNames[index] : "\(index)"
  }

  /// Prints a line after each window of each recording: decisions as they fall.
  private func follow(_ file: ModelFile, _ binning: EventBinning, _ path: String) throws {
    guard json == nil else {
      throw Diagnostics(
        "\(file.name): decisions without end are lines", [.init("--json", "is for whole runs")])
    }
    let recording = try Recording(path, format: recordings.format)
    let frames = try recording.frames(FrameBuilder(binning), count: nil)
    let run = ContinuousRun(model: file, exit: try inference.rule(for: file))
    try run.run(frames: frames.bytes) { decision in
      let ranking = decision.ranking
      show(
        "\((Double(frames.starts[decision.frame]) / 1000).fixed(1)) ms: "
          + "class \(name(ranking.prediction, file)), lead \(ranking.best - ranking.second), "
          + "\(frames.events[decision.frame]) events" + (decision.isDecided ? ", decided" : ""))
    }
    show(frames.tally.text)
  }
}
