import Foundation
import SpikeletDatasets
import SpikeletEvents
import SpikeletRuntime
import SpikeletSupport
import Testing

/// Events of a sensor, in the order of their times, some side by side.
func drawnEvents(
  _ count: Int, width: Int, height: Int, from start: Int = 0, step: Int, seed: UInt64
) -> [SeenEvent] {
  var random = SeededRandom(seed: seed)
  var events: [SeenEvent] = []
  var time = start
  while events.count < count {
    time += random.pick(0...step)
    let (x, y, p) = (random.pick(0...width - 1), random.pick(0...height - 1), random.pick(0...1))
    let run = random.chance(4) ? random.pick(1...20) : 1
    for column in x..<min(width, x + run) where !random.chance(3) || column == x {
      events.append(SeenEvent(t: time, x: column, y: y, p: p))
    }
    time += 1
  }
  return events
}

/// Everything that a reader gives, event by event, with times that go on after a wrap.
func readAll(_ bytes: [UInt8], _ name: String, format: RecordingFormat? = nil) throws
  -> (events: [SeenEvent], counts: EventDecoderCounts)
{
  let recording = try Recording(.memory(bytes, path: name), format: format)
  var reader = try recording.reader()
  var events: [SeenEvent] = []
  var (last, now): (UInt32?, Int) = (nil, 0)
  while let rows = try reader.next() {
    for row in rows {
      now += last.map { Int(Int32(bitPattern: row.time &- $0)) } ?? Int(row.time)
      last = row.time
      for bit in 0..<32 where row.mask >> bit & 1 == 1 {
        events.append(
          SeenEvent(t: now, x: Int(row.x) + Int(bit), y: Int(row.y), p: Int(row.polarity)))
      }
    }
  }
  return (events, reader.counts)
}

@Suite struct ReaderTests {
  /// What an encoder writes is read as it was, also beyond every wrap of the format's times and across
  /// pieces of the file.
  @Test(arguments: [
    ("nmnist", "a.bin", 34, 0, 50), ("dat", "a.dat", 640, (1 << 32) - 40_000, 30),
    ("evt2", "a.raw", 640, (1 << 34) - 40_000, 30), ("evt21", "a.raw", 640, (1 << 34) - 40_000, 30),
    ("evt21-legacy", "a.raw", 640, 1 << 20, 30), ("evt3", "a.raw", 640, 1 << 20, 6000),
    ("aedat2", "a.aedat", 128, (1 << 32) - 40_000, 30), ("davis", "a.aedat", 240, 1000, 30),
    ("csv", "a.csv", 640, 1 << 33, 30), ("npy", "a.npy", 640, 1 << 33, 30),
    ("records", "a.npy", 640, 1 << 33, 30), ("aedat4", "a.aedat4", 640, 1 << 40, 30),
    ("aedat4-lz4", "a.aedat4", 640, 1 << 40, 30),
  ])
  func roundTrip(_ format: String, _ name: String, _ width: Int, _ start: Int, _ step: Int) throws {
    let height = min(width, 180)
    let events = drawnEvents(
      20_000, width: width, height: height, from: start, step: step, seed: 7)
    let bytes: [UInt8] =
      switch format {
      case "nmnist": EventEncoders.nmnist(events)
      case "dat": EventEncoders.dat(events)
      case "evt2": EventEncoders.evt2(events)
      case "evt21": EventEncoders.evt21(events)
      case "evt21-legacy": EventEncoders.evt21(events, isLegacy: true)
      case "evt3": EventEncoders.evt3(events)
      case "aedat2": EventEncoders.aedat2(events)
      case "davis": EventEncoders.aedat2(events, isDAVIS: true)
      case "csv": EventEncoders.csv(events)
      case "npy": EventEncoders.npyRows(events)
      case "records": EventEncoders.npyRecords(events)
      case "aedat4": EventEncoders.aedat4(events)
      default: EventEncoders.aedat4(events, compression: 1, pack: EventEncoders.lz4)
      }
    #expect(bytes.count > Pieces.size)
    let (read, counts) = try readAll(bytes, name)
    // The first time is known modulo the format's own range alone.
    let shift = (events.first?.t ?? 0) - (read.first?.t ?? 0)
    #expect(shift % (1 << 24) == 0)
    let moved = read.map { SeenEvent(t: $0.t + shift, x: $0.x, y: $0.y, p: $0.p) }
    #expect(moved.count == events.count)
    #expect(moved == events)
    #expect(counts.unknownWords == 0 && counts.unplacedEvents == 0)
  }

