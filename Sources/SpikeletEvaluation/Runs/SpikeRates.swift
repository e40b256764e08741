import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime

/// How often the neurons of each layer fire: what event-driven layers cost.
package struct SpikeRates: Sendable {
  package struct Layer: Sendable, Equatable {
    package var name: String
    /// Bits of the layer's spike map.
    package var neurons: Int
    /// Spikes of all pictures and timesteps.
    package var spikes: Int
  }

  /// The layers that have a spike map of their own.
  package let layers: [Layer]
  /// Pictures times timesteps.
  package let maps: Int

  /// Spikes a neuron and timestep, 0…1.
  package func rate(_ layer: Layer) -> Double {
    Double(layer.spikes) / Double(max(1, maps * layer.neurons))
  }

  /// Runs a model over a data set, without an early exit. The result does not depend on `jobs`.
  package static func measure(
    _ model: ModelFile, dataset: Dataset, timesteps: Int, jobs: Int,
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> SpikeRates {
    try Evaluation(model: model, dataset: dataset, timesteps: timesteps).check()
    var layers = (0..<Int(model.header.layerCount)).map { index in
      let record = model.withModel { $0.layer(index) }
      let neurons = Int(record.spikeChannels) * Int(record.height) * Int(record.width)
      return Layer(
        name: model.layerName(index),
        neurons: record.spikeBuffer == ModelFormat.none ? 0 : neurons, spikes: 0)
    }
    // A map is counted right after its layer ran: later its bytes may hold another one.
    let counts = try ParallelRun(model: model, dataset: dataset, jobs: jobs, journal: journal)
      .map("rates", progress: progress) {
        (engine, index, picture) throws(SpikeletError) -> Counts in
        var counts = Counts(spikes: [UInt64](repeating: 0, count: engine.model.layerCount))
        engine.begin()
        for timestep in 1...timesteps {
          let frame = dataset.frame(picture, timestep: timestep)
          try engine.beginTimestep(input: frame.span, stream: index)
          for layer in counts.spikes.indices {
            engine.runLayer(layer, input: frame.span)
            counts.spikes[layer] += UInt64(engine.spikeCount(source: layer + 1))
          }
        }
        return counts
      }.elements
    for picture in counts {
      for (index, count) in picture.spikes.enumerated().prefix(layers.count) {
        layers[index].spikes += Int(count)
      }
    }
    return SpikeRates(
      layers: layers.filter { $0.neurons > 0 }, maps: dataset.count * timesteps)
  }

  /// The spikes of each layer for one picture.
  private struct Counts: JournalRecord {
    var spikes: [UInt64]

    init(spikes: [UInt64]) { self.spikes = spikes }

    var journalWords: [UInt64] { spikes }

    init?(journalWords words: ArraySlice<UInt64>) {
      // No map has as many neurons, for as many timesteps.
      guard words.allSatisfy({ $0 < 1 << 40 }) else { return nil }
      spikes = Array(words)
    }
  }
}
