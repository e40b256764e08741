import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Shards of a run, merged, are the run.
@Suite struct ShardTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "spikelet-shards-\(UUID().uuidString)")
  private let model: ModelFile
  private let dataset: Dataset

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    model = try ModelFile(bytes: SmallModels.perceptron(), name: "small")
    let count = 331
    dataset = try Dataset(
      name: "noise", split: .test, channels: 1, height: 2, width: 2,
      images: SmallModels.picture(count * 4), labels: (0..<count).map { UInt16($0 % 2) },
      classNames: ["a", "b"])
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func journal(_ name: String, model: String = "small") throws -> RunJournal {
    try RunJournal(
      path(name), identity: [("command", "eval"), ("model", model)], interval: .seconds(9))
  }

  /// What a shard of an evaluation keeps.
  private func run(_ shard: String, _ name: String, model digest: String = "small") throws {
    let shard = try #require(Shard(shard))
    let journal = try journal(name, model: digest)
    var evaluation = Evaluation(model: model, dataset: dataset.shard(shard), jobs: 2)
    evaluation.journal = journal
    _ = try evaluation.run()
    _ = try DecisionTrace.record(
      model, dataset: dataset.shard(shard), timesteps: 1, jobs: 1, journal: journal)
  }

  private func merge(_ names: [String], to output: String) throws -> JournalMerge {
    let merge = try JournalMerge(names.map(path))
    try OutputFile(path(output)).write(merge.bytes)
    return merge
  }

  @Test func partsAreTheWhole() throws {
    for count in [1, 2, 3, 7, 331, 400] {
      let shards = (1...count).compactMap { Shard("\($0)/\(count)") }
      let ranges = shards.map { $0.range(of: 331) }
      #expect(ranges.flatMap { Array($0) } == Array(0..<331))
      let sizes = ranges.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
    for text in ["", "1", "0/2", "3/2", "-1/2", "1/0", "1/2/3", "a/b", "1/100001", " 1/2"] {
      #expect(Shard(text) == nil, "\(text)")
    }
  }

  @Test func mergedShardsServeTheWholeRun() throws {
    let whole = try Evaluation(model: model, dataset: dataset).run()
    for shard in 1...4 { try run("\(shard)/4", "part\(shard)") }
    // In any order, and of merged files.
    _ = try merge(["part3", "part1"], to: "left")
    _ = try merge(["part4", "part2"], to: "right")
    let merged = try merge(["right", "left"], to: "merged")
    #expect(merged.coverage.map(\.name) == ["decisions-test-1", "outcomes"])
    #expect(merged.coverage.allSatisfy { $0.missing.isEmpty && $0.pictures == 331 })
    let inOrder = try merge(["part1", "part2", "part3", "part4"], to: "order")
    let isEqual = merged.bytes == inOrder.bytes
    #expect(isEqual)

    let worked = Locked(0)
    var evaluation = Evaluation(model: model, dataset: dataset, jobs: 3)
    evaluation.journal = try journal("merged")
    let result = try evaluation.run { _ in worked.withLock { $0 += 1 } }
    #expect(worked.withLock { $0 } == 0)
    #expect(result.json(withTimes: false).text == whole.json(withTimes: false).text)
    #expect(whole.json(withTimes: false)["medianLatencyMicroseconds"] == nil)
    #expect(whole.json()["medianLatencyMicroseconds"] != nil)
  }

  /// A worker is lost: its shard runs again, or the whole goes on with what is there.
  @Test func whatIsMissingIsSaidAndDone() throws {
    try run("1/3", "part1")
    try run("3/3", "part3")
    let some = try merge(["part1", "part3"], to: "some")
    #expect(some.coverage.last?.missing == ["pictures 111 to 220"])
    #expect(some.coverage.last?.pictures == 221)
    let whole = try Evaluation(model: model, dataset: dataset).run()
    var evaluation = Evaluation(model: model, dataset: dataset, jobs: 2)
    evaluation.journal = try journal("some")
    #expect(try evaluation.run().scoresDigest == whole.scoresDigest)
    #expect(try merge(["some"], to: "all").coverage.last?.missing == [])
  }

  @Test func overlapsAndOtherRunsAreRefused() throws {
    try run("1/2", "half")
    try run("1/3", "third")
    try run("2/2", "other", model: "another")
    let overlap = #expect(throws: Diagnostics.self) {
      _ = try JournalMerge([path("half"), path("third")])
    }
    let text = overlap.map { "\($0)" } ?? ""
    #expect(
      text.contains("outcomes of pictures 1 to 110 are in \(path("half")) as well"), "\(text)")
    #expect(text.contains("decisions-test-1 of pictures 1 to 110"), "\(text)")
    let run = #expect(throws: Diagnostics.self) {
      _ = try JournalMerge([path("half"), path("other")])
    }
    let other = run.map { "\($0)" } ?? ""
    #expect(
      other.contains("belongs to another run than \(path("half")): model is another there, small"),
      "\(other)")
    let twice = #expect(throws: Diagnostics.self) {
      _ = try JournalMerge([path("half"), path("half")])
    }
    #expect(twice.map { "\($0)".contains("give each shard once") } == true)
  }

  @Test func damagedFilesAreRefused() throws {
    try run("1/2", "half")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path("half"))))
    for index in stride(from: 0, to: bytes.count, by: 97) {
      var changed = bytes
      changed[index] ^= 1
      try Data(changed).write(to: URL(filePath: path("damaged")))
      #expect(throws: FileError.self) { _ = try JournalMerge([path("damaged")]) }
      try Data(bytes.prefix(index)).write(to: URL(filePath: path("damaged")))
      #expect(throws: FileError.self) { _ = try JournalMerge([path("damaged")]) }
    }
  }

  @Test func activationsAddUp() throws {
    let shape = Shape(channels: 1, height: 2, width: 2)
    var graph = GraphBuilder(shape, seed: 3)
    graph.flatten()
    graph.dense("hidden", outputs: 5)
    graph.relu()
    graph.dense("scores", outputs: 2)
    let run = CalibrationRun(network: graph.network(), input: .init())
    let whole = try ParallelCalibration(run: run, dataset: dataset, jobs: 2).histograms()
    for shard in 1...3 {
      let part = dataset.shard(try #require(Shard("\(shard)/3")))
      _ = try ParallelCalibration(run: run, dataset: part, jobs: 1)
        .histograms(journal: journal("activations\(shard)"))
    }
    let merged = try merge(["activations2", "activations3", "activations1"], to: "activations")
    #expect(merged.coverage.map(\.name) == ["activations"])
    #expect(merged.coverage.map(\.pictures) == [331] && merged.coverage[0].missing.isEmpty)
    let worked = Locked(0)
    let found = try ParallelCalibration(run: run, dataset: dataset, jobs: 1)
      .histograms(journal: journal("activations")) { _ in worked.withLock { $0 += 1 } }
    #expect(found == whole && worked.withLock { $0 } == 0)
    // What is missing is gathered, and nothing twice.
    _ = try merge(["activations3", "activations1"], to: "some")
    #expect(
      try ParallelCalibration(run: run, dataset: dataset, jobs: 2)
        .histograms(journal: journal("some")) == whole)
    #expect(throws: Diagnostics.self) {
      _ = try JournalMerge([path("activations1"), path("activations")])
    }
  }
}
