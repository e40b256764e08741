import SpikeletRuntime

/// The geometry of one connection: which windows of the layer a position of its source lies in.
package struct ConnectionShape: Sendable, Equatable {
  /// The source as the connection's sum pool shows it.
  let channels: Int
  let height: Int
  let width: Int
  let poolArea: Int
  let isQuad: Bool
  /// The window of the sum pool, and the extents of the map that it looks at.
  let pool: PoolWindow
  let sourceHeight: Int
  let sourceWidth: Int
  package let isDirect: Bool
  let kind: ConnectionKind
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  let top: Int
  let left: Int
  let groups: Int
  let outputHeight: Int
  let outputWidth: Int
  let outputChannels: Int
  /// The lines of outputs that each row of the source reaches, and the sites of a line that each
  /// column does.
  let lines: [Int]
  let sites: [Int]

  /// The shape of a connection.
  ///
  /// - Parameters:
  ///   - source: the map that it reads, before its sum pool.
  ///   - isDirect: whether it reads the pixels of a picture.
  package init(
    _ c: ConnectionRecord, source: (channels: Int, height: Int, width: Int), layer: LayerRecord,
    isDirect: Bool
  ) {
    self.isDirect = isDirect
    kind = ConnectionKind(rawValue: c.kind) ?? .maxPool
    (channels, height, width) = (source.channels, Int(c.pooledHeight), Int(c.pooledWidth))
    poolArea = Int(c.poolHeight) * Int(c.poolWidth)
    pool = PoolWindow(
      height: Int(c.poolHeight), width: Int(c.poolWidth), strideHeight: Int(c.poolStrideHeight),
      strideWidth: Int(c.poolStrideWidth), top: Int(c.poolPaddingTop),
      left: Int(c.poolPaddingLeft))
    (sourceHeight, sourceWidth) = (source.height, source.width)
    isQuad =
      !isDirect && c.poolHeight == 2 && c.poolWidth == 2 && c.poolStrideHeight == 2
      && c.poolStrideWidth == 2 && c.poolPaddingTop == 0 && c.poolPaddingLeft == 0
      && Int(c.pooledHeight) * 2 <= source.height && Int(c.pooledWidth) * 2 <= source.width
    (outputChannels, outputHeight, outputWidth) = (
      Int(layer.channels), Int(layer.height), Int(layer.width)
    )
    switch kind {
    case .convolution:
      (kernelHeight, kernelWidth) = (Int(c.window.height), Int(c.window.width))
      (strideHeight, strideWidth) = (Int(c.window.strideHeight), Int(c.window.strideWidth))
      (top, left) = (Int(c.window.paddingTop), Int(c.window.paddingLeft))
      groups = max(1, Int(c.window.groups))
    case .dense:
      (kernelHeight, kernelWidth) = (height, width)
      (strideHeight, strideWidth, top, left, groups) = (1, 1, 0, 0, 1)
    case .channelwise, .maxPool, .potentials:
      (kernelHeight, kernelWidth, strideHeight, strideWidth) = (1, 1, 1, 1)
      (top, left, groups) = (0, 0, 1)
    }
    lines = Self.windows(
      count: height, size: kernelHeight, stride: strideHeight, padding: top,
      outputs: outputHeight)
    sites = Self.windows(
      count: width, size: kernelWidth, stride: strideWidth, padding: left,
      outputs: outputWidth)
  }

  /// A sum pool.
  struct PoolWindow: Sendable, Equatable {
    var height: Int
    var width: Int
    var strideHeight: Int
    var strideWidth: Int
    var top: Int
    var left: Int
  }

  /// The windows that each position lies in.
  private static func windows(
    count: Int, size: Int, stride: Int, padding: Int, outputs: Int
  ) -> [Int] {
    (0..<count).map { position in
      let input = position + padding
      let first = max(0, (input - size + stride) / stride)
      return max(0, min(input / stride, outputs - 1) - first + 1)
    }
  }

  /// Whether a gather of this layer adds to four neighbouring sites at a time (`GatherLayout`).
  var isGrouped: Bool {
    padded(outputChannels) == 16 && strideWidth == 1 && outputWidth >= 4 && kind != .channelwise
  }

  /// The columns of the source below a row of the kernel, at a site or at four of them.
  func columns(below site: Int, sites count: Int = 1) -> Range<Int> {
    let start = site * strideWidth - left
    // A window may lie in the padding alone.
    let low = min(width, max(0, start))
    return low..<max(low, min(width, start + kernelWidth + count - 1))
  }

  /// All pairs of a line of outputs and a row of the source below its kernels.
  var linePairs: Int { lines.reduce(0, +) }

  /// The places where columns of the source are looked at for each row of a kernel, and their measures:
  /// single sites, groups of four, and those left over.
  private var placements: [(reached: ActivityMeasure, runs: ActivityMeasure, [Range<Int>])] {
    let single = (0..<outputWidth).map { columns(below: $0) }
    guard isGrouped else { return [(.reached, .runs, single)] }
    let groups = (0..<outputWidth / 4).map { columns(below: $0 * 4, sites: 4) }
    let rest = Array(single.suffix(outputWidth % 4))
    return [
      (.reached, .runs, single), (.groupReached, .groupRuns, groups),
      (.restReached, .restRuns, rest),
    ]
  }

  /// What some spikes come to.
  ///
  /// - Parameters:
  ///   - counts: the channels that are not 0 at each site of the source, as the pool shows it, row by
  ///     row.
  ///   - repeated: of all of them those that stand for more than one spike.
  ///   - spikes: the spikes of the source.
  package func activity(counts: [Int], repeated: Int, spikes: Int) -> Activity {
    var result = Activity([.spikes: Double(spikes), .repeated: Double(repeated)])
    var (entries, reachedLines) = (0, 0)
    var sums = [Int](repeating: 0, count: width + 1)
    let placements = placements
    for y in 0..<height where lines[y] > 0 {
      var inRow = 0
      for x in 0..<width {
        let count = counts[y * width + x]
        sums[x + 1] = sums[x] + count
        if sites[x] > 0 { inRow += count }
      }
      if sums[width] == 0 { continue }
      entries += inRow
      reachedLines += inRow * lines[y]
      for (reached, runs, ranges) in placements {
        var (sum, count) = (0, 0)
        for range in ranges {
          let below = sums[range.upperBound] - sums[range.lowerBound]
          sum += below
          count += below > 0 ? 1 : 0
        }
        result[reached] += Double(sum * lines[y])
        result[runs] += Double(count * lines[y])
      }
    }
    result[.entries] = Double(entries)
    result[.lines] = Double(reachedLines)
    return result
  }

  /// What is to be expected where every neuron fires with the same probability, independently.
  ///
  /// - Parameter rate: spikes a neuron and timestep, 0…1.
  package func activity(rate: Double) -> Activity {
    let none = power(1 - rate, poolArea)
    let entry = 1 - none
    let repeated =
      poolArea > 1
      ? max(0, entry - Double(poolArea) * rate * power(1 - rate, poolArea - 1)) : 0
    let rows = Double(lines.count { $0 > 0 })
    let columns = Double(sites.count { $0 > 0 })
    let entries = entry * Double(channels) * rows * columns
    var result = Activity([
      .spikes: rate * Double(channels) * Double(height * width * poolArea),
      .entries: entries, .repeated: entry > 0 ? entries * repeated / entry : 0,
      .lines: entry * Double(channels) * columns * Double(linePairs),
    ])
    for (reached, runs, ranges) in placements {
      let pairs = Double(linePairs)
      let places = ranges.map { $0.count * channels }
      result[reached] = pairs * entry * Double(places.reduce(0, +))
      result[runs] = pairs * places.reduce(0) { $0 + 1 - power(1 - entry, $1) }
    }
    return result
  }
}

/// `base` to the power of a whole number that is not negative: the same on every machine.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
