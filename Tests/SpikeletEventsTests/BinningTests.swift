import SpikeletDatasets
import SpikeletEvents
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport
import Testing

/// Frames of events in memory.
func framed(
  _ events: [SeenEvent], _ binning: EventBinning, count: Int? = nil
) throws -> FrameBuilder.Frames {
  let rows = events.map {
    EventRow(
      time: UInt32(truncatingIfNeeded: $0.t), x: UInt32($0.x), y: UInt32($0.y),
      polarity: UInt32($0.p))
  }
  return try FrameBuilder(binning).frames(count: count, path: "f") { () throws(DatasetError) in
    RowReader(rows: rows)
  }
}

@Suite struct BinningTests {
  private func binning(_ window: EventBinning.Window, side: Int = 4) -> EventBinning {
    EventBinning(sensorWidth: side, sensorHeight: side, window: window)
  }

  @Test func aWindowHoldsItsFirstMicrosecondButNotItsLast() throws {
    let times = [1000, 1099, 1100, 1199, 1200]
    let events = times.map { SeenEvent(t: $0, x: 0, y: 0, p: 0) }
    let frames = try framed(events, binning(.microseconds(100)))
    #expect(frames.events == [2, 2, 1])
    #expect(frames.starts == [0, 100, 200])
    #expect(frames.bytes.count == 3 * 16)
  }

  @Test func windowsMayBeginAtZero() throws {
    var binning = binning(.microseconds(100))
    binning.beginsAtZero = true
    let frames = try framed([SeenEvent(t: 250, x: 1, y: 0, p: 1)], binning)
    #expect(frames.events == [0, 0, 1])
    #expect(frames.bytes[2 * 16 + 1] == 2)
  }

  @Test func polaritiesAreChannelsOrIgnored() throws {
    let events = [SeenEvent(t: 0, x: 1, y: 2, p: 0), SeenEvent(t: 1, x: 1, y: 2, p: 1)]
    var binning = binning(.microseconds(10))
    #expect(try framed(events, binning).bytes[2 * 4 + 1] == 3)
    binning.hasPolarities = false
    #expect(try framed(events, binning).bytes[2 * 4 + 1] == 1)
  }

  @Test func levelsCount() throws {
    var binning = binning(.microseconds(100))
    binning.levels = 3
    let events = [0, 1, 2, 3, 4].map { SeenEvent(t: $0, x: 0, y: 0, p: $0 == 4 ? 0 : 1) }
    // Channels are level · 2 + polarity: brighter three times (or more), darker once.
    #expect(try framed(events, binning).bytes[0] == 0b10_1011)
    let two = Array(events.prefix(2))
    #expect(try framed(two, binning).bytes[0] == 0b00_1010)
  }

  @Test func cropAndDownsample() throws {
    var binning = binning(.microseconds(100), side: 8)
    binning.crop = .init(left: 2, top: 4, width: 4, height: 4)
    binning.downsample = 2
    let events = [
      SeenEvent(t: 0, x: 5, y: 7, p: 0), SeenEvent(t: 1, x: 1, y: 7, p: 0),
      SeenEvent(t: 2, x: 6, y: 7, p: 0), SeenEvent(t: 3, x: 3, y: 3, p: 0),
      SeenEvent(t: 4, x: 2, y: 5, p: 1), SeenEvent(t: 5, x: 8, y: 5, p: 1),
      SeenEvent(t: 6, x: 2, y: 9, p: 1),
    ]
    let frames = try framed(events, binning)
    #expect(frames.bytes == [2, 0, 0, 1])
    #expect(frames.tally.taken == 2 && frames.tally.cropped == 3 && frames.tally.outside == 2)
  }

  @Test func lateEventsAreDroppedAndUnorderedOnesCounted() throws {
    let events = [
      SeenEvent(t: 0, x: 0, y: 0, p: 0), SeenEvent(t: 150, x: 1, y: 0, p: 0),
      // In the open window, only out of order.
      SeenEvent(t: 120, x: 2, y: 0, p: 0),
      // In a window that has ended.
      SeenEvent(t: 99, x: 3, y: 0, p: 0),
    ]
    let frames = try framed(events, binning(.microseconds(100)))
    #expect(frames.events == [1, 2])
    #expect(frames.tally.late == 1 && frames.tally.unordered == 2)
    #expect(frames.bytes[16..<20].elementsEqual([0, 1, 1, 0]))
    #expect(frames.tally.text == "3 events in frames of 1 recordings, 1 too late, 2 out of order")
  }

