import Foundation
import SpikeletEvaluation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// `golden`, `verify`, `trace` and the comparisons with the float network, from end to end.
@Suite struct VerificationCommandTests {
  private let project: TinyProject
  private let vectors: String

  init() throws {
    project = try TinyProject()
    try project.build()
    vectors = project.path("vectors")
  }

  private func record() throws {
    let outcome = try Tool.run([
      "golden", project.path("tiny.json"), "-o", vectors, "--count", "3", "--timesteps", "4",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("new: 2 files"))
  }

  @Test func whatIsRecordedIsVerified() throws {
    try record()
    let outcome = try Tool.run(["verify", vectors])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("exact: 3 pictures × 4 timesteps"))
    #expect(outcome.output.contains("no float vectors"))
    let file = try Tool.run(["verify", vectors, "--model", project.path("tiny.spk")])
    #expect(file.code == 0)
  }

  @Test func recordingAgainSaysThatNothingChanged() throws {
    try record()
    let again = try Tool.run([
      "golden", project.path("tiny.json"), "-o", vectors, "--count", "3", "--timesteps", "4",
    ])
    #expect(again.output.contains("nothing changed"))
    // Another configuration is another model: said, not silently recorded.
    try project.writeConfiguration(#", "conversion": {"reset": "hard"}"#)
    let changed = try Tool.run([
      "golden", project.path("tiny.json"), "-o", vectors, "--count", "3", "--timesteps", "4",
    ])
    #expect(changed.output.contains("model "))
    #expect(changed.output.contains("integer.txt: changed"))
  }

  @Test func aChangedDigestIsADivergenceWithItsPlace() throws {
    try record()
    // The vectors are changed and their manifest with them, as another implementation's would be.
    let path = "vectors/\(GoldenFolder.integers)"
    var lines = String(decoding: try project.read(path), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let line = try #require(lines.firstIndex { $0.hasPrefix("step 2 ") })
    var words = lines[line].split(separator: " ").map(String.init)
    words[2] = words[2] == "0000000000000000" ? "0000000000000001" : "0000000000000000"
    lines[line] = words.joined(separator: " ")
    try project.write(path, Array(lines.joined(separator: "\n").utf8))
    let refused = try Tool.run(["verify", vectors])
    #expect(refused.code == 2)
    #expect(refused.errors.contains("is not the file that the manifest lists"))
    try project.relist(GoldenFolder.integers, in: "vectors")
    let outcome = try Tool.run(["verify", vectors])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("FAIL"))
    #expect(outcome.output.contains("first divergence: image 0, timestep 2, layer 0"))
    #expect(outcome.output.contains("the interpreter does not match the vectors either"))
  }

  @Test func vectorsOfAnotherModelAreRefusedWithBothHashes() throws {
    try record()
    try project.writeConfiguration(#", "conversion": {"reset": "hard"}"#)
    let outcome = try Tool.run(["verify", vectors])
    #expect(outcome.code == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("is not the model that the vectors were made from"))
    #expect(outcome.errors.contains("vectors  ") && outcome.errors.contains("model    "))
  }

  @Test func aTraceHasTheBytesThatTheVectorsCount() throws {
    try record()
    let outcome = try Tool.run(["trace", vectors, "-o", project.path("trace.bin")])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let text = String(decoding: try project.read("vectors/\(GoldenFolder.integers)"), as: UTF8.self)
    let golden = try IntegerVectors(text: text, file: "integer.txt")
    let step = golden.layers.reduce(0) { $0 + 4 * $1.potentials + $1.spikes }
    #expect(try project.read("trace.bin").count == step * 3 * 4)
  }

  @Test func impossibleRecordingsAreRefused() throws {
    let golden = ["golden", project.path("tiny.json"), "-o", vectors]
    try expectFailure(
      golden + ["--timesteps", "256"], ["--timesteps: is 256, needed 1 to 255"])
    try expectFailure(
      golden + ["--count", "0"], code: 64, ["--count is 0, needed 1 to 10000"])
    #expect(!FileManager.default.fileExists(atPath: vectors))
  }

  @Test func theFloatNetworkAndItsSimulationAreCompared() throws {
    let data = ["--data", project.path("data")]
    let float = try Tool.run(["eval", project.path("tiny.json"), "--float"] + data)
    #expect(float.code == 0, "\(float.errors)")
    #expect(float.output.contains("the float network, on mnist test"))
    let both = try Tool.run(
      ["eval", project.path("tiny.json"), "--agreement", "--json", "-"] + data)
    #expect(both.code == 0, "\(both.errors)")
    let json = try JSONParser.parse(both.output)
    #expect(json["floatAgreement"] != nil && json["floatCorrect"] != nil)
    for option in ["--float", "--agreement"] {
      let refused = try Tool.run(["eval", project.path("tiny.spk"), option] + data)
      #expect(refused.code == 2)
      #expect(refused.errors.contains("\(option): needs a configuration"))
    }
  }

  @Test func noScoreDependsOnJobsOrOnTheArena() throws {
    var digests: Set<String> = []
    for options in [["--jobs", "1"], ["--jobs", "3", "--arena-fill", "255"]] {
      let outcome = try Tool.run(
        ["eval", project.path("tiny.spk"), "--json", "-", "--data", project.path("data")] + options)
      let json = try JSONParser.parse(outcome.output)
      guard case .string(let digest)? = json["scoresDigest"] else {
        Issue.record("no digest: \(outcome.errors)")
        return
      }
      digests.insert(digest)
    }
    #expect(digests.count == 1)
  }
}

extension TinyProject {
  /// Lists a changed file in its manifest with its present digest.
  fileprivate func relist(_ file: String, in name: String) throws {
    let url = folder.appending(path: name)
    var manifest = try GoldenManifest(folder: url)
    manifest.files[file] = SHA256.hexDigest(of: try read("\(name)/\(file)"))
    try write("\(name)/manifest.json", Array(manifest.json.text.utf8))
  }
}
