import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletDeployment
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletReport
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// The page is whole, well-formed, reachable by keyboard, and says what the other commands say.
@Suite struct HTMLReportTests {
  private func page(
    _ file: ModelFile, evidence: ModelEvidence? = nil, golden: GoldenState? = nil,
    boards: [Board] = [], costs: [KernelExplanation] = [], missing: HTMLReport.Missing? = nil,
    build: BuildReport? = nil
  ) -> String {
    HTMLReport(
      file, build: build, boards: boards, costs: costs, golden: golden, evidence: evidence,
      missing: missing,
      version: "1.2.3"
    ).text
  }

  private func evidence(
    _ file: ModelFile, _ dataset: Dataset,
    _ change: (inout ModelEvidence.Request) -> Void = { _ in }
  ) throws -> ModelEvidence {
    var request = ModelEvidence.Request()
    change(&request)
    return try ModelEvidence.gather(file, dataset: dataset, request) { _ in nil }
  }

  /// Pictures without meaning for any model.
  private func pictures(_ file: ModelFile, count: Int = 6) throws -> Dataset {
    let header = file.header
    let size = Int(header.inputChannels * header.inputHeight * header.inputWidth)
    let classes = file.withModel { $0.classCount }
    return try Dataset(
      name: "noise", split: .test, channels: Int(header.inputChannels),
      height: Int(header.inputHeight), width: Int(header.inputWidth),
      images: SmallModels.picture(count * size), labels: (0..<count).map { UInt16($0 % classes) },
      classNames: (0..<classes).map(String.init))
  }

  /// What holds for every page.
  private func check(_ page: String, _ comment: Comment? = nil) throws -> PageReader {
    let reader = PageReader(page)
    #expect(reader.problem == nil, comment)
    // Nothing is fetched from anywhere.
    for element in reader.elements {
      #expect(!["script", "link", "iframe", "object", "base"].contains(element.name), comment)
      for (key, value) in element.attributes {
        let isReference = ["src", "href", "xlink:href", "action", "poster"].contains(key)
        if isReference {
          #expect(value.hasPrefix("#") || value.hasPrefix("data:image/png;base64,"))
        }
        #expect(!key.hasPrefix("on"))
      }
    }
    for word in ["http:", "https:", "url(", "@import", "@font-face"] {
      #expect(!page.contains(word), comment)
    }
    // Every name once, and every name that is referred to.
    let names = reader.elements.compactMap { $0.attributes["id"] }
    #expect(names.count == Set(names).count, comment)
    for element in reader.elements {
      if let target = element.attributes["href"] {
        #expect(names.contains(String(target.dropFirst())), comment)
      }
      for name in element.attributes["aria-labelledby"]?.split(separator: " ") ?? [] {
        #expect(names.contains(String(name)), comment)
      }
    }
    try checkReachability(reader, comment)
    return reader
  }

