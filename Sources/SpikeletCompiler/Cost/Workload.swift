import Foundation
import SpikeletRuntime

/// What fires in a network in one timestep of one kind: the mean one, a rare one, the worst.
package struct Workload: Sendable, Equatable {
  /// For each connection in the order of the file: of a timestep, or of a picture where it reads
  /// pixels.
  var connections: [Activity]
  /// For each layer: blocks of eight channels of a site, of one threshold, in which a neuron fires.
  var firedBlocks: [Double]
  /// The timesteps of a picture.
  package var timesteps: Double
}

/// A network's shape, which says what rates of firing come to.
package struct FiringShape: Sendable {
  package let connections: [ConnectionShape]
  package let layers: [Layer]
  package let timesteps: Int
  /// The neurons of each spike map: 0 is the input, none where it has no map.
  package let neurons: [Int]

  /// A layer that fires.
  package struct Layer: Sendable {
    package let channels: Int
    /// Copies of the channels in the layer's map, one a threshold; 0 where nothing fires.
    package let levels: Int
    package let sites: Int

    /// The blocks of eight channels that fire at a rate.
    func firedBlocks(rate: Double) -> Double {
      var blocks = 0.0
      for first in stride(from: 0, to: channels, by: 8) {
        blocks += 1 - power(1 - rate, min(8, channels - first))
      }
      return blocks * Double(levels * sites)
    }
  }

  init(_ records: some RecordSource) {
    let isDirect = records.header.inputMode == InputMode.direct.rawValue
    var (connections, layers): ([ConnectionShape], [Layer]) = ([], [])
    let input = records.map(0)
    var neurons = [isDirect ? 0 : input.channels * input.height * input.width]
    for index in 0..<records.layerCount {
      let record = records.layer(index)
      let (first, count) = (Int(record.firstConnection), Int(record.connectionCount))
      for number in first..<first + count {
        let connection = records.connection(number)
        let map = records.map(Int(connection.source))
        connections.append(
          ConnectionShape(
            connection, source: (map.channels, map.height, map.width), layer: record,
            isDirect: isDirect && connection.source == 0))
      }
      let channels = Int(record.channels)
      let sites = Int(record.height) * Int(record.width)
      layers.append(
        Layer(
          channels: channels, levels: Int(record.spikeChannels) / max(1, channels), sites: sites))
      neurons.append(Int(record.spikeChannels) * sites)
    }
    (self.connections, self.layers, self.neurons) = (connections, layers, neurons)
    timesteps = Int(records.header.timesteps)
    sources = (0..<records.header.connectionCount).map {
      Int(records.connection(Int($0)).source)
    }
  }

  /// The source of each connection.
  package let sources: [Int]

  /// Every map at a rate of its own: `rates[0]` is the input's; pixels are all other than blank.
  ///
  /// - Parameter rates: spikes a neuron and timestep, 0…1, one for each map.
  package func workload(rates: [Double]) -> Workload {
    Workload(
      connections: connections.indices.map {
        if connections[$0].isDirect { return connections[$0].fullPicture }
        var activity = connections[$0].activity(rate: rates[sources[$0]])
        if sources[$0] == 0, rates[0] > 0 { activity[.encoded] = Double(neurons[0]) }
        return activity
      },
      firedBlocks: layers.indices.map { layers[$0].firedBlocks(rate: rates[$0 + 1]) },
      timesteps: Double(timesteps))
  }

  /// All neurons fire, no pixel is blank, no run ends early: no picture takes more.
  package var worst: Workload { workload(rates: neurons.map { _ in 1 }) }
}

extension FiringShape {
  /// The shape of an open model.
  package init(_ model: borrowing Model) {
    self.init(DraftRecords(model, bytes: []))
  }

  /// How many blocks of a layer fire where a max pool runs inside it, by those of the pool that do:
  /// as if its sites fired independently.
  package func blocksInside(layer: Int, pooled: Double) -> Double {
    let (inner, outer) = (layers[layer], layers[layer + 1])
    let all = Double(outer.sites * ((outer.channels + 7) / 8) * max(1, outer.levels))
    let area = Double(inner.sites) / Double(max(1, outer.sites))
    let share = 1 - pow(max(0, 1 - pooled / max(1, all)), 1 / max(1, area))
    return share * all * area
  }
}
