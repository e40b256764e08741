import ArgumentParser
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletSupport

/// Whether a long run keeps what it has done, and goes on from there.
struct ResumeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep what is done in a file, and go on from it where it exists.",
      discussion: """
        Written every few seconds (--resume-interval) and at the end. A file of another model, other pictures or other \
        options is refused. Delete it when the figures are there.
        """,
      valueName: "file"))
  var resume: String?

  @Option(help: "The least seconds between two writings of that file.")
  var resumeInterval: Double = 2

  func validate() throws {
    guard (0...86_400).contains(resumeInterval) else {
      throw ValidationError("--resume-interval: needed 0 to 86400 seconds, given \(resumeInterval)")
    }
  }

  /// The journal that the option names.
  ///
  /// - Parameters:
  ///   - model: what runs, as bytes or as the digest of a network.
  ///   - options: everything else that the results depend on.
  func journal(
    _ command: String, model: String, pictures: [Dataset],
    _ options: KeyValuePairs<String, String>
  ) throws -> RunJournal? {
    guard let resume else { return nil }
    var identity = [("command", command), ("model", model)]
    for dataset in pictures {
      let digest = try dataset.digest(jobs: processorCount)
      identity.append(
        (
          "pictures",
          "\(dataset.name) \(dataset.split.rawValue), \(dataset.count), \(digest)"
        ))
    }
    identity += options.map { ($0.key, $0.value) }
    return try RunJournal(
      resume, identity: identity.map { (key: $0.0, value: $0.1) },
      interval: .seconds(resumeInterval))
  }
}
