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

  @Option(
    help: ArgumentHelp(
      "Work on one part of the pictures, such as 2/8, and keep it with --resume.",
      discussion: "`spikelet merge` makes one file of all parts, from which the command goes on.",
      valueName: "i/n"))
  var shard: String?

  func validate() throws {
    if let shard {
      guard Shard(shard) != nil else {
        throw ValidationError(
          "--shard: needed i/n with 1 ≤ i ≤ n ≤ \(Shard.most), such as 2/8, given \(shard)")
      }
      guard resume != nil else {
        throw ValidationError("--shard: needs --resume FILE, where the part is kept for the merge")
      }
    }
    guard (0...86_400).contains(resumeInterval) else {
      throw ValidationError("--resume-interval: needed 0 to 86400 seconds, given \(resumeInterval)")
    }
  }

  /// The part of the pictures to work on: all without --shard.
  ///
  /// - Throws: a part without a picture.
  func part(of dataset: Dataset) throws -> Dataset {
    guard let shard = shard.flatMap({ Shard($0) }) else { return dataset }
    let part = dataset.shard(shard)
    guard part.count > 0 else {
      throw Diagnostics(
        "--shard \(shard): has no picture",
        [
          .init(
            "\(dataset.name) \(dataset.split.rawValue)",
            "has \(dataset.count) pictures for \(shard.count) shards",
            advice: "take \(dataset.count) shards or fewer")
        ])
    }
    return part
  }

  /// What a shard says instead of figures; nil without --shard.
  func shardText(_ parts: Dataset...) -> String? {
    guard let shard, let resume else { return nil }
    let pictures = parts.map {
      "\(($0.first + 1).grouped) to \(($0.first + $0.count).grouped) of \($0.total.grouped) "
        + "\($0.split.rawValue) pictures"
    }
    return "shard \(shard): \(pictures.joined(separator: ", ")) in \(resume)"
  }

  /// The journal that the option names.
  ///
  /// - Parameters:
  ///   - pictures: the whole sets, of shards as well.
  ///   - model: what runs, as bytes or as the digest of a network.
  ///   - options: everything else that the results depend on.
  ///   - suffix: of the file's name, where a command has several runs.
  func journal(
    _ command: String, model: String, pictures: [Dataset],
    _ options: KeyValuePairs<String, String>, suffix: String = ""
  ) throws -> RunJournal? {
    guard let resume = resume.map({ $0 + suffix }) else { return nil }
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
