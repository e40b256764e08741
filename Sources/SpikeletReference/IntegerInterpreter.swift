/// The arithmetic of docs/semantics.md, sentence by sentence, on plain arrays.
///
/// It is the judge of every kernel and is never optimised: every value is an `Int`, every neuron
/// gathers its inputs one by one, maps are `[channel][row][column]`.
public struct IntegerInterpreter: Sendable {
  /// The model that it computes.
  public let model: ReferenceModel
  /// The potentials of each layer; empty for max pools.
  public private(set) var potentials: [[Int]]
  /// The spikes (0 or 1) of each source at this timestep: 0 is the input, i is layer i − 1.
  public private(set) var spikes: [[Int]]
  /// The constant current of each layer that reads pixels.
  private var currents: [[Int]]
  /// The spike counts of each max pool's inputs.
  private var counts: [[Int]]
  /// Output spikes so far.
  public private(set) var outputCounts: [Int]
  /// The timesteps that have run since the picture began.
  public private(set) var timestep = 0
  /// The additions of a weight to a potential that spikes have caused.
  public private(set) var synapticOperations = 0
  /// The range that each layer's potentials have had before reset and clamp, zero included.
  public private(set) var extremes: [ClosedRange<Int>]

  /// A deliberate mistake, to test that verification finds it.
  public enum Fault: Sendable, CaseIterable {
    /// The last weight of the second weighted layer is one too large.
    case weightOffByOne
    /// Direct currents are rounded down instead of half up.
    case currentRoundedDown
    /// A potential that equals its threshold does not fire.
    case strictThreshold
  }

  private let fault: Fault?

  /// Makes an interpreter of a model, with a deliberate mistake if asked for.
  public init(_ model: ReferenceModel, fault: Fault? = nil) {
    var model = model
    if fault == .weightOffByOne {
      for layer in model.layers.indices.dropFirst()
      where !model.layers[layer].connections[0].weights.isEmpty {
        let last = model.layers[layer].connections[0].weights.count - 1
        model.layers[layer].connections[0].weights[last] += 1
        break
      }
    }
    self.fault = fault
    self.model = model
    potentials = model.layers.map { _ in [] }
    extremes = model.layers.map { _ in 0...0 }
    currents = potentials
    counts = potentials
    spikes = [[Int]](repeating: [], count: model.layers.count + 1)
    outputCounts = []
  }

  /// Begins a picture.
  public mutating func begin() {
    timestep = 0
    synapticOperations = 0
  }

  /// Runs one timestep on a picture in the order channel, row, column, or on its frame of events.
  public mutating func step(_ pixels: [UInt8], image: UInt32 = 0) {
    timestep += 1
    encode(pixels, image: image)
    for layer in model.layers.indices {
      if model.layers[layer].isMaxPool {
        runMaxPool(layer)
      } else {
        runNeurons(layer, pixels)
      }
    }
  }

  /// The class scores: potentials or spike counts of the last layer.
  public var scores: [Int] {
    model.readOut == 0 ? potentials[model.layers.count - 1] : outputCounts
  }

  /// The largest score; of equal scores the larger potential, then the lowest index.
  public var prediction: Int {
    let last = potentials[model.layers.count - 1]
    var best = 0
    for c in scores.indices {
      if scores[c] > scores[best] || (scores[c] == scores[best] && last[c] > last[best]) {
        best = c
      }
    }
    return best
  }

  // MARK: Input

  private mutating func encode(_ pixels: [UInt8], image: UInt32) {
    switch model.inputMode {
    case 1:
      spikes[0] = pixels.map { pixel in
        Int(pixel) * timestep / 255 > Int(pixel) * (timestep - 1) / 255 ? 1 : 0
      }
    case 2:
      spikes[0] = pixels.indices.map { i in
        let draw = ReferencePhilox.draw(
          counter: [UInt32(i / 4), UInt32(timestep), image, 0],
          key: [model.poissonSeed.low, model.poissonSeed.high])[i % 4]
        return Int((UInt64(draw) * 255) >> 32) < Int(pixels[i]) ? 1 : 0
      }
    case 3: spikes[0] = events(pixels)
    default: spikes[0] = []
    }
  }

  /// The spikes of a frame: one bit a channel, the channels of a site side by side in 1, 2 or a
  /// multiple of 4 bytes.
  private func events(_ frame: [UInt8]) -> [Int] {
    let sites = model.inputHeight * model.inputWidth
    let bytes = (model.inputChannels + 7) / 8
    let siteBytes = bytes <= 2 ? bytes : (bytes + 3) / 4 * 4
    return (0..<model.inputChannels * sites).map { i in
      let (channel, site) = (i / sites, i % sites)
      return Int(frame[site * siteBytes + channel / 8] >> UInt8(channel % 8)) & 1
    }
  }

  // MARK: Neurons

  /// The timestep of a layer: where a model looks at the mirror image every look is the first, but for
  /// potentials that are scores.
  private func timestep(of layer: Int) -> Int {
    let isScore = layer == model.layers.count - 1 && model.readOut == 0
    return model.looksAtMirror && !isScore ? 1 : timestep
  }

  /// The picture that this timestep looks at.
  private func look(at pixels: [UInt8]) -> [UInt8] {
    guard model.looksAtMirror, timestep == 2 else { return pixels }
    let width = model.inputWidth
    return pixels.indices.map { pixels[$0 / width * width + width - 1 - $0 % width] }
  }

