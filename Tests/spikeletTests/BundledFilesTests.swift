import Foundation
import Testing

/// What comes with the tool is found from any folder; `make verify-install` tries installations.
@Suite struct BundledFilesTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-bundled-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  @Test func bundledPathsLeadToTheToolsOwnFiles() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let shown = try Tool.run(["inspect", "firmware-configs/lenet5-avg"], in: folder)
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.output.contains("arena"))
    let verified = try Tool.run(["verify", "golden-vectors/lenet5-iir-mnist"], in: folder)
    #expect(verified.code == 0, "\(verified.errors)")
    let built = try Tool.run(
      ["build", "firmware-configs/lenet5-iir-mnist", "-o", "made.spk"], in: folder)
    #expect(built.code == 0, "\(built.errors)")
    // Outputs stay where they were asked for.
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "made.spk").path))
  }

  @Test func theWorkingDirectorysOwnComesFirst() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let own = folder.appending(path: "firmware-configs/lenet5-avg")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    try Data("{".utf8).write(to: own.appending(path: "deployment.json"))
    let refused = try Tool.run(["inspect", "firmware-configs/lenet5-avg"], in: folder)
    #expect(refused.code == 2)
    #expect(refused.errors.contains("deployment.json"))
  }

  @Test(arguments: [
    "firmware-configs/none", "firmware-configs/../LICENSE", "golden-vectorsx", "docs/install.md",
  ])
  func whatIsNotBundledIsNamedAsItWasTyped(path: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let refused = try Tool.run(["inspect", path], in: folder)
    #expect(refused.code == 2)
    #expect(refused.errors.hasPrefix("spikelet: "))
    #expect(refused.errors.contains(folder.appending(path: path).standardized.path))
    #expect(!refused.errors.contains("/share/spikelet"))
  }
}
