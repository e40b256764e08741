import Foundation
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime

/// The networks that make_fixtures.py exports, and what onnxruntime computes with them.
struct Fixture: CustomStringConvertible, Sendable {
  var name: String

  var description: String { name }

  static let folder =
    Bundle.module.resourceURL?.appendingPathComponent("Fixtures") ?? URL(filePath: "Fixtures")

  static let all: [Fixture] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".onnx") }.sorted().map {
      Fixture(name: String($0.dropLast(5)))
    }
  }()

  /// Those that PyTorch's exporters wrote.
  static let exports = all.filter { !$0.name.hasPrefix("form-") }

  func url(_ suffix: String) -> URL {
    Self.folder.appendingPathComponent(name + suffix)
  }

  func bytes(_ suffix: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url(suffix)))
  }

  func floats(_ suffix: String) throws -> [Float] {
    let bytes = try bytes(suffix)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
  }
}

/// The reasons that an import gives, one a line; empty when it succeeds.
func problems(_ model: Model, output: String? = nil) -> String {
  problems(bytes: model.bytes, output: output)
}

func problems(bytes: [UInt8], externalData: URL? = nil, output: String? = nil) -> String {
  do {
    _ = try ONNXImporter.importNetwork(
      bytes: bytes, name: "model.onnx", externalData: externalData, output: output)
    return ""
  } catch {
    return error.description
  }
}

func network(_ model: Model) throws -> Network {
  try ONNXImporter.importNetwork(bytes: model.bytes, name: "model.onnx")
}
