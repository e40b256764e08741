import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport
import Testing

/// What a configuration says about events.
@Suite struct EventConfigurationTests {
  private func parse(_ input: String) throws(Diagnostics) -> Configuration {
    try Configuration(
      text: #"{"name": "n", "network": "n.onnx", "input": \#(input)}"#, file: "c.json")
  }

  private func problems(_ input: String) -> String {
    do {
      _ = try parse(input)
      return ""
    } catch {
      return error.problems.map(\.description).joined(separator: "\n")
    }
  }

  private func events(_ members: String) -> String {
    #"{"mode": "events", "events": {\#(members)}}"#
  }

  @Test func everyKeyIsReadAndWritten() throws {
    let binning = try #require(
      parse(
        events(
          #"""
          "sensor": [640, 480], "crop": [80, 0, 480, 480], "downsample": 15,
          "polarity": "ignored", "levels": 3, "window": {"events": 500}, "origin": "zero"
          """#)
      ).input.events)
    var expected = EventBinning(sensorWidth: 640, sensorHeight: 480, window: .events(500))
    expected.crop = .init(left: 80, top: 0, width: 480, height: 480)
    (expected.downsample, expected.hasPolarities, expected.levels) = (15, false, 3)
    expected.beginsAtZero = true
    #expect(binning == expected)
    #expect((binning.channels, binning.frameHeight, binning.frameWidth) == (3, 32, 32))
    // A model keeps them in its provenance.
    let text = JSONValue.object(["events": binning.json]).text
    #expect(EventBinning(provenance: text) == binning)
    #expect(EventBinning(provenance: "{}") == nil)
    #expect(EventBinning(provenance: #"{"events": {"sensor": [1]}}"#) == nil)
  }

  @Test(arguments: [
    (#""window": {"bins": 3}"#, "input.events.sensor: needed its columns and rows"),
    (#""sensor": [34], "window": {"bins": 3}"#, "input.events.sensor: needed"),
    (#""sensor": [34, 34]"#, "input.events.window: is missing"),
    (#""sensor": [34, 34], "window": {}"#, "needed one of microseconds, events and bins"),
    (#""sensor": [34, 34], "window": {"bins": 1, "events": 2}"#, "needed one of microseconds"),
    (#""sensor": [34, 34], "window": {"bins": 0}"#, "input.events.window.bins"),
    (
      #""sensor": [34, 34], "window": {"bins": 3}, "crop": [1, 1, 34, 34]"#,
      "is no part of the sensor of 34×34"
    ),
    (#""sensor": [34, 34], "window": {"bins": 3}, "crop": [1]"#, "needed left, top, width and"),
    (#""sensor": [34, 34], "window": {"bins": 3}, "downsample": 4"#, "does not divide 34×34"),
    (#""sensor": [34, 34], "window": {"bins": 3}, "polarity": "x""#, "input.events.polarity"),
    (#""sensor": [34, 34], "window": {"bins": 3}, "color": 1"#, "unknown key"),
  ])
  func refusals(_ members: String, _ reason: String) {
    #expect(problems(events(members)).contains(reason), "\(problems(events(members)))")
  }

  @Test func otherKeysOfTheInputMeanNothing() {
    #expect(problems(#"{"mode": "events"}"#).contains("input.events: is missing"))
    let rest = #""events": {"sensor": [4, 4], "window": {"bins": 3}}"#
    #expect(problems(#"{"mode": "rate", \#(rest)}"#).contains("without the mode events"))
    let more = problems(#"{"mode": "events", "scale": 2, "mean": [1], \#(rest)}"#)
    #expect(more.contains("input.scale: means nothing") && more.contains("input.mean: means"))
  }

  @Test func framesMustBeWhatTheNetworkReads() {
    let binning = EventBinning(sensorWidth: 8, sensorHeight: 4, window: .bins(2))
    #expect(binning.problems(path: "p", channels: 2, height: 4, width: 8).isEmpty)
    let problem = binning.problems(path: "p", channels: 1, height: 4, width: 8)
    #expect(
      problem.map(\.description).joined().contains("frames of 2×4×8, the network reads 1×4×8"))
  }
}