  @Test func nmnistGoesOnAfterItsOverflow() throws {
    let events = [
      SeenEvent(t: 8_388_600, x: 1, y: 2, p: 1), SeenEvent(t: 8_388_700, x: 3, y: 4, p: 0),
    ]
    let (read, counts) = try readAll(EventEncoders.nmnist(events), "a.bin")
    #expect(read == events)
    #expect(counts.otherWords == 1)
  }

  @Test func eventsBeforeAnyTimeAreCounted() throws {
    let header = Array("% evt 2.0\n% end\n".utf8)
    let orphan = UInt32(5 << 11 | 6).littleBytes
    let time = (UInt32(8) << 28 | 1).littleBytes
    let unknown = (UInt32(5) << 28).littleBytes
    let (read, counts) = try readAll(header + orphan + time + unknown + orphan, "a.raw")
    #expect(read == [SeenEvent(t: 64, x: 5, y: 6, p: 0)])
    #expect(counts.unplacedEvents == 1)
    #expect(counts.unknownWords == 1)
  }

  @Test func evt3NeedsATimeAndARow() throws {
    let header = Array("% evt 3.0\n% end\n".utf8)
    let words: [Int] = [
      2 << 12 | 7, 8 << 12, 2 << 12 | 7, 3 << 12 | 9, 5 << 12 | 3, 0 << 12 | 4, 5 << 12 | 5,
      9 << 12,
    ]
    let (read, counts) = try readAll(
      header + words.flatMap { UInt16($0).littleBytes }, "a.raw")
    // The second vector word begins eight columns after the first.
    #expect(read == [SeenEvent(t: 0, x: 17, y: 4, p: 0), SeenEvent(t: 0, x: 19, y: 4, p: 0)])
    #expect(counts.unplacedEvents == 4)
    #expect(counts.unknownWords == 1)
  }

  @Test func evt3StepsBackAreNoWraps() throws {
    let header = Array("% evt 3.0\n% end\n".utf8)
    func at(_ high: Int) -> [Int] { [8 << 12 | high, 0, 2 << 12] }
    let words = at(4095) + at(0) + at(4095) + at(1)
    let (read, _) = try readAll(header + words.flatMap { UInt16($0).littleBytes }, "a.raw")
    #expect(read.map { $0.t >> 12 } == [4095, 4096, 4095, 4097])
  }