  private mutating func runNeurons(_ index: Int, _ picture: [UInt8]) {
    let layer = model.layers[index]
    let (timestep, pixels) = (timestep(of: index), look(at: picture))
    let plane = layer.height * layer.width
    let count = layer.channels * plane
    if timestep == 1 {
      potentials[index] = (0..<count).map { layer.initials[$0 / plane] }
      currents[index] = []
    } else {
      for i in 0..<count { potentials[index][i] = leak(layer, potentials[index][i]) }
    }
    var sums = [Int](repeating: 0, count: count)
    for connection in layer.connections {
      if model.inputMode == 0 && connection.source == 0 {
        if timestep == 1 {
          let values = pixels.indices.map { i in
            Int(pixels[i]) - model.zeroPoints[i / (model.inputHeight * model.inputWidth)]
          }
          let weighted = gather(connection, values, layer)
          let isHalfUp = layer.currentShift > 0 && fault != .currentRoundedDown
          let half = isHalfUp ? 1 << (layer.currentShift - 1) : 0
          currents[index] = (0..<count).map { i in
            (weighted[i] + layer.biases[i / plane] + half) >> layer.currentShift
          }
        }
      } else if connection.source > index, timestep == 1 {
        // What does not run before this layer is read as the timestep before has left it: nothing yet.
        continue
      } else if connection.kind == 5 {
        for i in 0..<count { sums[i] += potentials[connection.source - 1][i] }
      } else {
        let part = gather(connection, spikes[connection.source], layer)
        for i in 0..<count { sums[i] += part[i] }
        synapticOperations += operations(connection, spikes[connection.source], layer)
      }
    }
    var fired = [Int](repeating: 0, count: layer.fires ? layer.spikeChannels * plane : 0)
    for i in 0..<count {
      let c = i / plane
      var u = potentials[index][i] + sums[i]
      if currents[index].isEmpty {
        let f = layer.biasFractionBits
        u += ((layer.biases[c] * timestep) >> f) - ((layer.biases[c] * (timestep - 1)) >> f)
      } else {
        u += currents[index][i]
      }
      extremes[index] = min(extremes[index].lowerBound, u)...max(extremes[index].upperBound, u)
      let reached = layer.thresholds.indices.filter {
        u >= layer.thresholds[$0][c] + (fault == .strictThreshold ? 1 : 0)
      }
      for level in reached where !layer.isOneHot || level == reached.last {
        fired[level * count + i] = 1
      }
      if let highest = reached.last {
        if layer.reset == 1 { u -= layer.resets[highest][c] }
        if layer.reset == 2 { u = 0 }
      }
      potentials[index][i] = min(max(u, layer.lowerClamps[c]), layer.upperClamps[c])
    }
    spikes[index + 1] = fired
    if index == model.layers.count - 1, layer.fires {
      if self.timestep == 1 { outputCounts = [Int](repeating: 0, count: count) }
      for i in 0..<count { outputCounts[i] += fired[i] }
    }
  }

  private func leak(_ layer: ReferenceModel.Layer, _ u: Int) -> Int {
    switch layer.leak {
    case 1: return u - (u >> layer.leakShift)
    case 2: return (u * layer.leakMultiplier) >> layer.leakShift
    case 3: return (u * layer.leakMultiplier) / (1 << layer.leakShift)
    default: return u
    }
  }

  // MARK: Max pooling

  private mutating func runMaxPool(_ index: Int) {
    let layer = model.layers[index]
    let c = layer.connections[0]
    let shape = sourceShape(c.source)
    let source = spikes[c.source]
    if timestep == 1 { counts[index] = [Int](repeating: 0, count: source.count) }
    let before = counts[index]
    for i in source.indices { counts[index][i] += source[i] }
    var result: [Int] = []
    for channel in 0..<layer.channels {
      for y in 0..<layer.height {
        for x in 0..<layer.width {
          var window: [Int] = []
          for dy in 0..<c.poolHeight {
            for dx in 0..<c.poolWidth {
              let row = y * c.poolStrideHeight - c.poolPaddingTop + dy
              let column = x * c.poolStrideWidth - c.poolPaddingLeft + dx
              guard row >= 0, row < shape.height, column >= 0, column < shape.width else {
                continue
              }
              window.append((channel * shape.height + row) * shape.width + column)
            }
          }
          if !model.keepsState || layer.poolRule == 3 {
            // A model of one timestep keeps no counts: every rule is OR then.
            result.append(window.contains { source[$0] == 1 } ? 1 : 0)
          } else if layer.poolRule == 1 {
            let old = window.map { before[$0] }.max() ?? 0
            let new = window.map { counts[index][$0] }.max() ?? 0
            result.append(new > old ? 1 : 0)
          } else {
            var gate = window.first ?? 0
            for i in window where counts[index][i] > counts[index][gate] { gate = i }
            result.append(window.isEmpty ? 0 : source[gate])
          }
        }
      }
    }
    spikes[index + 1] = result
  }
}

/// Philox4×32-10 as its paper writes it.
package enum ReferencePhilox {
  package static func draw(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = UInt64(c[0]) * 0xD251_1F53
      let b = UInt64(c[2]) * 0xCD9E_8D57
      c = [
        UInt32(b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
      ]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }
}
