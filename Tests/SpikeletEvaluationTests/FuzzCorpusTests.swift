import Foundation
import SpikeletClassifier
import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// For `Tests/fuzz/make-corpus`, which cannot make model files itself.
@Suite struct FuzzCorpusTests {
  @Test func isWrittenForFuzzing() throws {
    guard let path = ProcessInfo.processInfo.environment["SPIKELET_FUZZ_MODELS"] else { return }
    let folder = URL(filePath: path)
    for name in ["models", "board"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    func put(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: folder.appending(path: name))
    }
    try put("models/perceptron", SmallModels.perceptron())
    try put("models/zoo", SmallModels.zoo())
    try put("models/zoo-rate", SmallModels.zoo(mode: .rate, readOut: .count))
    try put("models/zoo-poisson", SmallModels.zoo(mode: .poisson))
    for seed in UInt64(0)..<120 {
      guard let file = try? RandomNetwork(seed: seed).compile(), file.count < 4096 else { continue }
      try put("models/random-\(seed)", file)
    }
    for seed in UInt64(0)..<40 {
      let network = RandomNetwork.stateful(seed: seed)
      guard let file = try? network.compile(), file.count < 4096 else { continue }
      try put("models/stateful-\(seed)", file)
    }
    let model = try ModelFile(bytes: SmallModels.perceptron(), name: "small")
    let pictures = (0..<2).map { SmallModels.picture(4, seed: UInt64($0)) }
    let (inputs, labels) = Self.idx(pictures, labels: [0, 1])
    try put("board/model", model.bytes)
    try put("board/pictures", inputs)
    try put("board/labels", labels)
    try put("board/vectors", Array(try vectors(model, pictures).utf8))
  }

  private static func idx(
    _ pictures: [[UInt8]], labels: [UInt8]
  ) -> (pictures: [UInt8], labels: [UInt8]) {
    let count = UInt8(pictures.count)
    return (
      [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2] + pictures.flatMap { $0 },
      [0, 0, 8, 1, 0, 0, 0, count] + labels
    )
  }

  /// Golden vectors of two timesteps, as text.
  private func vectors(_ model: ModelFile, _ pictures: [[UInt8]]) throws -> String {
    let device = EngineDevice(model)
    var lines = ["spikelet-vectors 1", "model 00", "inputs 00"]
    lines.append("timesteps 2 layers 2 classes 2 images \(pictures.count)")
    lines += ["layer 0 3 3 hidden", "layer 1 2 0 output"]
    for (index, picture) in pictures.enumerated() {
      device.begin(picture, image: UInt32(index))
      let steps = try (1...2).map { step in
        "step \(step) " + (try device.step().map(\.digest.hexDigits).joined(separator: " "))
      }
      lines.append("image \(index) prediction \(device.prediction()) exit 2")
      lines += steps
      lines.append("scores " + device.scores().map(String.init).joined(separator: " "))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
