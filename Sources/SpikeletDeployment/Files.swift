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
    let advice = "run `spikelet calibrate` to make it"
    let document = try JSONValue.read(
      url, as: "a calibration file", key: "calibration", advice: advice)
    do {
      try self.init(json: document)
    } catch {
      var problem = error
      problem.advice = advice
      throw Diagnostics("\(url.path): not a calibration file", [problem])
    }
  }
}

extension ExitCalibration {
  /// Reads a file of calibrated exits.
  ///
  /// - Throws: why it cannot be read, or that it is no such file.
  public init(contentsOf url: URL) throws(Diagnostics) {
    let advice = "run `spikelet calibrate` to make it"
    let document = try JSONValue.read(
      url, as: "an exit calibration", key: "exit.calibration", advice: advice)
    guard let value = Self.parse(document) else {
      throw Diagnostics(
        "\(url.path): not an exit calibration",
        [
          .init(
            "exit.calibration", "lacks something, or holds what cannot have been measured",
            advice: advice)
        ])
    }
    self = value
  }
}

extension Board {
  /// Reads a board description.
  ///
  /// - Throws: everything that is wrong with it at once.
  public init(contentsOf url: URL) throws(Diagnostics) {
    try self.init(json: JSONValue.read(url, as: "a board", key: "board"), file: url.path)
  }
}
