import ArgumentParser
import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDeployment
import SpikeletEvaluation

struct VerifyCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Hold the engine to golden vectors: exactly to the integers, closely to the floats.")

  @Argument(help: "A folder of golden vectors, golden-vectors/<name>.")
  var vectors: String

  @Option(help: "The model file. Default: built from the manifest's configuration.")
  var model: String?

  func execute() throws {
    let golden = try GoldenFolder(BundledFiles.url(vectors))
    let file = try ModelFile(
      contentsOf: model.map(BundledFiles.url) ?? golden.configurationURL)
    let integers = try golden.vectors(model: file)
    let pictures = try golden.pictures()
    guard pictures.count == integers.images.count else {
      throw GoldenError.unsuitable(
        file: "\(vectors)/\(GoldenFolder.inputs)",
        reason: "has \(pictures.count) pictures, the vectors \(integers.images.count)")
    }
    let verification = Verification(vectors: integers, model: file, pictures: pictures)
    var device = EngineDevice(file)
    let outcome = try verification.compare(&device)
    let exits = outcome.isExact ? try verification.compareExits() : nil
    let problem = outcome.divergence?.description ?? outcome.readOutProblem ?? exits
    if let problem {
      show("\(vectors): FAIL\n\(problem)")
      throw ExitCode(1)
    }
    show(
      "\(vectors): exact: \(outcome.images) pictures × \(integers.timesteps) timesteps × "
        + "\(integers.layers.count) layers, \(outcome.digests.grouped) digests")
    try compareFloats(golden, file, integers, pictures)
  }

  private func compareFloats(
    _ golden: GoldenFolder, _ file: ModelFile, _ integers: IntegerVectors, _ pictures: [[UInt8]]
  ) throws {
    guard let floats = try golden.floatVectors() else {
      show("no float vectors")
      return
    }
    let build = try Deployment(contentsOf: golden.configurationURL).build()
    guard build.bytes == file.bytes, case .neurons(let output)? = build.integer.layers.last?.kind
    else {
      throw GoldenError.unsuitable(
        file: file.name, reason: "float vectors need the model that the configuration builds")
    }
    var device = EngineDevice(file)
    let comparison = try FloatComparison(
      floats, device: &device, layerNames: integers.layers.map(\.name),
      oneHotThresholds: build.integer.layers.map(\.oneHotThresholds), pictures: pictures,
      timesteps: integers.timesteps, outputScale: output.weightScales[0],
      outputLambda: output.lambda.first ?? 1)
    show(comparison.text)
    let failures = comparison.failures(golden.manifest.tolerances)
    guard failures.isEmpty else {
      show("FAIL\n" + failures.map { "  \($0)" }.joined(separator: "\n"))
      throw ExitCode(1)
    }
    show("within the tolerances of the manifest")
  }
}
