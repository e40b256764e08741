import SpikeletDatasets
import SpikeletNetwork
import SpikeletSupport

/// Recordings that are read, and made into frames, when they are asked for.
struct EventRecordings: PictureSource {
  let files: [String]
  let builder: FrameBuilder
  let frames: Int
  let format: RecordingFormat?
  let log: EventLog

  var count: Int { files.count }
  var frameCount: Int? { frames }

  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    let found = try Recording(files[index], format: format).frames(builder, count: frames)
    log.add(found, of: index)
    return found.bytes[...]
  }
}

/// What became of the events of the recordings that were read, by any thread.
package final class EventLog: Sendable {
  private struct State {
    var tally = EventTally()
    /// The events in each frame, by the number of the recording.
    var events: [Int: [Int]] = [:]
  }

  private let state = Locked(State())

  package init() {}

  /// Notes a recording; one that is read again counts once.
  func add(_ frames: FrameBuilder.Frames, of index: Int) {
    state.withLock { state in
      if state.events.updateValue(frames.events, forKey: index) == nil {
        state.tally.add(frames.tally)
      }
    }
  }

  /// The sum of all.
  package var tally: EventTally { state.withLock { $0.tally } }

  /// The events in the first frames of a recording; nil where it was not read.
  package func events(recording: Int, frames: Int) -> Int? {
    state.withLock { $0.events[recording]?.prefix(frames).reduce(0, +) }
  }
}

/// One recording in a file.
package struct Recording {
  private let store: ByteStore
  package let format: RecordingFormat

  /// Opens a file.
  ///
  /// - Parameter format: nil to tell it from the file.
  package init(_ path: String, format: RecordingFormat? = nil) throws(DatasetError) {
    try self.init(.file(RandomAccessFile(path, isRemembered: false)), format: format)
  }

  /// A recording of bytes that may lie in memory.
  package init(_ store: ByteStore, format: RecordingFormat? = nil) throws(DatasetError) {
    self.store = store
    if let format {
      self.format = format
    } else {
      self.format = try RecordingFormat.detect(store)
    }
  }

  /// A reader from the beginning.
  package func reader() throws(DatasetError) -> any EventReader { try format.reader(store) }

  /// The first frames, or all of them.
  package func frames(
    _ builder: FrameBuilder, count: Int?
  ) throws(DatasetError) -> FrameBuilder.Frames {
    try builder.frames(count: count, path: store.path) { () throws(DatasetError) in
      try reader()
    }
  }
}
