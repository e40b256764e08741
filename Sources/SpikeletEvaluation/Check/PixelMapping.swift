import SpikeletCompiler

/// One way in which a trained network may have seen its pixels: what a person has to give as
/// `input.scale`, `input.mean` and `input.std`.
package struct PixelMapping: Sendable, Equatable {
  /// What the mapping is called, such as "0…1".
  package let name: String
  package let input: Configuration.Input

  /// The mappings that exporters' training scripts use, for a number of channels.
  ///
  /// The means and deviations are those that the tutorials of MNIST, Fashion-MNIST, CIFAR-10 and
  /// ImageNet print.
  package static func candidates(channels: Int) -> [PixelMapping] {
    var all = [
      PixelMapping("0…1", scale: 255, mean: [], std: []),
      PixelMapping("0…255", scale: 1, mean: [], std: []),
      PixelMapping(
        "−1…1", scale: 255, mean: [0.5], std: [0.5]),
    ]
    if channels != 3 {
      all.append(PixelMapping("MNIST's mean", scale: 255, mean: [0.1307], std: [0.3081]))
      all.append(PixelMapping("Fashion-MNIST's mean", scale: 255, mean: [0.2860], std: [0.3530]))
    }
    if channels == 3 {
      all.append(
        PixelMapping(
          "ImageNet's means", scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]))
      all.append(
        PixelMapping(
          "CIFAR-10's means", scale: 255, mean: [0.4914, 0.4822, 0.4465],
          std: [0.2470, 0.2435, 0.2616]))
    }
    return all
  }

  private init(_ name: String, scale: Double, mean: [Double], std: [Double]) {
    self.name = name
    var input = Configuration.Input()
    input.scale = scale
    input.mean = mean
    input.std = std
    self.input = input
  }

  /// What a configuration says already.
  package init(given input: Configuration.Input) {
    name = "as configured"
    self.input = input
  }

  /// The keys of a configuration that say so, as JSON.
  package var keys: String {
    var parts: [String] = []
    func list(_ values: [Double]) -> String {
      "[" + values.map(Self.text).joined(separator: ", ") + "]"
    }
    if input.scale != 255 {
      parts.append("\"scale\": \(Self.text(input.scale))")
    }
    if !input.mean.isEmpty { parts.append("\"mean\": \(list(input.mean))") }
    if !input.std.isEmpty { parts.append("\"std\": \(list(input.std))") }
    if parts.isEmpty { parts = ["\"scale\": 255"] }
    return "\"input\": { " + parts.joined(separator: ", ") + " }"
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  /// Whether pixels are worth the same to the network.
  package func isSame(as other: PixelMapping, channels: Int) -> Bool {
    (0..<channels).allSatisfy { channel in
      [UInt8(0), 255].allSatisfy { pixel in
        let (mine, its) = (
          input.value(of: pixel, channel: channel), other.input.value(of: pixel, channel: channel)
        )
        return abs(mine - its) <= 1e-3 * max(1, abs(mine))
      }
    }
  }
}
