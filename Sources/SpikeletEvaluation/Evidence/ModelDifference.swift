import SpikeletClassifier
import SpikeletReference
import SpikeletRuntime
import SpikeletSupport

/// What is not the same in two models: an old one and a new one.
///
/// Weights are compared as the judge's reader reads them, connection by connection, so that a kernel
/// that wants them in another order changes no weight.
package struct ModelDifference: Sendable {
  /// A value that differs, in words.
  package struct Change: Sendable, Equatable {
    package var what: String
    package var old: String
    package var new: String
  }

  /// Numbers of which some differ.
  package struct Values: Sendable, Equatable {
    /// "weights", "thresholds", "biases", ….
    package var what: String
    package var count: Int
    package var differing: Int
    /// The largest difference of two values, without a sign.
    package var largest: Int
  }

  /// A layer that both have.
  package struct Layer: Sendable, Equatable {
    package var name: String
    package var changes: [Change]
    package var values: [Values]
    /// Numbers that cannot be compared one by one, because there are not as many.
    package var incomparable: [Change]

    package var isSame: Bool { changes.isEmpty && values.isEmpty && incomparable.isEmpty }
  }

  package let old: String
  package let new: String
  /// Whether the files are equal, byte for byte.
  package let isSameFile: Bool
  /// Sizes, the input, timesteps, read-out and exit.
  package let model: [Change]
  /// Names of layers that only one has.
  package let added: [String]
  package let removed: [String]
  /// Whether the layers that both have are in another order.
  package let isReordered: Bool
  /// The layers that both have, and that differ.
  package let layers: [Layer]
  package let buffers: [Change]
  package let provenance: [Change]

  package init(_ a: ModelFile, _ b: ModelFile) {
    (old, new) = (a.name, b.name)
    isSameFile = a.bytes == b.bytes
    let (left, right) = (Side(a), Side(b))
    model = Self.changes(left.facts, right.facts)
    let common = left.names.filter { right.index[$0] != nil }
    added = right.names.filter { left.index[$0] == nil }
    removed = left.names.filter { right.index[$0] == nil }
    isReordered = common != right.names.filter { left.index[$0] != nil }
    layers = common.map { Layer($0, left, right) }.filter { !$0.isSame }
    buffers = Self.changes(left.buffers, right.buffers)
    provenance = Self.changes(left.provenance, right.provenance)
  }

  /// Facts of both that differ, in their order; "–" where one has none.
  fileprivate static func changes(
    _ old: [(String, String)], _ new: [(String, String)]
  ) -> [Change] {
    let (before, after) = (
      Dictionary(old, uniquingKeysWith: { $1 }), Dictionary(new, uniquingKeysWith: { $1 })
    )
    var seen: Set<String> = []
    return (old + new).compactMap { key, _ in
      guard seen.insert(key).inserted, before[key] != after[key] else { return nil }
      return Change(what: key, old: before[key] ?? "–", new: after[key] ?? "–")
    }
  }
}

/// One of the two models, read in every way that is needed.
private struct Side {
  let reference: ReferenceModel
  let plan: ModelPlan
  /// The layers' names, each once: a name that comes again has its number behind it.
  let names: [String]
  let index: [String: Int]
  let facts: [(String, String)]
  let provenance: [(String, String)]

