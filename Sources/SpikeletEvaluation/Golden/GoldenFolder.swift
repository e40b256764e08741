import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletSupport

/// A folder of golden vectors: `golden-vectors/<name>/`.
package struct GoldenFolder: Sendable {
  package static let manifest = "manifest.json"
  package static let inputs = "inputs.idx"
  package static let integers = "integer.txt"
  package static let floatFolder = "float"
  package static let floatIndex = "float/float.json"

  package let folder: URL
  package let manifest: GoldenManifest

  /// Reads the manifest; every other file is checked when it is read.
  package init(_ folder: URL) throws(GoldenError) {
    self.folder = folder
    manifest = try GoldenManifest(folder: folder)
  }

  /// The configuration that the model is built from.
  package var configurationURL: URL { folder.appending(path: manifest.configuration) }

  /// The pictures, each in the order channel, row, column.
  package func pictures() throws -> [[UInt8]] {
    let bytes = try manifest.read(Self.inputs, folder: folder)
    let images: IDX.Images
    do {
      images = try IDX.images(bytes)
    } catch {
      throw error.at(folder.appending(path: Self.inputs).path)
    }
    let size = images.height * images.width
    return (0..<images.count).map { Array(images.pixels[$0 * size..<($0 + 1) * size]) }
  }

  /// The integer vectors, checked against the manifest and the model.
  package func vectors(model: ModelFile) throws(GoldenError) -> IntegerVectors {
    let digest = SHA256.hexDigest(of: model.bytes)
    guard digest == manifest.modelDigest else {
      throw .wrongModel(file: model.name, needed: manifest.modelDigest, given: digest)
    }
    let path = folder.appending(path: Self.integers).path
    let bytes = try manifest.read(Self.integers, folder: folder)
    let vectors = try IntegerVectors(text: String(decoding: bytes, as: UTF8.self), file: path)
    guard vectors.modelDigest == digest else {
      throw .wrongModel(file: model.name, needed: vectors.modelDigest, given: digest)
    }
    guard vectors.inputsDigest == manifest.files[Self.inputs] else {
      throw .wrongFile(
        file: folder.appending(path: Self.inputs).path, needed: vectors.inputsDigest,
        given: manifest.files[Self.inputs] ?? "none")
    }
    guard vectors.layers.count == Int(model.header.layerCount) else {
      throw .unsuitable(file: path, reason: "has \(vectors.layers.count) layers")
    }
    return vectors
  }

  /// The float vectors, or nil when the folder has none.
  package func floatVectors() throws(GoldenError) -> FloatComparison.Vectors? {
    guard manifest.files[Self.floatIndex] != nil else { return nil }
    let index = try manifest.read(Self.floatIndex, folder: folder)
    let path = folder.appending(path: Self.floatIndex).path
    guard let json = try? JSONParser.parse(index),
      case .array(let entries) = json["files"]
    else { throw .damaged(file: path, line: 1, reason: "is not an index of float vectors") }
    var counts: [String: NumPyArray] = [:]
    var readOut: NumPyArray?
    for entry in entries {
      guard case .string(let file) = entry["file"], case .string(let layer) = entry["layer"],
        case .string(let kind) = entry["kind"]
      else { throw .damaged(file: path, line: 1, reason: "has an entry without file and layer") }
      let name = "\(Self.floatFolder)/\(file)"
      let array = try NumPyArray(
        try manifest.read(name, folder: folder), file: folder.appending(path: name).path)
      if kind == "readOut" { readOut = array } else { counts[layer] = array }
    }
    guard let readOut, readOut.shape.count == 3 else {
      throw .damaged(file: path, line: 1, reason: "lists no read-out")
    }
    return FloatComparison.Vectors(counts: counts, readOut: readOut)
  }
}
