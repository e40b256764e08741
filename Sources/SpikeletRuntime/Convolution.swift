/// An event-driven convolution: where each spike, or each pixel, of the source goes.
///
/// Weights lie as `[input channel][kernel row][reversed kernel column][output channel]`: at stride
/// 1 a kernel row is then one run over consecutive sites of the channels-last membranes, so a spike
/// costs one addition of `kernelWidth × channels` weights for each kernel row. Other strides and
/// groups add one row of weights for each kernel tap that meets an output.
///
/// A dense layer is a convolution whose kernel is as large as the map. Its weights lie as
/// `[row][column][input channel][output channel]`, the order in which the spikes of a channels-last
/// map lie, so flattening costs nothing.
struct Convolution {
  let source: SpikeMap
  let pool: PoolView
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  /// The distance from the tile's first row to the row of the source's first row; may be negative.
  let top: Int
  let left: Int
  let groups: Int
  let outputHeight: Int
  let outputWidth: Int
  let outputChannels: Int
  /// Output channels a site, padded to whole blocks of lanes.
  let paddedChannels: Int
  /// Bytes from the weights of one input channel, kernel row or output column to the next.
  let channelStep: Int
  let rowStep: Int
  let columnStep: Int
  let isDense: Bool

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: LayerRecord, tile: Tile) {
    self.source = source
    pool = PoolView(connection)
    outputHeight = tile.height
    outputWidth = tile.width
    outputChannels = Int(layer.channels)
    paddedChannels = padded(outputChannels)
    isDense = connection.kind == ConnectionKind.dense.rawValue
    let isNarrow = connection.weightBits == 4
    if isDense {
      (kernelHeight, kernelWidth) = (pool.height, pool.width)
      (strideHeight, strideWidth) = (1, 1)
      (top, left) = (0, 0)
      groups = 1
      channelStep = Weights.rowBytes(paddedChannels, isNarrow: isNarrow)
      columnStep = source.channels &* channelStep
      rowStep = kernelWidth &* columnStep
    } else {
      (kernelHeight, kernelWidth) = (Int(connection.kernelHeight), Int(connection.kernelWidth))
      (strideHeight, strideWidth) = (Int(connection.strideHeight), Int(connection.strideWidth))
      top = Int(connection.paddingTop) &- tile.top &* strideHeight
      left = Int(connection.paddingLeft) &- tile.left &* strideWidth
      groups = Int(connection.groups)
      columnStep = Weights.rowBytes(
        groups == 1 ? paddedChannels : outputChannels / groups, isNarrow: isNarrow)
      rowStep = kernelWidth &* columnStep
      channelStep = kernelHeight &* rowStep
    }
  }

  /// Weights in one row: what one tap of one input channel adds to one site.
  var rowLength: Int { groups == 1 ? paddedChannels : outputChannels / groups }

  /// The bytes of all weights.
  var weightBytes: Int { isDense ? kernelHeight &* rowStep : source.channels &* channelStep }

  /// The outputs along one axis that an input meets: the first, and their number.
  ///
  /// - Parameters:
  ///   - input: the position, counted from the first tap of the first output.
  @inline(__always)
  private static func outputs(
    meeting input: Int, kernel: Int, stride: Int, count: Int
  ) -> (first: Int, count: Int) {
    var first = max(0, input &- kernel &+ 1)
    var last = input
    if stride > 1 {
      first = (first &+ stride &- 1) / stride
      last /= stride
    }
    return (first, min(last, count &- 1) &- first &+ 1)
  }

  /// The first input along one axis that any output meets, and the one behind the last.
  @inline(__always)
  private static func inputs(
    _ padding: Int, kernel: Int, stride: Int, outputs: Int, count: Int
  ) -> (first: Int, end: Int) {
    (max(0, 0 &- padding), min(count, (outputs &- 1) &* stride &+ kernel &- padding))
  }

  /// Adds the weights of every spike, or of every pixel times its value, to the membranes.
  func scatter<Scalar: MembraneScalar>(
    _ input: InputView, _ weights: Weights, to membranes: Region,
    _ operations: inout OperationCount, scalar: Scalar.Type
  ) {
    // At stride 1 the sites of a line are one run, and so are their weights.
    let isContiguous = groups == 1 && strideWidth == 1
    let groupInputs = groups == 1 ? source.channels : source.channels / groups
    let groupOutputs = groups == 1 ? outputChannels : outputChannels / groups
    let words = source.wordsPerSite
    var (y, lastRow) = Self.inputs(
      top, kernel: kernelHeight, stride: strideHeight, outputs: outputHeight, count: pool.height)
    let (firstColumn, lastColumn) = Self.inputs(
      left, kernel: kernelWidth, stride: strideWidth, outputs: outputWidth, count: pool.width)
    while y < lastRow {
      let lines = Self.outputs(
        meeting: y &+ top, kernel: kernelHeight, stride: strideHeight, count: outputHeight)
      var x = lines.count > 0 ? firstColumn : lastColumn
      while x < lastColumn {
        for word in 0..<words {
          let spikes = input.word(y, x, word: word)
          var active = spikes.active
          if active == 0 { continue }
          let sites = Self.outputs(
            meeting: x &+ left, kernel: kernelWidth, stride: strideWidth, count: outputWidth)
          if sites.count <= 0 { continue }
          let kernelRow = y &+ top &- lines.first &* strideHeight
          let kernelColumn = x &+ left &- sites.first &* strideWidth
          let tap =
            kernelRow &* rowStep
            &+ (isDense ? kernelColumn : kernelWidth &- 1 &- kernelColumn) &* columnStep
          var start = (lines.first &* outputWidth &+ sites.first) &* paddedChannels
          var total = 0
          while active != 0 {
            let channel = word &* 32 &+ active.trailingZeroBitCount
            active &= active &- 1
            let count = input.value(spikes, y, x, channel)
            total &+= Int(count)
            var row = channel &* channelStep &+ tap
            if isContiguous {
              addLines(
                weights, row: row, to: membranes, start: start,
                length: sites.count &* paddedChannels, lines: lines.count, count: count,
                scalar: scalar)
            } else {
              start = (lines.first &* outputWidth &+ sites.first) &* paddedChannels
              if groups > 1 { start &+= channel / groupInputs &* groupOutputs }
              for _ in 0..<sites.count {
                addLines(
                  weights, row: row, to: membranes, start: start, length: rowLength,
                  lines: lines.count, count: count, scalar: scalar)
                row &+= strideWidth &* columnStep
                start &+= paddedChannels
              }
            }
          }
          operations.add(total &* lines.count &* sites.count &* groupOutputs)
        }
        x &+= 1
      }
      y &+= 1
    }
  }

  /// Adds one run of weights to each of several lines of outputs: the kernel's rows from one on, in
  /// steps of the stride, upward.
  @inline(never)
  private func addLines<Scalar: MembraneScalar>(
    _ weights: Weights, row: Int, to membranes: Region, start: Int, length: Int, lines: Int,
    count: Int32, scalar: Scalar.Type
  ) {
    let weightStep = strideHeight &* rowStep
    let lineStep = outputWidth &* paddedChannels
    var (row, start) = (row, start)
    for _ in 0..<lines {
      addRow(
        weights, row: row, to: membranes, start: start, length: length, count: count,
        scalar: scalar)
      row &-= weightStep
      start &+= lineStep
    }
  }
}

/// `channels` rounded up to whole blocks of eight lanes.
@inline(__always)
func padded(_ channels: Int) -> Int { (channels &+ 7) & ~7 }
