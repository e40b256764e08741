import SpikeletNetwork

/// Gathers a calibration: the float network runs over a data set, image by image.
public struct CalibrationRun: Sendable {
  /// The simplified network that runs.
  public let network: Network
  /// What a pixel is worth to it.
  public let input: Configuration.Input
  /// The nodes whose values are counted: rectifiers, additions, average pools and the output.
  public let observed: [Int]

  /// - Parameters:
  ///   - network: a simplified network.
  ///   - input: what a pixel is worth to it.
  public init(network: Network, input: Configuration.Input) {
    self.network = network
    self.input = input
    observed = network.nodes.indices.filter { index in
      if index == network.output { return true }
      switch network.nodes[index].operation {
      case .relu, .add, .averagePool: return true
      default: return false
      }
    }
  }

  /// The histograms of every observed node, a channel each.
  public typealias Histograms = [[ActivationHistogram]]

  /// Histograms that nothing was counted in yet, one a channel of each observed node.
  public func emptyHistograms() -> Histograms {
    observed.map {
      [ActivationHistogram](
        repeating: ActivationHistogram(), count: network.nodes[$0].shape.channels)
    }
  }

  /// Counts one picture's activations.
  ///
  /// A recording of events is frame after frame, of which the network sees the mean.
  public func observe(_ pixels: ArraySlice<UInt8>, into histograms: inout Histograms) {
    let values = network.evaluate(input.values(of: pixels, network.inputShape))
    for (position, node) in observed.enumerated() {
      let shape = network.nodes[node].shape
      let plane = shape.height * shape.width
      for channel in 0..<shape.channels {
        for i in channel * plane..<(channel + 1) * plane {
          histograms[position][channel].add(values[node][i])
        }
      }
    }
  }

  /// The sum of histograms that were gathered apart; at least one part.
  public static func merge(_ parts: [Histograms]) -> Histograms {
    var result = parts[0]
    for part in parts.dropFirst() {
      for node in result.indices {
        for channel in result[node].indices { result[node][channel].merge(part[node][channel]) }
      }
    }
    return result
  }

  /// The calibration that the histograms amount to.
  public func calibration(
    _ histograms: Histograms, networkDigest: String, dataset: String, split: String, images: Int,
    data: Calibration.Data? = nil
  ) -> Calibration {
    var nodes: [String: Calibration.Node] = [:]
    for (position, node) in observed.enumerated() {
      var whole = ActivationHistogram()
      for channel in histograms[position] { whole.merge(channel) }
      nodes[network.nodes[node].name] = Calibration.Node(
        channels: histograms[position].map(\.channel), layer: whole.channel)
    }
    return Calibration(
      networkDigest: networkDigest, dataset: dataset, split: split, images: images, nodes: nodes,
      data: data)
  }
}

extension Configuration.Input {
  /// How often each channel of each site fired, as a share of the frames.
  private static func meanFrame(_ frames: [UInt8], _ shape: Shape) -> [Float] {
    let count = frames.count / max(1, frameBytes(shape))
    var values = [Float](repeating: 0, count: shape.count)
    for frame in 0..<count {
      for (index, value) in frameValues(frames[...], frame: frame, shape).enumerated() {
        values[index] += value
      }
    }
    return values.map { $0 / Float(max(1, count)) }
  }

  /// One frame of a recording of events as the network's input values: 0 and 1, in the order
  /// channel, row, column.
  package static func frameValues(
    _ frames: ArraySlice<UInt8>, frame: Int, _ shape: Shape
  ) -> [Float] {
    let siteBytes = eventSiteBytes(channels: shape.channels)
    let plane = shape.height * shape.width
    let first = frames.startIndex + frame * plane * siteBytes
    var values = [Float](repeating: 0, count: shape.count)
    for site in 0..<plane {
      for channel in 0..<shape.channels {
        let byte = frames[first + site * siteBytes + channel / 8]
        values[channel * plane + site] = Float(byte >> UInt8(channel % 8) & 1)
      }
    }
    return values
  }

  /// The bytes of a frame of events.
  package static func frameBytes(_ shape: Shape) -> Int {
    shape.height * shape.width * eventSiteBytes(channels: shape.channels)
  }

  /// The bytes of one site of a frame of events.
  package static func eventSiteBytes(channels: Int) -> Int {
    let bytes = (channels + 7) / 8
    return bytes <= 2 ? bytes : (bytes + 3) / 4 * 4
  }

  /// What a pixel is worth to the float network.
  public func value(of pixel: UInt8, channel: Int) -> Double {
    (Double(pixel) / scale - mean(of: channel)) / std(of: channel)
  }

  /// A picture as the network's input values, in the order channel, row, column.
  ///
  /// Of a recording of events, frame after frame, it is the mean of all frames: what their spikes
  /// stand for.
  public func values(of pixels: ArraySlice<UInt8>, _ shape: Shape) -> [Float] {
    if mode == .events { return Self.meanFrame(Array(pixels), shape) }
    let plane = shape.height * shape.width
    return pixels.enumerated().map { index, pixel in
      Float(value(of: pixel, channel: index / plane))
    }
  }
}
