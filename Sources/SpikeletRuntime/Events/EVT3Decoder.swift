/// Prophesee's EVT 3.0: words of 16 bits, each of which changes a state: time, row, column.
///
/// A time has 24 bits, 12 in each of two words, and wraps after 16.8 seconds. The upper part goes
/// forward by less than half of its range, or else back: a step from 4095 to 0 is one forward.
package struct EVT3Decoder: EventDecoder {
  package private(set) var counts = EventDecoderCounts()
  private var base: UInt32 = 0
  private var low: UInt32 = 0
  private var hasBase = false
  private var y: UInt32 = 0
  private var hasRow = false
  private var vectorX: UInt32 = 0
  private var vectorPolarity: UInt32 = 0

  /// At the beginning of a recording.
  package init() {}

  @inline(__always)
  package mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool {
    while position &+ 2 <= bytes.count {
      let data = halfWord(bytes, position)
      position &+= 2
      switch data &>> 12 {
      case 0:
        y = data & 2047
        hasRow = true
      case 2:
        guard place(1) else { continue }
        row = EventRow(
          time: base &+ low, x: data & 2047, y: y, polarity: (data &>> 11) & 1)
        return true
      case 3:
        vectorX = data & 2047
        vectorPolarity = (data &>> 11) & 1
      case 4:
        if vector(data & 4095, 12, &row) { return true }
      case 5:
        if vector(data & 255, 8, &row) { return true }
      case 6: low = data & 4095
      case 8: setHigh(data & 4095)
      case 7, 10, 14, 15: counts.otherWords &+= 1
      default: counts.unknownWords &+= 1
      }
    }
    return false
  }

  /// Whether events have a time and a row; counts those that have not.
  @inline(__always)
  private mutating func place(_ mask: UInt32) -> Bool {
    if hasBase, hasRow { return true }
    counts.unplacedEvents &+= UInt32(truncatingIfNeeded: mask.nonzeroBitCount)
    return false
  }

  /// The next columns of a vector.
  @inline(__always)
  private mutating func vector(_ mask: UInt32, _ width: UInt32, _ row: inout EventRow) -> Bool {
    let x = vectorX
    vectorX &+= width
    guard mask != 0, place(mask) else { return false }
    row = EventRow(time: base &+ low, x: x, y: y, polarity: vectorPolarity, mask: mask)
    return true
  }

  private mutating func setHigh(_ high: UInt32) {
    low = 0
    guard hasBase else {
      base = high &<< 12
      hasBase = true
      return
    }
    let step = (high &- (base &>> 12)) & 4095
    base = step < 2048 ? base &+ (step &<< 12) : base &- ((4096 &- step) &<< 12)
  }
}
