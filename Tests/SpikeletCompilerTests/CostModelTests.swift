import SpikeletCompiler
import SpikeletRuntime
import SpikeletSupport
import Testing

/// What spikes come to: the closed forms and the counting give what plain loops do.
@Suite struct CostModelTests {
  /// A convolution in whatever shape a seed gives.
  private func shape(_ random: inout SeededRandom) -> (ConnectionShape, Geometry) {
    var (geometry, c, layer) = (Geometry(), ConnectionRecord(), LayerRecord())
    geometry.channels = random.pick(1...40)
    (geometry.height, geometry.width) = (random.pick(3...9), random.pick(3...9))
    geometry.kernel = random.pick(1...3)
    geometry.stride = random.pick(1...2)
    geometry.padding = random.pick(0...1)
    geometry.outputHeight =
      (geometry.height + 2 * geometry.padding - geometry.kernel) / geometry.stride + 1
    geometry.outputWidth =
      (geometry.width + 2 * geometry.padding - geometry.kernel) / geometry.stride + 1
    c.kind = ConnectionKind.convolution.rawValue
    (c.pooledHeight, c.pooledWidth) = (Int32(geometry.height), Int32(geometry.width))
    (c.window.height, c.window.width) = (Int32(geometry.kernel), Int32(geometry.kernel))
    (c.window.strideHeight, c.window.strideWidth) = (Int32(geometry.stride), Int32(geometry.stride))
    (c.window.paddingTop, c.window.paddingLeft) = (Int32(geometry.padding), Int32(geometry.padding))
    c.window.groups = 1
    layer.channels = Int32(random.pick(1...70))
    (layer.height, layer.width) = (Int32(geometry.outputHeight), Int32(geometry.outputWidth))
    let shape = ConnectionShape(
      c,
      source: (channels: geometry.channels, height: geometry.height, width: geometry.width),
      layer: layer, isDirect: false)
    return (shape, geometry)
  }

  private struct Geometry {
    var (channels, height, width) = (0, 0, 0)
    var (kernel, stride, padding, outputHeight, outputWidth) = (0, 0, 0, 0, 0)

    /// Entries, lines, reached sites and rows of kernels with anything below them, by plain loops.
    func naive(_ counts: [Int]) -> [ActivityMeasure: Double] {
      var (runs, reached) = (0, 0)
      for line in 0..<outputHeight {
        for site in 0..<outputWidth {
          for row in 0..<kernel {
            let y = line * stride + row - padding
            guard (0..<height).contains(y) else { continue }
            let below = (0..<kernel).map { site * stride + $0 - padding }
              .filter { (0..<width).contains($0) }.reduce(0) { $0 + counts[y * width + $1] }
            reached += below
            runs += below > 0 ? 1 : 0
          }
        }
      }
      return [.runs: Double(runs), .reached: Double(reached)]
    }
  }

  @Test func countsAreThoseOfPlainLoops() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<200 {
      let (shape, geometry) = shape(&random)
      let counts = (0..<geometry.height * geometry.width).map { _ in
        random.chance(2) ? random.pick(0...geometry.channels) : 0
      }
      let activity = shape.activity(
        counts: counts, repeated: 0, spikes: counts.reduce(0, +))
      for (measure, value) in geometry.naive(counts) {
        #expect((activity.values[measure] ?? 0) == value, "\(measure) of \(geometry)")
      }
    }
  }

  @Test func everythingFiringIsTheLimitOfRates() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<100 {
      let (shape, geometry) = shape(&random)
      let all = [Int](repeating: geometry.channels, count: geometry.height * geometry.width)
      let counted = shape.activity(
        counts: all, repeated: 0, spikes: all.reduce(0, +))
      let expected = shape.activity(rate: 1)
      for measure in ActivityMeasure.allCases {
        let (a, b) = (counted.values[measure] ?? 0, expected.values[measure] ?? 0)
        #expect(abs(a - b) <= 1e-9 * max(1, a), "\(measure): \(a), \(b)")
      }
      // More spikes are never less work.
      var last = shape.activity(rate: 0)
      #expect(last.values.values.allSatisfy { $0 == 0 })
      for rate in [0.01, 0.1, 0.5, 1] {
        let next = shape.activity(rate: rate)
        for measure in ActivityMeasure.allCases {
          #expect((next.values[measure] ?? 0) >= (last.values[measure] ?? 0) * (1 - 1e-12))
        }
        last = next
      }
    }
  }

  @Test func aMeasurementIsReadAsItWasWritten() throws {
    let measurement = FiringMeasurement(
      networkDigest: "abc", dataset: "digits", pictures: 7,
      timesteps: .init(mean: 1.5, rare: 3, maximum: 4),
      maps: [.init(name: "input", neurons: 784, spikes: .init([1, 2, 3]))],
      firedBlocks: [0.25], connections: [Activity([.entries: 2.5, .runs: 1])])
    let text = measurement.json.text
    let json = try JSONParser.parse(text)
    #expect(FiringMeasurement.parse(json) == measurement)
    #expect(measurement.maps[0].spikes == .init(mean: 2, rare: 3, maximum: 3))
    // Every change that cannot have been counted is refused.
    for (old, new) in [
      ("\"format\" : 1", "\"format\" : 2"), ("\"pictures\" : 7", "\"pictures\" : 0"),
      ("\"mean\" : 1.5", "\"mean\" : 5"), ("\"entries\"", "\"entrances\""),
      ("0.25", "-1"), ("\"neurons\" : 784", "\"neurons\" : 1.5"),
    ] {
      #expect(text.contains(old))
      let damaged = try JSONParser.parse(text.replacing(old, with: new))
      #expect(FiringMeasurement.parse(damaged) == nil, "\(new)")
    }
  }

  @Test func everyTargetHasAPriceForEveryKindOfWork() {
    for target in CostTarget.allCases {
      let prices = CostTable.measured(target).prices
      for kind in ["gather.entry", "scatter.once", "list.word", "first.", "neurons.", "rest."] {
        #expect(prices.keys.contains { $0.hasPrefix(kind) }, "\(target): \(kind)")
      }
      #expect(prices.values.allSatisfy { $0 >= 0 && $0.isFinite })
    }
  }
}
