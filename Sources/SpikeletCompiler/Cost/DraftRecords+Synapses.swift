import SpikeletRuntime

/// What the synapses of a connection do, in the pieces that have a price.
extension DraftRecords {
  /// The work of a connection: of a timestep, or of a picture where it reads pixels.
  func work(
    of record: ConnectionRecord, in layer: NeuronRecord, _ shape: ConnectionShape,
    _ activity: Activity, for target: CostTarget
  ) -> CostFeatures {
    if shape.kind == .potentials {
      // A load and an addition more than what potentials take that never fire.
      var features = CostFeatures()
      let blocks = Int(layer.height) * Int(layer.width) * padded(Int(layer.channels)) / 8
      features.add("neurons.integrate.\(layer.membraneBits)", blocks)
      return features
    }
    let cut = TileCut(layer, shape, rows: shape.isDirect ? currentRows(layer) : nil)
    var work = ConnectionWork(
      shape: shape, activity: activity, cut: cut,
      bits: shape.isDirect ? (isWideCurrent(layer) ? 32 : 16) : Int(layer.membraneBits),
      weightBits: Int(record.weightBits), target: target)
    switch SynapseKernel(rawValue: record.kernel) ?? .scatter {
    case .scatter: work.scatter()
    case .gather:
      work.gather(listRows: Int(record.listRows), isShared: layer.connectionCount > 1)
    case .pictureBlocks: work.pictureBlocks()
    case .grayLines: work.grayLines()
    }
    work.features.add("rest.connection", cut.tiles)
    if shape.isDirect { work.features.add("first.part", cut.tiles) }
    return work.features
  }

  /// Whether the sums of a direct current have 32 bits.
  func isWideCurrent(_ layer: NeuronRecord) -> Bool {
    layer.membraneBits == 32 || layer.currentShift > 0
  }

  /// The rows of a direct current that are summed at a time.
  func currentRows(_ layer: NeuronRecord) -> Int? {
    guard isWideCurrent(layer), layer.membraneBits == 16 else { return nil }
    let rows = keepsState ? Int(layer.tileRows) / 2 : Int(layer.tileRows)
    return max(1, rows)
  }
}

/// How tiles cut a layer, and how often they look at rows and columns of a source.
struct TileCut {
  let tiles: Int
  /// Rows of the source, over all tiles of a column of them; the same of columns.
  let rowVisits: Int
  let columnVisits: Int
  /// The rows and columns that any tile reaches.
  let rows: Int
  let columns: Int
  let tilesAcross: Int
  /// The rows of outputs of each tile of a column of tiles.
  let heights: [Int]
  let width: Int

  init(_ layer: NeuronRecord, _ shape: ConnectionShape, rows limit: Int? = nil) {
    let tileRows = max(1, Int(layer.tileRows))
    var heights: [Int] = []
    for top in stride(from: 0, to: Int(layer.height), by: tileRows) {
      var rest = min(tileRows, Int(layer.height) - top)
      while rest > 0 {
        heights.append(min(limit ?? rest, rest))
        rest -= heights.last ?? rest
      }
    }
    self.heights = heights
    let tileColumns = max(1, Int(layer.tileColumns))
    width = min(tileColumns, Int(layer.width))
    tilesAcross = (Int(layer.width) + tileColumns - 1) / tileColumns
    tiles = heights.count * tilesAcross
    rows = shape.lines.count { $0 > 0 }
    columns = shape.sites.count { $0 > 0 }
    var (visits, line) = (0, 0)
    for height in heights {
      let start = line * shape.strideHeight - shape.top
      let end = min(shape.height, start + (height - 1) * shape.strideHeight + shape.kernelHeight)
      visits += max(0, end - max(0, start))
      line += height
    }
    rowVisits = shape.kind == .maxPool ? shape.height : visits
    visits = 0
    for left in stride(from: 0, to: Int(layer.width), by: tileColumns) {
      let start = left * shape.strideWidth - shape.left
      let count = min(tileColumns, Int(layer.width) - left)
      let end = min(shape.width, start + (count - 1) * shape.strideWidth + shape.kernelWidth)
      visits += max(0, end - max(0, start))
    }
    columnVisits = visits
  }

  /// How often a row, or a column, is looked at on average.
  var rowFactor: Double { Double(rowVisits) / Double(max(1, rows)) }
  var columnFactor: Double { Double(columnVisits) / Double(max(1, columns)) }
}

/// The work of one connection while it is counted.
struct ConnectionWork {
  let shape: ConnectionShape
  let activity: Activity
  let cut: TileCut
  /// Of the sums: 16 or 32.
  let bits: Int
  let weightBits: Int
  let target: CostTarget
  var features = CostFeatures()

