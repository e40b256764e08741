import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Integer weights, thresholds and widths.
@Suite struct QuantizationTests {
  private let shape = Shape(channels: 2, height: 8, width: 8)

  private func network() -> Network {
    var graph = GraphBuilder(shape, seed: 40)
    graph.convolution("conv", outputs: 6, padding: 1)
    graph.relu()
    graph.convolution("next", outputs: 6, padding: 1)
    graph.relu()
    graph.flatten()
    graph.dense("dense", outputs: 5)
    return graph.network()
  }

  private func built(_ change: (inout Configuration) -> Void = { _ in }) throws -> Compiler.Build {
    try build(network(), pictures(10, shape), configuration(change))
  }

  /// The weights of a layer's only connection, float and integer, and the channels' scales.
  private func weights(
    _ build: Compiler.Build, _ index: Int
  ) throws -> (exact: [Double], integers: [Int], scales: [Double], saturated: Int) {
    let integer = build.integer.layers[index]
    guard case .neurons(let neurons) = integer.kind else {
      throw Diagnostics("no neurons", [])
    }
    switch (build.spiking.layers[index].connections[0].synapses, integer.connections[0].synapses) {
    case (.convolution(_, _, let exact), .convolution(_, _, let integers, _)),
      (.dense(let exact), .dense(let integers, _)):
      return (exact, integers, neurons.weightScales, neurons.saturatedWeights)
    default: throw Diagnostics("other synapses", [])
    }
  }

  /// Any number of bits, in the next width that the file has.
  @Test(arguments: [(2, 4), (3, 4), (5, 8), (7, 8), (9, 16), (10, 16)])
  func weightsOfOtherWidths(_ bits: Int, _ stored: Int) throws {
    let build = try built { $0.quantization.weightBits = bits }
    for index in 0..<2 {
      let (exact, integers, scales, saturated) = try weights(build, index)
      let limit = 1 << (bits - 1) - 1
      let row = exact.count / scales.count
      for channel in scales.indices {
        let part = integers[channel * row..<(channel + 1) * row]
        // A grid of few steps may clip its largest weights; it reaches its limit all the more.
        #expect(part.map(abs).max() == limit)
      }
      if bits > 4 { #expect(saturated == 0) }
      switch build.integer.layers[index].connections[0].synapses {
      case .convolution(_, _, _, let width), .dense(_, let width): #expect(width == stored)
      default: Issue.record("other synapses")
      }
    }
  }

  @Test func eightBitWeightsReachTheirLimitInEveryChannel() throws {
    let build = try built()
    for index in 0..<2 {
      let (exact, integers, scales, saturated) = try weights(build, index)
      let row = exact.count / scales.count
      for channel in scales.indices {
        let part = channel * row..<(channel + 1) * row
        #expect(integers[part].map(abs).max() == 127)
        for i in part {
          let error = abs(exact[i] - Double(integers[i]) * scales[channel])
          #expect(error <= scales[channel] * 0.500001)
        }
      }
      #expect(saturated == 0)
    }
    // The classes of a read-out share one scale.
    let (_, integers, scales, _) = try weights(build, 2)
    #expect(Set(scales).count == 1)
    #expect(integers.map(abs).max() == 127)
  }

  @Test func fourBitWeightsStayWithinSevenAndCountWhatTheyClip() throws {
    let build = try built { $0.quantization.weightBits = 4 }
    var total = 0
    for index in 0..<3 {
      let (exact, integers, scales, saturated) = try weights(build, index)
      let row = exact.count / scales.count
      #expect(integers.allSatisfy { (-7...7).contains($0) })
      let clipped = exact.indices.filter { abs((exact[$0] / scales[$0 / row]).rounded()) > 7 }
      #expect(saturated == clipped.count)
      total += saturated
      // The chosen scale is no worse than the one that clips nothing.
      for channel in scales.indices where index < 2 {
        let part = exact[channel * row..<(channel + 1) * row]
        func error(_ scale: Double) -> Double {
          part.reduce(0) {
            let q = min(7, max(-7, ($1 / scale).rounded())) * scale
            return $0 + ($1 - q) * ($1 - q)
          }
        }
        #expect(error(scales[channel]) <= error(part.map(abs).max()! / 7) * 1.000001)
      }
    }
    #expect(total > 0)
  }

  @Test func fourBitWeightsHalveTheSection() throws {
    // Of those that read spikes: kernels of pixels have bytes.
    func weightBytes(_ bytes: [UInt8]) throws -> Int32 {
      let model = try Model(bytes.span.bytes)
      let connections = (0..<Int(model.header.connectionCount)).map { model.connection($0) }
      return connections.reduce(0) { $1.source == 0 ? $0 : $0 + $1.weightsBytes }
    }
    let eight = try weightBytes(built().bytes)
    let four = try weightBytes(built { $0.quantization.weightBits = 4 }.bytes)
    #expect(abs(Int(eight) - 2 * Int(four)) <= 3 * 64)
  }

  @Test(arguments: [16, 32])
  func theConfiguredWidthIsTaken(bits: Int) throws {
    let build = try built { $0.quantization.membraneBits = bits }
    for layer in build.integer.layers {
      guard case .neurons(let neurons) = layer.kind else { continue }
      #expect(neurons.membraneBits == bits)
    }
  }

  @Test func clampsLeaveTwoThresholdsOfRoomInSixteenBits() throws {
    let build = try built()
    for layer in build.integer.layers {
      guard case .neurons(let neurons) = layer.kind, neurons.fires, neurons.membraneBits == 16
      else { continue }
      for (channel, threshold) in neurons.thresholds[0].enumerated() {
        #expect(neurons.upperClamps[channel] >= 2 * threshold)
        #expect(-neurons.lowerClamps[channel] >= 2 * threshold)
      }
    }
  }

  @Test func potentialsThatFitNoWidthAreRefusedByLayer() throws {
    let simple = try network().simplified()
    let configuration = configuration { $0.quantization.membraneBits = 16 }
    var spiking = try SpikingConversion.convert(
      simple, configuration: configuration, calibration: calibration(simple, pictures(10, shape)))
    guard case .neurons(var neurons) = spiking.layers[1].kind else { return }
    neurons.thresholds = neurons.thresholds.map { $0.map { $0 * 300 } }
    spiking.layers[1].kind = .neurons(neurons)
    let error = #expect(throws: Diagnostics.self) {
      try Quantizer.quantize(spiking, configuration: configuration)
    }
    #expect(
      error?.description == """
        test cannot be quantized
          next: its potentials do not fit 16 bits; lower maximumTimesteps or allow 32-bit membranes
        """)
  }

  @Test func theExitPolicyReachesTheModel() throws {
    let build = try built {
      $0.exit.rule = ExitRule(.margin(77), minimumTimestep: 3)
      $0.timesteps = 9
      $0.maximumTimesteps = 20
    }
    let header = try Model(build.bytes.span.bytes).header
    #expect(header.exitKind == ExitKind.margin.rawValue)
    #expect((header.exitParameter, header.exitMinimumTimestep) == (77, 3))
    #expect((header.timesteps, header.maximumTimesteps) == (9, 20))
  }
}
