import SpikeletCompiler
import SpikeletNetwork
import SpikeletRuntime

/// What an engine computed for one picture.
package struct Simulation: Equatable {
  /// The digests of all layers, timestep by timestep.
  package var digests: [UInt64] = []
  /// The spike counts of each layer after the last timestep, in the order channel, row, column.
  package var counts: [[Int]] = []
  package var scores: [Int32] = []
  package var prediction = 0

  package init(_ file: [UInt8], _ pixels: [UInt8], timesteps: Int) throws {
    let model = try Model(file.span.bytes)
    let storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: model.arenaBytes, alignment: 16)
    defer { storage.deallocate() }
    storage.initializeMemory(as: UInt8.self, repeating: 0xA5)
    var engine = try Engine(model: model, arena: storage.mutableBytes)
    engine.begin()
    for _ in 0..<timesteps {
      try engine.beginTimestep(input: pixels.span)
      for index in 0..<model.layerCount {
        engine.runLayer(index, input: pixels.span)
        let digest = engine.digest(layer: index)
        digests.append(UInt64(digest.high) << 32 | UInt64(digest.low))
        count(engine, model.layer(index), index)
      }
    }
    scores = (0..<model.classCount).map { Int32(engine.score($0)) }
    prediction = engine.prediction
  }

  private mutating func count(_ engine: borrowing Engine, _ layer: LayerRecord, _ index: Int) {
    let channels = Int(layer.spikeChannels)
    let (height, width) = (Int(layer.height), Int(layer.width))
    if counts.count == index {
      counts.append([Int](repeating: 0, count: channels * height * width))
    }
    guard layer.spikeBuffer != ModelFormat.none else { return }
    var i = 0
    for channel in 0..<channels {
      for row in 0..<height {
        for column in 0..<width {
          if engine.spike(source: index + 1, channel: channel, row: row, column: column) {
            counts[index][i] += 1
          }
          i += 1
        }
      }
    }
  }
}

/// A configuration for tests: exact calibration, and the rest by default.
package func configuration(_ change: (inout Configuration) -> Void = { _ in }) -> Configuration {
  var configuration = Configuration()
  configuration.name = "test"
  configuration.conversion.percentile = 100
  change(&configuration)
  return configuration
}

/// Converts a network that is calibrated on the pictures.
package func build(
  _ network: Network, _ pictures: [[UInt8]], _ configuration: Configuration
) throws -> Compiler.Build {
  let simple = try network.simplified()
  return try Compiler.build(
    simple, configuration: configuration,
    calibration: calibration(simple, pictures, input: configuration.input),
    networkDigest: "digest")
}
