import SpikeletClassifier
import SpikeletDatasets
import SpikeletSupport

/// Which pictures two models put into different classes.
package struct DecisionDifference: Sendable {
  /// A picture whose class changed.
  package struct Picture: Sendable, Equatable {
    package var index: Int
    package var label: Int
    package var old: Int
    package var new: Int
  }

  package let old: EvaluationResult
  package let new: EvaluationResult
  /// The pictures that became right, that became wrong, and that are wrong in another way.
  package let mended: [Picture]
  package let broken: [Picture]
  package let moved: [Picture]
  /// Names of classes, in the order of the scores; empty where there are none.
  package let classNames: [String]

  /// Pictures that have different classes.
  package var count: Int { mended.count + broken.count + moved.count }
  /// Pictures whose scores or timesteps differ, whatever their class.
  package let differentScores: Int

  package func className(_ index: Int) -> String {
    classNames.indices.contains(index) ? classNames[index].printable : "\(index)"
  }

  /// - Parameters:
  ///   - old, new: results of the same pictures.
  package init(_ old: EvaluationResult, _ new: EvaluationResult) {
    precondition(old.images == new.images)
    (self.old, self.new) = (old, new)
    let dataset = new.dataset
    var (mended, broken, moved): ([Picture], [Picture], [Picture]) = ([], [], [])
    var differentScores = 0
    for (index, (before, after)) in zip(old.outcomes, new.outcomes).enumerated() {
      if before.scores != after.scores || before.timesteps != after.timesteps {
        differentScores += 1
      }
      guard before.prediction != after.prediction else { continue }
      let picture = Picture(
        index: index, label: Int(dataset.labels[index]), old: before.prediction,
        new: after.prediction)
      if picture.new == picture.label {
        mended.append(picture)
      } else if picture.old == picture.label {
        broken.append(picture)
      } else {
        moved.append(picture)
      }
    }
    (self.mended, self.broken, self.moved) = (mended, broken, moved)
    self.differentScores = differentScores
    let names = new.model.classNames
    classNames =
      !names.isEmpty
      ? names
      : dataset.isNamed ? dataset.classNames : DatasetName(rawValue: dataset.name)?.classNames ?? []
  }

  /// Problems with running two models on the same pictures.
  package static func problems(_ a: ModelFile, _ b: ModelFile) -> [Problem] {
    func shape(_ file: ModelFile) -> String {
      let header = file.header
      return "\(header.inputChannels)×\(header.inputHeight)×\(header.inputWidth)"
    }
    let (left, right) = (a.withModel { $0.classCount }, b.withModel { $0.classCount })
    var problems: [Problem] = []
    if shape(a) != shape(b) {
      problems.append(
        .init(
          "input", "\(a.name) reads \(shape(a)), \(b.name) \(shape(b))",
          advice: "compare them without pictures, or two models of one shape"))
    }
    if left != right {
      problems.append(
        .init(
          "classes", "\(a.name) has \(left), \(b.name) \(right)",
          advice: "compare them without pictures, or two models of the same classes"))
    }
    return problems
  }
}
