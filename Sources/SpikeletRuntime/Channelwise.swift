/// One weight a channel, from each pooled site to the same site of the layer.
///
/// With a pool and a weight of 1 this is a spiking average pool; without one, the identity branch
/// of a residual addition. Weights are as wide as the membranes.
struct Channelwise {
  let source: SpikeMap
  let pool: PoolView
  let paddedChannels: Int

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord) {
    self.source = source
    pool = PoolView(connection)
    paddedChannels = padded(Int(layer.channels))
  }

  func weightBytes(membraneBits: Int) -> Int { paddedChannels &* (membraneBits / 8) }

  /// Adds the weight of every spike to the membranes.
  func scatter<Scalar: MembraneScalar>(
    spikes: ReadRegion, weights: ReadRegion, membranes: Region, operations: inout OperationCount,
    scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
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
                let offset = (target &+ channel) &* size
                let weight = weights.load(channel &* size, as: Scalar.self)
                membranes.store(membranes.load(offset, as: Scalar.self) &+ weight, offset)
                operations.add(1)
              }
            }
          }
        }
      }
    }
  }
}
