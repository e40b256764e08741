import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletRuntime

/// Counts what fires in a model, and what that gives its kernels to do, on some pictures.
///
/// A picture runs as many timesteps as the model's own exit lets it. The counts are those of the
/// network, whatever kernels and tiles the model has; only of a layer that a max pool runs inside the
/// blocks in which anything fires are estimated, because no map of it exists.
package struct FiringProbe: Sendable {
  let model: ModelFile
  private let shape: FiringShape
  private let zeroPoints: [UInt8]
  /// The layers that a max pool runs inside.
  private let fused: Set<Int>

  package init(_ model: ModelFile) {
    self.model = model
    shape = model.withModel { FiringShape($0) }
    let header = model.header
    var zeroPoints: [UInt8] = []
    if header.inputMode == InputMode.direct.rawValue {
      for channel in 0..<Int(header.inputChannels) {
        // Little-endian, and 0…255.
        let place = Int(header.parametersOffset + header.zeroPointsOffset) + channel * 4
        zeroPoints.append(model.bytes[place])
      }
    }
    self.zeroPoints = zeroPoints
    fused = model.withModel { model in
      Set(
        (0..<model.layerCount).filter {
          $0 + 1 < model.layerCount && model.isMaxPool($0 + 1)
            && model.maxPool($0 + 1).isFused != 0
        })
    }
  }

  /// Counts on a data set. The result does not depend on `jobs`.
  ///
  /// - Parameters:
  ///   - networkDigest: of the network that the model was built from.
  ///   - name: what to call the pictures.
  ///   - progress: called with the number of pictures done, from any thread.
  package func measure(
    _ dataset: Dataset, networkDigest: String, name: String, jobs: Int,
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> FiringMeasurement {
    try Evaluation(model: model, dataset: dataset, timesteps: nil).check()
    let limit = model.withModel { $0.timesteps }
    let pictures = try ParallelRun(model: model, dataset: dataset, jobs: jobs, journal: journal)
      .map("firing", progress: progress) {
        (engine, index, picture) throws(SpikeletError) -> PictureFiring in
        let decision = try engine.run(
          input: dataset.frames(picture, timesteps: limit).span, stream: index)
        var firing = PictureFiring(shape, timesteps: decision.timesteps)
        engine.begin()
        for timestep in 1...decision.timesteps {
          let frame = dataset.frame(picture, timestep: timestep)
          try engine.beginTimestep(input: frame.span, stream: index)
          observe(&engine, frame, into: &firing)
        }
        return firing
      }.elements
    return measurement(pictures, networkDigest: networkDigest, name: name)
  }

  /// Runs one timestep and counts.
  private func observe(
    _ engine: inout Engine, _ picture: ArraySlice<UInt8>, into firing: inout PictureFiring
  ) {
    let isDirect = !zeroPoints.isEmpty
    firing.add(spikes: isDirect ? notBlank(picture) : engine.spikeCount(source: 0))
    for index in shape.layers.indices {
      for number in connections(of: index) {
        let connection = shape.connections[number]
        if !connection.isDirect {
          // Before the first timestep nothing has fired that could come back.
          let isEmpty = shape.sources[number] > index && engine.timestep == 1
          let (counts, repeated, spikes) = entries(engine, number, isEmpty: isEmpty)
          var activity = connection.activity(counts: counts, repeated: repeated, spikes: spikes)
          if shape.sources[number] == 0 {
            activity.values[.encoded] = Double(picture.count { $0 != 0 })
          }
          firing.add(activity, to: number)
        } else if engine.timestep == 1 {
          firing.add(connection.activity(isBlank: isBlank(picture)), to: number)
        }
      }
      engine.runLayer(index, input: picture.span)
      firing.add(spikes: engine.spikeCount(source: index + 1))
      firing.add(blocks: fused.contains(index) ? 0 : firedBlocks(engine, index), layer: index)
    }
  }

  private func connections(of index: Int) -> Range<Int> {
    let record = model.withModel { $0.layer(index) }
    return Int(record.firstConnection)..<Int(record.firstConnection + record.connectionCount)
  }

  private func isBlank(_ picture: ArraySlice<UInt8>) -> [Bool] {
    let area = picture.count / max(1, zeroPoints.count)
    return picture.enumerated().map { $1 == zeroPoints[$0 / area] }
  }

  private func notBlank(_ picture: ArraySlice<UInt8>) -> Int {
    isBlank(picture).count { !$0 }
  }

  /// The source of a connection as its sum pool shows it.
  private func entries(
    _ engine: borrowing Engine, _ number: Int, isEmpty: Bool
  ) -> (counts: [Int], repeated: Int, spikes: Int) {
    let record = engine.model.connection(number)
    let map = engine.model.map(Int(record.source))
    let (height, width) = (Int(record.pooledHeight), Int(record.pooledWidth))
    var counts = [Int](repeating: 0, count: height * width)
    var repeated = 0
    let spikes = isEmpty ? 0 : engine.spikeCount(source: Int(record.source))
    if spikes == 0 { return (counts, 0, 0) }
    for y in 0..<height {
      let top = y * Int(record.poolStrideHeight) - Int(record.poolPaddingTop)
      let rows = max(0, top)..<max(max(0, top), min(map.height, top + Int(record.poolHeight)))
      for x in 0..<width {
        let left = x * Int(record.poolStrideWidth) - Int(record.poolPaddingLeft)
        let columns =
          max(0, left)..<max(max(0, left), min(map.width, left + Int(record.poolWidth)))
        for channel in 0..<map.channels {
          var sum = 0
          for row in rows {
            for column in columns
            where engine.spike(
              source: Int(record.source), channel: channel, row: row, column: column)
            {
              sum += 1
            }
          }
          if sum > 0 { counts[y * width + x] += 1 }
          if sum > 1 { repeated += 1 }
        }
      }
    }
    return (counts, repeated, spikes)
  }

  /// The blocks of eight channels of a site, of each threshold, in which a neuron of a layer fires.
  private func firedBlocks(_ engine: borrowing Engine, _ index: Int) -> Int {
    let layer = shape.layers[index]
    let map = engine.model.map(index + 1)
    guard layer.levels > 0, engine.spikeCount(source: index + 1) > 0 else { return 0 }
    var blocks = 0
    for site in 0..<layer.sites {
      for level in 0..<layer.levels {
        for first in stride(from: 0, to: layer.channels, by: 8) {
          let fires = (first..<min(first + 8, layer.channels)).contains {
            engine.spike(
              source: index + 1, channel: level * layer.channels + $0, row: site / map.width,
              column: site % map.width)
          }
          if fires { blocks += 1 }
        }
      }
    }
    return blocks
  }

  private func measurement(
    _ pictures: [PictureFiring], networkDigest: String, name: String
  ) -> FiringMeasurement {
    let steps = pictures.reduce(0) { $0 + $1.timesteps }
    let names = ["input"] + shape.layers.indices.map { model.layerName($0) }
    let header = model.header
    let pixels = Int(header.inputChannels * header.inputHeight * header.inputWidth)
    var connections = shape.connections.map { _ in Activity() }
    var blocks = shape.layers.map { _ in 0 }
    for picture in pictures {
      for (index, activity) in picture.connections.enumerated() { connections[index].add(activity) }
      for (index, count) in picture.blocks.enumerated() { blocks[index] += count }
    }
    let maps = names.indices.map { map in
      FiringMeasurement.Map(
        name: names[map], neurons: map == 0 ? pixels : shape.neurons[map],
        spikes: FiringMeasurement.Spread(pictures.flatMap { $0.spikes(of: map) }))
    }
    var fired = blocks.map { Double($0) / Double(max(1, steps)) }
    for index in fused {
      fired[index] = shape.blocksInside(layer: index, pooled: fired[index + 1])
    }
    return FiringMeasurement(
      networkDigest: networkDigest, dataset: name, pictures: pictures.count,
      timesteps: FiringMeasurement.Spread(pictures.map(\.timesteps)), maps: maps,
      firedBlocks: fired,
      connections: connections.indices.map {
        connections[$0].divided(
          by: Double(shape.connections[$0].isDirect ? pictures.count : steps))
      })
  }
}

/// The counts of one picture.
private struct PictureFiring: JournalRecord {
  var timesteps: Int
  /// Timestep by timestep, one number a map.
  private var spikes: [Int] = []
  var blocks: [Int]
  var connections: [Activity]

  init(_ shape: FiringShape, timesteps: Int) {
    self.timesteps = timesteps
    blocks = shape.layers.map { _ in 0 }
    connections = shape.connections.map { _ in Activity() }
  }

  mutating func add(spikes count: Int) { spikes.append(count) }
  mutating func add(blocks count: Int, layer: Int) { blocks[layer] += count }
  mutating func add(_ activity: Activity, to connection: Int) {
    connections[connection].add(activity)
  }

  /// Those of one map in each timestep.
  func spikes(of map: Int) -> [Int] {
    stride(from: map, to: spikes.count, by: blocks.count + 1).map { spikes[$0] }
  }

  /// All numbers are whole.
  var journalWords: [UInt64] {
    let head = [timesteps, blocks.count, connections.count] + blocks
    let activities = connections.flatMap { activity in
      ActivityMeasure.allCases.map { Int(activity.values[$0] ?? 0) }
    }
    return (head + activities + spikes).map(UInt64.init)
  }

  init?(journalWords words: ArraySlice<UInt64>) {
    guard words.count >= 3, words.allSatisfy({ $0 < 1 << 40 }) else { return nil }
    var rest = words.map(Int.init)[...]
    timesteps = rest.removeFirst()
    let (layers, count) = (rest.removeFirst(), rest.removeFirst())
    let measures = ActivityMeasure.allCases
    guard timesteps >= 1, layers < 1 << 20, count < 1 << 20,
      rest.count == layers + count * measures.count + timesteps * (layers + 1)
    else { return nil }
    blocks = Array(rest.prefix(layers))
    rest = rest.dropFirst(layers)
    connections = (0..<count).map { _ in
      defer { rest = rest.dropFirst(measures.count) }
      return Activity(Dictionary(uniqueKeysWithValues: zip(measures, rest.map(Double.init))))
    }
    spikes = Array(rest)
  }
}
