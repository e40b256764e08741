import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletSupport
import Testing

/// A wrong mean or scale is found where the figures are clear, and nothing is claimed where not.
@Suite struct PixelEvidenceTests {
  /// One pixel; class 1 where its value is above a limit.
  private func network(limit: Float) -> Network {
    Network(
      name: "limit",
      nodes: [
        .init(
          name: "x", operation: .input, inputs: [], shape: Shape(channels: 1, height: 1, width: 1)),
        .init(
          name: "scores",
          operation: .dense(
            .init(inputs: 1, outputs: 2, weights: [0, 1], bias: [0, -limit])),
          inputs: [0], shape: Shape(channels: 2)),
      ], output: 1)
  }

  /// Class 1 is a pixel above 127.
  private func dataset(_ count: Int) throws -> Dataset {
    var random = SeededRandom(seed: 3)
    let pixels = (0..<count).map { _ in UInt8(random.pick(0...255)) }
    return try Dataset(
      name: "pixels", split: .train, channels: 1, height: 1, width: 1, images: pixels,
      labels: pixels.map { $0 > 127 ? 1 : 0 }, classNames: ["dark", "bright"])
  }

  @Test func aWrongScaleIsFoundByAccuracy() throws {
    var given = Configuration.Input()
    given.scale = 1
    let evidence = try PixelEvidence.accuracy(
      network(limit: 0.5), given: given, dataset: dataset(300), jobs: 2)
    #expect(evidence.source == .accuracy(pictures: 300))
    #expect(evidence.better?.mapping.name == "0…1")
    #expect(try #require(evidence.better).figure > 0.99)
    #expect(try #require(evidence.findings.first).figure < 0.7)
  }

  @Test func aRightScaleIsLeftAlone() throws {
    let evidence = try PixelEvidence.accuracy(
      network(limit: 0.5), given: Configuration.Input(), dataset: dataset(300), jobs: 1)
    #expect(evidence.better == nil)
  }

  @Test func fewPicturesProveNothing() throws {
    var given = Configuration.Input()
    given.mean = [0.5]
    given.std = [0.5]
    // A limit of 0.4 of −1…1 is a little off in both; ten pictures do not tell.
    let evidence = try PixelEvidence.accuracy(
      network(limit: 0.4), given: given, dataset: dataset(10), jobs: 1)
    #expect(evidence.better == nil)
  }

  @Test func aNetworkWithoutStatisticsSaysSo() throws {
    let evidence = try PixelEvidence.normalization(
      network(limit: 0.5), given: Configuration.Input(), pictures: try dataset(4))
    #expect(evidence.source == .none && evidence.better == nil)
  }

  @Test func mappingsReadBackAsConfigurations() throws {
    for channels in [1, 3] {
      for mapping in PixelMapping.candidates(channels: channels) {
        let text = #"{"name": "n", "network": "n.onnx", \#(mapping.keys)}"#
        let configuration = try Configuration(text: text, file: "n.json")
        let read = PixelMapping(given: configuration.input)
        #expect(read.isSame(as: mapping, channels: channels), "\(text)")
      }
    }
  }
}
