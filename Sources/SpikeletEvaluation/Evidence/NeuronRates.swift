import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime

/// How often each neuron of a layer fires: `SpikeRates` tells the mean, this the whole distribution.
package struct NeuronRates: Sendable, Equatable {
  /// The spikes of the neurons of one layer.
  package struct Layer: Sendable, Equatable {
    package var name: String
    /// Spikes of all pictures and timesteps, for each place of the spike map.
    package var spikes: [Int]

    package init(name: String, spikes: [Int]) {
      (self.name, self.spikes) = (name, spikes)
    }
  }

  /// The layers that have a spike map of their own.
  package let layers: [Layer]
  /// The pictures that were run, from all over the data set.
  package let pictures: Int
  package let timesteps: Int

  package init(layers: [Layer], pictures: Int, timesteps: Int) {
    (self.layers, self.pictures, self.timesteps) = (layers, pictures, timesteps)
  }

  /// The most spikes that are looked at, one by one.
  private static let budget = 100_000_000

  /// How many neurons fire how often.
  ///
  /// - Parameter bins: 1 or more; of equal width, from above 0 to 1.
  /// - Returns: the neurons that never fired, and those in each bin.
  package func histogram(_ layer: Layer, bins: Int) -> (silent: Int, bins: [Int]) {
    var counts = [Int](repeating: 0, count: bins)
    var silent = 0
    let maps = max(1, pictures * timesteps)
    for spikes in layer.spikes {
      if spikes == 0 {
        silent += 1
      } else {
        counts[min(bins - 1, (spikes * bins - 1) / maps)] += 1
      }
    }
    return (silent, counts)
  }

  /// Runs a model over pictures from all over a data set, without an early exit: at most `limit`, and
  /// fewer where the model has very many neurons.
  package static func measure(
    _ model: ModelFile, dataset: Dataset, timesteps: Int, limit: Int = 200
  ) throws -> NeuronRates {
    try Evaluation(model: model, dataset: dataset, timesteps: timesteps).check()
    let maps = (0..<Int(model.header.layerCount)).map { index in
      SpikeMapShape(model.withModel { $0.layer(index) })
    }
    let neurons = max(1, maps.reduce(0) { $0 + $1.count })
    let affordable = max(1, budget / (neurons * timesteps))
    let sample = dataset.sample(min(limit, affordable))
    var spikes = maps.map { [Int](repeating: 0, count: $0.count) }
    let arena = Arena(byteCount: Int(model.header.arenaBytes))
    do {
      try arena.withBytes { (bytes) throws(any Error) in
        let opened = Model(validated: model.bytes.span.bytes)
        var engine = try Engine(model: opened, arena: bytes)
        for index in 0..<sample.count {
          let picture = try sample.image(index)
          engine.begin()
          for timestep in 1...timesteps {
            let frame = sample.frame(picture, timestep: timestep)
            try engine.beginTimestep(input: frame.span, stream: index)
            for layer in maps.indices {
              engine.runLayer(layer, input: frame.span)
              maps[layer].add(engine, source: layer + 1, to: &spikes[layer])
            }
          }
        }
      }
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
    let layers = maps.indices.filter { maps[$0].count > 0 }.map {
      Layer(name: model.layerName($0), spikes: spikes[$0])
    }
    return NeuronRates(layers: layers, pictures: sample.count, timesteps: timesteps)
  }
}

/// The extents of a spike map; nothing where a layer has none of its own.
private struct SpikeMapShape {
  let channels: Int
  let height: Int
  let width: Int

  init(_ record: LayerRecord) {
    channels = record.spikeBuffer == ModelFormat.none ? 0 : Int(record.spikeChannels)
    (height, width) = (Int(record.height), Int(record.width))
  }

  var count: Int { channels * height * width }

  /// Adds the spikes of the current timestep.
  func add(_ engine: borrowing Engine, source: Int, to spikes: inout [Int]) {
    var place = 0
    for channel in 0..<channels {
      for row in 0..<height {
        for column in 0..<width {
          if engine.spike(source: source, channel: channel, row: row, column: column) {
            spikes[place] += 1
          }
          place += 1
        }
      }
    }
  }
}
