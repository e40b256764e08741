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
    /// The largest arena that the plan may take: the configuration's limit, or what the model leaves of
    /// the board's memory where it would take more without one; nil for any.
    public var arenaLimit: Int?
    /// How often neurons fire: what the plan was chosen for.
    public var firing = FiringRates.assumed
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
  ///   - firing: what was counted of the network; nil unless the configuration names its file.
  /// - Throws: `Diagnostics`, `BudgetError` or `SpikeletError`.
  public static func build(
    _ network: Network, configuration: Configuration, calibration: Calibration?,
    networkDigest: String, exitCalibration: ExitCalibration? = nil,
    exitCalibrationName: String = "exit calibration", board: Board? = nil,
    firing: FiringMeasurement? = nil
  ) throws -> Build {
    let configuration = try configuration.resolved(for: network)
    let spiking = try SpikingConversion.convert(
      network, configuration: configuration, calibration: calibration)
    let integer = try Quantizer.quantize(spiking, configuration: configuration)
    let provenance = provenance(configuration, calibration: calibration, digest: networkDigest)
    let rates = try firingRates(configuration, firing, of: integer)
    var build = Build(
      configuration: configuration, source: network, spiking: spiking, integer: integer,
      provenance: provenance, bytes: [],
      plan: try plan(integer, configuration, configuration.budgets, rates, board), board: board,
      arenaLimit: configuration.budgets.maximumArenaBytes, firing: rates,
      notes: BuildNotes(network, configuration, spiking, integer).all)
    try build.addExit(exitCalibration, name: exitCalibrationName)
    let names = try classNames(configuration, calibration, network)
    try build.write(classNames: names)
    // Nobody has limited an arena that leaves the model no room on its board.
    if let board, build.arenaLimit == nil,
      build.plan.arenaBytes + build.bytes.count > board.availableBytes
    {
      var budgets = configuration.budgets
      budgets.maximumArenaBytes = max(0, board.availableBytes - build.bytes.count)
      build.arenaLimit = budgets.maximumArenaBytes
      build.plan = try plan(integer, configuration, budgets, rates, board)
      try build.write(classNames: names)
    }
    // Some kernels want wider rows of weights; a model that may not be so large does without them.
    if let limit = configuration.budgets.maximumModelBytes, build.bytes.count > limit,
      configuration.preferredKernel == nil
    {
      var budgets = configuration.budgets
      budgets.maximumArenaBytes = build.arenaLimit
      build.plan = try plan(integer, configuration, budgets, rates, board, kernels: .compact)
      try build.write(classNames: names)
    }
    try build.checkBudgets()
    return build
  }

  /// How a network runs within some budgets.
  private static func plan(
    _ network: IntegerNetwork, _ configuration: Configuration, _ budgets: Configuration.Budgets,
    _ rates: FiringRates, _ board: Board?, kernels: KernelPolicy = .automatic
  ) throws(Diagnostics) -> ExecutionPlan {
    try ExecutionPlan(
      network, budgets, rates: rates, target: costTarget(configuration, board),
      kernels: configuration.preferredKernel.map { .preferring($0) } ?? kernels)
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
    if let events = configuration.input.events { members["events"] = events.json }
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

extension Compiler.Build {
  /// Writes the model file as the plan has it.
  fileprivate mutating func write(classNames: [String]) throws {
    do {
      bytes = try ModelWriter.write(
        integer, plan: plan, provenance: provenance, classNames: classNames)
    } catch {
      throw Compiler.refusal(error, of: integer)
    }
  }
}
