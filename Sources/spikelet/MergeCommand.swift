import ArgumentParser
import SpikeletEvaluation
import SpikeletSupport

struct MergeCommand: SpikeletCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put together what shards of a run have found out.",
    discussion: """
      Each worker runs the same command with its own --shard and --resume. The merged file then \
      serves the command without --shard: it finds everything there and prints the figures of the \
      whole. Merged files can be merged again; the order makes no difference.
      """)

  @Argument(help: "Files of --resume, of shards of one run.")
  var files: [String]

  @Option(name: .shortAndLong, help: "The merged file.")
  var output: String

  @Flag(help: "Allow pictures to be missing, to be merged with more later.")
  var partial = false

  func execute() throws {
    let merge = try JournalMerge(files)
    let coverage = merge.coverage
    let missing = coverage.filter { !$0.missing.isEmpty }
    guard partial || missing.isEmpty, !coverage.isEmpty else {
      throw Diagnostics(
        "the files are not a whole run",
        coverage.isEmpty
          ? [.init(files[0], "holds no results")]
          : missing.map {
            .init(
              $0.name, "of \($0.missing.joined(separator: ", ")) are missing",
              advice: "run these shards, or merge what is there with --partial")
          })
    }
    try OutputFile(output).write(merge.bytes)
    for one in coverage {
      show("\(one.name): \(one.pictures.grouped) of \(one.total.grouped) pictures")
    }
    let next = "; now: spikelet \(merge.command) … --resume \(output)"
    show("wrote \(output)" + (missing.isEmpty ? next : ""))
  }
}
