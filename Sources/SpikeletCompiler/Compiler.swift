import Foundation
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport

/// The way from a configuration to a model file.
public struct Compiler {
  public internal(set) var configuration: Configuration
  /// The folder that the configuration's paths are relative to.
  public let folder: URL

  /// Reads a configuration file, or that of a deployment's folder.
  public init(contentsOf url: URL) throws(Diagnostics) {
    let file = Self.configurationFile(at: url)
    configuration = try Configuration(contentsOf: file)
    folder = file.deletingLastPathComponent()
  }

  public init(configuration: Configuration, folder: URL) {
    self.configuration = configuration
    self.folder = folder
  }

  /// `deployment.json` where `url` is a folder, otherwise `url` itself.
  public static func configurationFile(at url: URL) -> URL {
    let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    return isFolder ? url.appending(path: "deployment.json") : url
  }

  /// Whether there is a configuration to build at `url`, and not a model file.
  public static func isConfiguration(_ url: URL) -> Bool {
    configurationFile(at: url).pathExtension == "json"
  }

  public var networkURL: URL { folder.appending(path: configuration.network) }
  public var calibrationURL: URL { folder.appending(path: configuration.calibration) }

  /// A finished build, with every stage it went through.
  public struct Build: Sendable {
    public var configuration: Configuration
    public var source: Network
    public var spiking: SpikingNetwork
    public var integer: IntegerNetwork
    public var provenance: JSONValue
    public var bytes: [UInt8]
    public var plan: ExecutionPlan
    /// The board that the configuration names.
    public var board: Board?
    /// What is not exactly as in the float network, and anything else that its user should know.
    public var notes: [String]
  }

  /// Imports and simplifies the float network.
  public func loadNetwork() throws -> (network: Network, digest: String) {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.read(networkURL.path, limit: ONNXImporter.maximumFileSize)
    } catch {
      throw error.diagnostics("network")
    }
    let network = try ONNXImporter.importNetwork(
      bytes: bytes, name: networkURL.lastPathComponent,
      externalData: networkURL.deletingLastPathComponent(), output: configuration.output)
    let problems = configuration.input.problems(channels: network.inputShape.channels)
    guard problems.isEmpty else {
      throw Diagnostics("\(configuration.name) does not fit its network", problems)
    }
    // Read once, so that the digest is that of the network.
    return (try network.simplified(), SHA256.hexDigest(of: bytes))
  }

  /// Builds the model.
  ///
  /// - Throws: `ImportError`, `Diagnostics`, `BudgetError` or `SpikeletError`.
  public func build() throws -> Build {
    let (network, digest) = try loadNetwork()
    let calibration = try loadCalibration(of: network, digest: digest)
    var build = try Self.build(
      network, configuration: configuration, calibration: calibration, networkDigest: digest,
      exitCalibration: exitCalibrationURL)
    if let board = configuration.board {
      build.board = try Board(named: board, near: folder)
    }
    try build.checkBudgets()
    return build
  }

  /// The stages behind the import.
  ///
  /// - Parameter exitCalibration: the file of a calibrated exit.
  public static func build(
    _ network: Network, configuration: Configuration, calibration: Calibration?,
    networkDigest: String, exitCalibration: URL? = nil
  ) throws -> Build {
    let configuration = try configuration.resolved(for: network)
    let spiking = try Converter.convert(
      network, configuration: configuration, calibration: calibration)
    let integer = try Quantizer.quantize(spiking, configuration: configuration)
    let provenance = provenance(configuration, calibration: calibration, digest: networkDigest)
    let budget = configuration.budgets.maximumArenaBytes
    let plan = try ExecutionPlan(integer, tiling: .automatic(budget: budget), budget: budget)
    var build = Build(
      configuration: configuration, source: network, spiking: spiking, integer: integer,
      provenance: provenance, bytes: [], plan: plan,
      notes: BuildNotes(network, configuration, spiking, integer).all)
    try build.addExit(calibration: exitCalibration)
    build.bytes = try ModelWriter.write(build.integer, plan: plan, provenance: provenance)
    return build
  }

  /// Where the model came from: no times and no paths, so equal inputs give equal bytes.
  private static func provenance(
    _ configuration: Configuration, calibration: Calibration?, digest: String
  ) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(configuration.name),
      "tool": .string("spikelet \(SpikeletVersion.text)"),
      "networkSHA256": .string(digest),
      "dataset": .string(calibration?.dataset ?? configuration.dataset),
    ]
    if let calibration {
      members["calibrationImages"] = .integer(calibration.images)
      members["percentile"] = .number(configuration.conversion.percentile)
      members["granularity"] = .string(configuration.conversion.granularity.rawValue)
    }
    return .object(members)
  }
}

/// The version of the tool, as provenance and `--version` show it.
public enum SpikeletVersion {
  public static let text = "0.1.0"
}

/// The model is larger than its configuration allows.
public struct BudgetError: Error, CustomStringConvertible, Sendable {
  public var name: String
  public var problems: [Problem]

  public var description: String {
    "\(name) exceeds its budget\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}

extension Compiler.Build {
  /// Fails when the model is larger than its configuration allows.
  func checkBudgets() throws(BudgetError) {
    let budgets = configuration.budgets
    var problems: [Problem] = []
    if let limit = budgets.maximumArenaBytes, plan.arenaBytes > limit {
      problems.append(
        .init(
          "budgets.maximumArenaBytes",
          "the arena needs \(plan.arenaBytes) bytes, \(plan.arenaBytes - limit) more than \(limit)",
          advice: "lower maximumTimesteps, use 16-bit membranes, or raise the budget"))
    }
    if let limit = budgets.maximumModelBytes, bytes.count > limit {
      problems.append(
        .init(
          "budgets.maximumModelBytes",
          "the model has \(bytes.count) bytes, \(bytes.count - limit) more than \(limit)",
          advice: "use 4-bit weights, or raise the budget"))
    }
    let needed = plan.arenaBytes + bytes.count
    if let board, needed > board.availableBytes {
      problems.append(
        .init(
          "board",
          "arena and model need \(needed) bytes, \(board.name) has \(board.availableBytes) to give",
          advice: "choose a larger board or a smaller network"))
    }
    guard problems.isEmpty else {
      throw BudgetError(name: configuration.name, problems: problems)
    }
  }
}
