import SpikeletCompiler
import SpikeletNetwork
import SpikeletReference

/// A converted network in double precision, before anything is rounded: what quantization has to
/// come close to.
///
/// Potentials are unbounded, leaks are exact factors, and weights are those of `SpikingNetwork`. Maps
/// are kept as `[row][column][channel]`, so that a spike adds one run of weights.
package struct FloatSimulator: Sendable {
  package let network: SpikingNetwork
  private let layers: [FloatLayer]
  private var potentials: [[Double]]
  private var currents: [[Double]]
  /// The spikes of each source at this timestep.
  private var spikes: [[Double]]
  /// The spikes of each layer so far; for max pools those of the inputs are kept apart.
  private var counts: [[Double]]
  private var inputCounts: [[Double]]
  package private(set) var timestep = 0

  package init(_ network: SpikingNetwork) {
    self.network = network
    layers = network.layers.map { FloatLayer($0, network: network) }
    potentials = network.layers.map { _ in [] }
    currents = potentials
    counts = potentials
    inputCounts = potentials
    spikes = [[Double]](repeating: [], count: network.layers.count + 1)
  }

  package mutating func begin() { timestep = 0 }

  /// Runs one timestep on a picture in the order channel, row, column, or on its frame of events.
  ///
  /// Poisson input is drawn from the engine's generator, so that both see the same spikes.
  package mutating func step(_ pixels: ArraySlice<UInt8>, image: UInt32 = 0) {
    timestep += 1
    let shape = network.inputShape
    let isMirrored = network.input.looksAtMirror && timestep == 2
    let plane = shape.height * shape.width
    var input = [Double](repeating: 0, count: shape.count)
    if network.input.mode == .events { input = events(Array(pixels)) }
    for (i, pixel) in pixels.enumerated() where network.input.mode != .events {
      let value = Int(pixel)
      let (row, column) = (i % plane / shape.width, i % shape.width)
      let site = row * shape.width + (isMirrored ? shape.width - 1 - column : column)
      let position = site * shape.channels + i / plane
      switch network.input.mode {
      case .direct: input[position] = Double(value - network.input.zeroPoints[i / plane])
      case .rate:
        input[position] = value * timestep / 255 > value * (timestep - 1) / 255 ? 1 : 0
      case .poisson:
        let seed = network.input.seed
        let draw = ReferencePhilox.draw(
          counter: [UInt32(i / 4), UInt32(timestep), image, 0],
          key: [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)])[i % 4]
        input[position] = Int((UInt64(draw) * 255) >> 32) < value ? 1 : 0
      case .events: break
      }
    }
    spikes[0] = input
    for index in layers.indices {
      switch network.layers[index].kind {
      case .maxPool(let rule): runMaxPool(index, rule)
      case .neurons(let neurons): runNeurons(index, neurons)
      }
    }
  }

  /// The spikes of a frame, in the order row, column, channel: one bit a channel, those of a site in
  /// 1, 2 or a multiple of 4 bytes.
  private func events(_ frame: [UInt8]) -> [Double] {
    let shape = network.inputShape
    let bytes = SpikingNetwork.eventBytes(channels: shape.channels)
    return (0..<shape.count).map { position in
      let (site, channel) = (position / shape.channels, position % shape.channels)
      return Double(frame[site * bytes + channel / 8] >> UInt8(channel % 8) & 1)
    }
  }

  /// The timestep of a layer: of a look at the mirror image the first, but for potentials that are
  /// scores.
  private func timestep(of layer: Int) -> Int {
    let isScore = layer == layers.count - 1 && network.readOut == .potential
    return network.input.looksAtMirror && !isScore ? 1 : timestep
  }

  private mutating func runNeurons(_ index: Int, _ neurons: SpikingNetwork.Neurons) {
    let timestep = timestep(of: index)
    let channels = network.layers[index].shape.channels
    let count = network.layers[index].shape.count
    if timestep == 1 {
      potentials[index] = (0..<count).map { neurons.initial(channel: $0 % channels) }
      if self.timestep == 1 {
        counts[index] = [Double](
          repeating: 0, count: network.layers[index].spikeShape.count)
      }
      currents[index] = (0..<count).map { neurons.bias[$0 % channels] }
      for connection in layers[index].connections where isDirect(connection) {
        connection.add(spikes[0], to: &currents[index])
      }
    } else if neurons.leak.factor != 1 {
      for i in 0..<count { potentials[index][i] *= neurons.leak.factor }
    }
    for connection in layers[index].connections where !isDirect(connection) {
      // What does not run before this layer is read as the timestep before has left it.
      if connection.source > index, timestep == 1 { continue }
      if connection.isOfPotentials {
        for i in 0..<count { potentials[index][i] += potentials[connection.source - 1][i] }
      } else {
        connection.add(spikes[connection.source], to: &potentials[index])
      }
    }
    for i in 0..<count { potentials[index][i] += currents[index][i] }
    if neurons.fires { fire(index, neurons) }
  }

  /// Compares every potential with its thresholds; what is subtracted is the largest one crossed.
  private mutating func fire(_ index: Int, _ neurons: SpikingNetwork.Neurons) {
    let channels = network.layers[index].shape.channels
    let count = neurons.thresholds.count
    var fired = [Double](repeating: 0, count: potentials[index].count * count)
    for i in potentials[index].indices {
      let (site, channel) = (i / channels, i % channels)
      let u = potentials[index][i]
      for (threshold, values) in neurons.thresholds.enumerated()
      where neurons.firesAbove ? u > values[channel] : u >= values[channel] {
        let spike = (site * count + threshold) * channels + channel
        fired[spike] = 1
        counts[index][spike] += 1
        switch neurons.reset {
        case .soft: potentials[index][i] = u - neurons.amount(threshold, channel: channel)
        case .hard: potentials[index][i] = 0
        case .none: break
        }
      }
      guard !neurons.floors.isEmpty else { continue }
      potentials[index][i] = max(potentials[index][i], neurons.floors[channel])
    }
    spikes[index + 1] = fired
  }

  private func isDirect(_ connection: FloatConnection) -> Bool {
    connection.source == 0 && network.input.mode == .direct
  }

  private mutating func runMaxPool(_ index: Int, _ rule: SpikeMaximum) {
    let connection = layers[index].connections[0]
    let source = spikes[connection.source]
    if timestep(of: index) == 1 {
      inputCounts[index] = [Double](repeating: 0, count: source.count)
    }
    if timestep == 1 {
      counts[index] = [Double](repeating: 0, count: network.layers[index].shape.count)
    }
    let before = inputCounts[index]
    for i in source.indices { inputCounts[index][i] += source[i] }
    let after = inputCounts[index]
    var fired = [Double](repeating: 0, count: counts[index].count)
    connection.forEachWindow { output, window in
      switch rule {
      case .countMaximum:
        let rose = (window.map { after[$0] }.max() ?? 0) > (window.map { before[$0] }.max() ?? 0)
        fired[output] = rose ? 1 : 0
      case .any: fired[output] = window.contains { source[$0] == 1 } ? 1 : 0
      case .gated:
        guard var gate = window.first else { return }
        for i in window where after[i] > after[gate] { gate = i }
        fired[output] = source[gate]
      }
    }
    for i in fired.indices { counts[index][i] += fired[i] }
    spikes[index + 1] = fired
  }
}

extension FloatSimulator {
  /// The class scores: potentials or spike counts of the last layer.
  package var scores: [Double] {
    network.readOut == .potential ? potentials[layers.count - 1] : counts[layers.count - 1]
  }

  /// The largest score; of equal scores the larger potential, then the lowest index.
  package var prediction: Int {
    let (scores, last) = (scores, potentials[layers.count - 1])
    var best = 0
    for c in scores.indices
    where scores[c] > scores[best] || (scores[c] == scores[best] && last[c] > last[best]) {
      best = c
    }
    return best
  }

  /// The spikes of a layer so far, in the order channel, row, column.
  package func spikeCounts(layer: Int) -> [Int] {
    let shape = network.layers[layer].spikeShape
    let plane = shape.height * shape.width
    return (0..<shape.count).map { i in
      Int(counts[layer][i % plane * shape.channels + i / plane])
    }
  }
}

extension SpikingNetwork {
  /// The bytes of one site of a frame of events.
  package static func eventBytes(channels: Int) -> Int {
    let bytes = (channels + 7) / 8
    return bytes <= 2 ? bytes : (bytes + 3) / 4 * 4
  }
}
