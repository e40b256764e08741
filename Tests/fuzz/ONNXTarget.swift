import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletRuntime

/// What running a network once would take, about.
private func cost(_ network: Network) -> Int {
  network.nodes.reduce(0) { sum, node in
    let count = node.shape.count
    switch node.operation {
    case .convolution(let layer):
      return sum + count * max(1, layer.inputChannels / max(1, layer.groups)) * layer.window.area
    case .dense(let layer): return sum + layer.inputs * layer.outputs
    case .maxPool(let window), .averagePool(let window, _): return sum + count * window.area
    default: return sum + count
    }
  }
}

/// ONNX: import, simplify, calibrate, build, open, run. What is built must open and run.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("import") {
    let network = try ONNXImporter.importNetwork(
      bytes: bytes, name: "f.onnx", externalData: URL(filePath: "."))
    guard cost(network) < 100_000 else { return counts.count("large") }
    attempt("build") { try build(network, choice: size) }
  }
  return 0
}

private func build(_ network: Network, choice: Int) throws {
  let simple = try network.simplified()
  var configuration = Configuration()
  configuration.name = "f"
  configuration.quantization.weightBits = [8, 4, 16, 8][choice % 4]
  if choice % 3 == 0 { configuration.input.mode = .rate }
  if choice % 5 == 0 { configuration.readOut = .count }
  var calibration: Calibration?
  if simple.thresholdNodes.isEmpty {
    let run = CalibrationRun(network: simple, input: configuration.input)
    var histograms = run.emptyHistograms()
    for picture in 0..<2 {
      let pixels = (0..<simple.inputShape.count).map {
        UInt8(truncatingIfNeeded: $0 * 37 + picture * 91)
      }
      run.observe(pixels[...], into: &histograms)
    }
    calibration = run.calibration(
      histograms, networkDigest: "x", dataset: "mnist", split: "train", images: 2)
  }
  let build = try Compiler.build(
    simple, configuration: configuration, calibration: calibration, networkDigest: "x")
  counts.count("built")
  // From here on nothing may fail: the compiler delivers nothing that the engine refuses.
  let model = try! Model(build.bytes.span.bytes)
  guard model.arenaBytes < 1 << 22 else { return counts.count("large-arena") }
  let arena = UnsafeMutableRawBufferPointer.allocate(
    byteCount: max(16, Int(model.arenaBytes)), alignment: 16)
  defer { arena.deallocate() }
  var engine = try! Engine(model: model, arena: arena.mutableBytes)
  let pixels = (0..<Int(model.inputCount)).map { UInt8(truncatingIfNeeded: $0 * 13) }
  _ = try! engine.run(input: pixels.span)
  counts.count("ran")
}
