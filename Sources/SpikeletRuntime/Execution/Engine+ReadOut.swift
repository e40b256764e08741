/// What the scores say at one timestep: the class, its score, and the best score among the others.
public struct Ranking: Equatable, Sendable {
  /// The class with the largest score; of equal scores the one with the larger potential, then the
  /// lowest index.
  public var prediction: Int
  /// The score of that class.
  public var best: Int
  /// The largest score of the other classes; −2³¹ where there is only one class.
  public var second: Int

  /// A ranking of known scores.
  public init(prediction: Int, best: Int, second: Int) {
    self.prediction = prediction
    self.best = best
    self.second = second
  }
}

extension Engine {
  /// The score of a class after the timesteps that ran: a potential or a spike count.
  @inline(never)
  public func score(_ index: Int) -> Int {
    precondition(index >= 0 && index < model.classCount && timestep >= 1)
    return Int(readOut().score(index))
  }

  /// Copies the scores of all classes after the timesteps that ran.
  ///
  /// - Parameter scores: one entry a class, in the classes' order; further entries stay as they are.
  @inline(never)
  public func copyScores(to scores: inout MutableSpan<Int>) {
    precondition(scores.count >= model.classCount && timestep >= 1)
    let readOut = readOut()
    for index in 0..<readOut.classes { scores[index] = Int(readOut.score(index)) }
  }

  /// The same for scores of 32 bits, as C programs take them.
  @inline(never)
  package func copyScores(to scores: inout MutableSpan<Int32>) {
    precondition(scores.count >= model.classCount && timestep >= 1)
    let readOut = readOut()
    for index in 0..<readOut.classes { scores[index] = readOut.score(index) }
  }

  /// The classes' order: the larger score first, then the larger potential, then the lower index.
  @inline(never)
  public func rank() -> Ranking {
    let readOut = readOut()
    var prediction = 0
    var (best, second) = (readOut.score(0), Int32.min)
    for index in 1..<max(1, readOut.classes) {
      let value = readOut.score(index)
      if value > best
        || (value == best && readOut.potential(index) > readOut.potential(prediction))
      {
        second = best
        best = value
        prediction = index
      } else {
        second = max(second, value)
      }
    }
    return Ranking(prediction: prediction, best: Int(best), second: Int(second))
  }

  /// Where the scores lie, looked up once for all classes: an exit policy asks after every timestep.
  private func readOut() -> ReadOutView {
    let layer = model.neurons(model.layerCount &- 1)
    return ReadOutView(
      counts: readRegion(model.header.scoreBuffer), potentials: readRegion(layer.membraneBuffer),
      isNarrow: layer.membraneBits == 16, classes: Int(layer.channels))
  }

  /// The class that the scores name now.
  public var prediction: Int { rank().prediction }

  /// The membrane potential of one neuron.
  ///
  /// Valid for the layer that ran last, and for every layer of a model of several timesteps. A layer
  /// that does not keep its potentials has none afterwards: 0.
  @inline(never)
  public func potential(layer index: Int, channel: Int, row: Int, column: Int) -> Int {
    let layer = model.layer(index)
    precondition(
      (0..<Int(layer.channels)).contains(channel) && (0..<Int(layer.height)).contains(row)
        && (0..<Int(layer.width)).contains(column))
    guard model.keepsPotentials(layer: index), case let neurons = model.neurons(index),
      let membranes = readRegion(neurons.membraneBuffer)
    else { return 0 }
    let position =
      (row &* Int(layer.width) &+ column) &* padded(Int(layer.channels)) &+ channel
    return neurons.membraneBits == 16
      ? Int(membranes.load(position &* 2, as: Int16.self))
      : Int(membranes.load(position &* 4, as: Int32.self))
  }

  /// Whether one neuron of a spike map fired at this timestep: 0 is the input, i is layer i − 1.
  ///
  /// Valid until the map's last consumer has run; later its bytes may hold another map.
  public func spike(source: Int, channel: Int, row: Int, column: Int) -> Bool {
    let map = model.map(source)
    precondition(
      (0..<map.channels).contains(channel) && (0..<map.height).contains(row)
        && (0..<map.width).contains(column))
    guard let spikes = spikes(source) else { return false }
    return map.spike(spikes, site: row &* map.width &+ column, channel)
  }

  /// The number of spikes in a map at this timestep: 0 is the input, i is layer i − 1.
  public func spikeCount(source: Int) -> Int {
    guard let spikes = spikes(source) else { return 0 }
    let map = model.map(source)
    var count = 0
    for site in 0..<map.sites {
      for word in 0..<map.wordsPerSite {
        count &+= map.word(spikes, site: site, word: word).nonzeroBitCount
      }
    }
    return count
  }

  /// Adds the last layer's spikes of this timestep to the class scores, where those are counts.
  @_lifetime(self: copy self)
  mutating func countScores(_ layer: LayerRecord) {
    guard let scores = region(model.header.scoreBuffer), let spikes = readRegion(layer.spikeBuffer)
    else { return }
    let map = SpikeMap(channels: Int(layer.channels), height: 1, width: 1)
    for channel in 0..<map.channels {
      let before = timestep == 1 ? 0 : scores.load(channel &* 4, as: Int32.self)
      scores.store(before &+ (map.spike(spikes, site: 0, channel) ? 1 : 0), channel &* 4)
    }
  }
}

/// The scores and the potentials of the last layer, which has one row and one column.
private struct ReadOutView {
  /// The spike counts of a count read-out.
  let counts: ReadRegion?
  let potentials: ReadRegion?
  let isNarrow: Bool
  let classes: Int

  @inline(__always)
  func potential(_ index: Int) -> Int32 {
    guard let potentials else { return 0 }
    return isNarrow
      ? Int32(potentials.load(index &* 2, as: Int16.self))
      : potentials.load(index &* 4, as: Int32.self)
  }

  @inline(__always)
  func score(_ index: Int) -> Int32 {
    counts?.load(index &* 4, as: Int32.self) ?? potential(index)
  }
}
