/// An event-driven convolution: where each spike of the source goes.
///
/// Weights lie as `[input channel][kernel row][reversed kernel column][output channel]`: at stride
/// 1 a kernel row is then one run over consecutive sites of the channels-last membranes, so a spike
/// costs one addition of `kernelWidth × channels` weights for each kernel row. Other strides and
/// groups add one row of weights for each kernel tap that meets an output.
struct Convolution {
  let source: SpikeMap
  let pool: PoolView
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  let paddingTop: Int
  let paddingLeft: Int
  let groups: Int
  let outputHeight: Int
  let outputWidth: Int
  let outputChannels: Int
  /// Output channels a site, padded to whole blocks of lanes.
  let paddedChannels: Int

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord) {
    self.source = source
    pool = PoolView(connection)
    kernelHeight = Int(connection.kernelHeight)
    kernelWidth = Int(connection.kernelWidth)
    strideHeight = Int(connection.strideHeight)
    strideWidth = Int(connection.strideWidth)
    paddingTop = Int(connection.paddingTop)
    paddingLeft = Int(connection.paddingLeft)
    groups = Int(connection.groups)
    outputHeight = Int(layer.height)
    outputWidth = Int(layer.width)
    outputChannels = Int(layer.channels)
    paddedChannels = padded(outputChannels)
  }

  /// Weights in one row: what one tap of one input channel adds to one site.
  var rowLength: Int { groups == 1 ? paddedChannels : outputChannels / groups }

  /// Weights that lie together for one input channel, in bytes.
  @inline(__always)
  private func planeBytes(_ weights: Weights) -> Int {
    kernelHeight &* kernelWidth &* weights.rowBytes(rowLength)
  }

  /// The bytes of all weights.
  func weightBytes(isNarrow: Bool) -> Int {
    source.channels &* kernelHeight &* kernelWidth
      &* Weights.rowBytes(rowLength, isNarrow: isNarrow)
  }

  /// Adds the weights of every spike to the membranes.
  func scatter<Scalar: MembraneScalar>(
    _ spikes: ReadRegion, _ weights: Weights, to membranes: Region,
    _ operations: inout OperationCount, scalar: Scalar.Type
  ) {
    let contiguous = groups == 1 && strideHeight == 1 && strideWidth == 1
    for y in 0..<pool.height {
      let rows = pool.rows(y, of: source.height)
      for x in 0..<pool.width {
        let columns = pool.columns(x, of: source.width)
        for word in 0..<source.wordsPerSite {
          var any = union(spikes, rows, columns, word: word)
          while any != 0 {
            let bit = any.trailingZeroBitCount
            any &= any &- 1
            let count = pool.area == 1 ? 1 : multiplicity(spikes, rows, columns, word, bit)
            let channel = word &* 32 &+ bit
            let taps =
              contiguous
              ? scatterRuns(
                x: x, y: y, channel: channel, count: count, weights: weights, membranes: membranes,
                scalar: scalar)
              : scatterTaps(
                x: x, y: y, channel: channel, count: count, weights: weights, membranes: membranes,
                scalar: scalar)
            operations.add(taps &* count &* (outputChannels / groups))
          }
        }
      }
    }
  }

  /// The channels that spiked anywhere in a window.
  @inline(__always)
  private func union(
    _ spikes: ReadRegion, _ rows: Range<Int>, _ columns: Range<Int>, word: Int
  ) -> UInt32 {
    var any: UInt32 = 0
    for row in rows {
      for column in columns {
        any |= source.word(spikes, site: row &* source.width &+ column, word: word)
      }
    }
    return any
  }

  /// The number of spikes of one channel in a window.
  @inline(__always)
  private func multiplicity(
    _ spikes: ReadRegion, _ rows: Range<Int>, _ columns: Range<Int>, _ word: Int, _ bit: Int
  ) -> Int {
    var count: UInt32 = 0
    let shift = UInt32(truncatingIfNeeded: bit)
    for row in rows {
      for column in columns {
        let bits = source.word(spikes, site: row &* source.width &+ column, word: word)
        count &+= (bits &>> shift) & 1
      }
    }
    return Int(truncatingIfNeeded: count)
  }

  /// Stride 1, one group: a run over consecutive sites for each kernel row. Returns the taps used.
  @inline(__always)
  private func scatterRuns<Scalar: MembraneScalar>(
    x: Int, y: Int, channel: Int, count: Int, weights: Weights, membranes: Region,
    scalar: Scalar.Type
  ) -> Int {
    // Tap (ky, kx) of an input at (y, x) meets the output at (y + top − ky, x + left − kx).
    let bottom = y &+ paddingTop
    let right = x &+ paddingLeft
    let firstRow = max(0, bottom &- (outputHeight &- 1))
    let lastRow = min(bottom, kernelHeight &- 1)
    let firstColumn = max(0, right &- (outputWidth &- 1))
    let lastColumn = min(right, kernelWidth &- 1)
    guard firstRow <= lastRow, firstColumn <= lastColumn else { return 0 }
    let rowBytes = weights.rowBytes(paddedChannels)
    let columns = lastColumn &- firstColumn &+ 1
    var row =
      channel &* planeBytes(weights)
      &+ (firstRow &* kernelWidth &+ (kernelWidth &- 1 &- lastColumn)) &* rowBytes
    var start =
      ((bottom &- firstRow) &* outputWidth &+ (right &- lastColumn)) &* paddedChannels
    for _ in firstRow...lastRow {
      addRow(
        weights, row: row, to: membranes, start: start, length: columns &* paddedChannels,
        count: count, scalar: scalar)
      row &+= kernelWidth &* rowBytes
      start &-= outputWidth &* paddedChannels
    }
    return (lastRow &- firstRow &+ 1) &* columns
  }

  /// Any stride, any groups: one row of weights for each tap that meets an output.
  @inline(never)
  private func scatterTaps<Scalar: MembraneScalar>(
    x: Int, y: Int, channel: Int, count: Int, weights: Weights, membranes: Region,
    scalar: Scalar.Type
  ) -> Int {
    let rowBytes = weights.rowBytes(rowLength)
    let group = channel / (source.channels / groups)
    let groupStart = group &* (outputChannels / groups)
    var taps = 0
    for ky in 0..<kernelHeight {
      let top = y &+ paddingTop &- ky
      guard top >= 0, top % strideHeight == 0, top / strideHeight < outputHeight else { continue }
      for kx in 0..<kernelWidth {
        let left = x &+ paddingLeft &- kx
        guard left >= 0, left % strideWidth == 0, left / strideWidth < outputWidth else { continue }
        let tap = ky &* kernelWidth &+ (kernelWidth &- 1 &- kx)
        let site = top / strideHeight &* outputWidth &+ left / strideWidth
        addRowTail(
          weights, row: channel &* planeBytes(weights) &+ tap &* rowBytes, to: membranes,
          start: site &* paddedChannels &+ groupStart, from: 0, length: rowLength, count: count,
          scalar: scalar)
        taps &+= 1
      }
    }
    return taps
  }
}

/// `channels` rounded up to whole blocks of eight lanes.
@inline(__always)
func padded(_ channels: Int) -> Int { (channels &+ 7) & ~7 }
