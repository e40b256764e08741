import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletEvents
import SpikeletNetwork
import SpikeletSupport

/// Recordings of an event camera, and what differs from the model's own binning.
struct EventOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Recordings for a model of events: a folder with one folder a class, or a file.",
      discussion: """
        N-MNIST's .bin, AEDAT 2 and 4, Prophesee's DAT and EVT 2.0, 2.1 and 3.0, CSV and NumPy; \
        docs/events.md describes each. Default: the model's data set below --data.
        """))
  var events: String?

  @Option(help: "The format of recordings. Default: as each file says.")
  var eventsFormat: String?

  @Option(help: "Columns and rows of the sensor, as 640x480, instead of the model's.")
  var sensor: String?

  @Option(help: "The part of the sensor: left,top,width,height, or none for all of it.")
  var crop: String?

  @Option(help: "So many columns and rows become one.")
  var downsample: Int?

  @Option(help: "What a frame holds: 20000us, 500events or 15bins, say.")
  var window: String?

  func validate() throws {
    let formats = RecordingFormat.allCases.map(\.rawValue).joined(separator: ", ")
    try require("--events-format", eventsFormat, "one of \(formats)") {
      RecordingFormat(rawValue: $0) != nil
    }
    try require("--sensor", sensor, "columns x rows, as 640x480") {
      Self.numbers($0, "x")?.count == 2
    }
    try require("--crop", crop, "left,top,width,height or none") {
      $0 == "none" || Self.numbers($0, ",")?.count == 4
    }
    try require("--downsample", downsample, in: 1...1024)
    try require("--window", window, "a number with us, events or bins, as 20000us") {
      Self.window($0) != nil
    }
  }

  /// Whether anything of it is given.
  var isGiven: Bool {
    events != nil || eventsFormat != nil || sensor != nil || crop != nil || downsample != nil
      || window != nil
  }

  private static func numbers(_ text: String, _ separator: Character) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count && numbers.allSatisfy { (0...16_384).contains($0) }
      ? numbers : nil
  }

  private static func window(_ text: String) -> EventBinning.Window? {
    let number = text.prefix { $0.isNumber }
    guard let value = Int(number), value >= 1 else { return nil }
    switch text.dropFirst(number.count) {
    case "us" where value < 1 << 30: return .microseconds(value)
    case "events" where value < 1 << 30: return .events(value)
    case "bins" where value <= 65_535: return .bins(value)
    default: return nil
    }
  }

  /// The model's own binning with what is given instead.
  func binning(_ own: EventBinning, of name: String) throws(Diagnostics) -> EventBinning {
    var binning = own
    if let sensor, let extents = Self.numbers(sensor, "x"), extents.count == 2 {
      (binning.sensorWidth, binning.sensorHeight) = (extents[0], extents[1])
    }
    if crop == "none" { binning.crop = nil }
    if let crop, let area = Self.numbers(crop, ","), area.count == 4 {
      binning.crop = .init(left: area[0], top: area[1], width: area[2], height: area[3])
    }
    if let downsample { binning.downsample = downsample }
    if let window, let value = Self.window(window) { binning.window = value }
    let problems =
      binning.problems("events")
      + binning.problems(
        path: "events", channels: own.channels, height: own.frameHeight, width: own.frameWidth)
    guard problems.isEmpty else { throw Diagnostics("\(name) cannot read these events", problems) }
    return binning
  }

  /// The format that is given.
  var format: RecordingFormat? { eventsFormat.flatMap { RecordingFormat(rawValue: $0) } }
}

extension DatasetOptions {
  /// The recordings that are meant: those of `--events`, or of the model's data set below `--data` or
  /// the folder of all data sets.
  func loadEvents(
    _ use: Use, _ own: EventBinning, split: Split
  ) throws -> Dataset {
    let binning = try recordings.binning(own, of: use.model)
    var set = EventSet(
      path: try eventsPath(use), split: split, binning: binning, frames: use.frames,
      format: recordings.format)
    set.classNames = use.classNames
    set.needsLabels = use.needsLabels
    let (dataset, log) = try set.load()
    EventLogs.shared.withLock { $0.append(log) }
    return dataset
  }

  private func eventsPath(_ use: Use) throws -> String {
    if let path = recordings.events { return path }
    let root = data.map { URL(filePath: $0) } ?? Dataset.defaultDirectory
    let name = dataset ?? use.name
    let folder = root.appending(path: name).path
    if !name.isEmpty, FileManager.default.fileExists(atPath: folder) { return folder }
    if let data { return data }
    throw Diagnostics(
      "\(use.model) needs recordings of events",
      [
        .init(
          "--events",
          name.isEmpty ? "is missing" : "is missing, and there is no folder \(folder)",
          advice: "give a folder with one folder of recordings for each class")
      ])
  }
}

/// The logs of all sets of recordings that a command has loaded.
enum EventLogs {
  static let shared = Locked<[EventLog]>([])

  /// The set that was loaded last.
  static var last: EventLog? { shared.withLock { $0.last } }

  /// One line about everything that was read so far; nil where no recording was.
  static var text: String? {
    var sum = EventTally()
    for log in shared.withLock({ $0 }) { sum.add(log.tally) }
    return sum.recordings > 0 ? sum.text : nil
  }
}

/// What a decision takes: events, and the time in which they come.
struct DecisionEffort {
  private let events: Double?
  private let milliseconds: Double?
  private let recordings: EventTally

  /// - Parameter log: of the recordings that were evaluated.
  init(_ result: EvaluationResult, window: EventBinning.Window, log: EventLog) {
    recordings = log.tally
    let counts = result.outcomes.enumerated().compactMap { index, outcome in
      log.events(recording: result.dataset.first + index, frames: outcome.timesteps)
    }
    events =
      counts.count == result.images && !counts.isEmpty
      ? Double(counts.reduce(0, +)) / Double(counts.count) : nil
    if case .microseconds(let length) = window {
      milliseconds = result.meanTimesteps * Double(length) / 1000
    } else {
      milliseconds = nil
    }
  }

  var members: [String: JSONValue] {
    var members: [String: JSONValue] = ["eventsInFrames": .integer(recordings.taken)]
    if let events { members["eventsPerDecision"] = .number(events) }
    if let milliseconds { members["millisecondsPerDecision"] = .number(milliseconds) }
    return members
  }

  var text: String {
    var parts: [String] = []
    if let events { parts.append("\(Int(events.rounded()).grouped) events") }
    if let milliseconds { parts.append("\(milliseconds.fixed(1)) ms of them") }
    return (parts.isEmpty ? "" : "to a decision        mean \(parts.joined(separator: ", "))\n")
      + "events               \(recordings.text)"
  }
}
