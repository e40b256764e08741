/// Events of one microsecond, one row and one polarity, side by side: what a decoder gives.
///
/// A single event is a row whose mask is 1. A vector of EVT 2.1 or 3.0 is one row as well, so that it
/// goes into a frame by the word.
package struct EventRow: Equatable, Sendable {
  /// Microseconds, modulo 2³²: only differences below 2³¹ (35 minutes) mean anything.
  package var time: UInt32
  /// The column of the mask's lowest bit.
  package var x: UInt32
  /// The row.
  package var y: UInt32
  /// 0 where it became darker, 1 where it became brighter.
  package var polarity: UInt32
  /// Bit i: an event in column x + i.
  package var mask: UInt32

  /// Makes a row of all its values; without a mask, of one event.
  @inline(__always)
  package init(time: UInt32, x: UInt32, y: UInt32, polarity: UInt32, mask: UInt32 = 1) {
    self.time = time
    self.x = x
    self.y = y
    self.polarity = polarity
    self.mask = mask
  }

  /// The number of events.
  package var count: Int { mask.nonzeroBitCount }
}

/// The binary formats that a board decodes, each in whole words.
package enum EventFormat: Int, Sendable {
  /// N-MNIST's records of five bytes.
  case nmnist = 0
  /// Prophesee's DAT, version 2.
  case dat = 1
  /// Prophesee's raw words of 32 bits.
  case evt2 = 2
  /// Prophesee's raw words of 64 bits, the first half lowest.
  case evt21 = 3
  /// The same, the two halves in the other order.
  case evt21Legacy = 4
  /// Prophesee's raw words of 16 bits.
  case evt3 = 5
}

/// What a decoder has met beside events.
package struct EventDecoderCounts: Equatable, Sendable {
  /// Words that hold no event and no time: triggers, the camera's own messages.
  package var otherWords: UInt32 = 0
  /// Words of a kind that the format does not have.
  package var unknownWords: UInt32 = 0
  /// Events before the first time base, or before the first row: nobody knows when or where.
  package var unplacedEvents: UInt32 = 0

  /// Nothing.
  package init() {}
}
