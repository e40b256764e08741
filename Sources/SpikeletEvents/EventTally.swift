import SpikeletRuntime

/// What became of the events of one or more recordings: what is counted is said.
package struct EventTally: Equatable, Sendable {
  /// In a frame.
  package var taken = 0
  /// Dropped: beyond the sensor.
  package var outside = 0
  /// Dropped: not in the part of the sensor that is looked at.
  package var cropped = 0
  /// Dropped: earlier than the window that was open.
  package var late = 0
  /// Earlier than an event before them; those that are not late are taken all the same.
  package var unordered = 0
  /// Not looked at: after the last frame that was needed.
  package var after = 0
  /// Dropped: before the first time or row of a format whose words build on each other.
  package var unplaced = 0
  /// Words of a kind that the format does not have.
  package var unknownWords = 0
  /// Recordings without any event.
  package var empty = 0
  /// Recordings.
  package var recordings = 0

  /// Nothing.
  package init() {}

  /// What one recording's binner and reader have counted.
  init(_ counts: EventBinner.Counts, _ decoder: EventDecoderCounts, after: Int) {
    taken = Int(counts.taken)
    outside = Int(counts.outside)
    cropped = Int(counts.cropped)
    late = Int(counts.late)
    unordered = Int(counts.unordered)
    unplaced = Int(decoder.unplacedEvents)
    unknownWords = Int(decoder.unknownWords)
    self.after = after
    empty = counts.events == 0 && after == 0 ? 1 : 0
    recordings = 1
  }

  /// Adds those of other recordings.
  package mutating func add(_ other: EventTally) {
    taken += other.taken
    outside += other.outside
    cropped += other.cropped
    late += other.late
    unordered += other.unordered
    after += other.after
    unplaced += other.unplaced
    unknownWords += other.unknownWords
    empty += other.empty
    recordings += other.recordings
  }

  /// One line: how many are in frames, then everything that is not as it should be.
  package var text: String {
    let rest: [(Int, String)] = [
      (cropped, "cropped"), (after, "after the last frame"), (outside, "beyond the sensor"),
      (late, "too late"), (unordered, "out of order"), (unplaced, "before any time"),
      (unknownWords, "unknown words"), (empty, "recordings without events"),
    ]
    return
      (["\(taken) events in frames of \(recordings) recordings"]
      + rest.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }).joined(separator: ", ")
  }
}
