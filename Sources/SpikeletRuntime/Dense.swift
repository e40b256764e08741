/// An event-driven dense layer: one row of weights for each spike of the source.
///
/// Weights lie as `[row][column][input channel][output channel]`, the order in which the spikes of a
/// channels-last map lie, so flattening costs nothing. The output channels are padded to whole
/// blocks of lanes.
struct Dense {
  let source: SpikeMap
  let pool: PoolView
  let outputChannels: Int
  let paddedChannels: Int

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord) {
    self.source = source
    pool = PoolView(connection)
    outputChannels = Int(layer.channels)
    paddedChannels = padded(outputChannels)
  }

  /// The bytes of all weights.
  func weightBytes(isNarrow: Bool) -> Int {
    pool.height &* pool.width &* source.channels
      &* Weights.rowBytes(paddedChannels, isNarrow: isNarrow)
  }

  /// Adds the weights of every spike to the membranes.
  func scatter<Scalar: MembraneScalar>(
    _ spikes: ReadRegion, _ weights: Weights, to membranes: Region,
    _ operations: inout OperationCount, scalar: Scalar.Type
  ) {
    let rowBytes = weights.rowBytes(paddedChannels)
    for y in 0..<pool.height {
      let rows = pool.rows(y, of: source.height)
      for x in 0..<pool.width {
        let columns = pool.columns(x, of: source.width)
        let firstInput = (y &* pool.width &+ x) &* source.channels
        for row in rows {
          for column in columns {
            let site = row &* source.width &+ column
            for word in 0..<source.wordsPerSite {
              var bits = source.word(spikes, site: site, word: word)
              while bits != 0 {
                let input = firstInput &+ word &* 32 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                addRow(
                  weights, row: input &* rowBytes, to: membranes, start: 0, length: paddedChannels,
                  count: 1, scalar: scalar)
                operations.add(outputChannels)
              }
            }
          }
        }
      }
    }
  }
}
