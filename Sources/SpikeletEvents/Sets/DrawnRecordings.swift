import SpikeletDatasets
import SpikeletNetwork
import SpikeletRuntime
import SpikeletSupport

/// Recordings that belong to nobody: drawn digits that move in front of a sensor as N-MNIST's do,
/// along three sides of a triangle, with a little noise.
package enum DrawnRecordings {
  /// One step of the movement, in microseconds; a recording has 60.
  static let step: UInt32 = 5000
  static let steps = 60

  /// Recordings as frames of a model.
  ///
  /// Throws what binning throws.
  package static func dataset(
    _ binning: EventBinning, count: Int, frames: Int
  ) throws(DatasetError) -> Dataset {
    let digits = Dataset.bundledDigits()
    let builder = FrameBuilder(binning)
    var bytes: [UInt8] = []
    var labels: [UInt16] = []
    for index in 0..<count {
      let rows = try events(of: digits, index: index % digits.count, seed: UInt64(index), binning)
      bytes += try builder.frames(count: frames, path: "drawn") { () throws(DatasetError) in
        RowReader(rows: rows)
      }.bytes
      labels.append(digits.labels[index % digits.count])
    }
    let source = FramesInMemory(bytes: bytes, size: builder.frameBytes * frames, frames: frames)
    return try Dataset(
      name: "drawn recordings", split: .test,
      shape: PictureShape(
        channels: binning.channels, height: binning.frameHeight, width: binning.frameWidth),
      pictures: source, labels: labels, classNames: digits.classNames, kind: "drawn recordings")
  }

  /// The events of one digit, in the order of their times.
  package static func events(
    of digits: Dataset, index: Int, seed: UInt64, _ binning: EventBinning
  ) throws(DatasetError) -> [EventRow] {
    let picture = Array(try digits.image(index))
    var random = SeededRandom(seed: seed ^ 0x65_7665_6E74)
    let (width, height) = (binning.sensorWidth, binning.sensorHeight)
    // A digit fills the part that is looked at.
    let area = binning.area
    func isInk(_ x: Int, _ y: Int, _ shift: (Int, Int)) -> Bool {
      let column = (x - area.left - shift.0) * digits.width / max(1, area.width)
      let row = (y - area.top - shift.1) * digits.height / max(1, area.height)
      guard (0..<digits.width).contains(column), (0..<digits.height).contains(row) else {
        return false
      }
      return picture[row * digits.width + column] > 127
    }
    var rows: [EventRow] = []
    var before = position(0, area)
    for step in 1...steps {
      let now = position(step, area)
      let time = UInt32(step) * Self.step
      for y in 0..<height {
        for x in 0..<width {
          let (was, ink) = (isInk(x, y, before), isInk(x, y, now))
          let isNoise = random.chance(2000)
          guard was != ink || isNoise else { continue }
          // Rows are read out one after the other.
          rows.append(
            EventRow(
              time: time + UInt32(y * 4000 / height), x: UInt32(x), y: UInt32(y),
              polarity: isNoise ? UInt32(random.pick(0...1)) : ink ? 1 : 0))
        }
      }
      before = now
    }
    return rows
  }

  /// Where the digit stands after a step: along the sides of a triangle, an eighth of the area wide.
  private static func position(_ step: Int, _ area: EventBinning.Area) -> (Int, Int) {
    let side = steps / 3
    let (part, place) = (step / side % 3, step % side)
    let reach = max(2, area.width / 8)
    let along = place * reach / side
    switch part {
    case 0: return (along / 2, along)
    case 1: return (reach / 2 + along / 2, reach - along)
    default: return (reach - along, 0)
    }
  }
}

/// Rows of events in memory.
package struct RowReader: EventReader {
  private var rows: [EventRow]?
  package let counts = EventDecoderCounts()

  package init(rows: [EventRow]) { self.rows = rows }

  package mutating func next() -> [EventRow]? {
    defer { rows = nil }
    return rows
  }
}

/// Frames in memory, recording after recording.
struct FramesInMemory: PictureSource {
  let bytes: [UInt8]
  /// Bytes of a recording, 1 or more.
  let size: Int
  let frames: Int

  var count: Int { bytes.count / size }
  var frameCount: Int? { frames }

  func picture(_ index: Int) -> ArraySlice<UInt8> { bytes[index * size..<(index + 1) * size] }
}
