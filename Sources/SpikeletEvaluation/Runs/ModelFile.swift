import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletRuntime
import SpikeletSupport

/// A model file in memory, known to be valid.
package struct ModelFile: Sendable {
  package let bytes: [UInt8]
  /// What to call it in messages.
  package let name: String

  package init(bytes: [UInt8], name: String) throws(ModelFileError) {
    self.bytes = bytes
    self.name = name
    do {
      _ = try Model(bytes.span.bytes)
    } catch {
      throw ModelFileError(file: name, error: error)
    }
  }

  /// Opens a model file, or builds one from a configuration (`.json`, or a deployment's folder).
  ///
  /// - Parameter withoutExit: builds as if the configuration had no exit, calibrated or not.
  package init(contentsOf url: URL, withoutExit: Bool = false) throws {
    if Deployment.isConfiguration(url) {
      let deployment = try Deployment(contentsOf: url)
      let build = try withoutExit ? deployment.buildWithoutExit() : deployment.build()
      try self.init(bytes: build.bytes, name: build.configuration.name)
      return
    }
    let bytes: [UInt8]
    do {
      // The format counts bytes in 32 bits, with a sign.
      bytes = try InputFile.read(url.path, limit: Int(Int32.max))
    } catch {
      throw error.diagnostics("model")
    }
    try self.init(bytes: bytes, name: url.path)
  }

  /// Uses the model.
  package func withModel<Result>(_ body: (Model) throws -> Result) rethrows -> Result {
    // `init` has validated the bytes, and they cannot change.
    try body(Model(validated: bytes.span.bytes))
  }

  package var header: ModelHeader { withModel { $0.header } }

  /// The name of a layer, as it can be shown: a file may hold any bytes.
  package func layerName(_ index: Int) -> String {
    withModel { String($0.layerName(index)) }.printableName
  }

  /// The data set that the model was calibrated on.
  package var dataset: String? {
    let json = withModel { try? JSONParser.parse($0.provenance.withUnsafeBytes { Array($0) }) }
    guard case .string(let name)? = json?["dataset"] else { return nil }
    return name
  }

  /// The provenance that the compiler wrote, as JSON text.
  package var provenance: String {
    withModel { String($0.provenance) }.printable
  }
}

extension String {
  /// UTF-8 text of a model file; what is no UTF-8 is replaced.
  package init(_ text: RawSpan) {
    self = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// Why a model file is refused, in words.
package struct ModelFileError: Error, CustomStringConvertible, Sendable {
  package var file: String
  package var error: SpikeletError

  package var description: String {
    "\(file.printableName): \(error.message.printable)"
  }
}

extension SpikeletError {
  /// The error as a sentence: where, what, needed and given.
  package var message: String {
    let place = index >= 0 ? "\(field.owner) \(index): " : ""
    switch reason {
    case .wrongMagic, .overlap, .arenaMisaligned, .misaligned, .overflow, .outOfBounds:
      return "\(place)\(field.text) \(reason.text)"
    case .wrongChecksum:
      let (a, b) = (UInt32(bitPattern: needed), UInt32(bitPattern: given))
      return "\(place)\(field.text) \(reason.text) "
        + "(written \(String(a, radix: 16)), found \(String(b, radix: 16))); copy the file again"
    default:
      return "\(place)\(field.text) \(reason.text): needed \(needed), given \(given)"
    }
  }
}
