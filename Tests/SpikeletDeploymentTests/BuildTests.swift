import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// A build from files: reproducible, within its budgets, and of the network it was calibrated on.
@Suite struct BuildTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-build-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Repository.exportedNetwork("lenet-legacy17.onnx"),
      to: folder.appending(path: "network.onnx"))
    try FileManager.default.copyItem(
      at: Repository.exportedNetwork("lenet-legacy13.onnx"),
      to: folder.appending(path: "other.onnx"))
  }

  private func clean() { try? FileManager.default.removeItem(at: folder) }

  private func deployment(_ change: (inout Configuration) -> Void = { _ in }) -> Deployment {
    var configuration = Configuration()
    configuration.name = "lenet"
    configuration.network = "network.onnx"
    configuration.calibration = "network.calibration.json"
    change(&configuration)
    return Deployment(configuration: configuration, folder: folder)
  }

  /// Writes the calibration that `spikelet calibrate` would.
  private func calibrate() throws {
    let imported = try deployment().loadNetwork()
    let (network, digest) = (imported.network, imported.digest)
    var statistics = calibration(network, pictures(20, network.inputShape))
    statistics.networkDigest = digest
    try Data(statistics.json.text.utf8).write(to: deployment().calibrationURL)
  }

  @Test func twoBuildsGiveTheSameBytes() throws {
    defer { clean() }
    try calibrate()
    let first = try deployment().build()
    let second = try deployment().build()
    #expect(first.bytes == second.bytes)
    #expect(try Model(first.bytes.span.bytes).layerCount == first.integer.layers.count)
    #expect(first.plan.arenaBytes == Int(try Model(first.bytes.span.bytes).header.arenaBytes))
    // Another option shows in the bytes: the comparison above can fail.
    #expect(try deployment { $0.quantization.weightBits = 4 }.build().bytes != first.bytes)
  }

  @Test func theProvenanceNamesNetworkToolAndCalibration() throws {
    defer { clean() }
    try calibrate()
    let build = try deployment().build()
    let provenance = try Model(build.bytes.span.bytes).provenance
    let text = provenance.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    let json = try JSONParser.parse(Array(text.utf8))
    #expect(json["name"] == .string("lenet"))
    #expect(json["networkSHA256"] == .string(try deployment().loadNetwork().digest))
    #expect(json["tool"] == .string("spikelet \(SpikeletVersion.text)"))
    #expect(json["calibrationImages"] == .integer(20))
    #expect(!text.contains(folder.path))
  }

  @Test func anExceededBudgetNamesKeyAndNumbers() throws {
    defer { clean() }
    try calibrate()
    // Kernels take what room there is, so that the smallest arena is that of none but scatter.
    let arena = try ExecutionPlan(deployment().build().integer, kernels: .scatter).arenaBytes
    let build = try deployment { $0.budgets.maximumArenaBytes = arena }.build()
    let model = build.bytes.count
    #expect(build.plan.arenaBytes == arena)
    // The exact sizes are allowed.
    _ = try deployment {
      $0.budgets.maximumArenaBytes = arena
      $0.budgets.maximumModelBytes = model
    }.build()
    let error = #expect(throws: BudgetError.self) {
      try deployment {
        $0.budgets.maximumArenaBytes = arena - 1
        $0.budgets.maximumModelBytes = model - 100
      }.build()
    }
    #expect(
      error?.description == """
        lenet exceeds its budget
          budgets.maximumArenaBytes: the arena needs \(arena) bytes, 1 more than \(arena - 1); \
        lower maximumTimesteps, use 16-bit membranes, or raise the budget
          budgets.maximumModelBytes: the model has \(model) bytes, 100 more than \(model - 100); \
        use 4-bit weights, or raise the budget
        """)
  }

  @Test func theCalibrationOfAnotherNetworkIsRefused() throws {
    defer { clean() }
    try calibrate()
    let other = deployment { $0.network = "other.onnx" }
    let error = #expect(throws: Diagnostics.self) { try other.build() }
    let digests = try (deployment().loadNetwork().digest, other.loadNetwork().digest)
    #expect(
      error?.description == """
        \(deployment().calibrationURL.path): belongs to another network
          calibration: was gathered from \(digests.0.prefix(12))…, the network is \
        \(digests.1.prefix(12))…; run `spikelet calibrate` again
        """)
  }

  @Test func missingFilesAreNamed() throws {
    defer { clean() }
    let uncalibrated = #expect(throws: Diagnostics.self) { try deployment().build() }
    #expect(
      uncalibrated?.description.contains("network.calibration.json: cannot be read") == true)
    let noNetwork = deployment { $0.network = "missing.onnx" }
    let error = #expect(throws: Diagnostics.self) { try noNetwork.build() }
    #expect(
      error?.description == """
        \(noNetwork.networkURL.path): cannot be read
          network: there is no such file or folder
        """)
  }

  @Test func inputValuesThatDoNotFitTheNetworkAreRefusedBeforeCalibration() throws {
    defer { clean() }
    let wrong = deployment { $0.input.mean = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] }
    let error = #expect(throws: Diagnostics.self) { try wrong.loadNetwork() }
    #expect(error?.problems.first?.place?.name == "input.mean")
  }

  @Test func aBoardThatIsTooSmallIsNamedWithNumbers() throws {
    defer { clean() }
    try calibrate()
    let boards = folder.appending(path: "boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    let json = #"{ "name": "Tiny", "target": "armv7", "ramBytes": 4096, "availableBytes": 1024 }"#
    try Data(json.utf8).write(to: boards.appending(path: "tiny.json"))
    let error = #expect(throws: BudgetError.self) { try deployment { $0.board = "tiny" }.build() }
    #expect(error?.problems.map(\.place?.name) == ["board"])
    #expect(error?.description.contains("Tiny has 1024 to give") == true)
  }

  @Test func anArenaThatNobodyLimitedLeavesTheModelRoomOnItsBoard() throws {
    defer { clean() }
    let boards = folder.appending(path: "boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    var configuration = Configuration()
    configuration.name = "lenet"
    configuration.network =
      Repository.root.appending(path: "firmware-configs/lenet5-iir-mnist/network.onnx").path
    func build(_ change: (inout Configuration) -> Void = { _ in }) throws -> Compiler.Build {
      var configuration = configuration
      change(&configuration)
      return try Deployment(configuration: configuration, folder: folder).build()
    }
    let free = try build()
    #expect(free.arenaLimit == nil)
    func describe(_ bytes: Int) throws {
      let json = """
        {"name": "Desk", "target": "armv7", "ramBytes": 1048576, "availableBytes": \(bytes)}
        """
      try Data(json.utf8).write(to: boards.appending(path: "desk.json"))
    }
    let available = free.plan.arenaBytes + free.bytes.count - 4000
    try describe(available)
    let onBoard = try build { $0.board = "desk" }
    #expect(onBoard.plan.arenaBytes <= free.plan.arenaBytes - 4000)
    #expect(onBoard.plan.arenaBytes + onBoard.bytes.count <= available)
    #expect(onBoard.integer.digest == free.integer.digest)
    #expect(try onBoard.explanation().arenaLimit == onBoard.arenaLimit)
    // A limit that somebody gave is not lowered: the board is too small for it.
    let asked = #expect(throws: BudgetError.self) {
      try build {
        $0.board = "desk"
        $0.budgets.maximumArenaBytes = free.plan.arenaBytes
      }
    }
    #expect(asked?.problems.map(\.place?.name) == ["board"])
    // Where not even the smallest arena fits, the build says what it needs.
    try describe(4096)
    let error = #expect(throws: BudgetError.self) { try build { $0.board = "desk" } }
    #expect(error?.description.contains("Desk has 4096 to give") == true)
  }

  @Test func aNetworkIsReadOnceForSeveralBuilds() throws {
    defer { clean() }
    try calibrate()
    let deployment = deployment()
    let imported = try deployment.loadNetwork()
    let fromFile = try deployment.build()
    // What was imported serves every build, whatever becomes of the file.
    try Data("gone".utf8).write(to: deployment.networkURL)
    #expect(throws: (any Error).self) { try deployment.build() }
    #expect(try deployment.build(imported).bytes == fromFile.bytes)
    #expect(try deployment.buildWithoutExit(imported).bytes == fromFile.bytes)
    #expect(try deployment.buildWithoutRates(imported).bytes == fromFile.bytes)
  }
}
