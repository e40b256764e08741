import SpikeletRuntime

/// One event as the tests write it, with a time that does not wrap.
struct SeenEvent: Equatable, Comparable, CustomStringConvertible {
  var t: Int
  var x: Int
  var y: Int
  var p: Int

  static func < (a: SeenEvent, b: SeenEvent) -> Bool { (a.t, a.y, a.p, a.x) < (b.t, b.y, b.p, b.x) }
  var description: String { "(\(x), \(y), \(p), \(t) µs)" }
}

extension FixedWidthInteger {
  /// The bytes, the lowest first.
  var littleBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
  /// The bytes, the highest first.
  var bigBytes: [UInt8] { littleBytes.reversed() }
}

/// Writers of every format, from the formats' own documents; they share nothing with the readers.
enum EventEncoders {
  static func nmnist(_ events: [SeenEvent]) -> [UInt8] {
    var bytes: [UInt8] = []
    var overflows = 0
    for event in events {
      // Times of 23 bits; what is beyond is moved by marks of 2¹³ each.
      while event.t - overflows << 13 >= 1 << 23 {
        bytes += [0, 240, 0, 0, 0]
        overflows += 1
      }
      let time = event.t - overflows << 13
      bytes += [
        UInt8(event.x), UInt8(event.y), UInt8(event.p << 7 | time >> 16), UInt8(time >> 8 & 255),
        UInt8(time & 255),
      ]
    }
    return bytes
  }

  static func dat(_ events: [SeenEvent]) -> [UInt8] {
    let header = "% Data file containing CD events.\n% Version 2\n% Height 480\n% Width 640\n"
    return Array(header.utf8) + [12, 8]
      + events.flatMap {
        UInt32(truncatingIfNeeded: $0.t).littleBytes
          + UInt32($0.x | $0.y << 14 | $0.p << 28).littleBytes
      }
  }

  static func evt2(_ events: [SeenEvent]) -> [UInt8] {
    var bytes = Array("% evt 2.0\n% geometry 640x480\n% end\n".utf8)
    var high = -1
    for event in events {
      if event.t >> 6 != high {
        high = event.t >> 6
        bytes += (UInt32(8) << 28 | UInt32(high & 0xFFF_FFFF)).littleBytes
        // Somebody else's word.
        bytes += (UInt32(14) << 28 | 7).littleBytes
      }
      bytes +=
        (UInt32(event.p) << 28 | UInt32(event.t & 63) << 22 | UInt32(event.x) << 11
        | UInt32(event.y)).littleBytes
    }
    return bytes
  }

  /// Events of one time, row and polarity within 32 columns become one vector.
  static func evt21(_ events: [SeenEvent], isLegacy: Bool = false) -> [UInt8] {
    let more = isLegacy ? ";endianness=legacy" : ""
    var bytes = Array("% format EVT21\(more);height=480;width=640\n% end\n".utf8)
    func put(_ word: UInt64) {
      let (upper, lower) = (UInt32(word >> 32), UInt32(truncatingIfNeeded: word))
      bytes += isLegacy ? upper.littleBytes + lower.littleBytes : word.littleBytes
    }
    var high = -1
    var index = 0
    while index < events.count {
      let first = events[index]
      if first.t >> 6 != high {
        high = first.t >> 6
        put(UInt64(8) << 60 | UInt64(high & 0xFFF_FFFF) << 32)
      }
      var mask: UInt64 = 0
      while index < events.count, events[index].t == first.t, events[index].y == first.y,
        events[index].p == first.p, (first.x..<first.x + 32).contains(events[index].x)
      {
        mask |= 1 << UInt64(events[index].x - first.x)
        index += 1
      }
      put(
        UInt64(first.p) << 60 | UInt64(first.t & 63) << 54 | UInt64(first.x) << 43
          | UInt64(first.y) << 32 | mask)
    }
    return bytes
  }

  /// Single events where a row has one, vectors where it has more.
  static func evt3(_ events: [SeenEvent]) -> [UInt8] {
    var bytes = Array("% evt 3.0\n% format EVT3;height=480;width=640\n% end\n".utf8)
    func put(_ kind: Int, _ value: Int) { bytes += UInt16(kind << 12 | value).littleBytes }
    var (high, low, row) = (-1, -1, -1)
    var index = 0
    while index < events.count {
      let first = events[index]
      // Every step of the upper time is said, as cameras do.
      let target = first.t >> 12
      var next = high < 0 ? target : high + 1
      while next <= target, high != target {
        put(8, next & 4095)
        (high, low) = (next, 0)
        next += max(1, min(1000, target - next))
      }
      if first.t & 4095 != low {
        low = first.t & 4095
        put(6, low)
      }
      if first.y != row {
        row = first.y
        put(0, row)
      }
      var columns: [Int] = []
      while index < events.count, events[index].t == first.t, events[index].y == first.y,
        events[index].p == first.p, (first.x..<first.x + 32).contains(events[index].x)
      {
        columns.append(events[index].x - first.x)
        index += 1
      }
      guard columns.count > 1 else {
        put(2, first.p << 11 | first.x)
        continue
      }
      put(3, first.p << 11 | first.x)
      let mask = columns.reduce(0) { $0 | 1 << $1 }
      put(4, mask & 4095)
      put(4, mask >> 12 & 4095)
      put(5, mask >> 24 & 255)
    }
    return bytes
  }

