import SpikeletClassifier
import SpikeletRuntime

/// What a model does with one picture, timestep by timestep and without an early exit: enough of it to
/// be drawn.
package struct PictureTrace: Sendable {
  /// A neuron that was watched.
  package struct Neuron: Sendable, Equatable {
    package var channel: Int
    package var row: Int
    package var column: Int
    /// Whether it fired, for each timestep; empty where it never fires.
    package var spikes: [Bool]
    /// Its potential after each timestep; empty where a tile gave way to the next one.
    package var potentials: [Int]
    /// Its smallest threshold; nil where nothing is compared.
    package var threshold: Int?
  }

  package struct Layer: Sendable, Equatable {
    package var name: String
    /// The extents of the spike map, or of the potentials where nothing fires.
    package var channels: Int
    package var height: Int
    package var width: Int
    /// Spikes of the whole layer, for each timestep; empty where it never fires.
    package var spikesPerTimestep: [Int]
    /// Spikes of each neuron over all timesteps.
    package var counts: [Int]
    /// At most `rasterRows` neurons from all over the layer: of those that fired, where they are
    /// enough.
    package var raster: [Neuron]
    /// The neurons that fired most, of different channels where there are several; of a layer that
    /// never fires the first.
    package var traced: [Neuron]
  }

  package var layers: [Layer]
  /// The scores of the classes after each timestep.
  package var scores: [[Int]]
  /// The class with the best score after each timestep.
  package var predictions: [Int]

  package var timesteps: Int { scores.count }

  /// The rows of a raster, and the potentials that are traced in a layer.
  package static let (rasterRows, tracedNeurons, tracedOutputs) = (48, 3, 4096)

  /// Runs a picture twice: to see which neurons are worth watching, and to watch them.
  ///
  /// - Parameters:
  ///   - picture: as many bytes as the model reads.
  ///   - stream: the number of the picture, for Poisson input.
  ///   - timesteps: 1 to the model's maximum.
  package static func record(
    _ model: ModelFile, picture: [UInt8], stream: Int, timesteps: Int
  ) throws -> PictureTrace {
    do {
      return try run(model, picture, UInt32(clamping: stream), timesteps)
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
  }

  private static func run(
    _ model: ModelFile, _ picture: [UInt8], _ stream: UInt32, _ timesteps: Int
  ) throws -> PictureTrace {
    let device = EngineDevice(model)
    var layers = (0..<Int(model.header.layerCount)).map { empty(model, $0) }
    var trace = PictureTrace(layers: [], scores: [], predictions: [])
    device.begin(picture, image: stream)
    for _ in 0..<timesteps {
      for (index, state) in try device.step().enumerated() where !state.spikes.isEmpty {
        layers[index].spikesPerTimestep.append(state.spikes.reduce(0) { $0 + Int($1) })
        for (place, spike) in state.spikes.enumerated() where spike != 0 {
          layers[index].counts[place] += 1
        }
      }
      trace.scores.append(device.scores())
      trace.predictions.append(device.prediction())
    }
    for index in layers.indices { layers[index].choose(in: model, index) }
    device.begin(picture, image: stream)
    for _ in 0..<timesteps {
      for (index, state) in try device.step().enumerated() { layers[index].watch(state) }
    }
    trace.layers = layers
    return trace
  }

  private static func empty(_ model: ModelFile, _ index: Int) -> Layer {
    let record = model.withModel { $0.layer(index) }
    let fires = record.spikeBuffer != ModelFormat.none
    let channels = Int(fires ? record.spikeChannels : record.channels)
    let (height, width) = (Int(record.height), Int(record.width))
    return Layer(
      name: model.layerName(index), channels: channels, height: height, width: width,
      spikesPerTimestep: [],
      counts: [Int](repeating: 0, count: fires ? channels * height * width : 0), raster: [],
      traced: [])
  }
}

extension PictureTrace.Layer {
  /// Whether it has spikes of its own.
  package var fires: Bool { !counts.isEmpty }

  /// The place of a neuron in the layer's maps.
  private func place(_ neuron: PictureTrace.Neuron) -> Int {
    (neuron.channel * height + neuron.row) * width + neuron.column
  }

  private func neuron(_ place: Int) -> PictureTrace.Neuron {
    PictureTrace.Neuron(
      channel: place / (height * width), row: place / width % height, column: place % width,
      spikes: [], potentials: [], threshold: nil)
  }

  /// Chooses the neurons to watch.
  fileprivate mutating func choose(in model: ModelFile, _ index: Int) {
    let total = channels * height * width
    if fires {
      // Of a few dozen among thousands most would be silent.
      let active = counts.indices.filter { counts[$0] > 0 }
      let rows = min(PictureTrace.rasterRows, total)
      let chosen = active.count < rows ? Array(counts.indices) : active
      raster = (0..<rows).map { neuron(chosen[$0 * chosen.count / rows]) }
    }
    guard !model.withModel({ $0.isMaxPool(index) }) else { return }
    guard fires else {
      traced = (0..<min(PictureTrace.tracedOutputs, total)).map(neuron)
      return
    }
    let record = model.withModel { $0.neurons(index) }
    // The spikes of further thresholds are channels of their own, without a potential.
    let potentials = Int(record.layer.channels) * height * width
    let best = counts.prefix(potentials).indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    for place in best where traced.count < PictureTrace.tracedNeurons {
      let found = neuron(place)
      let isNew = !traced.contains { $0.channel == found.channel }
      if isNew || Int(record.layer.channels) < PictureTrace.tracedNeurons { traced.append(found) }
    }
    for position in traced.indices where record.thresholdCount > 0 {
      let channel = traced[position].channel
      traced[position].threshold = model.withModel {
        Int($0.threshold(layer: index, channel: channel, threshold: 0))
      }
    }
  }

  /// Writes down what the watched neurons do at a timestep.
  fileprivate mutating func watch(_ state: LayerState) {
    for position in raster.indices {
      raster[position].spikes.append(state.spikes[place(raster[position])] != 0)
    }
    for position in traced.indices {
      let place = place(traced[position])
      if place < state.potentials.count {
        traced[position].potentials.append(Int(state.potentials[place]))
      }
      if place < state.spikes.count { traced[position].spikes.append(state.spikes[place] != 0) }
    }
  }
}
