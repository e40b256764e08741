import SpikeletDatasets
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport

/// Turns a recording into the frames of a model, by the binner that boards use.
package struct FrameBuilder: Sendable {
  package let binning: EventBinning
  private let geometry: EventGeometry

  /// - Parameter binning: without problems.
  package init(_ binning: EventBinning) {
    self.binning = binning
    geometry = EventGeometry(binning)
  }

  /// The bytes of a frame.
  package var frameBytes: Int { geometry.frameBytes }

  /// The frames of one recording.
  package struct Frames: Equatable, Sendable {
    /// One after the other.
    package var bytes: [UInt8]
    package var tally: EventTally
    /// When each window began, in microseconds after the first event or the time 0.
    package var starts: [Int]
    /// The events in each frame.
    package var events: [Int]
  }

  /// The first `count` frames of a recording, or all of them for nil; a recording that is too short is
  /// filled up with empty ones.
  ///
  /// - Parameter open: makes a reader from the beginning; called twice where the windows are parts of
  ///   the whole recording.
  /// Throws what is wrong with the recording.
  package func frames(
    count: Int?, path: String, open: () throws(DatasetError) -> any EventReader
  ) throws(DatasetError) -> Frames {
    var reader = try open()
    var limit = count
    let window: EventBinner.Window
    switch binning.window {
    case .microseconds(let length): window = .time(UInt32(length))
    case .events(let number): window = .count(UInt32(number))
    case .bins(let bins):
      window = .time(try Self.length(of: bins, &reader, path))
      limit = limit.map { min($0, bins) } ?? bins
      reader = try open()
    }
    var frames = try fill(&reader, window, limit: limit, path: path)
    if let count, frames.starts.count < count {
      let missing = count - frames.starts.count
      frames.bytes += [UInt8](repeating: 0, count: missing * frameBytes)
      frames.starts += [Int](repeating: frames.starts.last ?? 0, count: missing)
      frames.events += [Int](repeating: 0, count: missing)
    }
    return frames
  }

  /// The length of one of so many equal windows that hold the first event and the last.
  private static func length(
    of bins: Int, _ reader: inout any EventReader, _ path: String
  ) throws(DatasetError) -> UInt32 {
    var clock = Clock()
    while let rows = try reader.next() {
      for row in rows { clock.take(row.time) }
    }
    let length = (clock.latest - clock.first) / bins + 1
    guard length < 1 << 30 else {
      throw DatasetError(
        .unusable(
          reason: "lasts \(clock.latest - clock.first) µs, of which \(bins) parts are longer than "
            + "17 minutes", remedy: "use more bins, or cut the recording"), file: path)
    }
    return UInt32(length)
  }

  /// Times without their wrap.
  struct Clock {
    private(set) var first = 0
    private(set) var latest = 0
    private var last: UInt32?
    private var now = 0

    mutating func take(_ time: UInt32) {
      guard let last else {
        self.last = time
        return
      }
      now += Int(Int32(bitPattern: time &- last))
      self.last = time
      latest = max(latest, now)
      first = min(first, now)
    }
  }

  private func fill(
    _ reader: inout any EventReader, _ window: EventBinner.Window, limit: Int?, path: String
  ) throws(DatasetError) -> Frames {
    var binner = EventBinner(
      geometry: geometry, window: window, origin: binning.beginsAtZero ? 0 : nil)
    var frame = [UInt8](repeating: 0, count: frameBytes)
    var frames = Frames(bytes: [], tally: EventTally(), starts: [], events: [])
    var origin: UInt32?
    var start = 0
    var after = 0
    var taken = 0
    func isFull() -> Bool { limit.map { frames.starts.count >= $0 } ?? false }
    func close() throws(DatasetError) {
      frames.bytes += frame
      frames.starts.append(start)
      frames.events.append(Int(binner.counts.taken) - taken)
      taken = Int(binner.counts.taken)
      frame.withBytes { binner.begin(&$0) }
      guard frames.bytes.count <= Self.maximumBytes else {
        throw DatasetError(
          .unusable(
            reason: "gives more than \(frames.starts.count) frames of \(frameBytes) bytes",
            remedy: "use longer windows"), file: path)
      }
    }
    while let rows = try reader.next() {
      for row in rows {
        guard !isFull() else {
          after += row.count
          continue
        }
        if origin == nil { origin = binning.beginsAtZero ? 0 : row.time }
        var step = frame.withBytes { binner.add(row, &$0) }
        while step == .windowEnded {
          try close()
          guard !isFull() else { break }
          step = frame.withBytes { binner.resume(&$0) }
        }
        if step == .restarted { throw Self.runsBack(path, row.time) }
        if isFull(), step == .windowEnded { after += binner.pendingCount }
        start = Int(Int32(bitPattern: binner.start &- (origin ?? 0)))
      }
    }
    if !binner.isWindowEmpty, !isFull() { try close() }
    frames.tally = EventTally(binner.counts, reader.counts, after: after)
    return frames
  }

  /// The most bytes of all frames of a recording.
  static let maximumBytes = 1 << 30

  private static func runsBack(_ path: String, _ time: UInt32) -> DatasetError {
    DatasetError(
      .unusable(
        reason: "its time runs back by more than a second, to \(time) µs (modulo 2³²)",
        remedy: "cut the recording there: what follows has another clock"), file: path)
  }
}

extension EventGeometry {
  /// The geometry that a binning says.
  package init(_ binning: EventBinning) {
    self.init(sensorWidth: binning.sensorWidth, sensorHeight: binning.sensorHeight)
    let area = binning.area
    (left, top, width, height) = (area.left, area.top, area.width, area.height)
    downsample = binning.downsample
    polarities = binning.hasPolarities ? 2 : 1
    levels = binning.levels
  }
}

extension [UInt8] {
  /// The bytes as those that a frame is made of.
  fileprivate mutating func withBytes<Result>(
    _ body: (inout MutableRawSpan) -> Result
  ) -> Result {
    var span = mutableSpan
    var bytes = span.mutableBytes
    return body(&bytes)
  }
}
