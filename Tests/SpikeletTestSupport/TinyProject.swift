import Foundation
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletSupport

/// A folder with a tiny network, its configuration and a data set in MNIST's format.
package final class TinyProject {
  package let folder: URL
  /// The labels of the test pictures.
  package let labels: [UInt8] = [3, 1, 4, 1, 5, 9, 2]

  package init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-project-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "data/mnist"), withIntermediateDirectories: true)
    try write("tiny.onnx", TinyNetwork.onnx())
    try writeConfiguration()
    for (split, labels) in [("t10k", labels), ("train", Array(repeating: 0, count: 20))] {
      let pixels = Self.pixels(labels.count, seed: UInt64(labels.count))
      try write(
        "data/mnist/\(split)-images-idx3-ubyte",
        Self.header([0x803, labels.count, 28, 28]) + pixels)
      try write(
        "data/mnist/\(split)-labels-idx1-ubyte", Self.header([0x801, labels.count]) + labels)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  package func path(_ name: String) -> String { folder.appending(path: name).path }

  package func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: folder.appending(path: name))
  }

  package func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// Writes `tiny.json` with further members, such as `, "timesteps": 3`.
  package func writeConfiguration(_ more: String = "") throws {
    let json = """
      {"name": "tiny", "network": "tiny.onnx", "calibration": "tiny.calibration.json",
       "dataset": "mnist"\(more)}
      """
    try write("tiny.json", Array(json.utf8))
  }

  /// Writes the calibration, as `spikelet calibrate` does, and `tiny.spk`.
  package func build() throws {
    let deployment = try Deployment(contentsOf: folder.appending(path: "tiny.json"))
    let imported = try deployment.loadNetwork()
    let (network, digest) = (imported.network, imported.digest)
    let run = CalibrationRun(network: network, input: deployment.configuration.input)
    let dataset = try dataset(.train)
    let histograms = try ParallelCalibration(run: run, dataset: dataset, jobs: 1).histograms()
    let calibration = run.calibration(
      histograms, networkDigest: digest, dataset: "mnist", split: "train", images: dataset.count)
    try write("tiny.calibration.json", Array(calibration.json.text.utf8))
    try write("tiny.spk", try deployment.build().bytes)
  }

  package func dataset(_ split: Split) throws -> Dataset {
    try Dataset.load(.mnist, split: split, directory: folder.appending(path: "data"))
  }

  package static func header(_ words: [Int]) -> [UInt8] {
    words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  package static func pixels(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count * 784).map { _ in random.chance(3) ? UInt8(random.pick(0...255)) : 0 }
  }
}

/// Two dense layers on 28 × 28 pixels with a rectifier between them, as an ONNX file.
package enum TinyNetwork {
  /// - Parameter classes: the number of scores; class 10, if there is one, is always the largest.
  package static func onnx(classes: Int = 10) -> [UInt8] {
    var random = SeededRandom(seed: 17)
    func tensor(_ name: String, _ extents: [Int], _ scale: Double) -> [UInt8] {
      var bytes = extents.flatMap { integer(1, $0) } + integer(2, 1) + text(8, name)
      var raw: [UInt8] = []
      for i in 0..<extents.reduce(1, *) {
        let isFavourite = name == "b2" && i == 10
        let bits = Float(isFavourite ? 1000 : random.symmetric() * scale).bitPattern
        raw += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
      }
      bytes += message(9, raw)
      return bytes
    }
    func node(_ operation: String, _ inputs: [String], _ output: String) -> [UInt8] {
      var bytes = inputs.flatMap { text(1, $0) } + text(2, output) + text(3, output)
      bytes += text(4, operation)
      if operation == "Gemm" {
        bytes += message(5, text(1, "transB") + integer(3, 1) + integer(20, 2))
      }
      return bytes
    }
    var graph =
      message(1, node("Flatten", ["x"], "flat"))
      + message(1, node("Gemm", ["flat", "w1", "b1"], "hidden"))
      + message(1, node("Relu", ["hidden"], "active"))
      + message(1, node("Gemm", ["active", "w2", "b2"], "scores"))
    graph += text(2, "tiny")
    graph += message(5, tensor("w1", [8, 784], 0.1)) + message(5, tensor("b1", [8], 0.1))
    graph += message(5, tensor("w2", [classes, 8], 0.5))
    graph += message(5, tensor("b2", [classes], 0.1))
    let shape = [1, 1, 28, 28].flatMap { message(1, integer(1, $0)) }
    graph += message(11, text(1, "x") + message(2, message(1, integer(1, 1) + message(2, shape))))
    graph += message(12, text(1, "scores"))
    return integer(1, 8) + message(8, text(1, "") + integer(2, 17)) + message(7, graph)
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
  }

  private static func integer(_ field: Int, _ value: Int) -> [UInt8] {
    varint(field << 3) + varint(value)
  }

  private static func message(_ field: Int, _ body: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(body.count) + body
  }

  private static func text(_ field: Int, _ value: String) -> [UInt8] {
    message(field, Array(value.utf8))
  }
}