  private func checkReachability(_ reader: PageReader, _ comment: Comment?) throws {
    // The first thing that the keyboard reaches leads past the contents.
    let first = try #require(reader.elements.first { $0.name == "a" })
    #expect(first.attributes["href"] == "#overview")
    #expect(reader.elements.first { $0.name == "html" }?.attributes["lang"] == "en")
    // Headings leave out no level.
    var level = 0
    for element in reader.elements {
      guard ["h1", "h2", "h3", "h4"].contains(element.name),
        let next = element.name.last?.wholeNumberValue
      else { continue }
      #expect(next <= level + 1, comment)
      #expect(!element.text.isEmpty, comment)
      level = next
    }
    #expect(reader.all("h1").count == 1 && reader.all("main").count == 1)
    for element in reader.all("svg") {
      #expect(element.attributes["role"] == "img" && element.attributes["aria-labelledby"] != nil)
    }
    #expect(reader.all("svg").count <= reader.all("desc").count)
    for element in reader.all("th") {
      #expect(["col", "row"].contains(element.attributes["scope"]))
    }
    for element in reader.all("table") {
      #expect(element.path.last == "div", comment)
    }
    for element in reader.elements where element.attributes["class"] == "scroll" {
      // What scrolls is reached by the keyboard, and has a name.
      #expect(element.attributes["tabindex"] == "0" && element.attributes["aria-label"] != nil)
    }
    for element in reader.all("img") { #expect(element.attributes["alt"]?.isEmpty == false) }
    // No empty drawing: a number that is none has no place in a picture.
    for element in reader.elements where element.path.contains("svg") {
      for value in element.attributes.values {
        #expect(!value.contains("nan") && !value.contains("inf"), comment)
      }
    }
  }

  @Test func theNumbersAreThoseOfInspectAndEval() throws {
    let project = try TinyProject()
    try project.build()
    let file = try ModelFile(bytes: project.read("tiny.spk"), name: "some/where/tiny.spk")
    let evidence = try evidence(file, project.dataset(.test))
    let figures = try check(page(file, evidence: evidence)).figures
    let inspected = ModelSummary(file).json
    for key in [
      "modelBytes", "arenaBytes", "arenaLowerBoundBytes", "arenaGapBytes", "timesteps",
      "maximumTimesteps", "denseOperationsPerImage",
    ] {
      let figure = try #require(figures[key], "\(key)")
      #expect(inspected[key] == .number(figure.value), "\(key)")
      #expect(figure.text == Int(figure.value).grouped)
    }
    guard case .array(let layers)? = inspected["layers"] else { throw CancellationError() }
    for (index, layer) in layers.enumerated() {
      for key in ["neurons", "weights", "weightBits", "denseOperations", "tileBytes"] {
        #expect(layer[key] == figures["layers.\(index).\(key)"].map { .number($0.value) }, "\(key)")
      }
    }
    guard case .object(let sections)? = inspected["sections"] else { throw CancellationError() }
    for (name, bytes) in sections {
      #expect(bytes == figures["sections.\(name)"].map { .number($0.value) })
    }
    let result = try Evaluation(model: file, dataset: project.dataset(.test)).run()
    for key in [
      "correct", "images", "accuracy", "meanTimesteps", "synapticOperationsPerImage",
      "multiplyAccumulatesPerImage",
    ] {
      #expect(result.json()[key] == figures[key].map { .number($0.value) }, "\(key)")
    }
    #expect(figures["wrong"]?.value == Double(result.images - result.correct))
    #expect(figures["rightAfter.\(result.timesteps)"]?.value == Double(result.correct))
    #expect(
      figures["accuracy"]?.text == "\((result.accuracy * 100).fixed(2)) %")
    let rates = try SpikeRates.measure(
      file, dataset: project.dataset(.test), timesteps: result.timesteps, jobs: 2)
    for (index, layer) in rates.layers.enumerated() {
      #expect(figures["spikeRates.\(index).rate"]?.value == rates.rate(layer))
    }
  }

