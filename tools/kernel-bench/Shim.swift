// The kernels as C functions, for tools/kernel-bench/bench.c.

/// A connection and its buffers, as bench.c has them.
struct Problem {
  let record: ConnectionRecord
  let source: SpikeMap
  let layer: LayerRecord
  let tile: Tile

  init(_ p: UnsafePointer<Int32>) {
    func word(_ i: Int) -> Int32 { unsafe p[i] }
    var r = ConnectionRecord()
    r.kind = word(0)
    source = SpikeMap(channels: Int(word(1)), height: Int(word(2)), width: Int(word(3)))
    (r.poolHeight, r.poolWidth) = (word(4), word(5))
    (r.poolStrideHeight, r.poolStrideWidth) = (word(6), word(7))
    (r.poolPaddingTop, r.poolPaddingLeft) = (word(8), word(9))
    (r.pooledHeight, r.pooledWidth) = (word(10), word(11))
    (r.kernelHeight, r.kernelWidth) = (word(12), word(13))
    (r.strideHeight, r.strideWidth) = (word(14), word(15))
    (r.paddingTop, r.paddingLeft) = (word(16), word(17))
    r.groups = 1
    r.weightBits = word(21)
    record = r
    var l = LayerRecord()
    (l.channels, l.height, l.width, l.membraneBits) = (word(18), word(19), word(20), word(22))
    layer = l
    tile = Tile(
      l, top: Int(word(23)), left: Int(word(24)), rows: Int(word(25)), columns: Int(word(26)))
  }

  var isDense: Bool { record.kind == ConnectionKind.dense.rawValue }

  var layout: GatherLayout {
    GatherLayout(
      inputChannels: source.channels,
      kernelHeight: isDense ? Int(record.pooledHeight) : Int(record.kernelHeight),
      kernelWidth: isDense ? Int(record.pooledWidth) : Int(record.kernelWidth),
      strideWidth: isDense ? 1 : Int(record.strideWidth), outputChannels: Int(layer.channels),
      outputWidth: Int(layer.width), bits: Int(record.weightBits))
  }

  var right: Int {
    let last = (layer.width &- 1) &* record.strideWidth &- record.paddingLeft
    let end = Int(last &+ record.kernelWidth)
    return isDense ? 0 : max(0, end &- Int(record.pooledWidth))
  }

  var picture: PictureBlocks {
    PictureBlocks(
      rows: PictureRows(
        channels: source.channels, height: source.height, width: source.width,
        kernelHeight: Int(record.kernelHeight), kernelWidth: Int(record.kernelWidth),
        stride: Int(record.strideWidth),
        left: Int(record.paddingLeft) &- tile.left &* Int(record.strideWidth),
        windows: tile.width),
      strideHeight: Int(record.strideHeight),
      top: Int(record.paddingTop) &- tile.top &* Int(record.strideHeight),
      outputHeight: tile.height, outputChannels: Int(layer.channels))
  }

  var gray: GrayLines {
    GrayLines(
      height: source.height, width: source.width, kernelHeight: Int(record.kernelHeight),
      kernelWidth: Int(record.kernelWidth), top: Int(record.paddingTop) &- tile.top,
      left: Int(record.paddingLeft) &- tile.left, outputHeight: tile.height,
      outputWidth: tile.width, outputChannels: Int(layer.channels))
  }

  func list(rows: Int) -> SpikeList {
    SpikeList(
      layout, height: Int(record.pooledHeight), width: Int(record.pooledWidth),
      left: isDense ? 0 : Int(record.paddingLeft), right: right,
      area: Int(record.poolHeight &* record.poolWidth), rows: rows)
  }

  func gather(rows: Int) -> Gather {
    Gather(
      layout: layout, list: list(rows: rows),
      strideHeight: isDense ? 1 : Int(record.strideHeight),
      strideWidth: isDense ? 1 : Int(record.strideWidth),
      top: isDense ? 0 : Int(record.paddingTop) &- tile.top &* Int(record.strideHeight),
      left: isDense ? 0 : Int(record.paddingLeft) &- tile.left &* Int(record.strideWidth),
      outputHeight: tile.height, outputWidth: tile.width)
  }
}

func read(_ p: UnsafeRawPointer, _ count: Int) -> ReadRegion {
  unsafe ReadRegion(RawSpan(_unsafeStart: p, byteCount: count), offset: 0, count: count)
}

func write(_ p: UnsafeMutableRawPointer, _ count: Int) -> Region {
  var span = unsafe MutableRawSpan(_unsafeStart: p, byteCount: count)
  return Region(&span, offset: 0, count: count)
}

