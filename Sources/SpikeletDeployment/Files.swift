import Foundation
import SpikeletCompiler
import SpikeletSupport

extension Configuration {
  /// Reads a configuration file.
  ///
  /// - Throws: everything that is wrong with it at once: unknown keys, wrong types, values out of
  ///   range.
  public init(contentsOf url: URL) throws(Diagnostics) {
    let document = try JSONValue.read(url, as: "a configuration", key: "file")
    try self.init(json: document, file: url.path)
  }
}

extension Calibration {
  /// Reads a calibration file.
  ///
  /// - Throws: why it cannot be read, or the first thing in it that cannot be right.
  public init(contentsOf url: URL) throws(Diagnostics) {
    self = try readFinding(url, as: "a calibration file", key: "calibration") {
      (document) throws(Problem) in
      try Calibration(json: document)
    }
  }
}

extension ExitCalibration {
  /// Reads a file of calibrated exits.
  ///
  /// - Throws: why it cannot be read, or that it is no such file.
  public init(contentsOf url: URL) throws(Diagnostics) {
    self = try readFinding(url, as: "an exit calibration", key: "exit.calibration", Self.parse)
  }
}

extension FiringMeasurement {
  /// Reads a file of firing rates.
  ///
  /// - Throws: why it cannot be read, or that it is no such file.
  public init(contentsOf url: URL) throws(Diagnostics) {
    self = try readFinding(url, as: "a file of firing rates", key: "firingRates", Self.parse)
  }
}

/// Reads a file that `spikelet calibrate` writes.
///
/// - Parameters:
///   - what: what the file should be.
///   - key: the key of a configuration that names it.
///   - parse: reads its contents; a problem that it throws needs no advice.
/// - Throws: why the file cannot be read, or what is wrong in it, with the advice to make it again.
private func readFinding<Finding>(
  _ url: URL, as what: String, key: String,
  _ parse: (JSONValue) throws(Problem) -> Finding?
) throws(Diagnostics) -> Finding {
  let advice = "run `spikelet calibrate` to make it"
  let document = try JSONValue.read(url, as: what, key: key, advice: advice)
  var problem = Problem(key, "lacks something, or holds what cannot have been measured")
  do {
    if let finding = try parse(document) { return finding }
  } catch {
    problem = error
  }
  problem.advice = advice
  throw Diagnostics("\(url.path): not \(what)", [problem])
}

extension Board {
  /// Reads a board description.
  ///
  /// - Throws: everything that is wrong with it at once.
  public init(contentsOf url: URL) throws(Diagnostics) {
    try self.init(json: JSONValue.read(url, as: "a board", key: "board"), file: url.path)
  }
}
