/// Puts events into frames, one window after the other: windows of a time or of a number of events.
///
/// docs/events.md has the rules. It keeps its place between calls, so that events may come in pieces;
/// the frame belongs to the caller, who clears it with `begin` before every window.
package struct EventBinner {
  /// What ends a window.
  package enum Window: Equatable, Sendable {
    /// So many microseconds, 1 ..< 2³⁰: a window holds its first microsecond, not its last.
    case time(UInt32)
    /// So many events of those that are looked at, 1 or more.
    case count(UInt32)
  }

  /// What an event led to.
  package enum Step: Equatable, Sendable {
    /// Everything that was given is in the frame, or dropped.
    case taken
    /// The frame is complete; the events that came next wait for the next window.
    case windowEnded
    /// Time has run back by more than `restart`: whoever goes on begins anew with the events that
    /// wait. The frame holds what came before.
    case restarted
  }

  /// Events by what became of them.
  package struct Counts: Equatable, Sendable {
    /// In a frame.
    package var taken: UInt32 = 0
    /// Beyond the sensor's columns and rows: dropped.
    package var outside: UInt32 = 0
    /// On the sensor, but not in the part that is looked at: dropped.
    package var cropped: UInt32 = 0
    /// Earlier than the window: dropped.
    package var late: UInt32 = 0
    /// Earlier than an event before them: taken, unless they were late.
    package var unordered: UInt32 = 0
    /// Beginnings of another clock.
    package var restarts: UInt32 = 0

    /// Nothing.
    package init() {}

    /// All events of the sensor or beyond it.
    package var events: UInt32 { taken &+ outside &+ cropped &+ late }
  }

  /// Where events lie.
  package let geometry: EventGeometry
  /// What ends a window.
  package let window: Window
  /// What became of the events.
  package private(set) var counts = Counts()
  /// When the window began, in microseconds modulo 2³².
  package private(set) var start: UInt32 = 0
  /// The latest time of any event.
  package private(set) var latest: UInt32 = 0
  private var hasStart = false
  private var isFirst = true
  /// Events in a window of a number of events.
  private var filled: UInt32 = 0
  private var isEmpty = true
  private var pending = EventRow(time: 0, x: 0, y: 0, polarity: 0, mask: 0)

  /// A clock that runs back by more than a second is another one.
  package static var restart: Int32 { 1_000_000 }

  /// - Parameters:
  ///   - geometry: valid.
  ///   - origin: when the first window begins; nil for the time of the first event.
  package init(geometry: EventGeometry, window: Window, origin: UInt32? = nil) {
    precondition(geometry.isValid)
    self.geometry = geometry
    self.window = window
    if let origin {
      start = origin
      hasStart = true
    }
  }

  /// Whether the window holds no event.
  package var isWindowEmpty: Bool { isEmpty }
  /// Whether events wait for the next window.
  package var hasPending: Bool { pending.mask != 0 }

  /// The number of events that wait for the next window.
  package var pendingCount: Int { pending.count }

  /// Empties the frame of the next window.
  package mutating func begin(_ frame: inout MutableRawSpan) {
    isEmpty = true
    region(&frame).clear()
  }

  /// Decodes bytes into the frame until the window or the bytes end.
  ///
  /// - Parameters:
  ///   - position: where to begin in the bytes; moved past what was decoded.
  ///   - frame: `geometry.frameBytes` bytes.
  package mutating func fill<Decoder: EventDecoder>(
    _ decoder: inout Decoder, _ bytes: Span<UInt8>, _ position: inout Int,
    _ frame: inout MutableRawSpan
  ) -> Step {
    let target = region(&frame)
    if hasPending {
      let step = place(target)
      if step != .taken { return step }
    }
    var row = EventRow(time: 0, x: 0, y: 0, polarity: 0)
    while decoder.next(bytes, &position, &row) {
      let step = admit(row, target)
      if step != .taken { return step }
    }
    return .taken
  }

  /// Puts one row of events into the frame; none may wait.
  package mutating func add(_ row: EventRow, _ frame: inout MutableRawSpan) -> Step {
    assert(!hasPending)
    return admit(row, region(&frame))
  }

  /// Puts the events that wait into the frame.
  package mutating func resume(_ frame: inout MutableRawSpan) -> Step {
    hasPending ? place(region(&frame)) : .taken
  }

  private func region(_ frame: inout MutableRawSpan) -> EventFrame {
    EventFrame(Region(&frame, offset: 0, count: geometry.frameBytes), geometry)
  }

  /// Takes a row that has just come.
  @inline(__always)
  private mutating func admit(_ row: EventRow, _ frame: EventFrame) -> Step {
    pending = row
    let ahead = Int32(bitPattern: row.time &- latest)
    if isFirst || ahead >= 0 {
      latest = row.time
    } else if ahead < 0 &- Self.restart {
      counts.restarts &+= 1
      isFirst = true
      hasStart = false
      filled = 0
      latest = row.time
      return .restarted
    } else {
      counts.unordered &+= UInt32(truncatingIfNeeded: row.count)
    }
    return place(frame)
  }

  @inline(__always)
  private mutating func place(_ frame: EventFrame) -> Step {
    if isFirst {
      isFirst = false
      if !hasStart { start = pending.time }
      hasStart = true
    }
    switch window {
    case .time(let length):
      let offset = pending.time &- start
      if offset >= length {
        guard Int32(bitPattern: offset) < 0 else {
          start &+= length
          return .windowEnded
        }
        counts.late &+= UInt32(truncatingIfNeeded: pending.count)
        pending.mask = 0
        return .taken
      }
      put(inside(frame), frame)
      pending.mask = 0
      return .taken
    case .count(let length): return placeCounted(frame, length)
    }
  }

  /// The events that wait and are looked at; counts the others.
  @inline(__always)
  private mutating func inside(_ frame: EventFrame) -> UInt32 {
    let onSensor = frame.onSensor(pending)
    let inside = frame.inside(pending, onSensor)
    if inside != pending.mask {
      let count = onSensor.nonzeroBitCount
      counts.outside &+= UInt32(truncatingIfNeeded: pending.count &- count)
      counts.cropped &+= UInt32(truncatingIfNeeded: count &- inside.nonzeroBitCount)
    }
    return inside
  }

  @inline(__always)
  private mutating func put(_ mask: UInt32, _ frame: EventFrame) {
    guard mask != 0 else { return }
    counts.taken &+= UInt32(truncatingIfNeeded: mask.nonzeroBitCount)
    isEmpty = false
    frame.put(pending, mask)
  }

  private mutating func placeCounted(_ frame: EventFrame, _ length: UInt32) -> Step {
    var mask = inside(frame)
    if isEmpty { start = pending.time }
    // The lowest columns first, until the window is full.
    var taken: UInt32 = 0
    while mask != 0, filled < length {
      taken |= mask & (0 &- mask)
      mask &= mask &- 1
      filled &+= 1
    }
    put(taken, frame)
    pending.mask = mask
    guard filled == length else { return .taken }
    filled = 0
    return .windowEnded
  }
}
