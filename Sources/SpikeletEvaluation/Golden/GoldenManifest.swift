import Foundation
import SpikeletSupport

/// The table of contents of a folder of golden vectors: `manifest.json`.
package struct GoldenManifest: Sendable, Equatable {
  /// The configuration that the model is built from, relative to the manifest.
  package var configuration: String
  package var modelDigest: String
  package var timesteps: Int
  /// SHA-256 by file, relative to the manifest.
  package var files: [String: String]
  package var tolerances: Tolerances

  /// How far the quantized network may be from the float simulation, and why that far.
  package struct Tolerances: Sendable, Equatable {
    /// The smallest share of neurons with equal spike counts after the last timestep, a layer each.
    package var equalCountShare = 0.85
    /// The largest mean difference of firing rates (spikes a timestep), a layer each.
    package var meanRateError = 0.01
    /// The largest difference of any neuron's firing rate.
    package var maximumRateError = 0.125
    /// The largest difference of a read-out's potential, in units of its λ.
    package var potentialError = 2.0
    /// The smallest share of pictures on which both name the same class.
    package var agreement = 1.0
    package var reason = """
      Rounding weights to 8 bits and the input current to less than 1/1000 of a threshold moves a spike \
      by one timestep now and then, and a count taken in between differs by one. Of 16 timesteps \
      that is a rate of 1/16; 15 % of a layer's neurons may be off by it (mean 0.01), none by more \
      than two spikes (0.125). The read-out has summed up to 16 λ by then; 2 λ is an eighth of it. \
      No decision may change.
      """

    package init() {}

    /// For trained thresholds at one timestep.
    package static let exact = {
      var limits = Tolerances()
      limits.equalCountShare = 1
      limits.meanRateError = 0
      limits.maximumRateError = 0
      limits.potentialError = 0.001
      limits.reason = """
        The engine compares whole sums where the network was trained on whole sums: every spike is \
        the same. The scores differ by the rounding of float32.
        """
      return limits
    }()

    /// For trained thresholds at several timesteps.
    package static let trained = {
      var limits = Tolerances()
      limits.equalCountShare = 0.95
      limits.meanRateError = 0.02
      limits.maximumRateError = 1
      limits.potentialError = 4
      limits.reason = """
        Whole sums are compared, but a leak rounds down what it leaves, by less than one unit of a \
        weight. A potential that is that close to its threshold fires one timestep earlier or later; \
        of few timesteps one is a large share.
        """
      return limits
    }()

    /// For recordings of events.
    package static let events = {
      var limits = Tolerances()
      limits.equalCountShare = 0.6
      limits.meanRateError = 0.03
      limits.maximumRateError = 0.5
      limits.potentialError = 8
      limits.agreement = 0.8
      limits.reason = """
        A spike that rounding moves by one timestep meets another frame there, and nothing makes up \
        for it: differences stay, and grow with depth and time. Of the neurons of a layer 40 % may \
        have fired once more or less, 3 % of all timesteps on average; the read-out may be off by \
        8 λ, and of drawn recordings, which were never trained on, one of five may change its class.
        """
      return limits
    }()
  }

  package init(
    configuration: String, modelDigest: String, timesteps: Int, files: [String: String],
    tolerances: Tolerances
  ) {
    self.configuration = configuration
    self.modelDigest = modelDigest
    self.timesteps = timesteps
    self.files = files
    self.tolerances = tolerances
  }
}

extension GoldenManifest {
  package var json: JSONValue {
    .object([
      "format": .integer(1),
      "configuration": .string(configuration),
      "modelSHA256": .string(modelDigest),
      "timesteps": .integer(timesteps),
      "files": .object(files.mapValues { .string($0) }),
      "tolerances": .object([
        "equalCountShare": .number(tolerances.equalCountShare),
        "meanRateError": .number(tolerances.meanRateError),
        "maximumRateError": .number(tolerances.maximumRateError),
        "potentialError": .number(tolerances.potentialError),
        "agreement": .number(tolerances.agreement),
        "reason": .string(tolerances.reason),
      ]),
    ])
  }

  /// Reads `manifest.json` of a folder.
  package init(folder: URL) throws(GoldenError) {
    let url = folder.appending(path: GoldenFolder.manifest)
    let bytes = try Self.bytes(of: url)
    let json: JSONValue
    do {
      json = try JSONParser.parse(bytes)
    } catch {
      throw .damaged(
        file: url.path, line: error.line, reason: "is not valid JSON: \(error.reason)")
    }
    try self.init(json: json, file: url.path)
  }

  package init(json: JSONValue, file name: String) throws(GoldenError) {
    guard json["format"] == .integer(1), case .string(let configuration) = json["configuration"],
      case .string(let model) = json["modelSHA256"],
      case .number(let timesteps) = json["timesteps"],
      case .object(let members) = json["files"], let limits = json["tolerances"],
      case .number(let share) = limits["equalCountShare"],
      case .number(let rate) = limits["meanRateError"],
      case .number(let largest) = limits["maximumRateError"],
      case .number(let potential) = limits["potentialError"],
      case .number(let agreement) = limits["agreement"],
      case .string(let reason) = limits["reason"],
      let count = Int(exactly: timesteps), (1...65_535).contains(count),
      (0...1).contains(share), rate >= 0, largest >= 0, potential >= 0, (0...1).contains(agreement)
    else { throw .damaged(file: name, line: 1, reason: "is not a manifest of format 1") }
    var files: [String: String] = [:]
    for (file, digest) in members {
      let parts = file.split(separator: "/", omittingEmptySubsequences: false)
      guard case .string(let text) = digest, !parts.contains(".."), !parts.contains("") else {
        throw .damaged(
          file: name, line: 1,
          reason: "lists '\(file.printableName)', which is no file of the folder with a digest")
      }
      files[file] = text
    }
    self.init(
      configuration: configuration, modelDigest: model, timesteps: count, files: files,
      tolerances: Tolerances())
    tolerances.equalCountShare = share
    tolerances.meanRateError = rate
    tolerances.maximumRateError = largest
    tolerances.potentialError = potential
    tolerances.agreement = agreement
    tolerances.reason = reason
  }

  /// Reads a listed file and checks that it is the one that the manifest was written for.
  package func read(_ file: String, folder: URL) throws(GoldenError) -> [UInt8] {
    let url = folder.appending(path: file)
    guard let needed = files[file] else {
      throw .unsuitable(file: url.path, reason: "is not in the manifest")
    }
    let bytes = try Self.bytes(of: url)
    let digest = SHA256.hexDigest(of: bytes)
    guard digest == needed else { throw .wrongFile(file: url.path, needed: needed, given: digest) }
    return bytes
  }

  /// The most bytes of a file of golden vectors.
  static let maximumFileSize = 1 << 26

  static func bytes(of url: URL) throws(GoldenError) -> [UInt8] {
    do {
      return try InputFile.read(url.path, limit: maximumFileSize)
    } catch {
      throw .unreadable(error)
    }
  }
}