@c(list_bytes) func listBytes(_ p: UnsafePointer<Int32>, _ rows: Int32) -> Int32 {
  let problem = unsafe Problem(p)
  let list = problem.list(rows: Int(rows))
  return list.fits ? Int32(list.byteCount) : -1
}

/// Whether zeros of the layout are 8s: those of a group of 4-bit weights.
@c(gather_zero) func gatherZero(_ p: UnsafePointer<Int32>) -> Int32 {
  unsafe Problem(p).layout.bits == 4 ? 0x88 : 0
}

@c(gather_bytes) func gatherBytes(_ p: UnsafePointer<Int32>) -> Int32 {
  unsafe Int32(Problem(p).layout.byteCount)
}

/// Byte · 8 + bit of a weight in the layout of the gather.
@c(gather_position) func gatherPosition(
  _ p: UnsafePointer<Int32>, _ output: Int32, _ input: Int32, _ row: Int32, _ column: Int32
) -> Int32 {
  let (byte, bit) = unsafe Problem(p).layout.position(
    output: Int(output), input: Int(input), row: Int(row), column: Int(column))
  return Int32(byte &* 8 &+ bit)
}

@c(build_list) func buildList(
  _ p: UnsafePointer<Int32>, _ rows: Int32, _ spikes: UnsafeRawPointer,
  _ lists: UnsafeMutableRawPointer
) {
  let problem = unsafe Problem(p)
  let view = InputView(
    problem.record, source: problem.source, values: unsafe read(spikes, problem.source.byteCount),
    zeroPoints: nil)
  let gather = problem.gather(rows: Int(rows))
  gather.list.list(
    gather.sourceRows, of: view, into: unsafe write(lists, gather.list.byteCount))
}

@c func gather(
  _ p: UnsafePointer<Int32>, _ rows: Int32, _ lists: UnsafeMutableRawPointer,
  _ weights: UnsafeRawPointer, _ membranes: UnsafeMutableRawPointer, _ bytes: Int
) -> Int {
  let problem = unsafe Problem(p)
  let gather = problem.gather(rows: Int(rows))
  return gather.add(
    unsafe write(lists, gather.list.byteCount),
    unsafe read(weights, gather.layout.byteCount), to: unsafe write(membranes, bytes),
    isWide: problem.layer.membraneBits == 32)
}

@c(scatter_bytes) func scatterBytes(_ p: UnsafePointer<Int32>) -> Int32 {
  let problem = unsafe Problem(p)
  return Int32(
    Convolution(problem.record, source: problem.source, layer: problem.layer, tile: problem.tile)
      .weightBytes)
}

@c func scatter(
  _ p: UnsafePointer<Int32>, _ spikes: UnsafeRawPointer, _ weights: UnsafeRawPointer,
  _ membranes: UnsafeMutableRawPointer, _ bytes: Int
) -> UInt32 {
  let problem = unsafe Problem(p)
  let shape = Convolution(
    problem.record, source: problem.source, layer: problem.layer, tile: problem.tile)
  let view = InputView(
    problem.record, source: problem.source, values: unsafe read(spikes, problem.source.byteCount),
    zeroPoints: nil)
  let w = Weights(unsafe read(weights, shape.weightBytes), bits: problem.record.weightBits)
  var operations = OperationCount()
  if problem.layer.membraneBits == 32 {
    shape.scatter(view, w, to: unsafe write(membranes, bytes), &operations, scalar: Int32.self)
  } else {
    shape.scatter(view, w, to: unsafe write(membranes, bytes), &operations, scalar: Int16.self)
  }
  return operations.low
}

/// The scatter of a picture: `zeroPoints` one word a channel.
@c(scatter_picture) func scatterPicture(
  _ p: UnsafePointer<Int32>, _ pixels: UnsafeRawPointer, _ zeroPoints: UnsafeRawPointer,
  _ weights: UnsafeRawPointer, _ sums: UnsafeMutableRawPointer, _ bytes: Int
) {
  let problem = unsafe Problem(p)
  let shape = Convolution(
    problem.record, source: problem.source, layer: problem.layer, tile: problem.tile)
  let source = problem.source
  let view = InputView(
    problem.record, source: source,
    values: unsafe read(pixels, source.channels &* source.sites),
    zeroPoints: unsafe read(zeroPoints, source.channels &* 4))
  let w = Weights(unsafe read(weights, shape.weightBytes), bits: problem.record.weightBits)
  var operations = OperationCount()
  if problem.layer.membraneBits == 32 {
    shape.scatter(view, w, to: unsafe write(sums, bytes), &operations, scalar: Int32.self)
  } else {
    shape.scatter(view, w, to: unsafe write(sums, bytes), &operations, scalar: Int16.self)
  }
}

