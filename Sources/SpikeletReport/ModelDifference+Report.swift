import SpikeletEvaluation
import SpikeletSupport

extension ModelDifference {
  /// What differs, for people.
  package var text: String {
    guard !isSameFile else { return "\(old) and \(new) are equal, byte for byte" }
    var parts = ["\(old) → \(new)"]
    if !model.isEmpty { parts.append(Self.table("model", model)) }
    parts += [layerList, layerTable, valueTable].compactMap { $0 }
    if !buffers.isEmpty { parts.append(Self.table("buffer", buffers)) }
    if !provenance.isEmpty {
      let lines = provenance.map { "  \($0.what): \($0.old) → \($0.new)" }
      parts.append((["made from"] + lines).joined(separator: "\n"))
    }
    if parts.count == 1 {
      parts.append("the files differ in bytes that mean nothing to a run, such as names or padding")
    }
    return parts.joined(separator: "\n\n")
  }

  private static func table(_ title: String, _ changes: [Change]) -> String {
    var table = TextTable([title, "old", "new"], right: [1, 2])
    for change in changes {
      table.add([change.what, change.old.clipped(28), change.new.clipped(28)])
    }
    return table.text
  }

  private var layerList: String? {
    var lines: [String] = []
    if !added.isEmpty { lines.append("added layers: \(added.joined(separator: ", "))") }
    if !removed.isEmpty { lines.append("removed layers: \(removed.joined(separator: ", "))") }
    if isReordered { lines.append("the layers that both have are in another order") }
    return lines.isEmpty ? nil : lines.map { $0.wrapped() }.joined(separator: "\n")
  }

  private var layerTable: String? {
    var table = TextTable(["layer", "what", "old", "new"], right: [2, 3])
    var isEmpty = true
    for layer in layers {
      for change in layer.changes {
        table.add([layer.name, change.what, change.old, change.new])
        isEmpty = false
      }
      for change in layer.incomparable {
        table.add([layer.name, "number of \(change.what)", change.old, change.new])
        isEmpty = false
      }
    }
    return isEmpty ? nil : table.text
  }

  private var valueTable: String? {
    var table = TextTable(
      ["layer", "values", "differ", "of", "largest difference"], right: [2, 3, 4])
    for layer in layers {
      for values in layer.values {
        table.add([
          layer.name, values.what, values.differing.grouped, values.count.grouped,
          values.largest.grouped,
        ])
      }
    }
    return layers.contains { !$0.values.isEmpty } ? table.text : nil
  }

  /// The stable machine-readable form.
  package var json: JSONValue {
    func changes(_ changes: [Change]) -> JSONValue {
      .array(
        changes.map {
          .object([
            "what": .string($0.what), "old": .string($0.old), "new": .string($0.new),
          ])
        })
    }
    return .object([
      "old": .string(old), "new": .string(new), "equal": .boolean(isSameFile),
      "model": changes(model), "buffers": changes(buffers), "provenance": changes(provenance),
      "added": .array(added.map { .string($0) }), "removed": .array(removed.map { .string($0) }),
      "reordered": .boolean(isReordered),
      "layers": .array(
        layers.map { layer in
          .object([
            "name": .string(layer.name), "changes": changes(layer.changes),
            "counts": changes(layer.incomparable),
            "values": .array(
              layer.values.map {
                .object([
                  "what": .string($0.what), "count": .integer($0.count),
                  "differing": .integer($0.differing), "largestDifference": .integer($0.largest),
                ])
              }),
          ])
        }),
    ])
  }
}

extension DecisionDifference {
  /// The accuracies, and the pictures whose class changed.
  ///
  /// - Parameter limit: the pictures of each direction to name.
  package func text(limit: Int) -> String {
    func accuracy(_ result: EvaluationResult) -> String {
      "\((result.accuracy * 100).fixed(2)) % (\(result.correct.grouped) of "
        + "\(result.images.grouped))"
    }
    var parts = [
      """
      on \(new.dataset.name) \(new.dataset.split.rawValue): \(accuracy(old)) → \(accuracy(new))
      \(count.grouped) pictures have another class: \(mended.count.grouped) wrong → right, \
      \(broken.count.grouped) right → wrong, \(moved.count.grouped) wrong → wrong
      \(differentScores.grouped) pictures have other scores or timesteps
      """.wrapped()
    ]
    for (title, pictures) in [
      ("right → wrong", broken), ("wrong → right", mended), ("wrong → wrong", moved),
    ] where !pictures.isEmpty && limit > 0 {
      var table = TextTable([title, "is", "old", "new"], right: [0])
      for picture in pictures.prefix(limit) {
        table.add([
          "\(picture.index)", className(picture.label), className(picture.old),
          className(picture.new),
        ])
      }
      let more = pictures.count - limit
      parts.append(table.text + (more > 0 ? "\n… and \(more.grouped) more" : ""))
    }
    return parts.joined(separator: "\n\n")
  }

  /// The stable machine-readable form, with every picture whose class changed.
  package var json: JSONValue {
    func pictures(_ pictures: [Picture]) -> JSONValue {
      .array(
        pictures.map {
          .object([
            "picture": .integer($0.index), "label": .integer($0.label), "old": .integer($0.old),
            "new": .integer($0.new), "labelName": .string(className($0.label)),
            "oldName": .string(className($0.old)), "newName": .string(className($0.new)),
          ])
        })
    }
    return .object([
      "dataset": .string(new.dataset.name), "split": .string(new.dataset.split.rawValue),
      "images": .integer(new.images), "oldCorrect": .integer(old.correct),
      "newCorrect": .integer(new.correct), "oldAccuracy": .number(old.accuracy),
      "newAccuracy": .number(new.accuracy), "differentScores": .integer(differentScores),
      "wrongToRight": pictures(mended), "rightToWrong": pictures(broken),
      "wrongToWrong": pictures(moved),
    ])
  }
}
