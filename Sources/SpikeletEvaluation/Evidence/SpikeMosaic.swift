import SpikeletDatasets

/// The spike counts of a layer's first channels as one gray picture, channel beside channel; of a
/// layer without extents its first neurons, line below line.
package struct SpikeMosaic: Sendable {
  /// The channels that are drawn.
  package let channels: Int
  package let width: Int
  package let height: Int
  private let pixels: [UInt8]

  private static let (mostChannels, perRow) = (16, 8)
  private static let (mostNeurons, neuronsPerRow) = (2048, 64)

  /// - Parameter timesteps: as many spikes are white.
  package init(_ layer: PictureTrace.Layer, timesteps: Int) {
    guard layer.height * layer.width > 1 else {
      let count = min(layer.channels, Self.mostNeurons)
      let row = min(count, Self.neuronsPerRow)
      (channels, width, height) = (count, row, (count + row - 1) / row)
      var pixels = layer.counts.prefix(count).map {
        UInt8(clamping: $0 * 255 / max(1, timesteps))
      }
      pixels += [UInt8](repeating: 64, count: width * height - count)
      self.pixels = pixels
      return
    }
    channels = min(layer.channels, Self.mostChannels)
    let columns = max(1, min(channels, Self.perRow))
    let rows = (channels + columns - 1) / columns
    // A line of dark gray between two channels.
    width = columns * (layer.width + 1) - 1
    height = rows * (layer.height + 1) - 1
    var pixels = [UInt8](repeating: 64, count: width * height)
    for channel in 0..<channels {
      let (top, left) = (
        channel / columns * (layer.height + 1), channel % columns * (layer.width + 1)
      )
      for row in 0..<layer.height {
        for column in 0..<layer.width {
          let count = layer.counts[(channel * layer.height + row) * layer.width + column]
          pixels[(top + row) * width + left + column] = UInt8(
            clamping: count * 255 / max(1, timesteps))
        }
      }
    }
    self.pixels = pixels
  }

  /// Screen pixels for one of the picture: small maps are drawn larger.
  package var scale: Int { max(1, 340 / max(1, width)) }

  /// The picture as a PNG file.
  package var png: [UInt8] {
    PNGWriter.file(planes: pixels, channels: 1, height: height, width: width)
  }
}