  @Test func anExitIsShownBesideTheRunToTheEnd() throws {
    let project = try TinyProject()
    try project.build()
    let file = try ModelFile(bytes: project.read("tiny.spk"), name: "tiny")
    let rule = try #require(ExitRule("stable:2"))
    let dataset = try project.dataset(.test)
    let evidence = try evidence(file, dataset) {
      $0.exit = rule
      $0.timesteps = 6
      $0.picture = 4
    }
    let text = page(file, evidence: evidence)
    let figures = try check(text).figures
    let result = try Evaluation(model: file, dataset: dataset, timesteps: 6, exit: rule).run()
    #expect(figures["exit.meanTimesteps"]?.value == result.meanTimesteps)
    #expect(figures["exit.accuracy"]?.value == result.accuracy)
    let trace = try DecisionTrace.record(file, dataset: dataset, timesteps: 6, jobs: 1)
    let report = ExitReport(rule: rule, result: result, trace: trace)
    #expect(figures["exit.full.accuracy"]?.value == report.full.accuracy)
    #expect(figures["exit.oracle.meanTimesteps"]?.value == report.oracle.meanTimesteps)
    #expect(text.contains("Picture 4 of mnist test is 5,"))
    #expect(text.contains("Where the pictures ended by \(rule)"))
    #expect(throws: Diagnostics.self) {
      try self.evidence(file, dataset) { $0.picture = 7 }
    }
  }

  @Test func equalInputsGiveEqualPages() throws {
    let project = try TinyProject()
    try project.build()
    let file = try ModelFile(bytes: project.read("tiny.spk"), name: "tiny")
    let dataset = try project.dataset(.test)
    let first = page(file, evidence: try evidence(file, dataset) { $0.jobs = 1 })
    #expect(page(file, evidence: try evidence(file, dataset) { $0.jobs = 3 }) == first)
  }

  @Test func randomNetworksWithBranchesGiveGoodPages() throws {
    var branches = 0
    var drawn = 0
    for seed in UInt64(8000)..<8040 {
      guard let bytes = try? RandomNetwork(seed: seed).compile(),
        let file = try? ModelFile(bytes: bytes, name: "random \(seed)")
      else { continue }
      if ModelPlan(file).steps.contains(where: { $0.connections.count > 1 }) { branches += 1 }
      let isPictures = file.withModel { $0.inputMode } != .events
      let evidence =
        try isPictures
        ? evidence(file, pictures(file)) {
          $0.timesteps = min(2, Int(file.header.maximumTimesteps))
        } : nil
      let text = page(file, evidence: evidence)
      let reader = try check(text, "seed \(seed)")
      // A box for the input and for each layer, an arrow for each connection.
      let summary = ModelSummary(file)
      let boxes = reader.elements.filter {
        $0.attributes["class"] == "box" || $0.attributes["class"] == "box first"
      }
      #expect(boxes.count == summary.layers.count + 1, "seed \(seed)")
      let arrows = reader.elements.filter { $0.attributes["class"] == "head" }
      #expect(arrows.count == summary.layers.reduce(0) { $0 + $1.operationsBySource.count })
      drawn += 1
    }
    #expect(drawn > 25 && branches > 3)
  }

  @Test func noNameBecomesMarkup() throws {
    let bytes = try SmallModels.compile(
      [
        .init(
          name: "\"><script>alert(1)</script>&\u{1B}[2J'", shape: Shape(channels: 2),
          connections: [
            SmallModels.dense(
              0, Shape(channels: 1, height: 2, width: 2), outputs: 2, weight: SmallModels.pattern)
          ], kind: SmallModels.neurons(2, threshold: nil))
      ], input: Shape(channels: 1, height: 2, width: 2))
    let file = try ModelFile(bytes: bytes, name: "<b>&\"'.spk")
    let text = page(file, evidence: try evidence(file, pictures(file)))
    let reader = try check(text)
    #expect(reader.all("script").isEmpty && reader.all("b").isEmpty)
    #expect(reader.all("h1").first?.text == "<b>&\"'.spk")
    #expect(!text.contains("\u{1B}"))
  }

  @Test func layersAndClassesWithoutNamesHaveNumbers() throws {
    let input = Shape(channels: 1, height: 2, width: 2)
    let bytes = try SmallModels.compile(
      [
        .init(
          name: "", shape: Shape(channels: 3),
          connections: [SmallModels.dense(0, input, outputs: 3, weight: SmallModels.pattern)],
          kind: SmallModels.neurons(3, threshold: 300)),
        .init(
          name: "", shape: Shape(channels: 2),
          connections: [
            SmallModels.dense(1, Shape(channels: 3), outputs: 2, weight: SmallModels.pattern)
          ], kind: SmallModels.neurons(2, threshold: nil)),
      ], input: input)
    let file = try ModelFile(bytes: bytes, name: "")
    let text = page(file, evidence: try evidence(file, pictures(file)))
    _ = try check(text)
    #expect(text.contains("layer-1") && text.contains("layer-2"))
    #expect(text.contains("reads layer-1"))
    #expect(text.contains("<h1>model</h1>"))
  }

  @Test func aPageWithoutPicturesSaysWhatIsMissing() throws {
    let file = try ModelFile(bytes: SmallModels.zoo(), name: "zoo")
    let text = page(
      file,
      missing: .init(reason: "There is <nothing>.", command: "spikelet report zoo --data \"x\""))
    let reader = try check(text)
    #expect(text.contains("There is &lt;nothing&gt;."))
    #expect(
      reader.elements.first { $0.name == "pre" }?.text == "spikelet report zoo --data \"x\"")
    #expect(reader.figures["accuracy"] == nil)
    #expect(!reader.elements.contains { $0.attributes["id"] == "accuracy" })
  }

  @Test func everyStateOfGoldenVectorsIsTold() throws {
    let file = try ModelFile(bytes: SmallModels.zoo(), name: "zoo")
    func text(_ verdict: GoldenState.Verdict, _ floats: GoldenState.Floats) throws -> String {
      let state = GoldenState(
        folder: "golden-vectors/zoo", verdict: verdict, images: 10, timesteps: 16, layers: 5,
        digests: 800, floats: floats)
      let text = page(file, golden: state)
      _ = try check(text)
      return text
    }
    #expect(try text(.exact, .none).contains("10 pictures × 16 timesteps × 5 layers, 800 digests"))
    #expect(try text(.exact, .within).contains("within the tolerances"))
    #expect(try text(.exact, .outside(["conv: <far>"])).contains("conv: &lt;far&gt;"))
    #expect(try text(.exact, .needsConfiguration).contains("builds another model now"))
    #expect(try text(.differs("image 1 & more"), .none).contains("image 1 &amp; more"))
    #expect(try text(.otherModel("abc"), .none).contains("<code>abc</code>"))
    #expect(page(file).contains("No golden vectors of this model were found"))
  }

  @Test func boardsShowTheirShareAndWhatDoesNotFit() throws {
    let file = try ModelFile(bytes: SmallModels.zoo(), name: "zoo")
    func board(_ available: Int) throws -> Board {
      try Board(
        json: JSONParser.parse(
          """
          {"name": "Board <\(available)>", "target": "armv7", "processor": "1 core",
           "ramBytes": 65536, "l1DataBytes": 1024, "l2Bytes": 65536,
           "availableBytes": \(available)}
          """), file: "board")
    }
    let bytes = file.bytes.count + Int(file.header.arenaBytes)
    let text = page(file, boards: [try board(bytes * 2), try board(1024)])
    _ = try check(text)
    #expect(text.contains("50.000 %") && text.contains("does not fit: "))
    #expect(text.contains("Board &lt;1024&gt;"))
    #expect(page(file).contains("No description of a board was found"))
  }

  @Test func boardsShowTheInstructionsOfTheCostModel() throws {
    let file = try ModelFile(bytes: SmallModels.zoo(), name: "zoo")
    func board(_ target: String, _ rate: String) throws -> Board {
      try Board(
        json: JSONParser.parse(
          """
          {"name": "\(target) board", "target": "\(target)", "processor": "1 core",
           "ramBytes": 65536\(rate)}
          """), file: "board")
    }
    func cost(_ target: CostTarget, _ rates: FiringRates) -> KernelExplanation {
      file.withModel { opened in
        KernelExplanation(
          opened, bytes: file.bytes, name: "zoo",
          names: (0..<opened.layerCount).map(file.layerName), rates: rates, target: target)
      }
    }
    let costs = [cost(.armv7, .assumed), cost(.aarch64, .assumed)]
    let boards = [
      try board("armv7", ""), try board("aarch64", ", \"instructionsPerMicrosecond\": 2"),
    ]
    let text = page(file, boards: boards, costs: costs)
    _ = try check(text)
    for cost in costs {
      let total = Int(cost.typical.total.rounded())
      #expect(
        text.contains(
          "<data data-figure=\"instructions-\(cost.target.rawValue)\" value=\"\(total)\">"))
      #expect(text.contains(Int(cost.worst.total.rounded()).grouped))
    }
    #expect(text.contains("\((costs[1].typical.total / 2).fixed(0)) µs"))
    #expect(text.contains("not measured"))
    #expect(text.contains("Firing rates assumed: 10 %"))
    // Other rates, other figures: the estimate is the model's, and not of all weights.
    let sparse = page(file, boards: boards, costs: [cost(.armv7, .given([0.01]))])
    #expect(sparse.contains("Firing rates given") && sparse != text)
    #expect(!page(file, boards: boards).contains("Instructions of one picture"))
  }

  @Test func aBuildAddsWhatTheCompilerDecided() throws {
    let project = try TinyProject()
    try project.build()
    let build = try Deployment(contentsOf: project.folder.appending(path: "tiny.json")).build()
    let file = try ModelFile(bytes: build.bytes, name: "tiny")
    let text = page(file, build: try BuildReport(build))
    _ = try check(text)
    #expect(text.contains("What the compiler decided"))
    #expect(!page(file).contains("What the compiler decided"))
  }
}