  @Test func clocksThatRunBackAreRefused() {
    let events = [
      SeenEvent(t: 2_000_001, x: 0, y: 0, p: 0), SeenEvent(t: 1_000_000, x: 1, y: 0, p: 0),
    ]
    let error = #expect(throws: DatasetError.self) {
      try framed(events, binning(.microseconds(100)))
    }
    #expect(error?.description.contains("runs back by more than a second") == true)
    // Exactly a second is late, no more.
    let edge = [SeenEvent(t: 2_000_000, x: 0, y: 0, p: 0), events[1]]
    #expect(throws: Never.self) { try framed(edge, binning(.microseconds(100))) }
  }

  @Test func timesWrap() throws {
    let events = [-50, 49, 50].map { SeenEvent(t: (1 << 32) + $0, x: 0, y: 0, p: 0) }
    #expect(try framed(events, binning(.microseconds(100))).events == [2, 1])
  }

  @Test func windowsOfAFixedNumber() throws {
    let events = (0..<7).map { SeenEvent(t: $0 * 1000, x: $0 % 4, y: 0, p: 0) }
    let frames = try framed(events, binning(.events(3)))
    #expect(frames.events == [3, 3, 1])
    #expect(frames.starts == [0, 3000, 6000])
    #expect(try framed(events, binning(.events(3)), count: 2).tally.after == 1)
  }

  @Test func aVectorIsCutWhereAWindowIsFull() throws {
    let row = EventRow(time: 0, x: 0, y: 1, polarity: 0, mask: 0b1111)
    let frames = try FrameBuilder(binning(.events(3))).frames(count: nil, path: "f") {
      () throws(DatasetError) in RowReader(rows: [row])
    }
    #expect(frames.events == [3, 1])
    #expect(frames.bytes[4..<8].elementsEqual([1, 1, 1, 0]))
    #expect(frames.bytes[20..<24].elementsEqual([0, 0, 0, 1]))
  }

  @Test func binsShareARecording() throws {
    let events = [100, 400, 401, 999].map { SeenEvent(t: $0, x: 0, y: 0, p: 0) }
    // 900 µs in 3 parts of 300.
    let frames = try framed(events, binning(.bins(3)))
    #expect(frames.events == [1, 2, 1])
    #expect(try framed(events, binning(.bins(3)), count: 2).tally.after == 1)
    #expect(try framed(events, binning(.bins(3)), count: 5).events == [1, 2, 1, 0, 0])
  }

  @Test func shortRecordingsAreFilledUp() throws {
    let frames = try framed([], binning(.microseconds(100)), count: 2)
    #expect(frames.bytes == [UInt8](repeating: 0, count: 32))
    #expect(frames.tally.empty == 1)
    #expect(frames.tally.text.contains("1 recordings without events"))
  }

  /// A vector goes into the frame by the word; single events must give the same, at every edge.
  @Test func vectorsEqualTheirEvents() throws {
    var random = SeededRandom(seed: 11)
    for round in 0..<300 {
      let width = random.pick(1...70)
      var binning = EventBinning(
        sensorWidth: width, sensorHeight: 3, window: .microseconds(1000))
      if round % 3 == 1 {
        let left = random.pick(0...width - 1)
        binning.crop = .init(
          left: left, top: 1, width: random.pick(1...(width - left)), height: 2)
      }
      if round % 5 == 2 { binning.levels = 2 }
      if round % 7 == 3 { binning.hasPolarities = false }
      let rows = (0..<20).map { index in
        EventRow(
          time: UInt32(index), x: UInt32(random.pick(0...80)), y: UInt32(random.pick(0...3)),
          polarity: UInt32(random.pick(0...1)), mask: UInt32(truncatingIfNeeded: random.next()))
      }
      let single: [EventRow] = rows.flatMap { row -> [EventRow] in
        (UInt32(0)..<32).filter { row.mask >> $0 & 1 == 1 }.map {
          EventRow(time: row.time, x: row.x + $0, y: row.y, polarity: row.polarity)
        }
      }
      let builder = FrameBuilder(binning)
      func frames(_ rows: [EventRow]) throws -> FrameBuilder.Frames {
        try builder.frames(count: nil, path: "f") { () throws(DatasetError) in
          RowReader(rows: rows)
        }
      }
      let (vectors, events) = (try frames(rows), try frames(single))
      #expect(vectors.bytes == events.bytes)
      #expect(vectors.tally == events.tally)
    }
  }

  /// What a board does with bytes, piece by piece of any length, is what the host does with rows.
  @Test func theBoardsLoopGivesTheSameFrames() throws {
    let events = drawnEvents(3000, width: 300, height: 40, step: 20, seed: 5)
    let bytes = Array(EventEncoders.evt21(events).drop { $0 == 0 })
    let geometry = EventGeometry(sensorWidth: 300, sensorHeight: 40)
    let found = EventHeader(bytes.span, isWhole: true)
    let header = try #require(found)
    #expect(header.format == .evt21 && header.width == 640 && header.height == 480)
    var binner = EventBinner(geometry: geometry, window: .time(500))
    var decoder = EVT21Decoder()
    var frame = [UInt8](repeating: 0xA5, count: geometry.frameBytes)
    var all: [UInt8] = []
    var random = SeededRandom(seed: 2)
    var position = header.byteCount
    func with<Result>(_ body: (inout MutableRawSpan) -> Result) -> Result {
      var span = frame.mutableSpan
      var bytes = span.mutableBytes
      return body(&bytes)
    }
    with { binner.begin(&$0) }
    while position < bytes.count || binner.hasPending {
      let end = min(bytes.count, position + random.pick(8...900))
      let piece = Array(bytes[position..<end])
      var taken = 0
      let step = with { binner.fill(&decoder, piece.span, &taken, &$0) }
      position += taken
      if step == .windowEnded {
        all += frame
        with { binner.begin(&$0) }
      }
    }
    all += frame
    var binning = EventBinning(sensorWidth: 300, sensorHeight: 40, window: .microseconds(500))
    binning.downsample = 1
    let host = try framed(events, binning)
    #expect(all == host.bytes)
    #expect(binner.counts.taken == UInt32(events.count))
  }
}
