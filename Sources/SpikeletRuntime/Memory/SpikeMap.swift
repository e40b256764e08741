/// The layout of a spike map: one bit a neuron, the channels of a site side by side.
///
/// A site (row, column) takes 1, 2 or a multiple of 4 bytes, so that it is read as whole words.
/// Channel c is bit `c & 7` of byte `c >> 3`. The bits of channels that do not exist are zero.
package struct SpikeMap {
  package let channels: Int
  package let height: Int
  package let width: Int
  /// Bytes a site.
  let siteBytes: Int

  init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    let bytes = (channels &+ 7) / 8
    self.siteBytes = bytes <= 2 ? bytes : (bytes &+ 3) & ~3
  }

  var sites: Int { height &* width }
  /// The bytes of the map; the loader checks that they can be counted.
  var size: Size { Size(height) * Size(width) * Size(siteBytes) }
  var byteCount: Int { sites &* siteBytes }
  /// Words a site: a site of 1 or 2 bytes is one short word.
  var wordsPerSite: Int { siteBytes < 4 ? 1 : siteBytes / 4 }

  /// The spikes of up to 32 channels of one site, the first channel of the word lowest.
  @inline(__always)
  func word(_ spikes: ReadRegion, site: Int, word: Int) -> UInt32 {
    switch siteBytes {
    case 1: UInt32(truncatingIfNeeded: spikes.load(site, as: UInt8.self))
    case 2: UInt32(truncatingIfNeeded: spikes.load(site &* 2, as: UInt16.self))
    default: spikes.load(site &* siteBytes &+ word &* 4, as: UInt32.self)
    }
  }

  /// A word of a site at a byte offset; a site of one or two bytes is one short word.
  @inline(__always)
  static func word(_ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int) -> UInt32 {
    siteBytes < 4 ? short(spikes, offset, siteBytes) : spikes.load(offset, as: UInt32.self)
  }

  /// Two sites side by side, of one or two bytes each, the first lowest.
  @inline(__always)
  static func pair(_ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int) -> UInt32 {
    siteBytes == 1
      ? UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt16.self))
      : spikes.load(offset, as: UInt32.self)
  }

  /// A site of one or two bytes.
  @inline(__always)
  static func short(_ spikes: ReadRegion, _ offset: Int, _ siteBytes: Int) -> UInt32 {
    siteBytes == 1
      ? UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt8.self))
      : UInt32(truncatingIfNeeded: spikes.load(offset, as: UInt16.self))
  }

  /// Whether one neuron fired.
  @inline(__always)
  func spike(_ spikes: ReadRegion, site: Int, _ channel: Int) -> Bool {
    let byte = spikes.load(site &* siteBytes &+ channel / 8, as: UInt8.self)
    return (byte &>> UInt8(truncatingIfNeeded: channel & 7)) & 1 == 1
  }

  @inline(__always)
  func setWord(_ value: UInt32, _ spikes: Region, site: Int, word: Int) {
    switch siteBytes {
    case 1: spikes.store(UInt8(truncatingIfNeeded: value), site)
    case 2: spikes.store(UInt16(truncatingIfNeeded: value), site &* 2)
    default: spikes.store(value, site &* siteBytes &+ word &* 4)
    }
  }
}

/// A sum pool as an address map: which sites of a spike map a pooled site adds up.
///
/// The sum is never stored: a consumer walks the window and adds a weight row for every spike in
/// it, or one row times their number.
struct PoolView {
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  let paddingTop: Int
  let paddingLeft: Int
  /// Rows and columns of pooled sites.
  let height: Int
  let width: Int

  init(_ connection: ConnectionRecord) {
    kernelHeight = Int(connection.poolHeight)
    kernelWidth = Int(connection.poolWidth)
    strideHeight = Int(connection.poolStrideHeight)
    strideWidth = Int(connection.poolStrideWidth)
    paddingTop = Int(connection.poolPaddingTop)
    paddingLeft = Int(connection.poolPaddingLeft)
    height = Int(connection.pooledHeight)
    width = Int(connection.pooledWidth)
  }

  var isIdentity: Bool { kernelHeight &* kernelWidth == 1 && strideHeight == 1 && strideWidth == 1 }
  var area: Int { kernelHeight &* kernelWidth }

  /// The rows of the source in the window of pooled row `y`, clipped to the source.
  @inline(__always)
  func rows(_ y: Int, of source: Int) -> Range<Int> {
    clip(y &* strideHeight &- paddingTop, kernelHeight, source)
  }

  @inline(__always)
  func columns(_ x: Int, of source: Int) -> Range<Int> {
    clip(x &* strideWidth &- paddingLeft, kernelWidth, source)
  }

  @inline(__always)
  private func clip(_ start: Int, _ length: Int, _ limit: Int) -> Range<Int> {
    let low = max(start, 0)
    return low..<max(low, min(start &+ length, limit))
  }
}
