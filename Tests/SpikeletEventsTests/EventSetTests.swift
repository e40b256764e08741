import Foundation
import SpikeletDatasets
import SpikeletEvents
import SpikeletNetwork
import SpikeletRuntime
import Testing

/// A folder that is removed at the end.
private final class Folder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "spikelet-events-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let url = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }
}

@Suite struct EventSetTests {
  private let binning = EventBinning(
    sensorWidth: 34, sensorHeight: 34, window: .microseconds(1000))

  private func recording(_ seed: UInt64) -> [UInt8] {
    EventEncoders.nmnist(drawnEvents(40, width: 34, height: 34, step: 90, seed: seed))
  }

  private func set(_ folder: Folder, _ split: Split) -> EventSet {
    EventSet(path: folder.path, split: split, binning: binning, frames: 3)
  }

  @Test func foldersAreClassesAndParts() throws {
    let folder = try Folder()
    for (index, name) in ["Train/0/a", "Train/10/b", "Train/2/c", "Test/2/d"].enumerated() {
      try folder.write("\(name).bin", recording(UInt64(index)))
    }
    let (training, log) = try set(folder, .train).load()
    #expect(training.count == 3 && training.frameCount == 3)
    // In the order of their numbers, not of their letters.
    #expect(training.classNames == ["0", "2", "10"])
    #expect(training.labels.sorted() == [0, 1, 2])
    #expect(training.shape == PictureShape(channels: 2, height: 34, width: 34))
    let picture = try training.image(0)
    #expect(picture.count == 3 * 34 * 34)
    #expect(training.frame(picture, timestep: 2).count == 34 * 34)
    #expect(training.frames(picture, timesteps: 2).count == 2 * 34 * 34)
    _ = try training.image(0)
    #expect(log.tally.recordings == 1)
    #expect(log.events(recording: 0, frames: 3) == log.tally.taken)
    #expect(log.events(recording: 1, frames: 3) == nil)
    #expect(try set(folder, .all).load().dataset.count == 4)
    // A part that lacks classes has the numbers of all.
    #expect(try set(folder, .test).load().dataset.labels == [1])
    var named = set(folder, .test)
    named.classNames = ["2", "0", "10"]
    #expect(try named.load().dataset.labels == [0])
  }

  @Test func withoutPartsEveryFifthIsForTests() throws {
    let folder = try Folder()
    for index in 0..<5 {
      for name in ["left", "right"] { try folder.write("\(name)/\(index).bin", recording(1)) }
    }
    #expect(try set(folder, .train).load().dataset.count == 8)
    let test = try set(folder, .test).load().dataset
    #expect(test.count == 2 && test.isNamed && test.classNames == ["left", "right"])
    #expect(try set(folder, .all).load().dataset.count == 10)
  }

  @Test func oneRecordingNeedsNoClass() throws {
    let folder = try Folder()
    try folder.write("a.bin", recording(4))
    var one = EventSet(path: "\(folder.path)/a.bin", split: .all, binning: binning, frames: 2)
    #expect(throws: DatasetError.self) { try one.load() }
    one.needsLabels = false
    let dataset = try one.load().dataset
    #expect(dataset.count == 1 && !dataset.hasLabels)
    var loose = set(folder, .all)
    #expect(throws: DatasetError.self) { try loose.load() }
    loose.needsLabels = false
    #expect(try loose.load().dataset.count == 1)
  }

  @Test func whatIsMissingIsSaid() throws {
    let folder = try Folder()
    func problem(_ set: EventSet) -> String {
      (#expect(throws: DatasetError.self) { try set.load() })?.description ?? ""
    }
    #expect(problem(set(folder, .test)).contains("has no folders"))
    try folder.write("Train/0/notes.md", [])
    #expect(problem(set(folder, .train)).contains("has no recordings"))
    #expect(problem(set(folder, .test)).contains("has no folder for the testing part"))
    var named = set(folder, .train)
    named.classNames = ["a", "b"]
    #expect(problem(named).contains("is no class of the network: a, b"))
    var nowhere = set(folder, .train)
    nowhere.path += "/nothing"
    #expect(problem(nowhere).contains("does not exist"))
    // What is wrong with a recording is said when it is read.
    try folder.write("Train/0/a.bin", [1, 2, 3])
    let dataset = try set(folder, .train).load().dataset
    let error = #expect(throws: DatasetError.self) { try dataset.image(0) }
    #expect(error?.description.contains("0/a.bin: ends with 3 bytes") == true)
  }

  @Test func drawnRecordingsAreAlwaysTheSame() throws {
    let first = try DrawnRecordings.dataset(binning, count: 3, frames: 4)
    let second = try DrawnRecordings.dataset(binning, count: 3, frames: 4)
    #expect(try first.allImages() == second.allImages())
    #expect(first.count == 3 && first.frameCount == 4)
    #expect(try first.image(0) != first.image(1))
    let rows = try DrawnRecordings.events(
      of: .bundledDigits(), index: 0, seed: 0, binning)
    #expect(rows.count > 1000)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(rows.contains { $0.polarity == 0 } && rows.contains { $0.polarity == 1 })
  }
}
