import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// The whole way for the networks of make_form_fixtures.py: calibrated on random pictures, built,
/// and run by the engine.
@Suite struct FormBuildTests {
  static let names: [String] = {
    let folder = Repository.root.appending(path: "Tests/SpikeletImportTests/Fixtures")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var paths = files.filter { $0.hasPrefix("form-") && $0.hasSuffix(".onnx") }.sorted().map {
      folder.appending(path: $0).path
    }
    if let more = ProcessInfo.processInfo.environment["SPIKELET_FORMS"] {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: more)) ?? []
      paths += files.filter { $0.hasSuffix(".onnx") }.sorted().map { more + "/" + $0 }
    }
    return paths
  }()

  @Test(arguments: names)
  func spikesConvergeToTheScores(_ path: String) throws {
    let network = try ONNXImporter.importNetwork(contentsOf: URL(filePath: path))
    let shape = network.inputShape
    let isTrained = !network.thresholdNodes.isEmpty
    let simple = try network.simplified()
    let configuration = configuration()
    let build = try Compiler.build(
      simple, configuration: configuration,
      calibration: isTrained
        ? nil : calibration(simple, pictures(20, shape, seed: 2), input: configuration.input),
      networkDigest: "digest")
    guard !isTrained, case .neurons(let output)? = build.integer.layers.last?.kind else { return }
    var (error, size) = (0.0, 0.0)
    for picture in pictures(4, shape, seed: 2) {
      let scores = simple.evaluate(configuration.input.values(of: picture[...], shape))[
        simple.output]
      let run = try Simulation(build.bytes, picture, timesteps: 255)
      for (class_, score) in scores.enumerated() {
        let unit = output.weightScales[class_]
        let spiking = Double(run.scores[class_]) * unit / 255
        error += (spiking - Double(score)) * (spiking - Double(score))
        size += Double(score) * Double(score)
      }
    }
    let relative = (error / size).squareRoot()
    #expect(relative < 0.1, "\(relative)")
  }
}
