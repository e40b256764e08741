/// Event-driven synapses of every kind: where each spike, or each pixel, of the source goes.
///
/// In the layout of `WeightLayout`, what a spike adds to a row of outputs is one run of weights over
/// consecutive sites of the channels-last membranes, at any stride: one addition for each kernel row
/// that meets an output. Groups add one row of weights for each kernel tap. A dense layer is a
/// convolution whose kernel is as large as the map.
///
/// A channelwise connection is a convolution of one tap from each channel to itself. With a pool and
/// a weight of 1 it is a spiking average pool; without one, the identity branch of a residual
/// addition. Its weights are as wide as the layer's potentials.
struct Convolution {
  let source: SpikeMap
  let pool: PoolView
  let layout: WeightLayout
  let strideHeight: Int
  let strideWidth: Int
  /// The distance from the tile's first row to the row of the source's first row; may be negative.
  var top: Int
  let left: Int
  var outputHeight: Int
  let outputWidth: Int
  /// Output channels a site, padded to whole blocks of lanes.
  let paddedChannels: Int

  init(_ connection: ConnectionRecord, source: SpikeMap, layer: NeuronRecord, tile: Tile) {
    self.source = source
    pool = PoolView(connection)
    layout = WeightLayout(
      connection, inputs: source.channels, outputs: Int(layer.channels),
      outputWidth: Int(layer.width))
    outputHeight = tile.height
    outputWidth = tile.width
    paddedChannels = padded(Int(layer.channels))
    switch layout.kind {
    case .convolution:
      (strideHeight, strideWidth) = (
        Int(connection.window.strideHeight), Int(connection.window.strideWidth)
      )
      top = Int(connection.window.paddingTop) &- tile.top &* strideHeight
      left = Int(connection.window.paddingLeft) &- tile.left &* strideWidth
    case .dense: (strideHeight, strideWidth, top, left) = (1, 1, 0, 0)
    default:
      (strideHeight, strideWidth) = (1, 1)
      (top, left) = (0 &- tile.top, 0 &- tile.left)
    }
  }

  private var kind: ConnectionKind { layout.kind }
  private var kernelHeight: Int { layout.kernelHeight }
  private var kernelWidth: Int { layout.kernelWidth }
  private var groups: Int { layout.groups }

  /// The windows along one axis that a position lies in: the first, and their number, which may be
  /// negative.
  ///
  /// - Parameters:
  ///   - input: the position, counted from the start of the first window.
  ///   - count: the windows that there are.
  @inline(__always)
  private static func windows(
    around input: Int, size: Int, stride: Int, count: Int
  ) -> (first: Int, count: Int) {
    var first = max(0, input &- size &+ 1)
    var last = input
    if stride > 1 {
      first = quotient(first &+ stride &- 1, stride)
      last = quotient(last, stride)
    }
    return (first, min(last, count &- 1) &- first &+ 1)
  }

  /// The positions along one axis that lie in any of `windows` windows: the first, and the one behind
  /// the last.
  ///
  /// - Parameters:
  ///   - start: where the first window starts; may be negative.
  @inline(__always)
  private static func positions(
    from start: Int, size: Int, stride: Int, windows: Int, count: Int
  ) -> (first: Int, end: Int) {
    (max(0, start), min(count, start &+ (windows &- 1) &* stride &+ size))
  }

  /// Adds the weights of every spike, or of every pixel times its value, to the membranes.
  func scatter(
    _ input: InputView, _ weights: Weights, to membranes: Membranes,
    _ operations: inout OperationCount
  ) {
    var (y, end) = Self.positions(
      from: 0 &- top, size: kernelHeight, stride: strideHeight, windows: outputHeight,
      count: pool.height)
    while y < end {
      let lines = Self.windows(
        around: y &+ top, size: kernelHeight, stride: strideHeight, count: outputHeight)
      if lines.count > 0 && input.isGray && kind == .convolution && groups == 1 {
        scatterGray(row: y, to: lines.first, count: lines.count, input, weights, to: membranes)
      } else if lines.count > 0 {
        scatter(
          row: y, to: lines.first, count: lines.count, input, weights, to: membranes, &operations)
      }
      y &+= 1
    }
  }