  @Test(
    arguments: [
      ("a.bin", [1, 2, 3], "ends with 3 bytes of a word of 5"),
      ("a.xyz", [1, 2, 3, 4, 5], "is no recording of events that is known"),
      ("a.aedat", Array("#!AER-DAT3.1\r\n".utf8), "is AEDAT 3, which is not read"),
      ("a.aedat", Array("#!AER-DAT2.0\r\n# endless".utf8), "has a header that does not end"),
      (
        "a.aedat", Array("#!AER-DAT2.0\r\n".utf8) + [1, 2, 3], "ends with 3 bytes of an event of 8"
      ),
      ("a.raw", Array("% evt 4.0\n% end\n".utf8), "names neither EVT 2.0, 2.1 or 3.0 nor DAT 2"),
      ("a.raw", Array("% evt 3.0".utf8), "that does not end"),
      ("a.raw", Array("% evt 3.0\n% end\n".utf8) + [1], "ends with 1 bytes of a word of 2"),
      ("a.dat", Array("% Version 1\n".utf8) + [12, 8, 0], "names neither"),
      ("a.aedat4", Array("#!AER-DAT4.0\r\n".utf8), "has no header of AEDAT 4"),
      ("a.aedat4", Array("#!AER-DAT4.0\r\n".utf8) + [99, 0, 0, 0], "has a header of 99 bytes"),
      ("a.csv", Array("1,2,3\n".utf8), "line 1 has 3 values, needed 4"),
      ("a.csv", Array("x,y,p,t\n1,2,1,5\n1,b,1,6\n".utf8), "line 3 has a value that is no whole"),
      ("a.csv", Array("x,y,p,t\n1,-2,1,5\n".utf8), "line 2 has a negative column"),
      ("a.csv", Array("a,b,c,d\n".utf8), "names the columns a, b, c, d"),
      ("a.csv", [UInt8](repeating: 49, count: 70_000), "is longer than 4096 bytes"),
      ("a.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 9, 9, 9, 9], "has a header of 2313 bytes"),
    ] as [(String, [UInt8], String)])
  func damagedRecordingsAreRefused(_ name: String, _ bytes: [UInt8], _ reason: String) {
    let error = #expect(throws: DatasetError.self) { try readAll(bytes, name) }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("\(name): "))
    #expect(text.contains(reason), "\(text)")
    #expect(text.contains(";"), "says what to do: \(text)")
  }

  @Test func zstandardIsRefusedByName() {
    let bytes = EventEncoders.aedat4(
      drawnEvents(5, width: 9, height: 9, step: 9, seed: 1), compression: 3)
    let error = #expect(throws: DatasetError.self) { try readAll(bytes, "a.aedat4") }
    #expect(error?.description.contains("is compressed with Zstandard, needed LZ4 or none") == true)
    #expect(error?.description.contains("python3 -c") == true)
  }

  @Test func damagedPacketsAreRefused() {
    let events = drawnEvents(150, width: 9, height: 9, step: 9, seed: 1)
    let whole = EventEncoders.aedat4(events)
    for length in stride(from: whole.count - 1, to: 60, by: -7) {
      #expect(throws: DatasetError.self) { try readAll(Array(whole[..<length]), "a.aedat4") }
    }
    let packed = EventEncoders.aedat4(events, compression: 1) {
      EventEncoders.lz4($0) + [1, 2, 3, 4]
    }
    let error = #expect(throws: DatasetError.self) { try readAll(packed, "a.aedat4") }
    #expect(error?.description.contains("is no LZ4 frame") == true)
  }

  @Test func arraysOfOtherNumbersAreRefused() {
    for type in ["'<c8'", "'>i8'", "[('x', '<i2'), ('y', '<i2')]"] {
      var bytes = EventEncoders.npyRows([SeenEvent(t: 1, x: 2, y: 3, p: 1)])
      let text = String(decoding: bytes[10..<118], as: UTF8.self)
        .replacing("'<i8'", with: type).prefix(108)
      bytes.replaceSubrange(10..<118, with: Array(text.utf8))
      let error = #expect(throws: DatasetError.self) { try readAll(bytes, "a.npy") }
      #expect(error?.description.contains("unreadable header") == true)
    }
    let short = EventEncoders.npyRows([SeenEvent(t: 1, x: 2, y: 3, p: 1)]).dropLast()
    #expect(throws: DatasetError.self) { try readAll(Array(short), "a.npy") }
    let negative = EventEncoders.npyRows([SeenEvent(t: -1, x: 2, y: 3, p: 1)])
    #expect(throws: DatasetError.self) { try readAll(negative, "a.npy") }
  }

  @Test func textMayNameItsColumns() throws {
    let text = "# a comment\ntimestamp y x polarity\n5 2 1 1\n6 4 3 0\n"
    let (read, _) = try readAll(Array(text.utf8), "a.txt")
    #expect(read == [SeenEvent(t: 5, x: 1, y: 2, p: 1), SeenEvent(t: 6, x: 3, y: 4, p: 0)])
  }

  @Test func aGivenFormatCounts() throws {
    let events = drawnEvents(10, width: 34, height: 34, step: 9, seed: 3)
    let (read, _) = try readAll(EventEncoders.nmnist(events), "a.events", format: .nmnist)
    #expect(read == events)
    #expect(throws: DatasetError.self) {
      try readAll(EventEncoders.nmnist(events), "a.bin", format: .evt3)
    }
  }
}
