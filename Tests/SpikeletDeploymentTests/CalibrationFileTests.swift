import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Calibration files are read back as they were written, or refused.
@Suite struct CalibrationFileTests {
  private let folder: URL
  private let statistics: Calibration

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-calibration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let shape = Shape(channels: 2, height: 5, width: 5)
    var graph = GraphBuilder(shape)
    graph.convolution(outputs: 3)
    graph.relu("relu")
    graph.flatten()
    graph.dense("dense", outputs: 2)
    statistics = calibration(graph.network(), pictures(10, shape))
  }

  private func read(_ text: String) throws -> Calibration {
    let url = folder.appending(path: "c.json")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(text.utf8).write(to: url)
    return try Calibration(contentsOf: url)
  }

  @Test func aFileIsReadAsItWasWritten() throws {
    #expect(try read(statistics.json.text) == statistics)
    #expect(statistics.nodes.keys.sorted() == ["dense", "relu"])
    #expect(statistics.nodes["relu"]?.channels.count == 3)
    #expect(statistics.images == 10)
  }

  @Test func theTextIsTheSameEveryTime() {
    #expect(statistics.json.text == statistics.json.text)
    #expect(statistics.json.text.hasSuffix("}\n"))
  }

  @Test(arguments: [
    ("\"format\" : 1", "\"format\" : 2"), ("\"images\" : 10", "\"images\" : 1.5"),
    ("\"networkSHA256\"", "\"network\""), ("\"clippedMeans\"", "\"means\""),
    ("99.95", "99.96"), ("\"nodes\" : {", "\"nodes\" : [], \"more\" : {"),
    ("\"layer\"", "\"whole\""),
  ])
  func aDamagedFileIsRefused(original: String, damage: String) throws {
    let text = statistics.json.text
    try #require(text.contains(original))
    let error = #expect(throws: Diagnostics.self) {
      try read(text.replacingOccurrences(of: original, with: damage))
    }
    #expect(error?.description.contains("c.json: not a calibration file") == true)
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.advice == "run `spikelet calibrate` to make it")
  }

  @Test func aCutFileIsRefused() throws {
    let text = statistics.json.text
    for length in stride(from: 0, to: text.count - 2, by: 97) {
      #expect(throws: Diagnostics.self) { try read(String(text.prefix(length))) }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try FileManager.default.removeItem(at: folder)
  }

  @Test func aMissingFileIsNamed() {
    let url = folder.appending(path: "missing.json")
    let error = #expect(throws: Diagnostics.self) { try Calibration(contentsOf: url) }
    #expect(
      error?.description == """
        \(url.path): cannot be read
          calibration: there is no such file or folder; run `spikelet calibrate` to make it
        """)
    try? FileManager.default.removeItem(at: folder)
  }
}