  static func aedat2(_ events: [SeenEvent], isDAVIS: Bool = false) -> [UInt8] {
    let chip = isDAVIS ? "# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n" : ""
    let header = "#!AER-DAT2.0\r\n# This is a raw AE data file\r\n\(chip)"
    // Not an event: a trigger, or a sample of a picture.
    let other = UInt32(isDAVIS ? 1 << 31 : 1 << 15)
    return Array(header.utf8) + other.bigBytes + UInt32(0).bigBytes
      + events.flatMap { event in
        let address =
          isDAVIS
          ? event.y << 22 | event.x << 12 | event.p << 11 : event.y << 8 | event.x << 1 | event.p
        return UInt32(address).bigBytes + UInt32(truncatingIfNeeded: event.t).bigBytes
      }
  }

  static func csv(_ events: [SeenEvent]) -> [UInt8] {
    Array(events.map { "\($0.x),\($0.y),\($0.p),\($0.t)\n" }.joined().utf8)
  }

  private static func npy(_ type: String, _ shape: String, _ body: [UInt8]) -> [UInt8] {
    var header = "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + UInt16(header.utf8.count).littleBytes
      + Array(header.utf8) + body
  }

  static func npyRows(_ events: [SeenEvent]) -> [UInt8] {
    npy(
      "'<i8'", "(\(events.count), 4)",
      events.flatMap { [$0.x, $0.y, $0.t, $0.p].flatMap(\.littleBytes) })
  }

  static func npyRecords(_ events: [SeenEvent]) -> [UInt8] {
    npy(
      "[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|b1')]", "(\(events.count),)",
      events.flatMap {
        $0.t.littleBytes + Int16($0.x).littleBytes + Int16($0.y).littleBytes + [UInt8($0.p)]
      })
  }

  /// A packet of events as a FlatBuffer: its length, the root, an identifier, one table, one vector.
  static func packet(_ events: [SeenEvent]) -> [UInt8] {
    // Root at 8: list of fields (6 bytes) at 8, padded; the table at 16; the vector behind it.
    var body: [UInt8] = UInt32(16).littleBytes + Array("EVTS".utf8)
    body += UInt16(6).littleBytes + UInt16(8).littleBytes + UInt16(4).littleBytes + [0, 0]
    body += Int32(8).littleBytes
    // Elements are aligned to 8 behind their number.
    body += UInt32(8).littleBytes + [0, 0, 0, 0] + UInt32(events.count).littleBytes
    for event in events {
      body += event.t.littleBytes + Int16(event.x).littleBytes + Int16(event.y).littleBytes
      body += [UInt8(event.p), 0, 0, 0]
    }
    return UInt32(body.count).littleBytes + body
  }

  /// A file of AEDAT 4.
  ///
  /// - Parameters:
  ///   - compression: 0 for none, 1 for LZ4, 3 for Zstandard.
  ///   - pack: what is done with a packet.
  static func aedat4(
    _ events: [SeenEvent], compression: UInt32 = 0, pack: ([UInt8]) -> [UInt8] = { $0 }
  ) -> [UInt8] {
    var header = UInt32(12).littleBytes + UInt16(8).littleBytes + UInt16(8).littleBytes
    header += UInt16(4).littleBytes + UInt16(0).littleBytes
    header += Int32(8).littleBytes + compression.littleBytes
    var bytes = Array("#!AER-DAT4.0\r\n".utf8) + UInt32(header.count).littleBytes + header
    for start in stride(from: 0, to: events.count, by: 100) {
      let body = pack(packet(Array(events[start..<min(start + 100, events.count)])))
      bytes += Int32(0).littleBytes + Int32(body.count).littleBytes + body
    }
    return bytes
  }

  /// A frame of LZ4 that repeats nothing: literals in one block, as an encoder may write them.
  static func lz4(_ bytes: [UInt8]) -> [UInt8] {
    // Version 1, independent blocks, no sums; blocks of 4 MB. The checksum is that of these two bytes.
    var frame: [UInt8] = [0x04, 0x22, 0x4D, 0x18, 0x60, 0x70, 0x73]
    var block: [UInt8] = []
    if bytes.count < 15 {
      block.append(UInt8(bytes.count << 4))
    } else {
      block.append(0xF0)
      var rest = bytes.count - 15
      while rest >= 255 {
        block.append(255)
        rest -= 255
      }
      block.append(UInt8(rest))
    }
    block += bytes
    frame += UInt32(block.count).littleBytes + block + [0, 0, 0, 0]
    return frame
  }
}
