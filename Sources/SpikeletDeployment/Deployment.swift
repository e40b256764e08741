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

  /// Reads a configuration file, or that of a deployment's folder. A graph of NIR (`.nir`,
  /// `.nir.json`) is built as if a configuration had named it and said nothing else.
  ///
  /// - Throws: everything that is wrong with the configuration.
  public init(contentsOf url: URL) throws(Diagnostics) {
    if Self.isNetwork(url) {
      self.init(network: url)
      return
    }
    let file = Self.configurationFile(at: url)
    self.init(
      configuration: try Configuration(contentsOf: file), folder: file.deletingLastPathComponent())
  }

  /// A network without a configuration: everything as if nothing had been said.
  public init(network url: URL) {
    var configuration = Configuration()
    let stem = url.lastPathComponent.split(separator: ".").first.map(String.init) ?? ""
    configuration.name = stem.isEmpty ? "network" : stem
    configuration.network = url.lastPathComponent
    self.init(configuration: configuration, folder: url.deletingLastPathComponent())
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

  /// Whether there is something to build at `url`, and not a model file: a configuration, or a
  /// network that needs none.
  public static func isConfiguration(_ url: URL) -> Bool {
    isNetwork(url) || configurationFile(at: url).pathExtension == "json"
  }

  /// Whether `url` names a network that can be built without a configuration: a graph of NIR.
  public static func isNetwork(_ url: URL) -> Bool { NIRImporter.isName(url.lastPathComponent) }

  /// The file of the float network.
  public var networkURL: URL { place(configuration.network) }
  /// The file of the activation statistics.
  public var calibrationURL: URL { place(configuration.calibration) }
  /// The file with the numbers of a calibrated exit, or nil where the exit is not calibrated.
  public var exitCalibrationURL: URL? {
    configuration.exit.calibrated.map { place($0.calibration) }
  }

  /// The file of the firing rates, or nil where the configuration names none.
  public var firingURL: URL? {
    if case .file(let name) = configuration.firing { place(name) } else { nil }
  }

  /// Where a path of the configuration leads: from its folder, unless it begins at the root.
  private func place(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
  }

  /// Imports and simplifies the float network.
  ///
  /// - Throws: `ImportError`, or `Diagnostics` where the configuration does not fit the network.
  public func loadNetwork() throws -> ImportedNetwork {
    let (original, digest) = try importNetwork()
    return ImportedNetwork(
      original: original, network: try original.simplified(), digest: digest)
  }

  /// The float network as its file has it, and the SHA-256 of the file.
  private func importNetwork() throws -> (network: Network, digest: String) {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.read(networkURL.path, limit: ONNXImporter.maximumFileSize)
    } catch {
      throw error.diagnostics("network")
    }
    let name = networkURL.lastPathComponent
    var network: Network
    if NIRImporter.reads(bytes, name: name) {
      network = try NIRImporter.importNetwork(
        bytes: bytes, name: name, semantics: configuration.nir ?? NeuronSemantics(),
        output: configuration.output)
      // The file has no word for them, and the float network needs them as the model does.
      network.timesteps = configuration.timesteps
    } else {
      guard configuration.nir == nil else {
        throw Diagnostics(
          "\(configuration.name) does not fit its network",
          [
            .init(
              "nir", "means nothing for a network that is no graph of NIR", advice: "remove it")
          ])
      }
      network = try ONNXImporter.importNetwork(
        bytes: bytes, name: name, externalData: networkURL.deletingLastPathComponent(),
        output: configuration.output)
    }
    let problems = configuration.input.problems(of: network.inputShape)
    guard problems.isEmpty else {
      throw Diagnostics("\(configuration.name) does not fit its network", problems)
    }
    // Read once, so that the digest is that of the network.
    return (network, SHA256.hexDigest(of: bytes))
  }
}
