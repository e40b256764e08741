/// Turns the words of one format into rows of events. It keeps the time base between calls, so that
/// the bytes may come in pieces of any length.
package protocol EventDecoder {
  /// Decodes up to the next row.
  ///
  /// - Parameter position: where the next word begins; moved past the words that were taken.
  /// - Returns: false where the rest of the bytes is no whole word; `row` is unchanged then.
  mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool

  /// What it has met beside events.
  var counts: EventDecoderCounts { get }
}

/// N-MNIST: x, y, then polarity in the highest of 24 bits and microseconds in the others.
///
/// An event of row 240 says that the time has overflowed: 2¹³ is added to all later times.
package struct NMNISTDecoder: EventDecoder {
  package private(set) var counts = EventDecoderCounts()
  private var base: UInt32 = 0

  /// At the beginning of a recording.
  package init() {}

  @inline(__always)
  package mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool {
    while position &+ 5 <= bytes.count {
      let y = UInt32(bytes[position &+ 1])
      let high = UInt32(bytes[position &+ 2])
      let low = UInt32(bytes[position &+ 3]) &<< 8 | UInt32(bytes[position &+ 4])
      let x = UInt32(bytes[position])
      position &+= 5
      guard y != 240 else {
        base &+= 1 &<< 13
        counts.otherWords &+= 1
        continue
      }
      row = EventRow(
        time: base &+ ((high & 127) &<< 16 | low), x: x, y: y, polarity: high &>> 7)
      return true
    }
    return false
  }
}

/// Prophesee's DAT: a time of 32 bits, then x in 14 bits, y in 14, polarity in the highest 4.
package struct DATDecoder: EventDecoder {
  package private(set) var counts = EventDecoderCounts()

  /// At the beginning of a recording.
  package init() {}

  @inline(__always)
  package mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool {
    guard position &+ 8 <= bytes.count else { return false }
    let time = word(bytes, position)
    let data = word(bytes, position &+ 4)
    position &+= 8
    row = EventRow(
      time: time, x: data & 0x3FFF, y: (data &>> 14) & 0x3FFF,
      polarity: (data &>> 28) == 0 ? 0 : 1)
    return true
  }
}

/// Four bytes, the lowest first.
@inline(__always)
func word(_ bytes: Span<UInt8>, _ position: Int) -> UInt32 {
  ReadRegion(bytes).load(position, as: UInt32.self)
}

/// Two bytes, the lowest first.
@inline(__always)
func halfWord(_ bytes: Span<UInt8>, _ position: Int) -> UInt32 {
  UInt32(ReadRegion(bytes).load(position, as: UInt16.self))
}
