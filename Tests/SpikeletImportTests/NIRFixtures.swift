import Foundation
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport
import Testing

/// The graphs that make_nir_fixtures.py writes, with their verdicts.
struct NIRFixture: CustomStringConvertible, Sendable {
  var name: String
  var file: String
  /// The nodes of the network that it becomes; empty where it is refused.
  var nodes: [String]
  /// A part of the refusal.
  var refusal: String?
  var semantics: NeuronSemantics

  var description: String { name }

  static let folder =
    Bundle.module.resourceURL?.appendingPathComponent("NIRFixtures")
    ?? URL(filePath: "NIRFixtures")

  static func document(_ name: String) -> JSONValue {
    guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else {
      return .null
    }
    return (try? JSONParser.parse(Array(data))) ?? .null
  }

  static let all: [NIRFixture] = {
    guard case .object(let verdicts) = document("verdicts.json") else { return [] }
    return verdicts.keys.sorted().compactMap { name in
      guard case .string(let file)? = verdicts[name]?["file"] else { return nil }
      var fixture = NIRFixture(
        name: name, file: file, nodes: [], refusal: nil,
        semantics: NeuronSemantics(json: verdicts[name]?["semantics"]))
      if case .string(let text)? = verdicts[name]?["refused"] { fixture.refusal = text }
      if case .array(let nodes)? = verdicts[name]?["nodes"] {
        fixture.nodes = nodes.compactMap { if case .string(let node) = $0 { node } else { nil } }
      }
      return fixture
    }
  }()

  static func named(_ name: String) throws -> NIRFixture {
    try #require(all.first { $0.name == name })
  }

  func bytes() throws -> [UInt8] {
    Array(try Data(contentsOf: Self.folder.appendingPathComponent(file)))
  }

  func network(
    _ semantics: NeuronSemantics? = nil, output: String? = nil
  ) throws -> Network {
    try NIRImporter.importNetwork(
      bytes: bytes(), name: file, semantics: semantics ?? self.semantics, output: output)
  }
}

extension NeuronSemantics {
  /// A profile and switches, as the fixtures have them.
  init(json: JSONValue?) {
    self.init()
    guard case .object(let members)? = json else { return }
    if case .string(let name)? = members["profile"], let profile = NeuronSemantics(profile: name) {
      self = profile
    }
    for key in Self.keys {
      guard case .string(let value)? = members[key] else { continue }
      if let wrong = set(key, value) { Issue.record("\(key) \(wrong)") }
    }
  }
}
