import SpikeletDatasets

/// The pictures that a model gets wrong, some of them to look at, and which classes it confuses.
package struct WrongPictures: Sendable {
  package struct Picture: Sendable, Equatable {
    /// Its number in the data set, from 0.
    package var index: Int
    package var label: Int
    package var prediction: Int
    package var timesteps: Int
    package var thumbnail: Thumbnail
  }

  /// How often pictures of one class were taken for another one.
  package struct Confusion: Sendable, Equatable {
    package var label: Int
    package var prediction: Int
    package var count: Int
  }

  /// How many there are.
  package let count: Int
  /// The first of them.
  package let shown: [Picture]
  /// The most frequent before the others.
  package let confusions: [Confusion]
  /// Pictures of each class, and those of them that are right.
  package let classes: [Int: (pictures: Int, right: Int)]

  /// - Parameters:
  ///   - limit: the pictures to show at most.
  ///   - side: their rows and columns at most.
  package init(_ result: EvaluationResult, limit: Int, side: Int = 40) throws(DatasetError) {
    let dataset = result.dataset
    var shown: [Picture] = []
    var pairs: [[Int]: Int] = [:]
    var classes: [Int: (pictures: Int, right: Int)] = [:]
    var count = 0
    for (index, outcome) in result.outcomes.enumerated() {
      let label = Int(dataset.labels[index])
      let isRight = outcome.prediction == label
      classes[label, default: (0, 0)].pictures += 1
      if isRight {
        classes[label, default: (0, 0)].right += 1
        continue
      }
      count += 1
      pairs[[label, outcome.prediction], default: 0] += 1
      guard shown.count < limit else { continue }
      shown.append(
        Picture(
          index: index, label: label, prediction: outcome.prediction,
          timesteps: outcome.timesteps,
          thumbnail: try dataset.thumbnail(index, side: side)))
    }
    self.count = count
    self.shown = shown
    self.classes = classes
    confusions = pairs.map { Confusion(label: $0[0], prediction: $0[1], count: $1) }.sorted {
      ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction)
    }
  }
}