  init(_ file: ModelFile) {
    reference = ReferenceModel(file.bytes)
    plan = ModelPlan(file)
    let summary = plan.summary
    var names: [String] = []
    for (number, layer) in summary.layers.enumerated() {
      names.append(names.contains(layer.name) ? "\(layer.name) (\(number + 1))" : layer.name)
    }
    self.names = names
    index = Dictionary(
      names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    facts =
      [
        ("model bytes", summary.modelBytes.grouped), ("arena bytes", summary.arenaBytes.grouped),
        ("input", summary.input), ("zero points", "\(reference.zeroPoints)"),
        ("Poisson seed", "\(reference.poissonSeed)"),
        ("timesteps", "\(summary.timesteps)"), ("most timesteps", "\(summary.maximumTimesteps)"),
        ("read-out", summary.readOut), ("exit", summary.exit),
        ("class names", file.classNames.joined(separator: ", ")),
        ("multiply–accumulates", summary.operations.dense.grouped),
      ] + summary.sections.map { ("bytes of \($0.name)", $0.bytes.grouped) }
    if let json = try? JSONParser.parse(file.provenance), case .object(let members) = json {
      provenance = members.sorted { $0.key < $1.key }.map { key, value in
        if case .string(let text) = value { return (key, text.printableName) }
        return (key, value.compactText.printableName)
      }
    } else {
      provenance = file.provenance.isEmpty ? [] : [("provenance", file.provenance)]
    }
  }

  var buffers: [(String, String)] {
    plan.summary.buffers.map {
      (
        $0.name,
        "\($0.bytes.grouped) bytes at \($0.offset.grouped), slots \($0.firstUse)–\($0.lastUse)"
      )
    }
  }
}

extension ModelDifference.Layer {
  fileprivate init(_ name: String, _ a: Side, _ b: Side) {
    self.init(name: name, changes: [], values: [], incomparable: [])
    guard let i = a.index[name], let j = b.index[name] else { return }
    changes = ModelDifference.changes(Self.facts(a, i), Self.facts(b, j))
    let (old, new) = (a.reference.layers[i], b.reference.layers[j])
    for c in 0..<max(old.connections.count, new.connections.count) {
      let what = old.connections.count + new.connections.count > 2 ? "weights \(c + 1)" : "weights"
      compare(
        what, c < old.connections.count ? old.connections[c].weights : [],
        c < new.connections.count ? new.connections[c].weights : [])
    }
    compare("thresholds", old.thresholds.flatMap { $0 }, new.thresholds.flatMap { $0 })
    compare("resets", old.resets.flatMap { $0 }, new.resets.flatMap { $0 })
    compare("biases", old.biases, new.biases)
    compare("lower clamps", Self.held(old.lowerClamps, old), Self.held(new.lowerClamps, new))
    compare("upper clamps", Self.held(old.upperClamps, old), Self.held(new.upperClamps, new))
    compare("initial potentials", old.initials, new.initials)
  }

  /// Clamps, those at the end of their type alike for every width: they say nothing that the width does
  /// not.
  private static func held(_ clamps: [Int], _ layer: ReferenceModel.Layer) -> [Int] {
    let limit = layer.membraneBits == 16 ? Int(Int16.max) : Int(Int32.max)
    return clamps.map { abs($0) >= limit ? $0.signum() * Int(Int32.max) : $0 }
  }

  private mutating func compare(_ what: String, _ old: [Int], _ new: [Int]) {
    guard old.count == new.count else {
      incomparable.append(
        .init(what: what, old: old.count.grouped, new: new.count.grouped))
      return
    }
    var (differing, largest) = (0, 0)
    for (x, y) in zip(old, new) where x != y {
      differing += 1
      largest = max(largest, abs(x - y))
    }
    if differing > 0 {
      values.append(
        .init(what: what, count: old.count, differing: differing, largest: largest))
    }
  }

  /// What a layer is and how it runs, in words.
  private static func facts(_ side: Side, _ index: Int) -> [(String, String)] {
    let (layer, step) = (side.plan.summary.layers[index], side.plan.steps[index])
    let reference = side.reference.layers[index]
    var facts = [
      ("kind", layer.kind + (layer.isFused ? ", fused" : "")), ("shape", layer.shape),
      ("membrane", layer.membraneBits == 0 ? "–" : "int\(layer.membraneBits)"),
      ("tile", layer.tile ?? "whole"),
      ("thresholds a potential", "\(layer.thresholdCount)"), ("spikes", layer.coding ?? "–"),
      ("potential", layer.potentialRange.map { "\($0.lowerBound)…\($0.upperBound)" } ?? "–"),
      ("reset", "\(reference.reset)"),
      ("leak", "\(reference.leak) (\(reference.leakMultiplier), \(reference.leakShift))"),
      ("bits of bias fraction", "\(reference.biasFractionBits)"),
      ("current shift", "\(reference.currentShift)"),
      ("rule of the pool", reference.isMaxPool ? "\(reference.poolRule)" : "–"),
    ]
    for (number, pair) in zip(step.connections, reference.connections).enumerated() {
      let (connection, raw) = pair
      let mark = step.connections.count > 1 ? " \(number + 1)" : ""
      facts += [
        ("reads\(mark)", connection.source), ("kernel\(mark)", connection.kernel ?? "–"),
        ("weight order\(mark)", connection.weightOrder ?? "–"),
        ("weight bits\(mark)", "\(connection.weightBits)"),
        ("weight bytes\(mark)", connection.weightBytes.grouped),
        ("sum pool\(mark)", connection.pool ?? "none"),
        (
          "window\(mark)",
          """
          \(raw.kernelHeight)×\(raw.kernelWidth), stride \(raw.strideHeight)×\(raw.strideWidth), \
          padding \(raw.paddingTop), \(raw.paddingLeft), groups \(raw.groups), \
          pool \(raw.poolHeight)×\(raw.poolWidth) by \(raw.poolStrideHeight)×\(raw.poolStrideWidth) \
          padded \(raw.poolPaddingTop), \(raw.poolPaddingLeft)
          """
        ),
      ]
    }
    return facts
  }
}
