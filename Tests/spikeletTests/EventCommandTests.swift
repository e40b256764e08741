import Foundation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Models of events from end to end: the bundled networks on recordings that the tests write.
@Suite struct EventCommandTests {
  private let folder: URL
  private let model = Repository.root.appending(path: "firmware-configs/nmnist-snn").path
  private let pictures = Repository.root.appending(path: "firmware-configs/lenet5-avg").path

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "spikelet-event-commands-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A recording as text: a bar that moves, over so many milliseconds.
  private func write(_ name: String, milliseconds: Int, extra: String = "") throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    var text = "x,y,p,t\n"
    for step in 0..<milliseconds {
      for y in 8..<26 { text += "\(4 + step % 26),\(y),\(y & 1),\(step * 1000 + y)\n" }
    }
    try Data((text + extra).utf8).write(to: url)
    return url.path
  }

  @Test func runClassifiesARecording() throws {
    let path = try write("a.csv", milliseconds: 300)
    let outcome = try Tool.run(["run", model, "--events", path, "--exit", "none"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("after 15 frames and 5,400 events"))
    #expect(outcome.output.contains("5400 events in frames of 1 recordings"))
    let json = try Tool.run(["run", model, "--events", path, "--exit", "none", "--json", "-"])
    let document = try JSONParser.parse(json.output)
    #expect(document["timesteps"] == .array([.integer(15)]))
  }

  @Test func runNeedsNoRecording() throws {
    let outcome = try Tool.run(["run", model, "--count", "3"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.output.contains("recording 2: class"))
  }

  @Test func decisionsFallContinuously() throws {
    let path = try write("a.csv", milliseconds: 900)
    let outcome = try Tool.run(["run", model, "--events", path, "--continuous"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 46)
    #expect(lines[0].hasPrefix("0.0 ms: class ") && lines[44].hasPrefix("880.0 ms: class "))
    #expect(lines[45] == "16200 events in frames of 1 recordings")
  }

  @Test func windowsMayBeChosen() throws {
    let path = try write("a.csv", milliseconds: 300)
    let shorter = try Tool.run(
      ["run", model, "--events", path, "--exit", "none", "--window", "10000us"])
    #expect(shorter.output.contains("2700 events in frames"))
    #expect(shorter.output.contains("2700 after the last frame"))
    let counted = try Tool.run(
      ["run", model, "--events", path, "--exit", "none", "--window", "100events"])
    #expect(counted.output.contains("1500 events in frames"))
    let bins = try Tool.run(
      ["run", model, "--events", path, "--exit", "none", "--window", "15bins"])
    #expect(bins.output.contains("5400 events in frames"))
  }

  @Test func evalSaysWhatADecisionTakes() throws {
    for label in ["0", "1"] {
      _ = try write("set/Test/\(label)/a.csv", milliseconds: 200)
      _ = try write(
        "set/Test/\(label)/b.csv", milliseconds: 300, extra: "99,1,1,299500\n5,5,1,1000\n")
    }
    let set = folder.appending(path: "set").path
    let outcome = try Tool.run(["eval", model, "--events", set, "--exit", "none"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("of 4) at 15.00 timesteps of 15"))
    #expect(outcome.output.contains("mean 4,500 events, 300.0 ms of them"))
    #expect(outcome.output.contains("2 beyond the sensor, 2 too late, 2 out of order"))
    let float = try Tool.run(
      ["eval", model, "--events", set, "--exit", "none", "--agreement", "--json", "-"])
    #expect(try JSONParser.parse(float.output)["eventsPerDecision"] == .number(4500))
  }

  @Test func spikesOfRecordingsAreCounted() throws {
    for label in ["0", "1"] { _ = try write("set/Test/\(label)/a.csv", milliseconds: 300) }
    let arguments = ["inspect", model, "--events", folder.appending(path: "set").path]
    let outcome = try Tool.run(arguments + ["--explain"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("firing rates measured: 2 pictures of"), "\(outcome.output)")
    let json = try Tool.run(arguments + ["--explain", "--json", "-"])
    guard case .array(let connections)? = try JSONParser.parse(json.output)["connections"],
      case .number(let rate)? = connections.first?["rate"]
    else {
      Issue.record("no connections: \(json.output)")
      return
    }
    // The bar covers some of the 512 pixels of a frame.
    #expect(0.01 < rate && rate < 0.5)
    let plain = try Tool.run(arguments)
    #expect(plain.code != 0 && plain.errors.contains("--events, --firing-rates"))
  }

  @Test func goldenVectorsOfDrawnRecordings() throws {
    let vectors = folder.appending(path: "vectors").path
    let outcome = try Tool.run(
      ["golden", model, "-o", vectors, "--count", "2", "--timesteps", "6"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let verified = try Tool.run(["verify", vectors])
    #expect(verified.code == 0, "\(verified.errors)")
    #expect(verified.output.contains("exact: 2 pictures × 6 timesteps"))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let path = try write("a.csv", milliseconds: 20)
    try expectFailure(["run", pictures, "--events", path], ["reads no events"])
    try expectFailure(["run", pictures, "--continuous"], ["reads no events"])
    try expectFailure(["eval", pictures, "--events", path], ["reads no events"])
    try expectFailure(["run", model, "--continuous"], ["needed a recording for --continuous"])
    try expectFailure(["eval", model, "--events", path], ["is one recording"])
    try expectFailure(
      ["run", model, "--events", path, "--crop", "0,0,34,34"],
      ["gives frames of 2×17×17, the network reads 2×16×16"])
    try expectFailure(
      ["run", model, "--events", path, "--crop", "9,0,32,32"], ["is no part of the sensor"])
    try expectFailure(
      ["run", model, "--events", folder.appending(path: "none").path], ["does not exist"])
    try expectFailure(
      ["run", model, "--window", "5", "--events", path], code: 64, ["--window is \"5\""])
    try expectFailure(
      ["run", model, "--events-format", "x", "--events", path], code: 64, ["needed one of nmnist"])
    let back = try write("b.csv", milliseconds: 20, extra: "5,5,1,9000000\n5,5,1,5\n")
    try expectFailure(
      ["run", model, "--events", back, "--window", "1000000us", "--timesteps", "15"],
      ["runs back by more than a second"])
  }
}
