import SpikeletDatasets
import SpikeletEvents
import SpikeletNetwork
import SpikeletRuntime

/// Recordings of events: every reader, and the frames that come of what is read. The first byte chooses
/// the format and how events are binned.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  guard let choice = bytes.first else { return 0 }
  let body = Array(bytes.dropFirst())
  attempt("detected") { _ = try Recording(.memory(body, path: "f")) }
  let formats = RecordingFormat.allCases
  let format = formats[Int(choice) % formats.count]
  attempt(format.rawValue) {
    let recording = try Recording(.memory(body, path: "f"), format: format)
    var reader = try recording.reader()
    var events = 0
    while let rows = try reader.next() {
      for row in rows {
        precondition(row.mask != 0 && row.polarity <= 1)
        events += row.count
      }
    }
    var binning = EventBinning(
      sensorWidth: 40, sensorHeight: 30,
      window: [.microseconds(5000), .events(7), .bins(5)][
        Int(choice >> 4) % 3])
    if choice & 64 != 0 { binning.crop = .init(left: 3, top: 2, width: 32, height: 20) }
    if choice & 128 != 0 { binning.downsample = 2 }
    if choice & 32 != 0 { binning.levels = 3 }
    let frames = try recording.frames(FrameBuilder(binning), count: 6)
    let tally = frames.tally
    precondition(frames.starts.count == 6 && frames.events.reduce(0, +) == tally.taken)
    precondition(
      tally.taken + tally.outside + tally.cropped + tally.late + tally.after == events)
  }
  return 0
}