@c(picture_bytes) func pictureBytes(_ p: UnsafePointer<Int32>) -> Int32 {
  unsafe Int32(Problem(p).picture.weightBytes)
}

@c(picture_scratch) func pictureScratch(_ p: UnsafePointer<Int32>) -> Int32 {
  unsafe Int32(Problem(p).picture.rows.byteCount)
}

@c(picture_position) func picturePosition(
  _ p: UnsafePointer<Int32>, _ output: Int32, _ input: Int32, _ row: Int32, _ column: Int32
) -> Int32 {
  let picture = unsafe Problem(p).picture
  return Int32(
    picture.position(
      output: Int(output), input: Int(input), row: Int(row), column: Int(column)))
}

@c(add_picture) func addPicture(
  _ p: UnsafePointer<Int32>, _ pixels: UnsafeRawPointer, _ zeroPoints: UnsafeRawPointer,
  _ weights: UnsafeRawPointer, _ scratch: UnsafeMutableRawPointer,
  _ sums: UnsafeMutableRawPointer, _ bytes: Int
) {
  let problem = unsafe Problem(p)
  let (picture, source) = (problem.picture, problem.source)
  picture.add(
    unsafe read(pixels, source.channels &* source.sites),
    zeroPoints: unsafe read(zeroPoints, source.channels &* 4),
    unsafe read(weights, picture.weightBytes),
    scratch: unsafe write(scratch, picture.rows.byteCount),
    to: Membranes(unsafe write(sums, bytes), bits: problem.layer.membraneBits))
}

/// Fires all lines; words: channels, height, width, pool height, pool width, bits.
@c func fire(
  _ p: UnsafePointer<Int32>, _ sums: UnsafeMutableRawPointer, _ thresholds: UnsafeRawPointer,
  _ spikes: UnsafeMutableRawPointer
) {
  func word(_ i: Int) -> Int { unsafe Int(p[i]) }
  let (channels, height, width) = (word(0), word(1), word(2))
  let firing = Firing(
    channels: channels, width: width, poolHeight: word(3), poolWidth: word(4))
  let map = SpikeMap(channels: channels, height: height / word(3), width: width / word(4))
  let size = word(5) / 8
  let region = unsafe write(sums, height &* width &* padded(channels) &* size)
  let limits = unsafe read(thresholds, padded(channels) &* size)
  let target = unsafe write(spikes, map.byteCount)
  if size == 4 {
    firing.fire(
      region, thresholds: limits, lines: map.height, to: target, map, line: 0, scalar: Int32.self)
  } else {
    firing.fire(
      region, thresholds: limits, lines: map.height, to: target, map, line: 0, scalar: Int16.self)
  }
}

@c(gray_bytes) func grayBytes(_ p: UnsafePointer<Int32>) -> Int32 {
  let gray = unsafe Problem(p).gray
  return gray.fits ? Int32(gray.weightBytes) : 0
}

@c(gray_scratch) func grayScratch(_ p: UnsafePointer<Int32>) -> Int32 {
  unsafe Int32(Problem(p).gray.byteCount)
}

@c(gray_position) func grayPosition(
  _ p: UnsafePointer<Int32>, _ output: Int32, _ row: Int32, _ column: Int32
) -> Int32 {
  unsafe Int32(
    Problem(p).gray.position(output: Int(output), row: Int(row), column: Int(column)))
}

@c(add_gray) func addGray(
  _ p: UnsafePointer<Int32>, _ pixels: UnsafeRawPointer, _ zeroPoint: UInt8,
  _ weights: UnsafeRawPointer, _ scratch: UnsafeMutableRawPointer,
  _ sums: UnsafeMutableRawPointer, _ bytes: Int
) {
  let problem = unsafe Problem(p)
  let gray = problem.gray
  let picture = unsafe read(pixels, problem.source.sites)
  let w = unsafe read(weights, gray.weightBytes)
  let lists = unsafe write(scratch, gray.byteCount)
  let target = unsafe write(sums, bytes)
  if problem.layer.membraneBits == 32 {
    gray.add(
      picture, zeroPoint: zeroPoint, w, scratch: lists, to: target, scalar: Int32.self)
  } else {
    gray.add(
      picture, zeroPoint: zeroPoint, w, scratch: lists, to: target, scalar: Int16.self)
  }
}