  private var channels: Int { padded(shape.outputChannels) }
  /// Words of a site of the source: up to 16 channels are one short word.
  private var words: Int { shape.channels <= 16 ? 1 : (shape.channels + 31) / 32 }
  private var view: String {
    shape.poolArea == 1 && !shape.isDirect ? "plain" : shape.isQuad ? "quad" : "sum"
  }

  // MARK: Scatter

  mutating func scatter() {
    let calls = activity[.entries] * cut.rowFactor * cut.columnFactor
    let lines = activity[.lines] * cut.columnFactor
    let visits = cut.rowVisits * cut.columnVisits
    features.add("scatter.row", cut.rowVisits * cut.tilesAcross)
    if shape.isDirect, shape.channels == 1, shape.poolArea == 1, shape.kind == .convolution,
      shape.groups == 1
    {
      features.add("scatter.grayScan", Double(visits) / target.wordBytes)
      features.add("scatter.grayEntry", calls)
      if shape.strideWidth > 1 { features.add("scatter.grayStrided", calls) }
    } else if shape.isDirect {
      features.add("scatter.pixel", visits * shape.channels)
      features.add("scatter.pixelEntry", calls)
      if shape.poolArea > 1 {
        features.add("scatter.pooledPixel", visits * shape.channels * shape.poolArea)
        features.add("scatter.pooledPixelEntry", calls * Double(shape.poolArea))
      }
    } else {
      features.add("scatter.word.\(view)", visits * words)
      if view == "sum" { features.add("scatter.sumSite", visits * words * shape.poolArea) }
      features.add("scatter.entry", calls)
      if view != "plain" { features.add("scatter.pooledEntry", calls) }
      // Larger windows have no counts: each entry adds up its window.
      if shape.poolArea > 7 { features.add("scatter.sumEntry", calls * Double(shape.poolArea)) }
    }
    let isGray = shape.isDirect && shape.channels == 1
    if shape.strideWidth > 1, !isGray {
      features.add("scatter.strided", min(calls, Double(visits * words)))
    }
    if shape.kind == .channelwise {
      features.add("scatter.one.\(bits)", activity[.entries])
    } else if shape.groups > 1 {
      scatterGroups(lines: activity[.reached])
    } else {
      scatterRows(lines: lines)
    }
  }

  /// Runs of weights over neighbouring sites.
  private mutating func scatterRows(lines: Double) {
    features.add("scatter.line.\(bits)", lines)
    let blocks = activity[.reached] * Double(channels) / 8
    switch weightBits {
    case 8:
      // Blocks of sixteen, and of eight where a run has an odd number of them.
      let isSingle = shape.outputWidth == 1
      let odd = channels % 16 == 0 ? 0 : isSingle ? lines : lines / 2
      let share = activity[.entries] > 0 ? activity[.repeated] / activity[.entries] : 0
      let times = shape.isDirect ? 1 : share
      let pairs = max(0, (blocks - odd) / 2)
      features.add("scatter.once.\(bits)", pairs * (1 - times))
      features.add("scatter.times.\(bits)", pairs * times)
      features.add("scatter.odd.\(bits)", odd)
    case 4: features.add("scatter.narrow.\(bits)", blocks)
    default: features.add("scatter.wide.\(bits)", blocks)
    }
  }

  /// Of each tap a row of the weights of one group.
  private mutating func scatterGroups(lines: Double) {
    let length = shape.outputChannels / shape.groups
    let calls =
      activity[.lines] > 0
      ? activity[.entries] * activity[.reached] / activity[.lines] : 0
    features.add("scatter.groupCall", calls * cut.rowFactor)
    features.add("scatter.line.\(bits)", lines)
    let isBytes = weightBits == 8
    features.add("scatter.once.\(bits)", isBytes ? lines * Double(length / 16) : 0)
    features.add("scatter.odd.\(bits)", isBytes ? lines * Double(length % 16 / 8) : 0)
    features.add("scatter.narrow.\(bits)", weightBits == 4 ? lines * Double(length / 8) : 0)
    features.add("scatter.wide.\(bits)", weightBits == 16 ? lines * Double(length / 8) : 0)
    if length % 8 > 0 || weightBits != 8 { features.add("scatter.tail", lines) }
    features.add("scatter.single", lines * Double(length % 8))
  }

  // MARK: Gather

