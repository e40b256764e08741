import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletSupport

/// What running a model over a data set shows of it: everything that a report draws.
package struct ModelEvidence: Sendable {
  package let result: EvaluationResult
  /// The rule that ended the pictures of `result`.
  package let rule: ExitRule
  /// The same pictures without an exit.
  package let trace: DecisionTrace
  package let rates: SpikeRates
  package let neurons: NeuronRates
  package let wrong: WrongPictures
  /// The picture that is looked into.
  package let picture: Int
  package let pictureTrace: PictureTrace
  package let pictureThumbnail: Thumbnail
  /// Names of classes, in the order of the scores; empty where there are none.
  package let classNames: [String]

  /// What to run, and how much of it to keep.
  package struct Request: Sendable {
    package var timesteps: Int?
    package var exit: ExitRule?
    package var jobs = 1
    package var picture = 0
    package var wrongLimit = 60

    package init() {}
  }

  /// What a class is called: its number where it has no name.
  package func className(_ index: Int) -> String {
    classNames.indices.contains(index) ? classNames[index].printable : "\(index)"
  }

  /// Runs a model over a data set.
  ///
  /// - Parameter progress: called with what begins, and with the number of pictures done.
  /// - Throws: what an `Evaluation` does; `Diagnostics` where there is no such picture.
  package static func gather(
    _ model: ModelFile, dataset: Dataset, _ request: Request,
    progress: @Sendable (_ part: String) -> (@Sendable (Int) -> Void)?
  ) throws -> ModelEvidence {
    let evaluation = Evaluation(
      model: model, dataset: dataset, timesteps: request.timesteps, exit: request.exit,
      jobs: request.jobs)
    try evaluation.check()
    guard (0..<dataset.count).contains(request.picture) else {
      throw Diagnostics(
        "there is no picture \(request.picture)",
        [
          .init(
            "--picture",
            dataset.count == 0 ? "there are no pictures" : "needed 0 to \(dataset.count - 1)")
        ])
    }
    let result = try evaluation.run(progress: progress("evaluating \(model.name)"))
    let trace = try DecisionTrace.record(
      model, dataset: dataset, timesteps: result.timesteps, jobs: request.jobs,
      progress: progress("without the exit"))
    let rates = try SpikeRates.measure(
      model, dataset: dataset, timesteps: result.timesteps, jobs: request.jobs,
      progress: progress("counting spikes"))
    let pixels = try dataset.image(request.picture)
    let known = DatasetName(rawValue: dataset.name)?.classNames ?? []
    return ModelEvidence(
      result: result, rule: request.exit ?? model.withModel { ExitRule(of: $0) }, trace: trace,
      rates: rates,
      neurons: try NeuronRates.measure(model, dataset: dataset, timesteps: result.timesteps),
      wrong: try WrongPictures(result, limit: request.wrongLimit), picture: request.picture,
      pictureTrace: try PictureTrace.record(
        model, picture: Array(pixels), stream: request.picture, timesteps: result.timesteps),
      pictureThumbnail: try dataset.thumbnail(request.picture, side: 96),
      classNames: !model.classNames.isEmpty
        ? model.classNames : dataset.isNamed ? dataset.classNames : known)
  }

  /// Pictures that are right after each timestep.
  package var rightByTimestep: [Int] {
    (1...trace.timesteps).map { trace.statistics(fixed: $0).correct }
  }
}
