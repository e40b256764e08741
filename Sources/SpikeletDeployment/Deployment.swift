import Foundation
import SpikeletCompiler
import SpikeletImport
import SpikeletNetwork
import SpikeletSupport

/// A folder with everything that a model is built from: a configuration, the network that it names,
/// the statistics of a calibration, the numbers of an exit, and perhaps a board.
///
/// It reads the files; the compiler gets values.
public struct Deployment: Sendable {
  /// What the configuration file says.
  public var configuration: Configuration
  /// The folder that the configuration's paths are relative to.
  public let folder: URL

  /// Reads a configuration file, or that of a deployment's folder.
  ///
  /// - Throws: everything that is wrong with the configuration.
  public init(contentsOf url: URL) throws(Diagnostics) {
    let file = Self.configurationFile(at: url)
    configuration = try Configuration(contentsOf: file)
    folder = file.deletingLastPathComponent()
  }

  /// A deployment with another configuration than that of its folder.
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

  /// The file of the float network.
  public var networkURL: URL { place(configuration.network) }
  /// The file of the activation statistics.
  public var calibrationURL: URL { place(configuration.calibration) }
  /// The file with the numbers of a calibrated exit, or nil where the exit is not calibrated.
  public var exitCalibrationURL: URL? {
    configuration.exit.calibrated.map { place($0.calibration) }
  }

  /// Where a path of the configuration leads: from its folder, unless it begins at the root.
  private func place(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
  }

  /// Imports and simplifies the float network; the digest is the SHA-256 of its file.
  ///
  /// - Throws: `ImportError`, or `Diagnostics` where the configuration does not fit the network.
  public func loadNetwork() throws -> (network: Network, digest: String) {
    let (network, digest) = try importNetwork()
    return (try network.simplified(), digest)
  }

  /// Imports the float network as its file has it.
  ///
  /// - Throws: what `loadNetwork` does.
  public func importNetwork() throws -> (network: Network, digest: String) {
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
    return (network, SHA256.hexDigest(of: bytes))
  }

  /// Reads the files and builds the model.
  ///
  /// - Throws: `ImportError`, `Diagnostics`, `BudgetError` or `SpikeletError`.
  public func build() throws -> Compiler.Build {
    let (network, digest) = try loadNetwork()
    let calibration = try loadCalibration(of: network, digest: digest)
    let exit = exitCalibrationURL
    return try Compiler.build(
      network, configuration: configuration, calibration: calibration, networkDigest: digest,
      exitCalibration: exit.map { try ExitCalibration(contentsOf: $0) },
      exitCalibrationName: exit?.path ?? "",
      board: configuration.board.map { try Board(named: $0, near: folder) })
  }

  /// Builds the model as if its configuration had no exit: what an exit is calibrated on.
  ///
  /// - Throws: what `build` does.
  public func buildWithoutExit() throws -> Compiler.Build {
    var deployment = self
    deployment.configuration.exit = Configuration.Exit()
    return try deployment.build()
  }
}
