import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport

extension Deployment {
  /// The statistics of a network of rectifiers; nil for one whose thresholds were trained.
  ///
  /// - Throws: a file that is missing, damaged or of another network.
  func loadCalibration(of network: Network, digest: String) throws -> Calibration? {
    guard network.thresholdNodes.isEmpty else { return nil }
    guard !configuration.calibration.isEmpty else {
      throw Diagnostics(
        "\(configuration.name) does not fit its network",
        [
          .init(
            "calibration", "is missing, needed for a network of rectifiers",
            advice: "name a file, and make it with `spikelet calibrate`")
        ])
    }
    let calibration = try Calibration(contentsOf: calibrationURL)
    guard calibration.networkDigest == digest else {
      throw Diagnostics(
        "\(calibrationURL.path): belongs to another network",
        [
          .init(
            "calibration",
            "was gathered from \(calibration.networkDigest.prefix(12))…, the network is "
              + "\(digest.prefix(12))…", advice: "run `spikelet calibrate` again")
        ])
    }
    return calibration
  }

  /// Refuses to calibrate where there is nothing to find.
  public func requireCalibration(of network: Network) throws(Diagnostics) {
    guard network.thresholdNodes.isEmpty else {
      throw Diagnostics(
        "\(configuration.name) needs no calibration",
        [.init("network", "its thresholds were trained", advice: "build it as it is")])
    }
    guard !configuration.calibration.isEmpty else {
      throw Diagnostics(
        "\(configuration.name) cannot be calibrated",
        [.init("calibration", "is missing, needed the name of the file to write")])
    }
  }
}
