import Foundation
import SpikeletTestSupport
import Testing

/// Graphs of NIR on the command line.
@Suite struct NIRCommandTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "spikelet-nir-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in [
      "conv-sum.nir", "li.nir", "lif-json.nir.json", "recurrent-silent.nir.json", "braille.nir",
    ] {
      try FileManager.default.copyItem(
        at: Repository.nirGraph(name), to: folder.appending(path: name))
    }
  }

  private func clean() { try? FileManager.default.removeItem(at: folder) }

  private func run(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.run(arguments, in: folder)
  }

  @Test func checkPrintsEverySwitchAndWhatBecameOfTheNeurons() throws {
    defer { clean() }
    let outcome = try run(
      "check", "conv-sum.nir", "--nir-profile", "sinabs", "--semantics", "spikes=2")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let words = outcome.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    for text in [
      "profile sinabs: dt 1.0,", "integration exponential", "compare reached", "reset subtract",
      "ifReset subtract", "resetTime before-leak", "lowest -threshold", "spikes 2 (given)",
      "fire IF none", "spikelet new conv-sum.nir --nir-profile sinabs --semantics spikes=2",
    ] {
      #expect(words.contains(text), "\(text) is not in \(words)")
    }
    let json = try run("check", "li.nir", "--json", "-")
    #expect(json.output.contains(#""profile" : "nir""#))
    #expect(json.output.contains(#""leakError""#))
  }

  @Test func aGraphIsBuiltWithoutAConfiguration() throws {
    defer { clean() }
    let outcome = try run("build", "conv-sum.nir", "--nir-profile", "norse", "-o", "x.spk")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("timesteps 8 (at most 8)"))
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "x.spk").path))
    let json = try run("build", "lif-json.nir.json", "-o", "y.spk")
    #expect(json.code == 0, "\(json.errors)")
    let inspected = try run("inspect", "conv-sum.nir")
    #expect(inspected.code == 0, "\(inspected.errors)")
    let other = try run("build", "x.spk", "--nir-profile", "norse")
    #expect(other.code != 0)
  }

  @Test func newWritesWhatBuildReads() throws {
    defer { clean() }
    let outcome = try run(
      "new", "conv-sum.nir", "--nir-profile", "sinabs", "--semantics", "spikes=1", "--semantics",
      "dt=0.5")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let text = try String(contentsOf: folder.appending(path: "deployment.json"), encoding: .utf8)
    #expect(
      text.contains(#""nir": {"profile": "sinabs", "dt": "0.5", "spikes": "1"}"#), "\(text)")
    let checked = try run("check", ".")
    #expect(checked.output.contains("dt 0.5 (given)"), "\(checked.output)\(checked.errors)")
    let built = try run("build", ".")
    #expect(built.code == 0, "\(built.errors)")
    let calibrated = try run("calibrate", ".")
    #expect(calibrated.code != 0)
    #expect(calibrated.errors.contains("needs no calibration"), "\(calibrated.errors)")
  }

  @Test func graphsRunAndAreEvaluated() throws {
    defer { clean() }
    // Two classes of noise, as pictures of the graph's shape.
    for part in ["a", "b", "c"] {
      let place = folder.appending(path: "pictures/\(part)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for index in 0..<3 {
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: $0 * 37 + index * 11) }
        try Data(Array("P5\n4 1\n255\n".utf8) + bytes[..<4]).write(
          to: place.appending(path: "\(index).pgm"))
      }
    }
    let text = """
      {"type": "NIRGraph", "nodes": {"input": {"type": "Input", "shape": [1, 1, 4]},
       "fc": {"type": "Linear", "weight": [[1, -1, 0.5, 0], [0.5, 1, -1, 1], [0, 0.25, 1, -1]]},
       "n": {"type": "IF", "r": [1], "v_threshold": [1]},
       "output": {"type": "Output", "shape": [3]}},
       "edges": [["input", "fc"], ["fc", "n"], ["n", "output"]]}
      """
    try Data(text.utf8).write(to: folder.appending(path: "own.nir.json"))
    let ran = try run(
      "run", "own.nir.json", "--nir-profile", "norse", "--input", "pictures", "--json", "-")
    #expect(ran.code == 0, "\(ran.errors)")
    #expect(ran.output.contains("predictions"))
    let evaluated = try run(
      "eval", "own.nir.json", "--nir-profile", "norse", "--data", "pictures", "--split", "all",
      "--json", "-")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
  }

  /// A layer that feeds itself, behind a synaptic current: both are told, and a draft takes spikes.
  @Test func currentsAndWhatLeadsBackAreTold() throws {
    defer { clean() }
    let outcome = try run("check", "braille.nir", "--nir-profile", "snntorch")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let words = outcome.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    for text in [
      "lif1, current CubaLIF 0.8", "lif1 CubaLIF 0.9", "the edge from 'lif1' to 'rec' leads back",
    ] {
      #expect(words.contains(text), "\(text) is not in \(words)")
    }
    let json = try run("check", "braille.nir", "--json", "-")
    #expect(json.output.contains(#""synapse""#))
    let new = try run("new", "braille.nir", "--nir-profile", "snntorch")
    #expect(new.code == 0, "\(new.errors)")
    let built = try run("build", ".", "-o", "x.spk", "--plan")
    #expect(built.code == 0, "\(built.errors)")
    for text in ["lif1, one timestep ago", "lif1.sum, its potentials"] {
      #expect(built.output.contains(text), "\(built.output)")
    }
    let inspected = try run("inspect", "x.spk")
    #expect(inspected.output.contains("current"), "\(inspected.output)")
    let explained = try run("inspect", "x.spk", "--explain")
    #expect(explained.output.contains("lif1.sum from lif1"), "\(explained.output)")
    let pictures = folder.appending(path: "pictures")
    for part in ["a", "b", "c"] {
      let place = pictures.appending(path: part)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data(Array("P5\n4 1\n255\n".utf8) + [200, 90, 255, 160]).write(
        to: place.appending(path: "0.pgm"))
    }
    let page = try run(
      "report", ".", "--data", "pictures", "--split", "all", "-o", "page.html")
    #expect(page.code == 0, "\(page.errors)")
    let html = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
    #expect(html.contains("one timestep ago"))
    let evaluated = try run("eval", ".", "--data", "pictures", "--split", "all", "--float")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    // One timestep shows neither.
    try Data(
      #"{"name": "x", "network": "braille.nir", "timesteps": 1, "input": {"mode": "rate"}}"#.utf8
    ).write(to: folder.appending(path: "one.json"))
    let one = try run("build", "one.json")
    #expect(one.errors.contains("which one timestep does not show"), "\(one.errors)")
    let direct = try run("build", "braille.nir")
    #expect(direct.errors.contains("use rate input"), "\(direct.errors)")
  }

  @Test func mistakesAreSaid() throws {
    defer { clean() }
    let outcome = try run(
      "check", "li.nir", "--nir-profile", "brian", "--semantics", "dt=0", "--semantics", "colour=3",
      "--semantics", "reset")
    #expect(outcome.code != 0)
    for text in [
      "(4 problems)", "--nir-profile: is \"brian\", needed one of nir, snntorch",
      "--semantics dt: is \"0\", needed a number above 0", "is an unknown switch",
      "is \"reset\", needed key=value",
    ] {
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    let recurrent = try run("check", "recurrent-silent.nir.json")
    #expect(recurrent.errors.contains("'li' → 'back' → 'li'"), "\(recurrent.errors)")
    try Data(
      #"{"name": "x", "network": "li.nir", "nir": {"profile": "x", "spikes": 9, "foo": 1}}"#.utf8
    ).write(to: folder.appending(path: "bad.json"))
    let bad = try run("build", "bad.json")
    for text in ["nir.profile", "nir.spikes", "nir.foo"] {
      #expect(bad.errors.contains(text), "\(bad.errors)")
    }
    try FileManager.default.copyItem(
      at: Repository.exportedNetwork("spikes-int8-17.onnx"), to: folder.appending(path: "x.onnx"))
    try Data(#"{"name": "x", "network": "x.onnx", "nir": {"profile": "norse"}}"#.utf8).write(
      to: folder.appending(path: "onnx.json"))
    let onnx = try run("build", "onnx.json")
    #expect(onnx.errors.contains("means nothing for a network that is no graph of NIR"))
  }
}