  mutating func gather(listRows: Int, isShared: Bool) {
    let usual = min(shape.kernelHeight, shape.height)
    let isShort = listRows < usual
    let isKept = !isShared && !isShort && (cut.tilesAcross == 1 || listRows == shape.height)
    let rows = isKept ? cut.rows : cut.rowVisits * cut.tilesAcross
    list(rows: rows)
    let linesAtOnce =
      listRows == shape.height || isShort
      ? Int.max : (listRows - shape.kernelHeight) / shape.strideHeight + 1
    // A short list is used up several times for each tile.
    let calls =
      isShort
      ? (cut.rowVisits + listRows - 1) / listRows
      : cut.heights.reduce(0) { $0 + ($1 - 1) / max(1, min(linesAtOnce, $1)) + 1 }
    // The spikes of a run that registers have room for: 17 sums of nibbles, 255 of bytes.
    let worth = min(shape.poolArea, 7)
    let most = weightBits == 4 ? 17 / worth : bits == 32 ? 255 / worth : Int.max
    let form = "\(weightBits == 4 ? "nibble" : "byte").\(shape.poolArea > 1 ? "counted" : "plain")"
    var tiles = 0
    if shape.isGrouped {
      tiles = 1
      features.add(
        "gather.site", shape.linePairs * (shape.outputWidth / 4 + shape.outputWidth % 4))
      runs(activity[.groupRuns], activity[.groupReached], most, form, lanes: "4x16")
      runs(activity[.restRuns], activity[.restReached], most, form, lanes: "16")
    } else {
      var first = 0
      while first < channels {
        let rest = channels - first
        let lanes = rest >= 64 ? 64 : rest >= 32 ? 32 : rest >= 16 ? 16 : 8
        runs(activity[.runs], activity[.reached], most, form, lanes: "\(lanes)")
        tiles += 1
        first += lanes
      }
      features.add("gather.site", shape.linePairs * shape.outputWidth * tiles)
    }
    features.add("gather.call", calls * cut.tilesAcross * tiles)
    features.add("gather.row", shape.linePairs * cut.tilesAcross * tiles)
    let isDense = shape.strideWidth == 1 && shape.outputWidth > shape.kernelWidth
    features.add(
      "gather.counted", shape.linePairs * (isDense ? shape.kernelWidth : shape.outputWidth))
  }

  private mutating func runs(
    _ runs: Double, _ reached: Double, _ most: Int, _ form: String, lanes: String
  ) {
    features.add("gather.run.\(form).\(bits).\(lanes)", runs)
    features.add("gather.entry.\(form).\(lanes)", reached)
    if most < Int.max {
      features.add("gather.run.\(form).\(bits).\(lanes)", reached / Double(max(1, most)))
    }
  }

  /// Listing some rows of the source.
  private mutating func list(rows: Int) {
    let sites = rows * shape.width
    let kind = shape.channels <= 16 && view != "sum" ? "\(view).short" : view
    features.add("list.row", rows)
    features.add("list.word.\(kind)", sites * words)
    if view == "sum" { features.add("list.sumSite", sites * words * shape.poolArea) }
    let entries = activity[.entries] * Double(rows) / Double(max(1, cut.rows))
    features.add("list.entry.\(view)", entries)
    if shape.poolArea > 7 { features.add("list.sumEntry", entries * Double(shape.poolArea)) }
  }

  // MARK: First layer

  mutating func grayLines() {
    features.add("first.grayRow", cut.rowVisits * cut.tilesAcross)
    features.add("first.grayRun", activity[.grayRuns])
    if channels == 8 && bits == 32 && target != .armv7 {
      // Blank pixels in between are no cheaper than others. 32-bit Arm has no registers for this.
      features.add("first.graySlide", activity[.grayPixels])
    } else {
      features.add("first.grayPixel", activity[.grayPixels])
      features.add("first.grayAdd.\(bits)", activity[.grayAdds])
    }
    features.add("first.grayEdgeRun", activity[.grayEdgeRuns])
    features.add("first.grayEdgePixel", activity[.grayEdgePixels])
    features.add("first.grayEdgeAdd.\(bits)", activity[.grayEdgeAdds])
  }

  mutating func pictureBlocks() {
    let isHalf = target.pictureWindows == 4
    let blocks = activity[isHalf ? .blocks4 : .blocks8]
    let of = Double(channels / 8)
    let across = (shape.outputWidth + target.pictureWindows - 1) / target.pictureWindows
    let perRow = shape.channels * shape.strideWidth
    features.add("first.find", shape.linePairs * across * perRow)
    features.add("first.item", activity[isHalf ? .items4 : .items8] * of)
    features.add("first.column", activity[isHalf ? .columns4 : .columns8] * of)
    features.add("first.block.\(bits)", blocks * of)
    let line = padded(cut.width) + (shape.kernelWidth - 1) / shape.strideWidth
    let written = cut.rowVisits * cut.tilesAcross * perRow * (line + 3) / 4
    if shape.strideWidth == 1 {
      features.add("first.write", written)
    } else {
      features.add("first.write.strided", written)
      // Divisions are functions on 32-bit Arm, which are counted with those of other synapses.
      features.add("divide.strided", written)
    }
    features.add("first.line", shape.outputHeight * cut.tilesAcross)
    // What a line passes on is copied.
    features.add("rest.pictureLine", shape.outputHeight * cut.tilesAcross)
  }
}
