import Foundation
import SpikeletImport
import Testing

/// What exporters write must compute what onnxruntime computes.
@Suite struct ExportTests {
  @Test func thereAreFixtures() {
    #expect(Fixture.exports.count == 42)
  }

  @Test(arguments: Fixture.exports)
  func computesWhatOnnxruntimeComputes(_ fixture: Fixture) throws {
    let network = try ONNXImporter.importNetwork(contentsOf: fixture.url(".onnx"))
    let expected = try fixture.floats(".output.f32")
    var scores = network.evaluate(try fixture.floats(".input.f32"))[network.output]
    // The importer drops a softmax at the end; onnxruntime does not.
    if fixture.name.hasPrefix("perceptron") { scores = softmax(scores) }
    if fixture.name.hasPrefix("mobile") { scores = softmax(scores).map { log($0) } }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let tolerance: Float = fixture.name == "lenet-half17" ? 5e-3 : 1e-4
    try #require(scores.count == expected.count)
    for (score, value) in zip(scores, expected) {
      #expect(abs(score - value) <= tolerance * scale, "\(score) and \(value)")
    }
  }

  private func softmax(_ scores: [Float]) -> [Float] {
    let largest = scores.reduce(-.infinity) { max($0, $1) }
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  @Test func keepsBatchNormalizationAsNodes() throws {
    #expect(try kinds("residual-batchnorm17").filter { $0 == "batchNormalization" }.count == 4)
    #expect(try kinds("residual-legacy17").filter { $0 == "batchNormalization" }.isEmpty)
  }

  @Test func readsTheGraphAsExpected() throws {
    let names = [
      "input", "convolution", "relu", "maxPool", "convolution", "relu", "averagePool", "flatten",
      "dense", "relu", "dense",
    ]
    for fixture in Fixture.all where fixture.name.hasPrefix("lenet") {
      #expect(try kinds(fixture.name) == names, "\(fixture)")
    }
  }

  @Test func takesBiasAndScaleIntoLayers() throws {
    // The normalization, the convolution with its bias, the scale; then a dense layer with a bias.
    #expect(
      try kinds("scaled-dynamo20") == [
        "input", "batchNormalization", "convolution", "batchNormalization", "relu", "averagePool",
        "flatten", "dense",
      ])
  }

  @Test func repeatsItselfExactly() throws {
    let fixture = Fixture(name: "residual-legacy17")
    let network = try ONNXImporter.importNetwork(contentsOf: fixture.url(".onnx"))
    let input = try fixture.floats(".input.f32")
    #expect(network.evaluate(input) == network.evaluate(input))
  }

  private func kinds(_ name: String) throws -> [String] {
    let network = try ONNXImporter.importNetwork(contentsOf: Fixture(name: name).url(".onnx"))
    return network.nodes.map { node in
      String("\(node.operation)".prefix { $0 != "(" })
    }
  }
}
