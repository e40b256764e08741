import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime

/// Graphs of NIR in both forms: import, and build what is small. What is built must open.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  let profiles = NeuronSemantics.profiles
  let semantics = NeuronSemantics(profile: profiles[size % profiles.count]) ?? NeuronSemantics()
  attempt("import") {
    let network = try NIRImporter.importNetwork(bytes: bytes, name: "f.nir", semantics: semantics)
    let weights = network.nodes.reduce(0) { $0 + $1.shape.count }
    guard weights < 20_000 else { return counts.count("large") }
    attempt("build") {
      var configuration = Configuration()
      configuration.name = "f"
      configuration.timesteps = 1 + size % 3
      if size % 2 == 0 { configuration.input.mode = .events }
      let build = try Compiler.build(
        network.simplified(), configuration: configuration, calibration: nil, networkDigest: "x")
      counts.count("built")
      _ = try! Model(build.bytes.span.bytes)
    }
  }
  return 0
}
