import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport
import Testing

/// Every graph becomes what its verdict says, or is refused for the reason that it says.
@Suite struct NIRImportTests {
  @Test func thereAreGraphs() {
    #expect(NIRFixture.all.count >= 40)
    #expect(NIRFixture.all.filter { $0.refusal == nil }.count >= 18)
  }

  @Test(arguments: NIRFixture.all)
  func graphsHaveTheirVerdicts(_ fixture: NIRFixture) throws {
    guard let refusal = fixture.refusal else {
      let network = try fixture.network()
      let kinds = network.nodes.map { "\($0.operation)".prefix { $0.isLetter } }.map(String.init)
      #expect(kinds.sorted() == fixture.nodes.sorted())
      let interpretation = try #require(network.interpretation)
      #expect(interpretation.semantics == fixture.semantics)
      #expect(!interpretation.version.isEmpty)
      #expect(!interpretation.neurons.isEmpty)
      return
    }
    let error = #expect(throws: ImportError.self) { try fixture.network() }
    let text = "\(try #require(error))"
    #expect(text.contains(refusal), "\(text)")
    // A node is named, and what to do where something can be done.
    #expect(text.hasPrefix(fixture.file), "\(text)")
  }

  /// What is imported is built, and the two simulations of it agree with the engine elsewhere.
  @Test(arguments: NIRFixture.all.filter { $0.refusal == nil })
  func importedGraphsAreBuilt(_ fixture: NIRFixture) throws {
    var configuration = Configuration()
    configuration.name = fixture.name
    configuration.timesteps = 4
    let network = try fixture.network().simplified()
    if !network.delayedNames.isEmpty { configuration.input.mode = .rate }
    let build = try Compiler.build(
      network, configuration: configuration, calibration: nil,
      networkDigest: "x")
    #expect(!build.bytes.isEmpty)
    #expect(build.configuration.timesteps == 4)
  }

  @Test func bothFormsAreTheSame() throws {
    let first = try NIRFixture.named("lif").network()
    let second = try NIRFixture.named("lif-json").network()
    #expect(first.nodes.map(\.name) == second.nodes.map(\.name))
    #expect("\(first.nodes)" == "\(second.nodes)")
  }

  @Test func outputsAreNamed() throws {
    let fixture = try NIRFixture.named("named-output")
    let network = try fixture.network(output: "second")
    #expect(network.thresholdNodes.isEmpty)
    let other = try fixture.network(output: "output")
    #expect(other.thresholdNodes.count == 1)
    #expect(throws: ImportError.self) { try fixture.network(output: "third") }
  }

  @Test func nestedNodesAreNamedWithTheirGraph() throws {
    let network = try NIRFixture.named("nested").network()
    #expect(network.nodes.map(\.name).contains("block.lif"))
  }

  @Test func infiniteTimeConstantsAreIntegrators() throws {
    let network = try NIRFixture.named("infinite-tau").network()
    let neurons = try #require(network.interpretation?.neurons.first)
    #expect(neurons.leak == nil && neurons.factor == 1 && neurons.gain == 1...1)
    #expect(network.notes.contains { $0.contains("read as IF") })
  }

  @Test func everyProblemIsSaidAtOnce() throws {
    let text = """
      {"type": "NIRGraph", "nodes": {
        "input": {"type": "Input", "shape": [2]},
        "a": {"type": "Pool9"}, "b": {"type": "LIF", "tau": [0.1]},
        "output": {"type": "Output", "shape": [2]}},
       "edges": [["input", "a"], ["input", "b"], ["a", "output"], ["b", "output"]]}
      """
    let error = #expect(throws: ImportError.self) {
      try NIRImporter.importNetwork(
        bytes: Array(text.utf8), name: "x.nir.json", semantics: NeuronSemantics())
    }
    #expect(error?.problems.count == 2)
    #expect("\(try #require(error))".contains("has no parameter"))
  }

  @Test(
    arguments: [
      ("", "the file is empty"), ("PK\u{3}\u{4}", "a ZIP archive"), ("{", "neither an HDF5 file"),
      ("{}", "is no node of NIR"), (#"{"type": "LIF"}"#, "needed NIRGraph"),
      (#"{"type": "NIRGraph"}"#, "needed an object of nodes"),
      (#"{"type": "NIRGraph", "nodes": {}, "edges": [["a"]]}"#, "is no pair of names"),
      (#"{"type": "NIRGraph", "nodes": {}, "edges": []}"#, "the graph has no Output"),
    ])
  func otherFilesAreRefused(_ text: String, _ reason: String) throws {
    let error = #expect(throws: ImportError.self) {
      try NIRImporter.importNetwork(
        bytes: Array(text.utf8), name: "x.nir", semantics: NeuronSemantics())
    }
    #expect("\(try #require(error))".contains(reason), "\(error.map { "\($0)" } ?? "")")
  }

  @Test func truncatedFilesAreRefused() throws {
    for fixture in NIRFixture.all where fixture.file.hasSuffix(".nir") {
      let bytes = try fixture.bytes()
      for count in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 20)) {
        #expect(throws: ImportError.self) {
          try NIRImporter.importNetwork(
            bytes: Array(bytes[..<count]), name: fixture.file, semantics: fixture.semantics)
        }
      }
    }
  }
}
