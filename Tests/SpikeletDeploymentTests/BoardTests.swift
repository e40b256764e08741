import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Board descriptions: the committed ones are usable, others are refused with every reason.
@Suite struct BoardTests {
  private static var boards: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "firmware-configs/boards")
  }

  private func board(_ json: String) throws -> Board {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "spikelet-board-\(UUID().uuidString).json")
    try Data(json.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try Board(contentsOf: url)
  }

  @Test func everyCommittedBoardIsUsable() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.boards.path)
      .filter { $0.hasSuffix(".json") }
    #expect(files.count >= 6)
    for file in files {
      let board = try Board(contentsOf: Self.boards.appending(path: file))
      #expect(!board.name.isEmpty && !board.processor.isEmpty)
      #expect(board.availableBytes <= board.ramBytes)
      #expect(board.l1DataBytes <= board.l2Bytes && board.l2Bytes < board.ramBytes)
    }
  }

  @Test func anUnknownBoardNamesTheKnownOnesAndWhereItLooked() {
    let folder = Self.boards.deletingLastPathComponent().appending(path: "lenet5-avg")
    let text = #expect(throws: Diagnostics.self) {
      try Board(named: "cray-1", near: folder)
    }?.description
    for part in [
      "no board cray-1", folder.appending(path: "boards").path, Self.boards.path,
      "beaglebone-black",
    ] {
      #expect(text?.contains(part) == true, "\(part) in \(text ?? "nothing")")
    }
  }

  @Test func boardsAreFoundInAFolderAboveAndTheNearestCounts() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let deployment = root.appending(path: "deployments").appending(path: "mine")
    try FileManager.default.createDirectory(at: deployment, withIntermediateDirectories: true)
    for (folder, bytes) in [(root, 1024), (deployment, 2048)] {
      let boards = folder.appending(path: "boards")
      try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: false)
      let json = #"{ "name": "b", "target": "armv7", "ramBytes": \#(bytes) }"#
      try Data(json.utf8).write(to: boards.appending(path: "mine.json"))
      #expect(try Board(named: "mine", near: deployment).ramBytes == bytes)
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "firmware-configs/boards")))
  func bundledBoardsAreFoundFromElsewhere() throws {
    let board = try Board(named: "beaglebone-black", near: URL(filePath: "/nowhere"))
    #expect(board.target == "armv7")
  }

  @Test func everyProblemIsListed() {
    let error = #expect(throws: Diagnostics.self) {
      try board(#"{ "target": "vax", "ramBytes": 12, "colour": "green" }"#)
    }
    let places = error?.problems.compactMap(\.place?.name) ?? []
    for place in ["name", "target", "ramBytes", "colour"] { #expect(places.contains(place)) }
  }

  @Test func halfOfTheMemoryIsAvailableUnlessSaidOtherwise() throws {
    let common = #""name": "b", "target": "armv7", "ramBytes": 1048576"#
    #expect(try board("{ \(common) }").availableBytes == 524_288)
    #expect(try board("{ \(common), \"availableBytes\": 4096 }").availableBytes == 4096)
  }

  @Test func homeIsTheSmallestMemoryThatHolds() throws {
    let board = try Board(contentsOf: Self.boards.appending(path: "raspberry-pi-zero-2w.json"))
    #expect(board.home(ofBytes: 32768) == "L1")
    #expect(board.home(ofBytes: 32769) == "L2")
    #expect(board.home(ofBytes: 524_289) == "RAM")
  }
}
