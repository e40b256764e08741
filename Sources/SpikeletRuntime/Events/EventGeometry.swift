/// Where events of a sensor lie in the frames of a model.
package struct EventGeometry: Equatable, Sendable {
  /// The columns and rows of the sensor.
  package var sensorWidth: Int
  package var sensorHeight: Int
  /// The part of the sensor that is looked at.
  package var left: Int
  package var top: Int
  package var width: Int
  package var height: Int
  /// So many columns and rows of that part become one of a frame.
  package var downsample: Int
  /// 2 where each polarity has a channel (darker first), 1 where it does not matter.
  package var polarities: Int
  /// So many events of a site and polarity are told apart: 1 is whether there was any. Bit k of a
  /// count is set where there were more than k; its channel is k · polarities + polarity.
  package var levels: Int

  /// The whole of a sensor, whether there was any event of each polarity.
  package init(sensorWidth: Int, sensorHeight: Int) {
    self.sensorWidth = sensorWidth
    self.sensorHeight = sensorHeight
    left = 0
    top = 0
    width = sensorWidth
    height = sensorHeight
    downsample = 1
    polarities = 2
    levels = 1
  }

  /// The largest extent of a sensor; every format's addresses fit.
  package static var maximumSide: Int { 16_384 }

  /// Whether all values are possible together.
  package var isValid: Bool {
    let sides = 1...Self.maximumSide
    return sides.contains(sensorWidth) && sides.contains(sensorHeight) && left >= 0 && top >= 0
      && width >= 1 && height >= 1 && left <= sensorWidth &- width && top <= sensorHeight &- height
      && downsample >= 1 && width % downsample == 0 && height % downsample == 0
      && (polarities == 1 || polarities == 2) && levels >= 1 && levels <= 16
  }

  /// The columns of a frame.
  package var frameWidth: Int { width / downsample }
  /// The rows of a frame.
  package var frameHeight: Int { height / downsample }
  /// The channels of a frame.
  package var channels: Int { polarities &* levels }
  /// The bytes of a frame, which is a spike map.
  package var frameBytes: Int { map.byteCount }

  var map: SpikeMap {
    SpikeMap(channels: channels, height: frameHeight, width: frameWidth)
  }

  /// Whether its frames are what a model of events reads.
  package func suits(_ model: borrowing Model) -> Bool {
    model.inputMode == .events && model.inputChannels == channels
      && model.inputHeight == frameHeight && model.inputWidth == frameWidth
  }
}

/// A frame that events are put into.
struct EventFrame {
  private let region: Region
  private let geometry: EventGeometry
  private let siteBytes: Int
  private let frameWidth: Int

  init(_ region: Region, _ geometry: EventGeometry) {
    self.region = region
    self.geometry = geometry
    siteBytes = geometry.map.siteBytes
    frameWidth = geometry.frameWidth
  }

  /// The columns of a row of events that lie on the sensor, as a part of its mask.
  @inline(__always)
  func onSensor(_ row: EventRow) -> UInt32 {
    guard Int(truncatingIfNeeded: row.y) < geometry.sensorHeight else { return 0 }
    return row.mask & Self.bits(geometry.sensorWidth &- Int(truncatingIfNeeded: row.x))
  }

  /// Those of them that are looked at.
  @inline(__always)
  func inside(_ row: EventRow, _ mask: UInt32) -> UInt32 {
    let y = Int(truncatingIfNeeded: row.y) &- geometry.top
    guard y >= 0, y < geometry.height else { return 0 }
    let x = Int(truncatingIfNeeded: row.x) &- geometry.left
    return mask & Self.bits(geometry.width &- x) & ~Self.bits(0 &- x)
  }

  /// The lowest `count` bits; none below 0, all above 31.
  @inline(__always)
  private static func bits(_ count: Int) -> UInt32 {
    if count >= 32 { return .max }
    return count <= 0 ? 0 : (1 &<< UInt32(truncatingIfNeeded: count)) &- 1
  }

  /// Puts events into the frame that lie inside.
  @inline(__always)
  func put(_ row: EventRow, _ mask: UInt32) {
    let x = Int(truncatingIfNeeded: row.x) &- geometry.left
    let y = Int(truncatingIfNeeded: row.y) &- geometry.top
    let polarity = geometry.polarities == 2 ? Int(truncatingIfNeeded: row.polarity) : 0
    if mask == 1 { return putOne(x, y, polarity) }
    if geometry.downsample == 1, geometry.levels == 1 {
      // Levels of 1: one or two channels, one byte a site.
      return putWords(mask, y &* frameWidth &+ x, UInt32(truncatingIfNeeded: polarity))
    }
    var rest = mask
    while rest != 0 {
      putOne(x &+ rest.trailingZeroBitCount, y, polarity)
      rest &= rest &- 1
    }
  }

  /// Four sites at a time: the bits of a nibble become those of four bytes.
  private func putWords(_ mask: UInt32, _ first: Int, _ polarity: UInt32) {
    var (rest, site) = (mask, first)
    while rest != 0 {
      let skipped = rest.trailingZeroBitCount
      rest &>>= UInt32(truncatingIfNeeded: skipped)
      site &+= skipped
      if site &+ 4 > region.count {
        // The last sites of the map have no whole word behind them.
        region.store(
          region.load(site, as: UInt8.self) | 1 &<< UInt8(truncatingIfNeeded: polarity), site)
        rest &= ~1
        continue
      }
      let spread = ((rest & 15) &* 0x0020_4081) & 0x0101_0101
      region.store(region.load(site, as: UInt32.self) | spread &<< polarity, site)
      rest &= ~15
    }
  }

  @inline(__always)
  private func putOne(_ column: Int, _ line: Int, _ polarity: Int) {
    var (x, y) = (column, line)
    if geometry.downsample > 1 {
      x /= geometry.downsample
      y /= geometry.downsample
    }
    let site = (y &* frameWidth &+ x) &* siteBytes
    var channel = polarity
    for _ in 0..<geometry.levels {
      let place = site &+ channel / 8
      let bit: UInt8 = 1 &<< UInt8(truncatingIfNeeded: channel & 7)
      let byte = region.load(place, as: UInt8.self)
      if byte & bit == 0 { return region.store(byte | bit, place) }
      channel &+= geometry.polarities
    }
  }

  /// Takes all events out.
  func clear() {
    for place in 0..<region.count { region.store(0 as UInt8, place) }
  }
}
