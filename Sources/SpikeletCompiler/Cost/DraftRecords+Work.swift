import Foundation
import SpikeletRuntime

/// What a picture and each of its timesteps do, layer by layer.
struct LayerWork {
  /// Once a picture: the current of its pixels, and what potentials begin with.
  var picture = CostFeatures()
  /// In every timestep.
  var timestep = CostFeatures()
  /// The part of both that each connection has, in the order of the file.
  var connections: [CostFeatures] = []
}

extension DraftRecords {
  /// The work of a layer.
  func work(
    of index: Int, _ shape: FiringShape, _ load: Workload, for target: CostTarget
  ) -> LayerWork {
    var work = LayerWork()
    work.timestep.add("rest.layer", 1)
    if index == layers.count - 1, header.readOut == ReadOut.count.rawValue {
      work.timestep.add("rest.score", Int(layer(index).channels))
    }
    guard case .neurons(let record) = layers[index] else {
      addPool(index, shape, load, to: &work)
      return work
    }
    let first = Int(record.firstConnection)
    for number in first..<first + Int(record.connectionCount) {
      let features = self.work(
        of: connections[number], in: record, shape.connections[number], load.connections[number],
        for: target)
      work.connections.append(features)
      if shape.connections[number].isDirect {
        work.picture.add(features)
      } else {
        work.timestep.add(features)
      }
    }
    addNeurons(index, record, load, to: &work)
    // Each look begins afresh, but for scores. The mirror image itself takes next to nothing.
    if header.mirrorLooks != 0, index != layers.count - 1 {
      work.timestep.add(work.picture)
      work.picture = CostFeatures()
    }
    return work
  }

  /// What does not belong to any layer: once a picture, and in every timestep.
  func workOfEncoding(_ shape: FiringShape, _ load: Workload) -> LayerWork {
    var work = LayerWork()
    work.picture.add("rest.picture", 1)
    work.timestep.add("rest.timestep", 1)
    let classes = layers.indices.last.map { Int(layer($0).channels) } ?? 0
    if header.exitKind == ExitKind.none.rawValue {
      work.picture.add("rest.class", classes)
    } else {
      work.timestep.add("rest.class", classes)
    }
    guard header.inputMode != InputMode.direct.rawValue else { return work }
    let map = map(0)
    let mode = InputMode(rawValue: header.inputMode).map { "\($0)" } ?? "rate"
    let pixels = map.channels * map.height * map.width
    let encoded = zip(shape.sources, load.connections).first { $0.0 == 0 }?.1[.encoded]
    work.timestep.add("encode.pixel", pixels)
    // Events are copied.
    if header.inputMode != InputMode.events.rawValue {
      work.timestep.add("encode.\(mode)", encoded ?? Double(pixels))
    }
    work.timestep.add("encode.site", map.height * map.width)
    return work
  }

