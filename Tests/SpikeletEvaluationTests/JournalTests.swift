import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// A run that ends early leaves a beginning, from which another goes on.
@Suite struct JournalTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "spikelet-journal-\(UUID().uuidString)")
  private let path: String
  private let model: ModelFile
  private let dataset: Dataset

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: "run.resume").path
    model = try ModelFile(bytes: SmallModels.perceptron(), name: "small")
    let count = 700
    dataset = try Dataset(
      name: "noise", split: .test, channels: 1, height: 2, width: 2,
      images: SmallModels.picture(count * 4), labels: (0..<count).map { UInt16($0 % 2) },
      classNames: ["a", "b"])
  }

  private func journal(_ value: String = "1") throws -> RunJournal {
    try RunJournal(path, identity: [("key", value)], interval: .zero)
  }

  private func evaluation(jobs: Int, _ journal: RunJournal?) -> Evaluation {
    var evaluation = Evaluation(model: model, dataset: dataset, jobs: jobs)
    evaluation.journal = journal
    return evaluation
  }

  @Test(arguments: [1, 3]) func aRunGoesOnFromEveryFileThatItHasWritten(jobs: Int) throws {
    let whole = try evaluation(jobs: 1, nil).run()
    let versions = Locked<[Data]>([])
    let path = path
    let first = try evaluation(jobs: jobs, journal()).run { _ in
      if let data = try? Data(contentsOf: URL(filePath: path)) {
        versions.withLock { if $0.last != data { $0.append(data) } }
      }
    }
    #expect(first.scoresDigest == whole.scoresDigest)
    let written = versions.withLock { $0 }
    #expect(written.count > 1)
    for data in written {
      try data.write(to: URL(filePath: path))
      let worked = Locked<[Int]>([])
      let result = try evaluation(jobs: 2, journal()).run { count in
        worked.withLock { $0.append(count) }
      }
      #expect(result.scoresDigest == whole.scoresDigest && result.correct == whole.correct)
      #expect(result.synapticOperationsPerImage == whole.synapticOperationsPerImage)
      // Only what was missing is worked on.
      let least = worked.withLock { $0.min() } ?? dataset.count
      #expect(least > 64 || data.count < 5000)
    }
  }

  @Test func impossibleResultsAreRefused() throws {
    _ = try evaluation(jobs: 1, journal()).run()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let start = try #require(bytes.lastRange(of: Array("outcomes 0 700 700 6 ".utf8)))
    let first = try #require(bytes[start.lowerBound...].firstIndex(of: 10)) + 1
    // The class of the first picture, its timesteps, and a score's upper half.
    for place in [first, first + 8, first + 4 * 8 + 4] {
      var changed = bytes
      changed[place] = 77
      if place == first + 8 { changed[place + 4] = 1 }
      var checksum = CRC32()
      for byte in changed.dropLast(4) { checksum.update(byte) }
      for byte in 0..<4 {
        changed[changed.count - 4 + byte] = UInt8(
          truncatingIfNeeded: checksum.value >> (8 * UInt32(byte)))
      }
      try Data(changed).write(to: URL(filePath: path))
      #expect(throws: (any Error).self) { _ = try evaluation(jobs: 1, journal()).run() }
    }
    try Data(bytes).write(to: URL(filePath: path))
    #expect(throws: FileError.self) { _ = try journal("2") }
    _ = try journal()
  }
}

extension [UInt8] {
  /// Where a run of bytes lies last.
  fileprivate func lastRange(of bytes: [UInt8]) -> Range<Int>? {
    (0...count - bytes.count).last { self[$0..<$0 + bytes.count].elementsEqual(bytes) }
      .map { $0..<$0 + bytes.count }
  }
}
