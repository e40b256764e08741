import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletReport
import SpikeletSupport

extension EvalCommand {
  func compareFloat(
    _ result: EvaluationResult, _ journal: RunJournal?
  ) throws -> FloatAgreement.Figures {
    guard Deployment.isConfiguration(BundledFiles.url(model)) else {
      throw Diagnostics(
        "\(model): holds no float network",
        [.init("--agreement", "needs a configuration (.json)")])
    }
    var deployment = try Deployment(contentsOf: BundledFiles.url(model))
    try semantics.apply(to: &deployment)
    let build = try deployment.build()
    let bar = ProgressBar("simulating \(model)", total: result.images)
    let figures = try FloatAgreement(network: build.spiking, result: result, jobs: workers)
      .figures(journal: journal) { bar.update($0) }
    bar.finish()
    return figures
  }

  func evaluateFloat() throws {
    guard Deployment.isConfiguration(BundledFiles.url(model)) else {
      throw Diagnostics(
        "\(model): holds no float network", [.init("--float", "needs a configuration (.json)")])
    }
    var deployment = try Deployment(contentsOf: BundledFiles.url(model))
    try semantics.apply(to: &deployment)
    let imported = try deployment.loadNetwork()
    let (network, digest) = (imported.network, imported.digest)
    let output = try json.output()
    var dataset = try source.load(.init(deployment, network), split: split)
    if let limit { dataset = dataset.prefix(limit) }
    let journal = try resuming.journal(
      "eval --float", model: digest, pictures: [dataset],
      ["input": "\(deployment.configuration.input)"])
    let part = try resuming.part(of: dataset)
    let bar = ProgressBar("evaluating \(network.name)", total: part.count)
    let correct = try FloatEvaluation(
      network: network, input: deployment.configuration.input, dataset: part, jobs: workers
    ).correct(journal: journal) { bar.update($0) }
    bar.finish()
    let accuracy = Double(correct) / Double(max(1, part.count))
    try hintAtPixels(deployment, network, accuracy: accuracy)
    if let output {
      try output.write(
        .object([
          "model": .string("\(network.name) (float)"), "dataset": .string(dataset.name),
          "split": .string(dataset.split.rawValue), "images": .integer(part.count),
          "correct": .integer(correct), "accuracy": .number(accuracy),
        ]))
    }
    if json != "-" {
      show(
        "\(network.name), the float network, on \(dataset.name) \(dataset.split.rawValue): "
          + "\((accuracy * 100).fixed(2)) % (\(correct.grouped) of \(part.count.grouped))")
      if let shard = resuming.shardText(part) { show(shard) }
    }
  }

  /// Says where training pictures are classified far better with another mean or scale.
  ///
  /// Looked at where a third of the pictures are wrong or more, and only on training pictures.
  private func hintAtPixels(
    _ deployment: Deployment, _ network: Network, accuracy: Double
  ) throws {
    guard accuracy < 2.0 / 3 else { return }
    // A set may hold test pictures alone.
    let training = try? source.load(.init(deployment, network), split: .train).sample(200)
    guard let training, training.hasLabels else { return }
    let evidence = try PixelEvidence.accuracy(
      network, given: deployment.configuration.input, dataset: training, jobs: workers)
    if evidence.better != nil, let text = evidence.text { warn(text) }
  }
}
