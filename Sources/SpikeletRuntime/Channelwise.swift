/// One weight a channel, from each pooled site to the same site of the layer.
///
/// With a pool and a weight of 1 this is a spiking average pool; without one, the identity branch
/// of a residual addition. Weights are as wide as the membranes.
struct Channelwise {
  let source: SpikeMap
  let paddedChannels: Int
  let isWide: Bool
  let tile: Tile

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord, tile: Tile) {
    self.source = source
    self.tile = tile
    paddedChannels = padded(Int(layer.channels))
    isWide = layer.membraneBits == 32
  }

  /// The bytes of all weights.
  var weightBytes: Int { paddedChannels &* (isWide ? 4 : 2) }

  @inline(__always)
  private func weight(_ weights: ReadRegion, _ channel: Int) -> Int32 {
    isWide
      ? weights.load(channel &* 4, as: Int32.self)
      : Int32(weights.load(channel &* 2, as: Int16.self))
  }

  /// Adds the weight of every spike, or of every pixel times its value, to the membranes.
  func scatter(
    _ input: InputView, _ weights: ReadRegion, to membranes: Membranes,
    _ operations: inout OperationCount
  ) {
    var target = 0
    for y in tile.top..<tile.top &+ tile.height {
      for x in tile.left..<tile.left &+ tile.width {
        for word in 0..<source.wordsPerSite {
          let spikes = input.word(y, x, word: word)
          var active = spikes.active
          while active != 0 {
            let channel = word &* 32 &+ active.trailingZeroBitCount
            active &= active &- 1
            let count = input.value(spikes, y, x, channel)
            let index = target &+ channel
            membranes.store(membranes.load(index) &+ weight(weights, channel) &* count, index)
            operations.add(Int(count))
          }
        }
        target &+= paddedChannels
      }
    }
  }
}
