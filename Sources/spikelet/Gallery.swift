import Foundation
import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletReport
import SpikeletSupport

/// The pictures that `spikelet run` classifies and shows, and what the model calls its classes.
struct Gallery {
  let dataset: Dataset
  /// Whether the labels of the pictures are classes of the model: only those can be right.
  let isScored: Bool
  /// Why labels that are there are not compared.
  let note: String?
  private let classNames: [String]

  /// - Parameter input: a file or folder; nil for drawn pictures.
  init(_ file: ModelFile, input: String?, options: DataOptions) throws {
    let use = DatasetOptions.Use(file)
    if let input {
      var request = DataRequest(path: input, split: .all, needed: use.shape)
      request.needsLabels = false
      request.needsClasses = false
      request.options = options
      dataset = try OwnData.load(request)
    } else {
      dataset = Dataset.drawn(
        channels: use.shape.channels, height: use.shape.height, width: use.shape.width,
        count: 100)
    }
    classNames = use.classNames.isEmpty ? use.known?.classNames ?? [] : use.classNames
    // The drawn digits are made as MNIST's are.
    let name = input == nil ? "mnist" : dataset.name
    let isSame =
      dataset.isNamed
      ? Set(dataset.classNames).isSubset(of: classNames) : name == use.name
    isScored = dataset.hasLabels && isSame
    let made = use.name.isEmpty ? "no data set that it names" : use.name
    note =
      dataset.hasLabels && !isSame
      ? "not scored: the model was made with \(made), these are pictures of \(dataset.name)" : nil
  }

  /// What the model calls a class.
  func name(_ index: Int) -> String {
    classNames.indices.contains(index) ? classNames[index] : "\(index)"
  }

  /// Whether a prediction is the class that the label names.
  private func isRight(_ index: Int, _ outcome: Evaluation.Outcome) -> Bool {
    guard dataset.isNamed else { return outcome.prediction == Int(dataset.labels[index]) }
    return name(outcome.prediction) == dataset.className(index)
  }

  /// The pictures that are classified as their labels say.
  func correct(_ result: EvaluationResult) -> Int {
    result.outcomes.indices.count { isRight($0, result.outcomes[$0]) }
  }

  /// The classes of the three best scores, the first of equals before the others.
  private static func best(_ outcome: Evaluation.Outcome) -> [Int] {
    let order = outcome.scores.indices.sorted {
      (outcome.scores[$1], $0) < (outcome.scores[$0], $1)
    }
    return Array(order.prefix(3))
  }

  /// The stable machine-readable form.
  func document(_ result: EvaluationResult) -> JSONValue {
    var document = result.withDeadline([
      "predictions": .array(result.outcomes.map { .integer($0.prediction) }),
      "timesteps": .array(result.outcomes.map { .integer($0.timesteps) }),
      "classNames": .array(classNames.map { .string($0) }),
      "top": .array(
        result.outcomes.map { outcome in
          .array(
            Self.best(outcome).map { index in
              .object([
                "class": .integer(index), "name": .string(name(index)),
                "score": .integer(Int(outcome.scores[index])),
              ])
            })
        }),
    ])
    if isScored { document["correct"] = .integer(correct(result)) }
    return document
  }

  /// The width of the terminal; 150 where there is none.
  private static var columns: Int { Terminal.columns(of: STDOUT_FILENO) ?? 150 }

  /// Draws pictures side by side, with a caption and the three best scores under each.
  func draw(_ shown: [Int], _ result: EvaluationResult) throws {
    let environment = ProcessInfo.processInfo.environment
    var picture = TerminalPicture(isPlain: !Terminal.takesColors(STDOUT_FILENO))
    picture.hasAllColours = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
    let captions = Dictionary(
      uniqueKeysWithValues: shown.map { ($0, caption($0, result.outcomes[$0])) })
    // A picture wider than the terminal is shown with every second pixel, every third, …
    let step = max(1, (dataset.width + Self.columns - 1) / max(1, Self.columns))
    let drawn = (dataset.width + step - 1) / step
    let text = captions.values.flatMap { $0 }.map(\.count).max() ?? 0
    let width = max(drawn, text)
    let perRow = max(1, min(5, Self.columns / (width + 2)))
    for start in stride(from: 0, to: shown.count, by: perRow) {
      let row = shown[start..<min(start + perRow, shown.count)]
      let drawings = try row.map { index in
        picture.lines(
          try dataset.image(index), channels: dataset.channels, height: dataset.height,
          width: dataset.width, step: step)
      }
      for line in 0..<(drawings.first?.count ?? 0) {
        let padding = String(repeating: " ", count: width - drawn + 2)
        showRaw(drawings.map { $0[line] + padding }.joined())
      }
      for line in 0..<(row.compactMap { captions[$0]?.count }.max() ?? 0) {
        show(
          row.map { index in
            let lines = captions[index] ?? []
            let text = line < lines.count ? lines[line] : ""
            return text + String(repeating: " ", count: max(0, width + 2 - text.count))
          }.joined())
      }
      show()
    }
  }

  /// What was decided, and the three best scores, a line each.
  private func caption(_ index: Int, _ outcome: Evaluation.Outcome) -> [String] {
    var verdict = ""
    if isScored {
      verdict = isRight(index, outcome) ? " ✓" : " ✗ is \(dataset.className(index).shortName)"
    }
    let first =
      "→ \(name(outcome.prediction).shortName)\(verdict)  t=\(outcome.timesteps)  "
      + (outcome.ending.map { "by \($0.text)  " } ?? "")
      + "\((Double(outcome.nanoseconds) / 1000).fixed(0)) µs"
    return [first]
      + Self.best(outcome).map { "  \(name($0).shortName)  \(outcome.scores[$0])" }
  }
}

extension String {
  /// At most 24 characters, none of which steers a terminal.
  fileprivate var shortName: String {
    let text = printable
    return text.count > 24 ? text.prefix(23) + "…" : text
  }
}
