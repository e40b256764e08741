/// Prophesee's EVT 2.0: words of 32 bits, the kind in the highest four.
///
/// A time has 34 bits, the upper 28 in a word of their own. As times count modulo 2³², which divides
/// 2³⁴, its wrap needs no care.
package struct EVT2Decoder: EventDecoder {
  package var counts: EventDecoderCounts { words.counts }
  private var words = EVT2Words()

  /// At the beginning of a recording.
  package init() {}

  @inline(__always)
  package mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool {
    while position &+ 4 <= bytes.count {
      let data = word(bytes, position)
      position &+= 4
      let kind = data &>> 28
      if kind <= 1 {
        guard words.hasBase else {
          words.counts.unplacedEvents &+= 1
          continue
        }
        row = EventRow(
          time: words.time(data), x: (data &>> 11) & 2047, y: data & 2047,
          polarity: kind)
        return true
      }
      words.note(kind, high: data &<< 6)
    }
    return false
  }
}

/// Prophesee's EVT 2.1: words of 64 bits, vectors of 32 columns of one row and polarity.
package struct EVT21Decoder: EventDecoder {
  package var counts: EventDecoderCounts { words.counts }
  private var words = EVT2Words()
  /// Where the half with the kind lies, and that with the mask.
  private let upper: Int

  /// - Parameter isLegacy: whether the upper half comes first.
  package init(isLegacy: Bool = false) { upper = isLegacy ? 0 : 4 }

  @inline(__always)
  package mutating func next(
    _ bytes: Span<UInt8>, _ position: inout Int, _ row: inout EventRow
  ) -> Bool {
    while position &+ 8 <= bytes.count {
      let data = word(bytes, position &+ upper)
      let mask = word(bytes, position &+ (4 &- upper))
      position &+= 8
      let kind = data &>> 28
      if kind <= 1 {
        guard words.hasBase else {
          words.counts.unplacedEvents &+= UInt32(truncatingIfNeeded: mask.nonzeroBitCount)
          continue
        }
        guard mask != 0 else { continue }
        row = EventRow(
          time: words.time(data), x: (data &>> 11) & 2047, y: data & 2047,
          polarity: kind, mask: mask)
        return true
      }
      words.note(kind, high: data &<< 6)
    }
    return false
  }
}

/// What the words of both formats have in common: the time base, and words that are no events.
private struct EVT2Words {
  var counts = EventDecoderCounts()
  private var base: UInt32 = 0
  private(set) var hasBase = false

  /// The time of an event, its lowest six bits in the word.
  @inline(__always)
  func time(_ data: UInt32) -> UInt32 { base &+ ((data &>> 22) & 63) }

  /// - Parameter high: the upper bits of a time, where the word has them.
  mutating func note(_ kind: UInt32, high: UInt32) {
    switch kind {
    case 8:
      base = high
      hasBase = true
    case 10, 14, 15: counts.otherWords &+= 1
    default: counts.unknownWords &+= 1
    }
  }
}
