import SpikeletCompiler
import SpikeletNetwork

/// One layer's connections, prepared for adding a run of weights for each spike.
struct FloatLayer: Sendable {
  let connections: [FloatConnection]

  init(_ layer: SpikingNetwork.Layer, network: SpikingNetwork) {
    connections = layer.connections.map { connection in
      FloatConnection(
        connection, source: network.sourceShape(connection.source), output: layer.shape)
    }
  }
}

/// A connection with its weights turned so that the output channels of one tap lie together.
struct FloatConnection: Sendable {
  let source: Int
  private let shape: Shape
  private let output: Shape
  private let pool: Window?
  private let pooled: Shape
  private let synapses: SpikingNetwork.Synapses
  /// `[input][kernel row][kernel column][output of the group]`, `[input][output]`, or one a channel.
  private let weights: [Double]

  init(_ connection: SpikingNetwork.Connection, source shape: Shape, output: Shape) {
    source = connection.source
    self.shape = shape
    self.output = output
    pool = connection.pool
    pooled = connection.pooledShape
    synapses = connection.synapses
    switch connection.synapses {
    case .convolution(let window, let groups, let weights):
      self.weights = Self.turned(
        weights, outputs: output.channels, inputs: pooled.channels, area: window.area,
        groups: groups)
    case .dense(let weights):
      self.weights = Self.turned(
        weights, outputs: output.channels, inputs: pooled.count, area: 1, groups: 1)
    case .channelwise(let weights): self.weights = weights
    case .maxPool, .potentials: weights = []
    }
  }

  private static func turned(
    _ weights: [Double], outputs: Int, inputs: Int, area: Int, groups: Int
  ) -> [Double] {
    let (groupInputs, groupOutputs) = (inputs / groups, outputs / groups)
    var result = [Double](repeating: 0, count: weights.count)
    for o in 0..<outputs {
      for i in 0..<groupInputs {
        for tap in 0..<area {
          let input = o / groupOutputs * groupInputs + i
          result[(input * area + tap) * groupOutputs + o % groupOutputs] =
            weights[(o * groupInputs + i) * area + tap]
        }
      }
    }
    return result
  }

  /// Whether it adds the potentials of its source, and not its spikes.
  var isOfPotentials: Bool {
    if case .potentials = synapses { return true }
    return false
  }

  /// Adds what the values of the source cause. Maps are `[row][column][channel]`.
  func add(_ values: [Double], to target: inout [Double]) {
    let pooled = pooledValues(values)
    let channels = self.pooled.channels
    for position in pooled.indices where pooled[position] != 0 {
      let channel = position % channels
      let site = position / channels
      let (y, x) = (site / self.pooled.width, site % self.pooled.width)
      switch synapses {
      case .convolution(let window, let groups, _):
        scatter(pooled[position], channel, y, x, window, groups, to: &target)
      case .dense:
        let row = (channel * self.pooled.height + y) * self.pooled.width + x
        addRun(row * output.channels, at: 0, count: output.channels, pooled[position], &target)
      case .channelwise: target[position] += weights[channel] * pooled[position]
      case .maxPool, .potentials: break
      }
    }
  }

  private func scatter(
    _ value: Double, _ channel: Int, _ y: Int, _ x: Int, _ window: Window, _ groups: Int,
    to target: inout [Double]
  ) {
    let count = output.channels / groups
    let first = channel / (pooled.channels / groups) * count
    for ky in 0..<window.kernelHeight {
      let top = y + window.padding.top - ky
      guard top >= 0, top % window.strideHeight == 0 else { continue }
      let row = top / window.strideHeight
      guard row < output.height else { continue }
      for kx in 0..<window.kernelWidth {
        let left = x + window.padding.left - kx
        guard left >= 0, left % window.strideWidth == 0 else { continue }
        let column = left / window.strideWidth
        guard column < output.width else { continue }
        let tap = channel * window.area + ky * window.kernelWidth + kx
        let start = (row * output.width + column) * output.channels + first
        addRun(tap * count, at: start, count: count, value, &target)
      }
    }
  }

  @inline(__always)
  private func addRun(
    _ run: Int, at start: Int, count: Int, _ value: Double, _ target: inout [Double]
  ) {
    weights.withUnsafeBufferPointer { weights in
      target.withUnsafeMutableBufferPointer { target in
        for i in 0..<count { target[start + i] += weights[run + i] * value }
      }
    }
  }

  private func pooledValues(_ values: [Double]) -> [Double] {
    guard let pool else { return values }
    let channels = pooled.channels
    var result = [Double](repeating: 0, count: pooled.count)
    for y in 0..<pooled.height {
      for x in 0..<pooled.width {
        let target = (y * pooled.width + x) * channels
        for row in rows(y, pool) {
          for column in columns(x, pool) {
            let source = (row * shape.width + column) * channels
            for channel in 0..<channels { result[target + channel] += values[source + channel] }
          }
        }
      }
    }
    return result
  }

  private func rows(_ y: Int, _ pool: Window) -> Range<Int> {
    let top = y * pool.strideHeight - pool.padding.top
    return max(0, top)..<max(0, top, min(shape.height, top + pool.kernelHeight))
  }

  private func columns(_ x: Int, _ pool: Window) -> Range<Int> {
    let left = x * pool.strideWidth - pool.padding.left
    return max(0, left)..<max(0, left, min(shape.width, left + pool.kernelWidth))
  }

  /// Calls `body` with every pooled position and the positions of its window.
  func forEachWindow(_ body: (_ output: Int, _ window: [Int]) -> Void) {
    guard let pool else { return }
    var window: [Int] = []
    for y in 0..<pooled.height {
      for x in 0..<pooled.width {
        for channel in 0..<pooled.channels {
          window.removeAll(keepingCapacity: true)
          for row in rows(y, pool) {
            for column in columns(x, pool) {
              window.append((row * shape.width + column) * shape.channels + channel)
            }
          }
          body((y * pooled.width + x) * pooled.channels + channel, window)
        }
      }
    }
  }
}