  private func addNeurons(
    _ index: Int, _ record: NeuronRecord, _ load: Workload, to work: inout LayerWork
  ) {
    let bits = record.membraneBits
    let tileRows = max(1, Int(record.tileRows))
    let isDirect =
      connections(of: index).first?.source == 0 && header.inputMode == InputMode.direct.rawValue
    let channels = padded(Int(record.channels))
    let blocks = Int(record.height) * Int(record.width) * channels / 8
    let down = (Int(record.height) + tileRows - 1) / tileRows
    let tileColumns = max(1, Int(record.tileColumns))
    let across = (Int(record.width) + tileColumns - 1) / tileColumns
    work.timestep.add("rest.tile", down * across)
    // The first timestep.
    let isInPlace = isDirect && !keepsState
    // Of eight channels all potentials lie side by side.
    let side = channels == 8 ? "side." : ""
    if !isInPlace {
      work.picture.add("neurons.initialize.\(side)\(bits)", blocks)
    } else if !restsAtZero.contains(index) {
      work.picture.add("neurons.initialize.added.\(bits)", blocks)
    }
    if isDirect {
      work.picture.add("neurons.begin.\(side)\(isWideCurrent(record) ? 32 : 16)", blocks)
      if record.currentShift > 0 { work.picture.add("first.round.\(bits)", blocks) }
    }
    // The leak is a part of the function that runs a layer; all rules cost about as much as the one
    // that multiplies.
    if record.leak != LeakRule.none.rawValue {
      work.timestep.add("rest.leak.\(bits)", blocks)
      work.picture.add("rest.leak.\(bits)", -blocks)
    }
    let isCurrentBeside = isDirect && keepsState
    let current = isCurrentBeside ? ".current" : ""
    let levels = Int(record.thresholdCount)
    let isPooled =
      index + 1 < layers.count && isMaxPool(index + 1) && maxPool(index + 1).isFused != 0
    // Potentials of 32 bits that stay are updated in one call.
    let isOneCall = bits == 32 && levels == 1 && !isPooled && keepsPotentials(layer: index)
    work.timestep.add("neurons.block\(isOneCall ? ".wide" : "")", down * across * channels / 8)
    if !isDirect { work.timestep.add("neurons.bias", down * across * channels / 8) }
    guard record.layer.spikeChannels > 0 else {
      work.timestep.add("neurons.integrate.\(bits)", blocks)
      return
    }
    let isLined = isPooled || across > 1
    let lines = isLined ? Int(record.height) * across : down
    work.timestep.add("neurons.line", lines * channels / 8 * levels)
    if !keepsPotentials(layer: index), levels == 1, !isPooled {
      // Sums of 32 bits meet the threshold and are forgotten; those of 16 are updated as if they stayed.
      work.timestep.add(bits == 32 ? "neurons.single.32" : "neurons.keep.16", blocks)
    } else if !keepsPotentials(layer: index) {
      work.timestep.add("neurons.once.\(bits)", blocks * levels)
      let isOneHot = record.spikeCoding == SpikeCoding.oneHot.rawValue && levels > 1
      // A one-hot spike is compared with the threshold above as well.
      work.timestep.add("neurons.fired.\(bits)", load.firedBlocks[index] * (isOneHot ? 2 : 1))
    } else if levels > 1 {
      // The spikes of a few channels are gathered before they go to the map.
      let isGathered = Int(record.channels) <= 8 && levels * Int(record.channels) <= 32
      work.timestep.add("neurons.levels\(current)", blocks)
      work.timestep.add("neurons.level\(isGathered ? ".gathered" : "").\(bits)", blocks * levels)
      if isGathered {
        work.timestep.add("neurons.merged", blocks)
      } else {
        work.timestep.add("neurons.merged", load.firedBlocks[index])
      }
    } else {
      work.timestep.add("neurons.keep\(current).\(bits)", blocks)
    }
  }

  private func addPool(
    _ index: Int, _ shape: FiringShape, _ load: Workload, to work: inout LayerWork
  ) {
    let record = maxPool(index)
    guard record.isFused == 0 else { return }
    let number = Int(record.layer.firstConnection)
    let (pool, activity) = (shape.connections[number], load.connections[number])
    let words = pool.channels <= 16 ? 1 : (pool.channels + 31) / 32
    let sites = pool.height * pool.width
    work.timestep.add("pool.word", sites * words)
    work.timestep.add("pool.site", sites * words * pool.poolArea)
    guard record.counterBits > 0 else { return }
    let source = map(Int(connections[number].source))
    work.picture.add("pool.clear", source.channels * source.height * source.width)
    let blocks = firedBlocks(of: pool, activity)
    work.timestep.add("pool.block", blocks)
    work.timestep.add("pool.blockSite", blocks * Double(pool.poolArea))
    // Windows that share no site count on the way.
    guard
      pool.pool.strideHeight < pool.pool.height || pool.pool.strideWidth < pool.pool.width
    else { return }
    work.timestep.add("pool.counted", activity[.spikes])
    work.timestep.add("pool.countedWord", source.height * source.width * words)
  }

  /// The blocks of eight channels of a pool's windows in which there is a spike.
  ///
  /// Sites with an entry are counted; those of a site fall into its blocks as if at random.
  private func firedBlocks(of pool: ConnectionShape, _ activity: Activity) -> Double {
    let (sites, entries) = (activity[.runs], activity[.entries])
    let blocks = Double((pool.channels + 7) / 8)
    guard sites > 0, blocks > 1 else { return min(sites, entries) }
    return sites * blocks * (1 - pow(1 - 1 / blocks, entries / sites))
  }
}