  /// Adds what one row of the source causes in some lines of outputs.
  @inline(never)
  private func scatter(
    row y: Int, to line: Int, count lines: Int, _ input: InputView, _ weights: Weights,
    to membranes: Membranes, _ operations: inout OperationCount
  ) {
    let words = source.wordsPerSite
    // Without groups the sites of a line are one run, and so are their weights.
    let isContiguous = groups == 1
    let lineStep = outputWidth &* paddedChannels
    let rows = Lines(
      weights: weights, target: membranes, rowStep: strideHeight &* layout.rowStep,
      lineStep: lineStep, count: lines)
    let rowWeights = (y &+ top &- line &* strideHeight) &* layout.rowStep
    var total = 0
    var (x, end) = Self.positions(
      from: 0 &- left, size: kernelWidth, stride: strideWidth, windows: outputWidth,
      count: pool.width)
    while x < end {
      var word = 0
      repeat {
        let spikes = input.word(y, x, word: word)
        var active = spikes.active
        if active == 0 {
          word &+= 1
          continue
        }
        let sites = Self.windows(
          around: x &+ left, size: kernelWidth, stride: strideWidth, count: outputWidth)
        let tap =
          rowWeights &+ layout.place(x &+ left &- sites.first &* strideWidth) &* layout.columnStep
        let start = line &* lineStep &+ sites.first &* paddedChannels
        let length = isContiguous ? sites.count &* paddedChannels : layout.rowLength
        while active != 0 && sites.count > 0 {
          let channel = word &* 32 &+ active.trailingZeroBitCount
          active &= active &- 1
          let count = input.value(spikes, y, x, channel)
          total &+= Int(count) &* sites.count
          var weight = channel &* layout.channelStep &+ tap
          if kind == .channelwise {
            addOne(weights, weight, to: membranes, start &+ channel, count)
            continue
          }
          var target = start
          if groups > 1 {
            target &+= channel / (source.channels / groups) &* (layout.outputs / groups)
          }
          var run = 0
          repeat {
            rows.add(row: weight, to: target, length: length, times: count)
            weight &+= layout.columnStep
            target &+= paddedChannels
            run &+= 1
          } while !isContiguous && run < sites.count
        }
        word &+= 1
      } while word < words
      x &+= 1
    }
    operations.add(total &* lines &* (kind == .channelwise ? 1 : layout.outputs / groups))
  }

  /// The same for a picture of one channel: of each pixel that is not blank one run of weights for each
  /// line.
  @inline(never)
  private func scatterGray(
    row y: Int, to line: Int, count lines: Int, _ input: InputView, _ weights: Weights,
    to membranes: Membranes
  ) {
    let lineStep = outputWidth &* paddedChannels
    let rows = Lines(
      weights: weights, target: membranes, rowStep: strideHeight &* layout.rowStep,
      lineStep: lineStep, count: lines)
    let rowWeights = (y &+ top &- line &* strideHeight) &* layout.rowStep
    var (x, end) = Self.positions(
      from: 0 &- left, size: kernelWidth, stride: strideWidth, windows: outputWidth,
      count: pool.width)
    while true {
      x = input.skipBlanks(y, from: x, to: end)
      if x >= end { return }
      let sites = Self.windows(
        around: x &+ left, size: kernelWidth, stride: strideWidth, count: outputWidth)
      if sites.count > 0 {
        rows.add(
          row: rowWeights &+ layout.place(x &+ left &- sites.first &* strideWidth)
            &* layout.columnStep,
          to: line &* lineStep &+ sites.first &* paddedChannels,
          length: sites.count &* paddedChannels, times: input.gray(y, x))
      }
      x &+= 1
    }
  }

  /// Adds one weight as wide as the layer's potentials.
  @inline(__always)
  private func addOne(
    _ weights: Weights, _ weight: Int, to membranes: Membranes, _ index: Int, _ count: Int32
  ) {
    let value =
      layout.channelStep == 4
      ? weights.region.load(weight, as: Int32.self)
      : Int32(weights.region.load(weight, as: Int16.self))
    membranes.store(membranes.load(index) &+ value &* count, index)
  }
}

/// `channels` rounded up to whole blocks of eight lanes.
@inline(__always)
package func padded(_ channels: Int) -> Int { (channels &+ 7) & ~7 }
