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

  /// Opens a model file.
  ///
  /// - Throws: `FileError` where it cannot be read, `ModelFileError` where it is no valid model.
  package init(contentsOf path: String) throws {
    // The format counts bytes in 32 bits, with a sign.
    try self.init(bytes: InputFile.read(path, limit: Int(Int32.max)), name: path)
  }

  /// Uses the model.
  package func withModel<Result>(_ body: (Model) throws -> Result) rethrows -> Result {
    // `init` has validated the bytes, and they cannot change.
    try body(Model(validated: bytes.span.bytes))
  }

  package var header: ModelHeader { withModel { $0.header } }

  /// The name of a layer, as it can be shown: a file may hold any bytes, or none at all.
  package func layerName(_ index: Int) -> String {
    let name = withModel { String($0.layerName(index)) }.printableName
    return name.isEmpty ? "layer-\(index + 1)" : name
  }

  /// The classes' names as they can be shown; empty where the model has none.
  package var classNames: [String] {
    withModel { String($0.classNames) }.split(separator: "\n").map { String($0).printable }
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

/// Why a model file is refused, or cannot run as it was asked to.
public struct ModelFileError: Error, CustomStringConvertible, Sendable {
  /// The file's path, or the name that its bytes were given.
  public var file: String
  /// What the engine said.
  public var error: SpikeletError

  /// An error of a file.
  package init(file: String, error: SpikeletError) {
    self.file = file
    self.error = error
  }

  /// The file and the error on one line.
  public var description: String {
    "\(file.printableName): \(error.description.printable)"
  }
}
