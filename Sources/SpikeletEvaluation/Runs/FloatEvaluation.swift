import SpikeletCompiler
import SpikeletDatasets
import SpikeletNetwork
import SpikeletSupport

/// Runs the float network that a model is made from: the accuracy that conversion can lose.
package struct FloatEvaluation: Sendable {
  package var network: Network
  package var input: Configuration.Input
  package var dataset: Dataset
  package var jobs: Int

  /// The timesteps of a network whose thresholds were trained; others have none.
  package var timesteps: Int

  /// - Parameter network: a simplified network.
  package init(network: Network, input: Configuration.Input, dataset: Dataset, jobs: Int) {
    self.network = network
    timesteps = network.timesteps ?? 1
    self.input = input
    self.dataset = dataset
    self.jobs = max(1, jobs)
  }

  /// The scores of a picture, or of a recording of events: thresholds see frame after frame,
  /// rectifiers the mean.
  private func scores(_ picture: ArraySlice<UInt8>) -> [Float] {
    guard input.mode == .events, !network.thresholdNodes.isEmpty else {
      return network.scores(
        input.values(of: picture, network.inputShape), timesteps: timesteps)
    }
    return network.scores(timesteps: timesteps) {
      Configuration.Input.frameValues(picture, frame: $0, network.inputShape)
    }
  }

  /// The number of pictures whose largest output is their label's, the first of equals.
  ///
  /// - Parameter journal: where the classes are kept, so that the run can go on after an end.
  package func correct(
    journal: RunJournal? = nil, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> Int {
    try dataset.check(fits: network.inputShape, of: network.name)
    let classes = try journaledMap(
      "float", dataset, jobs: jobs, journal: journal, progress: progress
    ) { part, tick in
      try part.map { index in
        let best = scores(try dataset.image(index)).enumerated().max {
          ($0.element, $1.offset) < ($1.element, $0.offset)
        }
        tick()
        return FoundClass(index: best?.offset ?? -1)
      }
    }.elements
    return classes.indices.count { classes[$0].index == Int(dataset.labels[$0]) }
  }
}

/// The class that was found in a picture.
struct FoundClass: JournalRecord {
  /// −1 for none.
  var index: Int

  init(index: Int) { self.index = index }

  var journalWords: [UInt64] { [UInt64(index + 1)] }

  init?(journalWords words: ArraySlice<UInt64>) {
    guard words.count == 1, let word = words.first, word <= 1 << 24 else { return nil }
    index = Int(word) - 1
  }
}

extension Dataset {
  /// Throws when the pictures have another shape than a network needs.
  func check(fits shape: Shape, of network: String) throws(Diagnostics) {
    let needed = PictureShape(
      channels: shape.channels, height: shape.height, width: shape.width)
    guard self.shape.serves(needed) else {
      throw Diagnostics(
        "\(network) does not fit the data set",
        [.init(name, "has pictures of \(channels)×\(height)×\(width), needed \(shape.extents)")])
    }
  }
}

extension Shape {
  /// All three extents, for messages.
  var extents: String { "\(channels)×\(height)×\(width)" }
}
