import SpikeletEvaluation
import SpikeletSupport

/// Golden vectors: manifests, and the text form of integer vectors, which is written as it was read.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("manifest") {
    let manifest = try GoldenManifest(json: try JSONParser.parse(bytes), file: "manifest.json")
    precondition(
      try! GoldenManifest(json: manifest.json, file: "manifest.json") == manifest)
  }
  attempt("vectors") {
    let vectors = try IntegerVectors(text: String(decoding: bytes, as: UTF8.self), file: "f.txt")
    precondition(try! IntegerVectors(text: vectors.text, file: "f.txt") == vectors)
  }
  return 0
}
