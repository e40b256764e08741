import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Every deployment compiles to the bytes that are recorded, to the last bit.
///
/// A change that is meant to alter model files (a new format version, another default) records the
/// list again: `scripts/tool record-models`. Any other change of these digests is a fault.
@Suite struct FrozenModelsTests {
  private static let configurations = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "firmware-configs")

  /// The recorded digests by deployment.
  private static func recorded() throws -> [String: String] {
    let text = try String(
      contentsOf: configurations.appending(path: "models.sha256"), encoding: .utf8)
    return Dictionary(
      uniqueKeysWithValues: text.split(separator: "\n").map {
        let parts = $0.split(separator: " ")
        return (String(parts[1]), String(parts[0]))
      })
  }

  private static func deployments() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: configurations.path).filter {
      let file = configurations.appending(path: $0).appending(path: "deployment.json")
      return FileManager.default.fileExists(atPath: file.path)
    }
  }

  @Test func listsEveryDeployment() throws {
    #expect(try Set(Self.deployments()) == Set(Self.recorded().keys))
  }

  @Test func compilesToTheRecordedBytes() throws {
    let recorded = try Self.recorded().sorted { $0.key < $1.key }
    for (name, digest) in recorded.prefix(TestScale.isFull ? recorded.count : 4) {
      let deployment = try Deployment(contentsOf: Self.configurations.appending(path: name))
      let bytes = try deployment.build().bytes
      #expect(SHA256.hexDigest(of: Data(bytes)) == digest, "\(name)")
    }
  }
}
