import Foundation
import SpikeletTestSupport
import Testing

/// Networks with trained thresholds on the command line.
@Suite struct TrainedNetworkTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "spikelet-trained-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["spikes-int8-17", "spikes-forms-legacy17", "spikes-int8dual-17"] {
      try FileManager.default.copyItem(
        at: Repository.exportedNetwork("\(name).onnx"), to: folder.appending(path: "\(name).onnx"))
    }
  }

  private func clean() { try? FileManager.default.removeItem(at: folder) }

  /// Writes a configuration of a fixture; returns its path.
  private func configuration(_ fixture: String, _ more: String = "") throws -> String {
    let json = #"{"name": "trained", "network": "\#(fixture).onnx"\#(more)}"#
    let url = folder.appending(path: "trained.json")
    try Data(json.utf8).write(to: url)
    return url.path
  }

  @Test func aBuildNeedsNothingButTheNetwork() throws {
    defer { clean() }
    let path = try configuration("spikes-int8-17")
    let outcome = try Tool.run(["build", path], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("timesteps 1 (at most 1)"))
    #expect(!outcome.output.contains("note:"))
    // There is no λ: the first column after the name; and no rate to expect, which the table's second
    // part ends with.
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    let header = try #require(lines.firstIndex { $0.starts(with: ["layer", "λ"]) })
    let layers = lines[(header + 1)...].prefix { $0[0] != "layer" && $0[0] != "arena" }
    #expect(layers.count > 2)
    for layer in layers {
      #expect(layer[1] == "–", "\(layer)")
    }
    let rest = try #require(lines.firstIndex { $0.first == "layer" && $0.last == "rate" })
    for layer in lines[(rest + 1)...].prefix(layers.count) {
      #expect(layer.last == "–", "\(layer)")
    }
    let several = try Tool.run(["build", try configuration("spikes-int8dual-17")], in: folder)
    #expect(several.output.contains("timesteps 3 (at most 3)"), "\(several.errors)")
  }

  @Test func whatIsNotExactIsSaid() throws {
    defer { clean() }
    let path = try configuration("spikes-forms-legacy17", #", "input": {"mean": [0.3, 0]}"#)
    let outcome = try Tool.run(["build", path], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let notes = outcome.output.split(separator: "\n").filter { $0.hasPrefix("note: ") }
    #expect(notes.filter { $0.contains("gives 0.5 where a value equals its threshold") }.count == 1)
    #expect(notes.filter { $0.contains("its padding stands for the mean of channel 0") }.count == 1)
    #expect(notes.filter { $0.contains("lie between the whole numbers of 8 bits") }.count > 5)
  }

  @Test func thereIsNothingToCalibrate() throws {
    defer { clean() }
    try expectFailure(
      ["calibrate", configuration("spikes-int8-17", #", "dataset": "mnist""#)],
      ["trained needs no calibration", "its thresholds were trained; build it as it is"])
  }

  @Test func keysOfAConversionAreRefused() throws {
    defer { clean() }
    try expectFailure(
      [
        "build",
        configuration(
          "spikes-int8-17", #", "calibration": "c.json", "conversion": {"reset": "hard"}"#),
      ],
      [
        "trained does not fit its network (2 problems)", "calibration: means nothing",
        "conversion.reset: means nothing",
      ])
  }
}
