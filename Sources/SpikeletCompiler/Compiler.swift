import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport

/// The way from a float network to a model file, as functions of values: no file is read or written.
///
/// `Deployment` of SpikeletDeployment reads what they need from a folder.
public enum Compiler {
  /// A finished build, with every stage it went through.
  public struct Build: Sendable {
    /// The configuration, with what it leaves to the network filled in.
    public var configuration: Configuration
    /// The simplified float network.
    public var source: Network
    /// The converted network, before quantization.
    public var spiking: SpikingNetwork
    /// The quantized network.
    public var integer: IntegerNetwork
    /// What the file says of its origin.
    public var provenance: JSONValue
    /// The model file.
    public var bytes: [UInt8]
    /// How the model runs.
    public var plan: ExecutionPlan
    /// The board that the configuration names.
    public var board: Board?
    /// What is not exactly as in the float network, and anything else that its user should know.
    public var notes: [String]
  }

  /// Builds a model.
  ///
  /// - Parameters:
  ///   - network: a simplified network.
  ///   - configuration: how to convert and quantize it, and what the model may cost.
  ///   - calibration: the statistics that λ is chosen from; nil where thresholds were trained.
  ///   - networkDigest: the SHA-256 of the network's file, for the provenance.
  ///   - exitCalibration: the numbers of a calibrated exit; nil for a configuration without one.
  ///   - exitCalibrationName: what messages call them, such as the path of their file.
  ///   - board: the board that the model must fit.
  /// - Throws: `Diagnostics`, `BudgetError` or `SpikeletError`.
  public static func build(
    _ network: Network, configuration: Configuration, calibration: Calibration?,
    networkDigest: String, exitCalibration: ExitCalibration? = nil,
    exitCalibrationName: String = "exit calibration", board: Board? = nil
  ) throws -> Build {
    let configuration = try configuration.resolved(for: network)
    let spiking = try SpikingConversion.convert(
      network, configuration: configuration, calibration: calibration)
    let integer = try Quantizer.quantize(spiking, configuration: configuration)
    let provenance = provenance(configuration, calibration: calibration, digest: networkDigest)
    let budget = configuration.budgets.maximumArenaBytes
    let plan = try ExecutionPlan(integer, tiling: .automatic(budget: budget), budget: budget)
    var build = Build(
      configuration: configuration, source: network, spiking: spiking, integer: integer,
      provenance: provenance, bytes: [], plan: plan, board: board,
      notes: BuildNotes(network, configuration, spiking, integer).all)
    try build.addExit(exitCalibration, name: exitCalibrationName)
    do {
      build.bytes = try ModelWriter.write(
        build.integer, plan: plan, provenance: provenance,
        classNames: try classNames(configuration, calibration, network))
    } catch let error as SpikeletError {
      throw Self.refusal(error, of: build.integer)
    }
    try build.checkBudgets()
    return build
  }

  /// The names of the classes that the model is given: the configuration's, or else those of the
  /// pictures that it was calibrated on.
  private static func classNames(
    _ configuration: Configuration, _ calibration: Calibration?, _ network: Network
  ) throws(Diagnostics) -> [String] {
    let names =
      configuration.classNames.isEmpty
      ? calibration?.data?.classNames ?? [] : configuration.classNames
    let count = network.outputShape.count
    guard names.isEmpty || names.count == count else {
      throw Diagnostics(
        "\(configuration.name) does not fit its network",
        [
          .init(
            "classNames", "are \(names.count), the network has \(count) classes",
            advice: "give one a class, in the network's order")
        ])
    }
    return names
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
      if let data = calibration.data {
        members["data"] = .string("\(data.kind), sha256 \(data.digest)")
      }
      members["granularity"] = .string(configuration.conversion.granularity.rawValue)
    }
    return .object(members)
  }
}

/// The model is larger than its configuration allows.
public struct BudgetError: Error, CustomStringConvertible, Sendable {
  /// The name of the model.
  public var name: String
  /// Every budget that is exceeded, by how much.
  public var problems: [Problem]

  /// The name, and one line for each budget.
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
