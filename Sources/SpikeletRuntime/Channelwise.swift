/// One weight a channel, from each pooled site to the same site of the layer.
///
/// With a pool and a weight of 1 this is a spiking average pool; without one, the identity branch
/// of a residual addition. Weights are as wide as the membranes.
struct Channelwise {
  let source: SpikeMap
  let pool: PoolView
  let paddedChannels: Int
  let isWide: Bool

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord) {
    self.source = source
    pool = PoolView(connection)
    paddedChannels = padded(Int(layer.channels))
    isWide = layer.membraneBits == 32
  }

  /// The bytes of all weights.
  var weightBytes: Int { paddedChannels &* (isWide ? 4 : 2) }

  @inline(__always)
  func weight(_ weights: ReadRegion, _ channel: Int) -> Int32 {
    isWide
      ? weights.load(channel &* 4, as: Int32.self)
      : Int32(weights.load(channel &* 2, as: Int16.self))
  }

  /// Adds the weight of every spike to the membranes.
  func scatter(
    _ spikes: ReadRegion, _ weights: ReadRegion, to membranes: Membranes,
    _ operations: inout OperationCount
  ) {
    for y in 0..<pool.height {
      let rows = pool.rows(y, of: source.height)
      for x in 0..<pool.width {
        let columns = pool.columns(x, of: source.width)
        let target = (y &* pool.width &+ x) &* paddedChannels
        for row in rows {
          for column in columns {
            let site = row &* source.width &+ column
            for word in 0..<source.wordsPerSite {
              var bits = source.word(spikes, site: site, word: word)
              while bits != 0 {
                let channel = word &* 32 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                let index = target &+ channel
                membranes.store(membranes.load(index) &+ weight(weights, channel), index)
                operations.add(1)
              }
            }
          }
        }
      }
    }
  }
}
