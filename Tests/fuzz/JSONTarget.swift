import Foundation
import SpikeletCompiler
import SpikeletSupport

/// JSON of every kind. What is read is written and read again as the same, and is JSON to others.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("json") {
    let document = try JSONParser.parse(bytes)
    precondition(try! JSONParser.parse(document.text) == document)
    if counts.inputs % 16 == 0 {
      _ = try! JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
    attempt("configuration") {
      _ = try Configuration(
        json: JSONValue.parse(bytes, file: "f.json", as: "a configuration"), file: "f.json")
    }
    attempt("calibration") { _ = try Calibration(json: document) }
    attempt("board") { _ = try Board(json: document, file: "f.json") }
    counts.count(ExitCalibration.parse(document) == nil ? "exit-refused" : "exit")
  }
  return 0
}
