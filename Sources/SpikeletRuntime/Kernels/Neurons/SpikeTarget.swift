/// Where the spikes of a tile go: the layer's own map, or that of the max pool which reads it.
///
/// In a model of one timestep a max pool is OR. A pool that runs inside the layer whose spikes it
/// reads has no map between the two: every spike is merged into the site of its window.
struct SpikeTarget {
  let region: Region
  let map: SpikeMap
  /// The window, which is its own stride; 1 × 1 without a pool.
  let poolHeight: Int
  let poolWidth: Int
  /// Whether several bits meet in one byte, so that a byte cannot just be stored.
  let merges: Bool
  /// Whether a potential is looked at again once its neuron has fired.
  let keepsPotentials: Bool
  /// The lines of sites to walk over and the sites of each. What no window covers is left out.
  var lines: Int
  var columns: Int

  @inline(never)
  init(
    _ region: Region, map: SpikeMap, isPooled: Bool, poolHeight: Int, poolWidth: Int,
    layer: NeuronRecord, tile: Tile, keepsPotentials: Bool
  ) {
    self.region = region
    self.keepsPotentials = keepsPotentials
    self.map = map
    (self.poolHeight, self.poolWidth) = (poolHeight, poolWidth)
    merges = isPooled || layer.thresholdCount > 1
    if !isPooled && tile.width == map.width {
      (lines, columns) = (1, tile.sites)
    } else {
      lines = max(0, min(tile.height, map.height &* poolHeight &- tile.top))
      columns = max(0, min(tile.width, map.width &* poolWidth &- tile.left))
    }
  }

  /// Zeroes the map, where a tile does not write all of its bytes.
  @inline(never)
  func clear() {
    guard merges || (map.channels &+ 7) / 8 < map.siteBytes else { return }
    region.clear()
  }

  /// The site of the map that the first neuron of a line belongs to.
  @inline(__always)
  func site(_ tile: Tile, line: Int) -> Int {
    (tile.top &+ line) / poolHeight &* map.width &+ tile.left / poolWidth
  }

  /// The same without a pool.
  @inline(__always)
  func plainSite(_ tile: Tile, line: Int) -> Int {
    (tile.top &+ line) &* map.width &+ tile.left
  }

  /// Adds the spikes of channels from `channel` on to those of a site: of 25 or fewer, or of 32 from a
  /// whole byte on.
  @inline(__always)
  func merge(_ bits: UInt32, site: Int, channel: Int) {
    var rest = bits &<< UInt32(truncatingIfNeeded: channel & 7)
    var byte = site &* map.siteBytes &+ channel / 8
    // A second byte exists where a spike lies in it.
    while rest != 0 {
      region.store(region.load(byte, as: UInt8.self) | UInt8(truncatingIfNeeded: rest), byte)
      rest &>>= 8
      byte &+= 1
    }
  }
}
