import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

/// The float network of a deployment: imported once, it serves everything that is done with it.
public struct ImportedNetwork: Sendable {
  /// The network as its file has it.
  public var original: Network
  /// The network simplified: what is calibrated and converted.
  public var network: Network
  /// The SHA-256 of the network's file.
  public var digest: String
}

extension Deployment {
  /// Reads the files and builds the model.
  ///
  /// - Parameter imported: the deployment's network, where it has been imported before.
  /// - Throws: `ImportError`, `Diagnostics`, `BudgetError` or `SpikeletError`.
  public func build(_ imported: ImportedNetwork? = nil) throws -> Compiler.Build {
    let source = try imported ?? loadNetwork()
    let calibration = try loadCalibration(of: source.network, digest: source.digest)
    let exit = exitCalibrationURL
    return try Compiler.build(
      source.network, configuration: configuration, calibration: calibration,
      networkDigest: source.digest,
      exitCalibration: exit.map { try ExitCalibration(contentsOf: $0) },
      exitCalibrationName: exit?.path ?? "",
      board: configuration.board.map { try Board(named: $0, near: folder) },
      firing: try firingURL.map { try FiringMeasurement(contentsOf: $0) })
  }

  /// Builds the model as if nothing were known of its firing rates and it had no budgets: what rates are
  /// measured on.
  ///
  /// - Parameter imported: the deployment's network, where it has been imported before.
  /// - Throws: what `build` does.
  public func buildWithoutRates(_ imported: ImportedNetwork? = nil) throws -> Compiler.Build {
    var deployment = self
    deployment.configuration.firing = .assumed
    deployment.configuration.budgets = Configuration.Budgets()
    return try deployment.build(imported)
  }

  /// Builds the model as if its configuration had no exit: what an exit is calibrated on.
  ///
  /// - Parameter imported: the deployment's network, where it has been imported before.
  /// - Throws: what `build` does.
  public func buildWithoutExit(_ imported: ImportedNetwork? = nil) throws -> Compiler.Build {
    var deployment = self
    deployment.configuration.exit = Configuration.Exit()
    deployment.configuration.firing = .assumed
    return try deployment.build(imported)
  }
}
